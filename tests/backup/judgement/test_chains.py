"""Chains: a differential hangs on its base, a log on all that leads to it."""

from datetime import date, timedelta

import pytest

from itops.backup.copies import Chain, CopyKind, Identity
from itops.backup.levels import Level
from itops.verdict import State
from tests.backup.judgement.factory import (
    at,
    codes,
    copy,
    daily,
    differential,
    full,
    job,
    judged,
    log,
    reasons,
    states,
    tier_of,
)

BOTH = job(since=date(2026, 11, 19), daily=daily(kinds=(CopyKind.FULL, CopyKind.DIFFERENTIAL)))
LOGS = job(since=date(2026, 11, 19), daily=daily(kinds=(CopyKind.LOG,)), kinds=(CopyKind.LOG,))
FULL_A = full("11-19 23:30", 100, set_id="a")
DIFF_OF_A = differential("11-21 23:30", base_id="A", base_lsn=100)


def gone(known):
    return type(known)(
        copy=known.copy,
        first_seen_at=known.first_seen_at,
        last_seen_at=at("11-20 08:00"),
        gone_at=at("11-21 08:00"),
        proofs=known.proofs,
    )


def the(verdict, code):
    return next((finding for finding in verdict.findings if finding.code == code), None)


@pytest.mark.parametrize(
    ("others", "state", "reason", "is_kept"),
    [
        pytest.param([FULL_A], "OK", "in-slot", True, id="its base is there"),
        pytest.param([full("11-19 23:30", 100)], "OK", "in-slot", True, id="its base is known by its LSN"),
        pytest.param([], "DAMAGED", "base-missing", False, id="its base was never seen"),
        pytest.param([full("11-20 12:00", 140, set_id="b")], "DAMAGED", "base-missing", False, id="another full"),
        pytest.param(
            [full("11-19 23:30", 100, set_id="b")], "DAMAGED", "base-missing", False, id="the LSN but another id"
        ),
        pytest.param(
            [full("11-19 23:30", 100, set_id="a", is_copy_only=True)],
            "DAMAGED",
            "base-missing",
            False,
            id="a copy-only full is no base",
        ),
        pytest.param(
            [full("11-19 23:30", 100, set_id="a", faults=("cut",))],
            "DAMAGED",
            "base-damaged",
            False,
            id="its base is damaged",
        ),
        pytest.param(
            [full("11-19 23:30", 100, set_id="a", faults=("cut",)), full("11-19 23:30", 100, set_id="a", key="second")],
            "OK",
            "in-slot",
            True,
            id="its base is damaged, and there is another copy of it",
        ),
        pytest.param(
            [full("11-19 23:30", 100, set_id="a", level=Level.IDENTIFIED)],
            "WEAK",
            "below-level",
            False,
            id="its base is proven too little",
        ),
        pytest.param([gone(FULL_A)], "OK", "in-slot", False, id="its base has gone since: made, not kept"),
    ],
)
def test_a_differential_is_worth_what_its_base_is_worth(others, state, reason, is_kept):
    verdict = judged([*others, DIFF_OF_A], BOTH)
    slot = next(slot for slot in tier_of(verdict).slots if slot.slot.first_day == date(2026, 11, 21))
    assert (slot.state.value, slot.reason, slot.is_kept) == (state, reason, is_kept)


def test_a_full_of_another_database_of_that_name_is_no_base():
    other = copy(
        "11-19 23:30",
        header=Identity(
            started_at=at("11-19 23:30"),
            kind=CopyKind.FULL,
            chain=Chain(checkpoint_lsn=95, set_id="a", database_id="other"),
        ),
    )
    assert reasons(judged([other, DIFF_OF_A], BOTH))["11-21"] == "base-missing"


def test_the_base_may_be_in_another_job_and_fills_no_slot_here():
    verdict = judged([DIFF_OF_A], BOTH, bases=(FULL_A,))
    assert states(verdict) == {"11-19": "MISSING", "11-20": "EXEMPT", "11-21": "OK", "11-22": "OPEN"}
    assert "base-missing" not in codes(verdict)


def test_without_any_numbers_a_differential_hangs_on_the_newest_full_before_it():
    def of_kind(moment, kind, **facts):
        return copy(moment, kind=kind, **facts)

    diff = of_kind("11-21 23:30", CopyKind.DIFFERENTIAL)
    before, after = of_kind("11-19 23:30", CopyKind.FULL), of_kind("11-22 01:00", CopyKind.FULL)
    assert states(judged([before, diff], BOTH))["11-21"] == "OK"
    only_after = judged([after, diff], job(since=date(2026, 11, 21), daily=daily(kinds=(CopyKind.DIFFERENTIAL,))))
    assert reasons(only_after)["11-21"] == "base-missing"
    rotten = of_kind("11-20 23:30", CopyKind.FULL, faults=("cut",))
    assert reasons(judged([before, rotten, diff], BOTH))["11-21"] == "base-damaged"


def test_an_incremental_hangs_on_everything_down_to_the_full():
    def link(moment, set_id, base_id, **facts):
        chain = Chain(set_id=set_id, base_id=base_id)
        header = Identity(started_at=at(moment), kind=CopyKind.INCREMENTAL, chain=chain)
        return copy(moment, header=header, **facts)

    policy = job(since=date(2026, 11, 21), daily=daily(kinds=(CopyKind.INCREMENTAL,)))
    last = link("11-21 23:30", "c", "b")
    assert states(judged([FULL_A, link("11-20 23:30", "b", "a"), last], policy))["11-21"] == "OK"
    assert reasons(judged([FULL_A, last], policy))["11-21"] == "base-missing"
    rotten = link("11-20 23:30", "b", "a", faults=("cut",))
    assert reasons(judged([FULL_A, rotten, last], policy))["11-21"] == "base-damaged"
    ring = [link("11-20 23:30", "b", "c"), last]
    assert reasons(judged(ring, policy))["11-21"] == "base-missing"


@pytest.mark.parametrize(
    ("copies", "state", "count"),
    [
        pytest.param([DIFF_OF_A], State.CRITICAL, 1, id="the newest copy of all hangs in the air"),
        pytest.param([DIFF_OF_A, full("11-22 03:00", 300)], State.WARNING, 1, id="an older one does"),
        pytest.param(
            [differential("11-20 23:30", base_id="a"), DIFF_OF_A], State.CRITICAL, 2, id="two of them, told once"
        ),
        pytest.param([gone(FULL_A), DIFF_OF_A], State.CRITICAL, 1, id="its base has gone"),
    ],
)
def test_a_base_that_is_not_there_is_told(copies, state, count):
    finding = the(judged(copies, BOTH), "base-missing")
    assert (finding.state, finding.facts["copies"], finding.facts["kind"]) == (state, count, "differential")


def test_a_damaged_base_is_told():
    verdict = judged([full("11-19 23:30", 100, set_id="a", faults=("cut",)), DIFF_OF_A], BOTH)
    assert the(verdict, "base-damaged").subject == DIFF_OF_A.copy.key


# Logs


@pytest.mark.parametrize(
    ("logs", "reason"),
    [
        pytest.param([log("11-21 23:00", 90, 120)], "in-slot", id="from the base on"),
        pytest.param([log("11-20 10:00", 90, 120), log("11-21 23:00", 120, 140)], "in-slot", id="contiguous"),
        pytest.param([log("11-20 10:00", 90, 120), log("11-21 23:00", 120, 120)], "in-slot", id="an empty log"),
        pytest.param([log("11-20 10:00", 90, 120), log("11-21 23:00", 110, 140)], "in-slot", id="overlapping"),
        pytest.param([log("11-20 10:00", 90, 120), log("11-21 23:00", 121, 140)], "log-gap", id="a gap"),
        pytest.param([log("11-21 23:00", 101, 120)], "base-missing", id="begins behind its base"),
        pytest.param([log("11-21 23:00", 80, 99)], "base-missing", id="ends before its base"),
        pytest.param(
            [log("11-22 03:00", 90, 120), log("11-21 23:00", 120, 140)], "in-slot", id="by LSN, never by date"
        ),
        pytest.param(
            [log("11-20 10:00", 90, 120, faults=("cut",)), log("11-21 23:00", 120, 140)],
            "base-missing",
            id="the log before it is damaged",
        ),
        pytest.param(
            [log("11-20 10:00", 90, 120), log("11-20 11:00", 130, 150), log("11-21 23:00", 150, 160)],
            "log-gap",
            id="behind a gap, however contiguous",
        ),
    ],
)
def test_a_log_counts_as_far_as_the_chain_reaches(logs, reason):
    assert reasons(judged([full("11-19 23:30", 100), *logs], LOGS))["11-21"] == reason


def test_a_log_with_an_impossible_date_is_still_a_link():
    misdated = log("12-25 10:00", 90, 120, seen=at("11-21 08:00"))
    verdict = judged([full("11-19 23:30", 100), misdated, log("11-21 23:00", 120, 140)], LOGS)
    assert reasons(verdict)["11-21"] == "in-slot"
    assert "future-dated" in codes(verdict)


def test_logs_go_on_from_a_differential_behind_the_gap():
    copies = [FULL_A, log("11-20 10:00", 90, 120), log("11-21 23:00", 130, 160)]
    healing = differential("11-21 12:00", base_id="a", last_lsn=140)
    assert reasons(judged(copies, LOGS))["11-21"] == "log-gap"
    assert reasons(judged([*copies, healing], LOGS))["11-21"] == "in-slot"


def test_logs_of_another_fork_do_not_fill_a_gap():
    def forked(moment, first, last, fork):
        chain = Chain(first_lsn=first, last_lsn=last, fork_id=fork)
        return copy(moment, header=Identity(started_at=at(moment), kind=CopyKind.LOG, chain=chain))

    base = full("11-19 23:30", 100)
    here, there = forked("11-20 10:00", 90, 120, "one"), forked("11-21 23:00", 120, 140, "two")
    assert reasons(judged([base, here, there], LOGS))["11-21"] == "base-missing"
    assert reasons(judged([base, here, forked("11-21 23:00", 120, 140, "one")], LOGS))["11-21"] == "in-slot"


def test_a_log_that_could_be_reached_once_is_made_and_no_longer_kept():
    copies = [full("11-19 23:30", 100), gone(log("11-20 10:00", 90, 120)), log("11-21 23:00", 120, 140)]
    slot = tier_of(judged(copies, LOGS)).slots[2]
    assert (slot.state.value, slot.is_kept) == ("OK", False)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param([], State.CRITICAL, id="nothing behind it can be restored"),
        pytest.param([full("11-22 01:00", 150)], State.WARNING, id="a newer full goes on"),
    ],
)
def test_a_gap_between_logs_is_told(more, expected):
    copies = [full("11-19 23:30", 100), log("11-20 10:00", 90, 120), log("11-21 23:00", 130, 160), *more]
    finding = the(judged(copies, LOGS), "log-gap")
    assert (finding.state, finding.facts["after_lsn"], finding.facts["before_lsn"]) == (expected, "120", "130")


def test_a_gap_before_the_oldest_full_is_nobodys_loss():
    old = [log("11-19 10:00", 10, 20), log("11-19 12:00", 30, 90)]
    verdict = judged([*old, full("11-19 23:30", 100), log("11-21 23:00", 90, 120)], LOGS)
    assert not {"log-gap", "base-missing"} & set(codes(verdict))


def test_the_same_log_in_two_places_is_no_gap_and_closes_one():
    copies = [full("11-19 23:30", 100), log("11-20 10:00", 90, 120), log("11-21 23:00", 120, 140)]
    twice = [log("11-20 10:00", 90, 120, repository="disk"), log("11-21 23:00", 120, 140, repository="disk")]
    assert "log-gap" not in codes(judged([*copies, *twice], LOGS))
    lost = [copies[0], log("11-20 10:00", 90, 120, faults=("cut",)), copies[2]]
    assert reasons(judged(lost, LOGS))["11-21"] == "base-missing"
    assert reasons(judged([*lost, *twice], LOGS))["11-21"] == "in-slot"


def test_logs_without_any_full_hang_in_the_air():
    assert the(judged([log("11-21 23:00", 120, 140)], LOGS), "base-missing").facts["kind"] == "log"


def test_logs_that_tell_no_numbers_are_taken_as_they_are():
    assert states(judged([copy("11-21 23:00", kind=CopyKind.LOG)], LOGS))["11-21"] == "OK"


def test_the_recovery_point_is_the_last_log_that_can_be_reached():
    copies = [full("11-19 23:30", 100), log("11-20 10:00", 90, 120), log("11-21 23:00", 130, 160)]
    policy = job(daily=daily(), rpo=timedelta(hours=12))
    fresh = judged(copies, policy).freshness
    assert (fresh.recovery_at, fresh.state, fresh.reason) == (at("11-20 10:00"), State.CRITICAL, "rpo-missed")
    mended = judged([*copies, log("11-20 20:00", 120, 130)], policy).freshness
    assert (mended.recovery_at, mended.state) == (at("11-21 23:00"), State.OK)
