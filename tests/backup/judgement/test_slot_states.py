"""What becomes of a slot: the table of states, and what each of them means for the alarm."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from itops.backup.copies import CopyKind, Fault, Identity, ListedFile
from itops.backup.judgement import SlotVerdict
from itops.backup.levels import Level
from itops.backup.policy import Exemption, Tier
from itops.verdict import State
from tests.backup.judgement.factory import (
    NOW,
    at,
    copy,
    daily,
    job,
    judged,
    look,
    proof,
    reasons,
    states,
    tier_of,
    weekly,
)

GRACE = timedelta(hours=6)
SINCE = date(2026, 11, 19)
FILE = ListedFile("Insurance.bak", 1000, 0)


def the_slot(day: str, copies: Any = (), *, now: datetime = NOW, **facts: Any) -> SlotVerdict:
    """The daily slot that begins on `day`; a grace of six hours, due at 02:00."""
    policy = facts.pop("policy", None) or job(since=SINCE, daily=daily(grace=GRACE, due=time(2)))
    facts.setdefault("looks", (look("11-19 08:00"), look(now - timedelta(minutes=5))))
    verdict = judged(copies, policy, now, **facts)
    return next(slot for slot in tier_of(verdict).slots if f"{slot.slot.first_day:%m-%d}" == day)


def young(**facts: Any) -> Any:
    """A copy seen once, three minutes after its last byte."""
    known = copy("11-21 23:30", level=None, seen=at("11-21 23:53"), files=(FILE,), **facts)
    return type(known)(copy=known.copy, first_seen_at=known.first_seen_at, last_seen_at=known.first_seen_at)


@pytest.mark.parametrize(
    ("copies", "now", "state", "reason", "alarm"),
    [
        pytest.param([copy("11-21 23:30")], "11-22 09:00", "OK", "in-slot", State.OK, id="a good copy"),
        pytest.param([copy("11-21 06:00")], "11-22 13:00", "OK", "in-slot", State.OK, id="at its first moment"),
        pytest.param([copy("11-21 23:30")], "11-22 01:00", "OK", "in-slot", State.OK, id="before it is over"),
        pytest.param([copy("11-22 06:00")], "11-22 13:00", "OK-LATE", "late", State.OK, id="at the end: late"),
        pytest.param([copy("11-22 11:59")], "11-22 15:00", "OK-LATE", "late", State.OK, id="at the end of the grace"),
        pytest.param([copy("11-22 12:00")], "11-22 15:00", "MISSING", "nothing-there", State.CRITICAL, id="too late"),
        pytest.param([], "11-22 12:10", "MISSING", "nothing-there", State.CRITICAL, id="nothing, and somebody looked"),
        pytest.param([], "11-22 12:00", "UNKNOWN", "not-looked", State.UNKNOWN, id="its grace has just ended"),
        pytest.param([], "11-22 11:59", "PENDING", "in-grace", State.WARNING, id="nothing yet, in its grace"),
        pytest.param([], "11-22 05:59", "OPEN", "not-over", State.OK, id="nothing yet, not over"),
        pytest.param(
            [copy("11-21 23:30", level=Level.IDENTIFIED)],
            "11-22 09:00",
            "WEAK",
            "below-level",
            State.WARNING,
            id="not proven enough",
        ),
        pytest.param(
            [copy("11-21 23:30", level=Level.IDENTIFIED)],
            "11-22 01:00",
            "WEAK",
            "below-level",
            State.OK,
            id="not proven yet, with time left",
        ),
        pytest.param(
            [copy("11-21 23:30", level=None)], "11-22 09:00", "WEAK", "below-level", State.WARNING, id="only seen"
        ),
        pytest.param(
            [copy("11-21 23:30", faults=("cut",))],
            "11-22 09:00",
            "DAMAGED",
            "damaged",
            State.CRITICAL,
            id="damaged, in its grace",
        ),
        pytest.param(
            [copy("11-21 23:30", faults=("cut",))],
            "11-22 05:00",
            "DAMAGED",
            "damaged",
            State.CRITICAL,
            id="damaged, at once",
        ),
        pytest.param(
            [copy("11-21 23:30", faults=("cut",)), copy("11-22 03:00")],
            "11-22 13:00",
            "OK",
            "in-slot",
            State.OK,
            id="damaged, made again in time",
        ),
        pytest.param(
            [copy("11-21 23:30", faults=("cut",)), copy("11-22 07:00")],
            "11-22 13:00",
            "OK-LATE",
            "late",
            State.OK,
            id="damaged, made again in the grace",
        ),
        pytest.param(
            [copy("11-21 23:30", header=Identity(started_at=at("11-21 23:30"), object="Payroll"))],
            "11-22 13:00",
            "DAMAGED",
            "wrong-object",
            State.CRITICAL,
            id="of another database",
        ),
        pytest.param([young()], "11-22 09:00", "PENDING", "growing", State.WARNING, id="still growing, in its grace"),
        pytest.param([young()], "11-22 05:00", "OPEN", "growing", State.OK, id="still growing, not over"),
        pytest.param([young(size_bytes=0)], "11-22 05:00", "OPEN", "growing", State.OK, id="just begun and empty yet"),
        pytest.param([young()], "11-22 13:00", "UNKNOWN", "growing", State.UNKNOWN, id="still growing when last seen"),
        pytest.param(
            [copy("11-21 23:30", kind=CopyKind.LOG)],
            "11-22 13:00",
            "MISSING",
            "nothing-there",
            State.CRITICAL,
            id="of a kind that does not count",
        ),
        pytest.param(
            [copy("11-21 23:30", gone=at("11-22 08:00"))],
            "11-22 13:00",
            "OK",
            "in-slot",
            State.OK,
            id="made, proven, and gone since",
        ),
    ],
)
def test_the_state_of_a_slot(copies, now, state, reason, alarm):
    slot = the_slot("11-21", copies, now=at(now))
    assert (slot.state.value, slot.reason, slot.alarm) == (state, reason, alarm)


@pytest.mark.parametrize(
    ("now", "is_overdue", "alarm"),
    [("11-23 04:59", False, State.OK), ("11-23 05:00", True, State.WARNING), ("11-23 06:00", False, State.WARNING)],
)
def test_an_open_slot_is_overdue_when_its_due_moment_and_the_grace_are_past(now, is_overdue, alarm):
    policy = job(since=SINCE, daily=daily(grace=timedelta(hours=3), due=time(2)))
    slot = the_slot("11-22", now=at(now), policy=policy)
    assert (slot.is_overdue, slot.alarm) == (is_overdue, alarm)
    assert (slot.reason == "overdue") is is_overdue


def test_a_weak_copy_in_an_open_slot_alarms_once_it_is_overdue():
    policy = job(since=SINCE, daily=daily(grace=timedelta(hours=3), due=time(2)))
    copies = [copy("11-22 23:30", level=Level.IDENTIFIED)]
    assert the_slot("11-22", copies, now=at("11-23 04:59"), policy=policy).alarm is State.OK
    assert the_slot("11-22", copies, now=at("11-23 05:00"), policy=policy).alarm is State.WARNING


# Not seen is not missing


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        pytest.param([look("11-22 12:00")], "MISSING", id="seen whole when the grace was over"),
        pytest.param([look("11-22 11:59")], "UNKNOWN", id="seen before the grace was over"),
        pytest.param([look("11-22 12:00", is_complete=False)], "UNKNOWN", id="the look failed"),
        pytest.param([look("11-22 12:00", hides=True)], "UNKNOWN", id="something may have hidden it"),
        pytest.param([look("11-22 12:00", repository="another")], "UNKNOWN", id="another repository was seen"),
        pytest.param([look("11-22 12:00"), look("11-22 12:30", is_complete=False)], "MISSING", id="failed only later"),
    ],
)
def test_absence_counts_only_where_somebody_could_see_it(looks, state):
    looks = (look("11-19 08:00"), *looks)
    assert the_slot("11-21", now=at("11-22 13:00"), looks=looks).state.value == state


def test_absence_must_be_seen_in_every_repository_of_the_job():
    policy = job(since=SINCE, daily=daily(), repositories=("nas", "disk"))
    both = (look("11-22 12:00"), look("11-22 12:00", repository="disk"))
    assert the_slot("11-21", now=at("11-22 13:00"), looks=both, policy=policy).state.value == "MISSING"
    assert the_slot("11-21", now=at("11-22 13:00"), looks=both[:1], policy=policy).state.value == "UNKNOWN"


def test_absence_is_seen_when_the_last_repository_was_seen():
    policy = job(since=SINCE, daily=daily(grace=GRACE), repositories=("nas", "disk"))
    looks = (look("11-22 12:30"), look("11-22 11:00", repository="disk"))
    assert the_slot("11-21", now=at("11-22 13:00"), looks=looks, policy=policy).state.value == "UNKNOWN"


def test_a_copy_there_is_a_copy_there_however_blind_the_looks_are():
    assert the_slot("11-21", [copy("11-21 23:30")], looks=()).state.value == "OK"


# From when on


def test_without_a_day_given_slots_are_demanded_from_the_first_complete_look_on():
    looks = (look("11-16 08:00", is_complete=False), look("11-19 15:00"), look("11-22 08:55"))
    verdict = judged([copy("11-18 23:30")], job(since=None, daily=daily()), looks=looks)
    assert states(verdict) == {
        "11-18": "EXEMPT",
        "11-19": "MISSING",
        "11-20": "EXEMPT",
        "11-21": "MISSING",
        "11-22": "OPEN",
    }
    assert verdict.demanded_since == at("11-19 06:00")


def test_an_older_first_look_can_be_told_without_all_looks_since():
    verdict = judged([], job(since=None, daily=daily(keep=3)), watched_since=at("10-01 08:00"))
    assert states(verdict)["11-19"] == "MISSING"


def test_an_object_found_later_is_demanded_from_then_on():
    looks = (look("11-10 08:00"), look("11-22 08:55"))
    policy = job(since=None, daily=daily())
    verdict = judged([copy("11-18 23:30")], policy, looks=looks, object_seen_at=at("11-19 10:00"))
    assert (states(verdict)["11-19"], reasons(verdict)["11-19"]) == ("EXEMPT", "before-object")
    assert states(verdict)["11-21"] == "MISSING"


def test_a_day_given_stands_whenever_the_object_was_found():
    verdict = judged([], job(since=date(2026, 11, 19), daily=daily()), object_seen_at=at("11-21 10:00"))
    assert states(verdict)["11-19"] == "MISSING"


def test_a_week_that_began_before_the_policy_is_not_demanded():
    verdict = judged([], job(since=date(2026, 11, 15), weekly=weekly()))
    assert states(verdict, Tier.WEEKLY) == {"11-21": "OPEN"}


def test_a_new_policy_begins_green_at_nothing_of_nothing():
    verdict = judged([], job(since=date(2026, 11, 22), daily=daily()))
    daily_tier = tier_of(verdict)
    assert (daily_tier.held, daily_tier.required, verdict.state) == (0, 0, State.OK)


def test_of_a_retired_object_nothing_new_is_demanded_and_the_old_is_kept():
    copies = [copy("11-17 23:30"), copy("11-19 23:30")]
    verdict = judged(copies, job(daily=daily(keep=2, due=time(2))), object_gone_at=at("11-21 12:00"))
    assert states(verdict) == {"11-17": "OK", "11-18": "EXEMPT", "11-19": "OK", "11-20": "EXEMPT", "11-21": "EXEMPT"}
    assert (reasons(verdict)["11-21"], tier_of(verdict).held) == ("retired", 2)


def test_what_was_due_before_an_object_was_retired_is_still_demanded():
    policy = job(daily=daily(keep=2, due=time(23)))
    assert states(judged([], policy, object_gone_at=at("11-21 23:30")))["11-21"] == "MISSING"
    assert states(judged([], policy, object_gone_at=at("11-21 22:30")))["11-21"] == "EXEMPT"


# Exemptions


def test_an_exempted_slot_says_who_excused_it_and_until_when():
    exemption = Exemption(reason="the server moves", owner="N. Karimi", until=date(2026, 11, 21))
    policy = job(since=SINCE, daily=daily(), exempt=(exemption,))
    slot = the_slot("11-21", policy=policy)
    assert (slot.state.value, slot.reason) == ("EXEMPT", "exempted")
    assert slot.facts == {"reason": "the server moves", "owner": "N. Karimi", "until": "2026-11-21"}
    assert the_slot("11-21", [copy("11-21 23:30")], policy=policy).state.value == "OK"


def test_a_damaged_copy_on_a_holiday_leaves_the_holiday_alone():
    assert the_slot("11-20", [copy("11-20 23:30", faults=("cut",))]).state.value == "EXEMPT"


# What a verdict shows


def test_a_weak_slot_tells_what_kept_the_proof_from_going_further():
    found = proof(at("11-22 02:00"), level=Level.IDENTIFIED, limits=("compressed",))
    slot = the_slot("11-21", [copy("11-21 23:30", proofs=(found,))])
    assert (slot.state.value, slot.facts) == ("WEAK", {"limits": "compressed"})


def test_a_damaged_slot_tells_its_faults():
    slot = the_slot("11-21", [copy("11-21 23:30", level=None, faults=("cut", "all-zero"))])
    assert slot.facts == {"faults": "cut, all-zero"}


def test_a_slot_is_told_by_a_copy_that_is_here_then_by_its_level_then_by_its_age():
    gone = copy("11-21 20:00", level=Level.INTACT, gone=at("11-22 08:00"))
    older = copy("11-21 21:00", level=Level.INTACT)
    newer = copy("11-21 22:00", level=Level.COMPLETE)
    bad = copy("11-21 23:00", faults=("cut",))
    assert the_slot("11-21", [gone, newer, older, bad]).copy == older
    assert the_slot("11-21", [gone, newer, bad]).copy == newer
    slot = the_slot("11-21", [gone, bad])
    assert (slot.copy, slot.others) == (gone, (bad.copy.key,))


def test_a_tier_may_ask_for_more_than_its_job():
    policy = job(since=SINCE, daily=daily(level=Level.INTACT))
    assert the_slot("11-21", [copy("11-21 23:30")], policy=policy).state.value == "WEAK"
    assert the_slot("11-21", [copy("11-21 23:30", level=Level.INTACT)], policy=policy).state.value == "OK"


def test_a_tier_may_allow_other_kinds_than_its_job():
    policy = job(since=SINCE, daily=daily(kinds=(CopyKind.PARTIAL,)))
    assert the_slot("11-21", [copy("11-21 23:30")], policy=policy).state.value == "MISSING"
    assert the_slot("11-21", [copy("11-21 23:30", kind=CopyKind.PARTIAL)], policy=policy).state.value == "OK"


def test_what_the_catalogue_calls_damaged_is_damaged_however_often_it_was_examined():
    known = copy("11-21 23:30", faults=())
    damaged = copy("11-21 23:30", level=Level.INTACT)
    told = type(known.copy)(
        repository="nas",
        key="k",
        fingerprint="f",
        faults=(Fault(code="damaged-in-catalogue"),),
        named_at=at("11-21 23:30"),
    )
    known = type(damaged)(
        copy=told, first_seen_at=damaged.first_seen_at, last_seen_at=damaged.last_seen_at, proofs=damaged.proofs
    )
    assert the_slot("11-21", [known]).state.value == "DAMAGED"
