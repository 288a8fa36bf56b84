from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from itops.alerts.machine import acknowledged
from itops.alerts.policy import AlertPolicy, EscalationStep, Route
from itops.alerts.records import EventKind, Key, Phase, Silence
from itops.alerts.sending import message_in
from itops.errors import StoreLocked
from itops.tasks.alerting.round import alone, play_round
from itops.tasks.evaluation.evaluating import NOT_JUDGED, evaluate
from itops.verdict import State
from tests.tasks.alerting.watch_office import DAY, HOUR, JOB, MINUTE, NOW, Duty, WatchedOffice

OTHER = Key("delivery", "1405-07")
BACKUP = Key("backup", "insurance-db sql01/Insurance")


@pytest.fixture
def duty() -> Duty:
    return Duty("mail")


@pytest.fixture
def office(tmp_path: Path, duty: Duty) -> WatchedOffice:
    return WatchedOffice(tmp_path, channels=[duty])


def test_an_incident_is_told_once_and_once_more_when_it_is_over(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    for _ in range(3):
        office.go()
    assert duty.kinds == ["opened"]
    office.bad, office.good = {}, {JOB}
    for _ in range(3):
        office.go()
    assert duty.kinds == ["opened", "recovered"]
    opened, recovered = duty.got
    assert recovered.thread == opened.thread
    assert recovered.references == (opened.id,)
    assert [row.sent_at for row in office.rows()] == [NOW + 5 * MINUTE, NOW + 20 * MINUTE]


def test_a_round_is_written_before_anything_is_sent(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    office.round()
    assert duty.asked == []
    (row,) = office.rows()
    assert (row.number, row.channel, row.kind, row.keys, row.tries) == (1, "mail", EventKind.OPENED, (JOB,), 0)
    assert message_in(row).title == "New (critical): delivery to headquarters: 1405-08"
    assert message_in(row).office == "alborz"


def test_a_round_played_twice_with_the_same_evaluations_changes_nothing(office: WatchedOffice) -> None:
    office.bad = {JOB: State.CRITICAL, BACKUP: State.WARNING}
    with office.opened() as (store, watched):
        evaluated = evaluate(watched, office.evaluators)
        play_round(store, watched, evaluated)
        before = office.incidents(), office.rows(), office.evaluations()
        assert play_round(store, watched, evaluated).events == ()
    assert (office.incidents(), office.rows(), office.evaluations()) == before


def test_what_a_person_does_between_two_rounds_is_kept(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    office.go()
    with office.opened() as (store, _):
        store.watch.change_incident(JOB, lambda one: acknowledged(one, by="R.", note="mine", now=office.now))
    office.go(2 * DAY)
    assert duty.kinds == ["opened"]
    assert office.incidents()[JOB].acked_by == "R."


def test_a_silence_holds_and_its_end_tells_what_is_still_true(office: WatchedOffice, duty: Duty) -> None:
    silence = Silence(number=0, check="*", object="*", begin=NOW, until=NOW + HOUR, by="R.", reason="move")
    with office.opened() as (store, _):
        store.watch.add_silence(silence)
    office.bad = {JOB: State.CRITICAL}
    office.go()
    assert office.rows() == []
    office.go(HOUR)
    assert duty.kinds == ["opened"]


def test_a_check_that_cannot_be_made_is_one_message_and_leaves_the_others(office: WatchedOffice, duty: Duty) -> None:
    office.good = {Key("inventory", f"vm{number}") for number in range(50)} | {JOB}
    office.go()
    office.broken = {"inventory"}
    for _ in range(4):
        office.go(27 * HOUR)  # what it knew is well no more: nobody looked
    told = [line.subject for message in duty.got for line in message.lines]
    assert set(told) == {"inventory"}
    assert duty.kinds[0] == "opened"
    assert "UNKNOWN" in {line.state.name for line in duty.got[0].lines}
    assert {one.key.object for one in office.evaluations() if one.key.check == "inventory"} == {
        f"vm{number}" for number in range(50)
    }


def test_a_check_that_can_be_made_again_is_well_again_and_not_gone(office: WatchedOffice, duty: Duty) -> None:
    office.good = {JOB}
    office.broken = {"backup"}
    for _ in range(4):
        office.go()
    office.broken = set()
    for _ in range(3):
        office.go()
    assert duty.kinds == ["opened", "recovered"]
    assert "cannot be read" in duty.got[1].lines[0].text
    assert "well again" in duty.got[1].lines[0].text
    assert office.incidents()[Key("backup", "")].code == NOT_JUDGED


def test_what_was_bad_when_its_check_broke_is_still_reminded_of(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    office.go()
    office.broken = {"delivery"}
    office.go(25 * HOUR)
    assert [kind for kind in duty.kinds if kind == "reminder"] == ["reminder"]


def test_an_object_that_is_judged_no_more_is_closed_and_says_so(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    office.go()
    office.bad = {}
    office.go()
    assert "removed or renamed" in duty.got[-1].lines[0].text


def test_two_evaluations_of_one_key_are_the_worse_one(office: WatchedOffice) -> None:
    twice = [office.judged(JOB, State.OK, NOW), office.judged(JOB, State.CRITICAL, NOW)]
    office.more = {"delivery": lambda watched: twice}
    office.go()
    assert [one.state for one in office.evaluations()] == [State.CRITICAL]


def test_names_that_no_store_can_hold_stop_no_round(office: WatchedOffice, duty: Duty) -> None:
    hostile = [Key("delivery", name) for name in ("a\0b", "a\udc80b", "x" * 5000, "\u202e{0}", "")]
    office.bad = dict.fromkeys(hostile, State.CRITICAL)
    for _ in range(3):
        office.go()
    assert duty.kinds == ["opened"]


def test_without_a_channel_nobody_was_told_and_the_first_channel_hears_of_all(
    office: WatchedOffice, duty: Duty
) -> None:
    office.channels = []
    office.bad = {JOB: State.CRITICAL}
    for _ in range(3):
        office.go()
    assert office.rows() == []
    assert office.incidents()[JOB].notify_count == 0
    office.channels = [duty]
    office.go()
    office.go()
    assert duty.kinds == ["opened"]
    assert [line.subject for line in duty.got[0].lines] == ["delivery to headquarters: 1405-08"]


def test_what_waits_for_more_goes_out_as_one(office: WatchedOffice, duty: Duty) -> None:
    office.policy = replace(office.policy, group_wait=10 * MINUTE)
    office.bad = {JOB: State.CRITICAL}
    office.go()
    office.bad |= {OTHER: State.WARNING}
    office.go()
    assert duty.got == []
    office.go()
    assert [len(message.lines) for message in duty.got] == [2]
    assert [row.keys for row in office.rows()] == [(OTHER, JOB)]


def test_what_comes_up_in_quiet_hours_is_one_digest_of_how_it_is_then(office: WatchedOffice, duty: Duty) -> None:
    office.be_quiet("mail", time(22), time(7, 30))
    office.now = NOW + 11 * HOUR  # 22:30 in Tehran
    office.bad = {JOB: State.WARNING}
    office.go()
    office.bad = {JOB: State.WARNING, OTHER: State.WARNING}
    office.go()
    office.bad, office.good = {OTHER: State.WARNING}, {JOB}
    office.go(HOUR)
    assert (duty.got, len(office.rows(only_open=True))) == ([], 1)
    office.go(8 * HOUR)
    (digest,) = duty.got
    assert sorted((line.subject[-7:], line.state.name) for line in digest.lines) == [
        ("1405-07", "WARNING"),
        ("1405-08", "OK"),
    ]
    assert "1 warning, 1 closed" in digest.summary


def test_what_is_critical_comes_through_quiet_hours(office: WatchedOffice, duty: Duty) -> None:
    office.be_quiet("mail", time(22), time(7, 30))
    office.now = NOW + 11 * HOUR
    office.bad = {JOB: State.CRITICAL}
    office.go()
    assert duty.kinds == ["opened"]


def test_each_channel_hears_what_its_routes_say_and_the_next_ones_when_nobody_answers(
    office: WatchedOffice, duty: Duty
) -> None:
    head = Duty("head")
    office.channels = [duty, head]
    office.policy = AlertPolicy(
        channels={"mail": 1, "head": 1},
        group_wait=timedelta(),
        routes=(Route(channels=("mail",)),),
        escalation=(EscalationStep(after=4 * HOUR, channels=("head",)),),
    )
    office.bad = {JOB: State.CRITICAL}
    office.go()
    office.go(5 * HOUR)
    assert (duty.kinds, head.kinds) == (["opened"], ["escalated"])
    office.bad, office.good = {}, {JOB}
    office.go()
    assert (duty.kinds, head.kinds) == (["opened", "recovered"], ["escalated", "recovered"])


def test_a_message_speaks_the_language_of_the_alerts(office: WatchedOffice, duty: Duty) -> None:
    office.policy = AlertPolicy(group_wait=timedelta())
    office.bad = {JOB: State.CRITICAL}
    office.go()
    assert duty.got[0].language == "fa"
    assert "1405-08" in duty.got[0].summary


def test_one_round_at_a_time(tmp_path: Path) -> None:
    with (
        alone(tmp_path / "state"),
        pytest.raises(StoreLocked, match="another itops"),
        alone(tmp_path / "state", wait_seconds=0.05),
    ):
        pass
    with alone(tmp_path / "state", wait_seconds=0):
        pass


def test_an_incident_that_closed_long_ago_and_is_judged_no_more_is_forgotten(office: WatchedOffice) -> None:
    office.bad = {JOB: State.CRITICAL}
    office.go()
    office.bad = {}
    office.go()
    for _ in range(25):  # until nothing of it is remembered
        office.go()
    assert office.incidents()[JOB].phase is Phase.OK
    office.go(401 * DAY)
    assert JOB not in office.incidents()


def test_ten_thousand_open_incidents_are_one_message(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {Key("delivery", f"vm{number:05}"): State.CRITICAL for number in range(10_000)}
    office.go()
    assert len(duty.got) == 1
    assert len(duty.got[0].lines) == 201
    assert len(office.rows()[0].keys) == 10_000
