"""What others suffered of their alerts, as a person gets it: rounds over a real store, and what then went out.

The table in the reference about services, section (b); tests/alerts/test_pains.py asks the engine the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from itops.alerts.machine import acknowledged
from itops.alerts.policy import LocalMoment, Maintenance, RuleSettings
from itops.alerts.records import EventKind, Key, Silence
from itops.backup.policy import BackupPlan
from itops.store import open_reader
from itops.tasks.alerting.handling import Known, standings
from itops.tasks.evaluation.backups import evaluate_backups
from itops.tasks.evaluation.inventory import evaluate_inventory
from itops.verdict import State
from tests.backup.judgement.factory import NOW as LOOKED
from tests.backup.judgement.factory import look
from tests.tasks.alerting.watch_office import DAY, DOWN, HOUR, JOB, MINUTE, NOW, Duty, WatchedOffice
from tests.tasks.evaluation.test_backups import AGED, FAILED, GOOD, LAST, NIGHTLY, Shelf, plan_of
from tests.tasks.evaluation.test_inventory import LINK, PHONE, SITES

VC = Key("inventory", "vc01")
SERVERS = {Key("inventory", f"app{number:02}") for number in range(40)}
OFFICE_DAY = date(2026, 11, 22)


@pytest.fixture
def duty() -> Duty:
    return Duty("mail")


@pytest.fixture
def office(tmp_path: Path, duty: Duty) -> WatchedOffice:
    return WatchedOffice(tmp_path, channels=[duty])


def backups(office: WatchedOffice, plan: BackupPlan, **seen: Any) -> None:
    """The real judge of backups, over a shelf that was looked at."""
    office.now = LOOKED
    with office.opened() as (store, _):
        Shelf(office.folder, plan, **seen).fill(store)
    office.more = {
        "backup": lambda watched: evaluate_backups(replace(watched, settings=replace(watched.settings, backup=plan)))
    }


def told(duty: Duty) -> Mapping[str, str]:
    """The last that was said of each thing."""
    return {line.subject: line.text for message in duty.got for line in message.lines}


@pytest.mark.parametrize("key", [VC, JOB], ids=["by count", "at once"])
@pytest.mark.parametrize("pattern", ["bg", "bgg", "bbgg", "bbbggg", "bbbbbggggg"])
def test_a_mis_set_period_sends_no_two_dozen_mails_an_hour(
    office: WatchedOffice, duty: Duty, pattern: str, key
) -> None:
    for minute in range(60):
        office.bad = {key: State.CRITICAL} if pattern[minute % len(pattern)] == "b" else {}
        office.good = {key}
        office.go(MINUTE)
    assert len(duty.got) <= 5


def test_one_mail_is_not_all_and_who_answers_is_left_alone(office: WatchedOffice, duty: Duty) -> None:
    office.bad = {JOB: State.CRITICAL}
    for _ in range(10):
        office.go(12 * HOUR)
    assert duty.kinds == ["opened", *["reminder"] * 4]
    assert len({message.thread for message in duty.got}) == 1
    with office.opened() as (store, _):
        store.watch.change_incident(JOB, lambda one: acknowledged(one, by="a.karimi", note="", now=office.now))
    for _ in range(10):
        office.go(12 * HOUR)
    assert duty.kinds[5:] == ["alive"]


def test_our_own_locked_store_is_one_message_and_no_server_that_is_down(office: WatchedOffice, duty: Duty) -> None:
    office.good = SERVERS
    office.go()
    office.broken = {"inventory"}
    office.go()
    office.broken = set()
    office.go()
    assert duty.got == []
    office.broken = {"inventory"}
    for _ in range(20):
        office.go(3 * HOUR)
    assert {line.subject for message in duty.got for line in message.lines} == {"inventory"}
    assert {message.state for message in duty.got} == {State.UNKNOWN}


def test_after_a_maintenance_only_what_is_new_is_told(office: WatchedOffice, duty: Duty) -> None:
    begin, until = LocalMoment(day=OFFICE_DAY, at=time(12)), LocalMoment(day=OFFICE_DAY, at=time(16))
    office.policy = replace(office.policy, maintenance=(Maintenance(begin=begin, until=until, reason="patching"),))
    before, new, blip = (Key("delivery", f"1405-0{month}") for month in (5, 6, 7))
    office.bad = {before: State.CRITICAL}
    office.go()
    office.bad = {before: State.CRITICAL, new: State.CRITICAL, blip: State.CRITICAL}
    for _ in range(4):
        office.go(HOUR)
    assert len(duty.got) == 1
    office.bad, office.good = {before: State.CRITICAL, new: State.CRITICAL}, {blip}
    for _ in range(4):
        office.go(HOUR)
    assert [line.subject.split()[-1] for message in duty.got for line in message.lines] == ["1405-05", "1405-06"]


def test_the_next_reminder_is_shown_and_comes_then(office: WatchedOffice, duty: Duty) -> None:
    rules = {"delivery": RuleSettings(remind_every=timedelta(minutes=50))}
    office.policy = replace(office.policy, rules=rules)
    office.bad = {JOB: State.CRITICAL}
    office.go()
    with open_reader(office.location) as reader:
        watch = reader.watch
        known = Known(evaluations={}, incidents=watch.incidents(), silences=watch.silences())
    zone = ZoneInfo("Asia/Tehran")
    (one,) = standings(known, known.incidents.values(), policy=office.policy, zone=zone, now=office.now)
    assert one.next is not None
    assert (one.next.kind, one.next.at - office.now) == (EventKind.REMINDER, 50 * MINUTE)
    office.go(49 * MINUTE)
    assert duty.kinds == ["opened"]
    office.go(MINUTE)
    assert duty.kinds == ["opened", "reminder"]


def test_a_restart_announces_nothing_again_forgets_no_silence_and_loses_no_recovery(
    office: WatchedOffice, duty: Duty
) -> None:
    """Every round and every sending here is a process of its own: all that is known is in the store."""
    quiet = Silence(number=0, check="backup", object="*", begin=NOW, until=NOW + DAY, by="a.karimi", reason="tape")
    with office.opened() as (store, _):
        store.watch.add_silence(quiet)
    office.bad = {JOB: State.CRITICAL, Key("backup", "db01"): State.CRITICAL}
    for _ in range(6):
        office.go()
    assert duty.kinds == ["opened"]
    office.bad, office.good = {Key("backup", "db01"): State.CRITICAL}, {JOB}
    duty.failure = DOWN
    office.go()
    office.round()  # killed before it sent
    duty.failure = None
    office.go(2 * HOUR)
    office.go(2 * HOUR)
    assert duty.kinds == ["opened", "recovered"]
    office.go(DAY)
    assert duty.kinds == ["opened", "recovered", "opened"]


def test_a_job_that_calls_itself_well_although_nothing_was_copied_is_critical(
    office: WatchedOffice, duty: Duty
) -> None:
    backups(office, plan_of(insurance=NIGHTLY))
    for _ in range(3):
        office.go()
    (text,) = told(duty).values()
    assert duty.got[0].state is State.CRITICAL
    assert "no copy was made" in text


def test_whole_places_and_databases_that_nobody_looks_at_are_told(office: WatchedOffice, duty: Duty) -> None:
    plan = plan_of("nas", "tape", insurance=NIGHTLY)
    backups(office, plan, copies=GOOD, databases=["sql01/Insurance", "sql01/Payroll"])
    for _ in range(4):
        office.go()
    assert set(told(duty)) == {"backup: repository tape", "backup: coverage sql01/Payroll"}


def test_when_no_job_runs_any_more_that_is_told_within_its_promise(office: WatchedOffice, duty: Duty) -> None:
    """The licence expired: no run, no failure, nothing that could alarm, but no new copy either."""
    backups(office, plan_of(insurance=AGED), copies=GOOD, looks=[LAST, *(look(f"11-2{n} 08:55") for n in (3, 4))])
    for _ in range(8):
        office.go(6 * HOUR)
    assert any("sql01/Insurance" in subject for subject in told(duty))
    assert State.CRITICAL in {message.state for message in duty.got}


def test_never_is_said_as_never_and_not_as_an_error_of_ours(office: WatchedOffice, duty: Duty) -> None:
    backups(office, plan_of(insurance=NIGHTLY), looks=())
    for _ in range(4):
        office.go()
    texts = " ".join(told(duty).values())
    assert "never" in texts
    assert not {"error", "exception", "failed"} & set(texts.lower().split())


def test_two_that_disagree_on_the_time_zone_tell_the_same(tmp_path: Path) -> None:
    def days_of(zone: str) -> list[tuple[str, datetime]]:
        duty = Duty("mail")
        office = WatchedOffice(tmp_path / zone.replace("/", "-"), channels=[duty])
        office.folder.mkdir()
        office.now = NOW.astimezone(ZoneInfo(zone))
        for number in range(12):
            office.bad = {JOB: State.CRITICAL} if number in range(3, 8) else {}
            office.good = {JOB}
            office.go(7 * HOUR)
        return [(message.title, message.made_at) for message in duty.got]

    assert days_of("UTC") == days_of("Asia/Tehran") == days_of("America/New_York") != []


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        pytest.param({}, "no good copy at all", id="never ran"),
        pytest.param({"copies": GOOD[:2]}, "too old", id="stale"),
        pytest.param({"copies": GOOD, "looks": ()}, "never seen whole", id="nobody looks"),
        pytest.param(
            {"copies": GOOD, "looks": (LAST, FAILED)},
            "no route to nas",
            id="storage is gone",
        ),
    ],
)
def test_each_way_in_which_a_backup_is_silently_absent_reaches_somebody(
    office: WatchedOffice, duty: Duty, seen: Mapping[str, Any], says: str
) -> None:
    backups(office, plan_of(insurance=AGED), **seen)
    for _ in range(4):
        office.go()
    assert says in " ".join(told(duty).values())


def test_what_nobody_finds_any_more_is_well_again_and_not_gone(office: WatchedOffice, duty: Duty) -> None:
    register = office.folder / "inventory.yaml"
    register.write_text(f"{SITES}  - {{{LINK}}}\n  - {{{PHONE.format(1)}}}\n", encoding="utf-8")
    office.more = {"inventory": evaluate_inventory}
    for _ in range(4):
        office.go()
    (message,) = duty.got
    assert [line.subject for line in message.lines] == [
        "inventory: Contract of a line ended: link-1",
        "inventory: Warranty ended (warranty.ended)",
    ]
    register.write_text(f"{SITES}  - {{{PHONE.format(1)}}}\n", encoding="utf-8")
    for _ in range(4):
        office.go()
    assert [(one.title, one.lines[0].subject) for one in duty.got[1:]] == [
        ("Well again: inventory: Contract of a line ended: link-1", "inventory: Contract of a line ended: link-1")
    ]
