"""C03, C04, C05 and C11."""

from dataclasses import replace
from datetime import timedelta

import pytest

from itops.backup.controls.policy import ControlsPolicy
from itops.backup.levels import Level
from tests.backup.controls.office import (
    CRITICAL,
    FULL,
    NOT_EVALUATED,
    OBJECT,
    OK,
    UNKNOWN,
    WARNING,
    a_job,
    codes,
    evidence,
    facts,
    hashed,
    nothing,
    told,
    verdict,
)
from tests.backup.judgement.factory import at, copy, daily, look, nightly

HOUR = timedelta(hours=1)
TIERLESS = a_job(daily=None, max_age=timedelta(hours=26))


@pytest.mark.parametrize("control", ["C03", "C04", "C05", "C06", "C07", "C08", "C09", "C10", "C11", "C15", "C16"])
def test_before_the_first_look_nothing_is_green_and_nothing_is_red(control):
    found = verdict(control, nothing(job=a_job(rpo=timedelta(hours=26))))
    assert found.state in (UNKNOWN, NOT_EVALUATED)


def test_a_copy_for_every_night_meets_the_schedule():
    found = verdict("C03", facts(FULL))
    assert told(found) == (OK, "slots-met")
    assert evidence(found, "slots") == [
        {
            "object": OBJECT,
            "tier": "daily",
            "filled": 12,
            "demanded": 13,
            "oldest": "1405-08-19",
            "newest": "1405-09-01",
        }
    ]


@pytest.mark.parametrize(
    ("copies", "looks", "state", "reason"),
    [
        pytest.param([*FULL[:7], *FULL[8:]], None, CRITICAL, "slots-missed", id="one is missing"),
        pytest.param(
            [*nightly("11-10", "11-20"), copy("11-21 23:30", level=None, faults=("cut",))],
            None,
            CRITICAL,
            "slots-damaged",
            id="the last one is cut",
        ),
        pytest.param(
            [*nightly("11-10", "11-20"), copy("11-21 23:30", level=Level.IDENTIFIED)],
            None,
            WARNING,
            "slots-weak",
            id="the last one is not proven far enough",
        ),
        pytest.param(
            nightly("11-10", "11-18"), (look("11-10 08:00"), look("11-19 08:00")), UNKNOWN, "slots-unknown",
            id="nobody has looked since",
        ),
    ],
)  # fmt: skip
def test_a_slot_without_a_good_copy_breaks_the_schedule(copies, looks, state, reason):
    of = facts(copies) if looks is None else facts(copies, looks=looks)
    assert told(verdict("C03", of)) == (state, reason)


def test_on_its_first_day_a_plan_has_met_nothing_yet():
    first = a_job(since=at("11-22 08:00").date())
    assert told(verdict("C03", facts((), job=first))) == (UNKNOWN, "no-slot-over")


def test_a_plan_of_ages_alone_has_no_schedule_to_meet():
    assert told(verdict("C03", facts(FULL, job=TIERLESS))) == (NOT_EVALUATED, "no-tiers")


@pytest.mark.parametrize(
    ("settings", "state", "reason"),
    [
        pytest.param({"rpo": 10 * HOUR}, OK, "rpo-met", id="the copy of last night"),
        pytest.param({"rpo": 9 * HOUR}, CRITICAL, "rpo-missed", id="more is lost than can be borne"),
        pytest.param({"max_age": 10 * HOUR}, OK, "rpo-met", id="a limit of age serves as well"),
        pytest.param({}, NOT_EVALUATED, "no-rpo", id="nobody said how much may be lost"),
    ],
)
def test_the_newest_recovery_point_against_the_rpo(settings, state, reason):
    assert told(verdict("C04", facts(FULL, job=a_job(**settings)))) == (state, reason)


def test_a_recovery_point_counts_only_when_it_is_proven():
    unproven = [*nightly("11-10", "11-20"), copy("11-21 23:30", level=Level.SEEN)]
    assert told(verdict("C04", facts(unproven, job=a_job(rpo=26 * HOUR)))) == (CRITICAL, "rpo-missed")


def test_an_object_with_no_copy_at_all_has_no_recovery_point():
    assert told(verdict("C04", facts((), job=a_job(rpo=26 * HOUR)))) == (CRITICAL, "no-recovery-point")


def test_an_object_without_an_rpo_keeps_the_control_from_being_green():
    of = facts(FULL, job=a_job(rpo=26 * HOUR))
    other = replace(of.verdicts[0], object="sql01/Payroll", freshness=replace(of.verdicts[0].freshness, rpo=None))
    found = verdict("C04", replace(of, verdicts=(*of.verdicts, other)))
    assert told(found) == (WARNING, "rpo-undeclared")


def test_the_recovery_point_is_shown_by_the_header_of_its_copy():
    found = verdict("C04", facts(FULL, job=a_job(rpo=26 * HOUR)))
    [shown] = evidence(found, "recovery-point")
    assert (shown["known_by"], shown["age_hours"], shown["limit_hours"]) == ("header", 9.5, 26.0)


def test_copies_read_as_far_as_the_plan_asks_are_proven_and_their_hash_is_kept():
    copies = [*FULL[:-1], hashed(FULL[-1], "a" * 64)]
    found = verdict("C05", facts(copies))
    assert told(found) == (OK, "copies-proven")
    [shown] = evidence(found, "proof")
    assert (shown["level"], shown["needed"], shown["sha256"]) == ("L2 complete", "L2 complete", "a" * 64)


@pytest.mark.parametrize(
    ("copies", "state", "reason"),
    [
        pytest.param(nightly("11-10", "11-21", level=Level.SEEN), UNKNOWN, "nothing-proven", id="nobody read them"),
        pytest.param(
            [*nightly("11-10", "11-20"), copy("11-21 23:30", level=None, faults=("cut",))],
            CRITICAL,
            "copies-worthless",
            id="the newest is cut",
        ),
        pytest.param(
            [copy("11-10 23:30", level=None, faults=("cut",)), *nightly("11-11", "11-21")],
            WARNING,
            "copies-worthless",
            id="an old one is cut",
        ),
    ],
)
def test_a_copy_is_proven_or_the_control_says_why_not(copies, state, reason):
    assert told(verdict("C05", facts(copies))) == (state, reason)


def test_a_proof_of_long_ago_is_not_evidence_for_today():
    spring = copy("2026-05-01 23:30")
    found = verdict("C05", facts([spring, *FULL]))
    assert told(found) == (WARNING, "proof-old")
    assert (found.facts["limit_days"], found.facts["objects"]) == (90, 1)


def test_without_slots_the_newest_copy_must_be_proven_too():
    copies = [copy("11-21 06:00"), copy("11-22 06:00", level=Level.SEEN)]
    assert "newest-unproven" in codes(verdict("C05", facts(copies, job=a_job(daily=None, max_age=48 * HOUR))))


YEARS = ControlsPolicy(keep_at_most=timedelta(days=400))


@pytest.mark.parametrize(
    ("copies", "policy", "state", "reason"),
    [
        pytest.param(FULL, YEARS, OK, "retention-kept", id="all there, none too old"),
        pytest.param(FULL, ControlsPolicy(), WARNING, "maximum-undeclared", id="nobody said when they must be gone"),
        pytest.param([], YEARS, CRITICAL, "retention-short", id="nothing is held"),
        pytest.param(FULL[4:], YEARS, WARNING, "retention-short", id="too few are held"),
        pytest.param([copy("2025-01-01 23:30"), *FULL], YEARS, WARNING, "kept-too-long", id="one was forgotten"),
    ],
)
def test_copies_are_kept_long_enough_and_not_for_ever(copies, policy, state, reason):
    assert told(verdict("C11", facts(copies, policy=policy))) == (state, reason)


def test_what_was_made_and_deleted_too_soon_is_told_apart_from_what_was_never_made():
    pruned = [replace(one, gone_at=at("11-20 08:00")) for one in FULL[:3]]
    found = verdict("C11", facts([*pruned, *FULL[3:]], policy=YEARS))
    assert "pruned-early" in codes(found)


def test_seven_working_nights_are_enough_where_seven_were_promised():
    week = a_job(daily=daily(keep=7))
    since_the_12th = FULL[2:]  # two Fridays and a holiday between
    assert told(verdict("C11", facts(since_the_12th, job=week, policy=YEARS))) == (OK, "retention-kept")


def test_a_retired_object_needs_no_copies_any_more():
    of = facts((), job=a_job(rpo=26 * HOUR))
    fresh = replace(of.verdicts[0].freshness, reason="retired")
    gone = replace(of, verdicts=(replace(of.verdicts[0], freshness=fresh),))
    assert verdict("C04", gone).state is NOT_EVALUATED
