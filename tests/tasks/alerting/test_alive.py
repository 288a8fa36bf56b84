from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from itops.alerts.policy import Alive
from itops.alerts.records import EventKind
from itops.schedule.records import Run, RunState
from itops.verdict import State
from tests.tasks.alerting.watch_office import DAY, DOWN, HOUR, JOB, MINUTE, NOW, Duty, WatchedOffice

# NOW is a Sunday; the message is due on Saturdays at 08:30, which is 05:00 UTC.
DUE = NOW + 6 * DAY - 3 * HOUR


@pytest.fixture
def duty() -> Duty:
    return Duty("mail")


@pytest.fixture
def office(tmp_path: Path, duty: Duty) -> WatchedOffice:
    return WatchedOffice(tmp_path, channels=[duty], good={JOB})


def test_a_watch_that_has_just_begun_sends_none_for_a_week_it_did_not_see(office: WatchedOffice, duty: Duty) -> None:
    office.go()
    office.go()
    assert duty.got == []


def test_it_is_sent_once_for_each_week_however_often_is_looked(office: WatchedOffice, duty: Duty) -> None:
    office.go()
    for week in range(3):
        office.now = DUE + week * 7 * DAY - MINUTE
        office.go(0 * MINUTE)
        for _ in range(5):
            office.go(MINUTE)
    assert duty.kinds == ["alive"] * 3
    assert [message.made_at for message in duty.got] == [DUE + week * 7 * DAY for week in range(3)]


def test_after_a_downtime_of_a_month_it_is_one(office: WatchedOffice, duty: Duty) -> None:
    office.go()
    office.go(30 * DAY)
    office.go()
    assert duty.kinds == ["alive"]


def test_it_tells_what_ran_and_what_is_open(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    office.go()
    states = [RunState.OK, RunState.OK, RunState.FAILED, RunState.SKIPPED, RunState.RUNNING]
    with office.opened() as (store, _):
        store.watch.claim_all(
            Run(job="verify", due_at=DUE - place * HOUR, state=state) for place, state in enumerate(states)
        )
        store.watch.claim(Run(job="verify", due_at=DUE - 8 * DAY, state=RunState.FAILED))
    office.now = DUE
    office.go(0 * MINUTE)
    alive = next(message for message in duty.got if message.kind is EventKind.ALIVE)
    assert alive.summary == "The watch is at work: 3 runs, 1 not well; open now: 1 critical"
    assert alive.state is State.CRITICAL


def test_only_the_channels_that_are_named_get_it(office: WatchedOffice, duty: Duty) -> None:
    other = Duty("other")
    office.channels = [duty, other]
    office.policy = replace(office.policy, channels={"mail": 1, "other": 1}, alive=Alive(channels=("other",)))
    office.go()
    office.go(7 * DAY)
    assert (duty.got, other.kinds) == ([], ["alive"])


def test_in_quiet_hours_it_waits_for_their_end_and_no_digest_swallows_it(office: WatchedOffice, duty: Duty) -> None:
    office.be_quiet("mail", time(22), time(7, 30))
    office.go()
    office.now = DUE + 20 * HOUR  # 04:30 in Tehran
    office.go(0 * MINUTE)
    office.bad, office.good = {JOB: State.WARNING}, set()
    office.go()
    assert duty.got == []
    office.go(4 * HOUR)
    assert duty.kinds == ["alive", "opened"]


def test_one_that_fails_is_tried_again_and_not_made_anew(office: WatchedOffice, duty: Duty) -> None:
    office.go()
    duty.failure = DOWN
    office.now = DUE
    for _ in range(3):
        office.go(30 * MINUTE)
    assert len(office.rows()) == 1
    duty.failure = None
    office.go(2 * HOUR)
    assert duty.kinds == ["alive"]
