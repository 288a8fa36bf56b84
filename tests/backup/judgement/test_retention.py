"""Kept: made and kept are two questions."""

from dataclasses import replace
from datetime import date

import pytest

from itops.backup.levels import Level
from itops.verdict import State
from tests.backup.judgement.factory import (
    DAYS,
    JALALI,
    at,
    copy,
    daily,
    job,
    judged,
    look,
    monthly,
    nightly,
    states,
    tier_of,
)

EVERY_DAY = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")
GONE = at("11-21 08:00")
NO_HOLIDAYS = replace(JALALI, days=replace(DAYS, holidays=()))


def found(verdict, code):
    return next((finding for finding in verdict.findings if finding.code == code), None)


def every_day(keep=7, **settings):
    return job(since=date(2026, 11, 1), daily=daily(keep=keep, on=EVERY_DAY), **settings)


def test_held_counts_slots_and_never_older_copies_instead():
    copies = nightly("11-01", "11-21", without=("11-16", "11-17", "11-18"))
    daily_tier = tier_of(judged(copies, every_day()))
    assert (daily_tier.held, daily_tier.required) == (5, 7)  # 18 Nov is a holiday: one day more is counted
    assert daily_tier.extra == 13
    assert daily_tier.oldest_usable_at == at("11-01 23:30")


def test_a_copy_that_was_made_and_pruned_is_credited_as_made_and_not_as_kept():
    copies = [copy("11-19 23:30", gone=GONE), copy("11-20 23:30"), copy("11-21 23:30")]
    verdict = judged(copies, every_day(keep=3))
    assert list(states(verdict).values())[:3] == ["OK", "OK", "OK"]
    assert (tier_of(verdict).held, tier_of(verdict).required) == (2, 3)
    finding = found(verdict, "pruned-early")
    assert (finding.state, finding.facts["slots"]) == (State.WARNING, "1405-08-28")


def test_nothing_kept_of_all_that_was_made_is_critical():
    copies = nightly("11-19", "11-21", gone=at("11-22 08:00"))
    assert found(judged(copies, every_day(keep=3)), "pruned-early").state is State.CRITICAL


def test_a_copy_that_is_there_twice_may_go_once():
    copies = [copy("11-20 23:30", gone=GONE), copy("11-20 23:30", repository="disk"), copy("11-21 23:30")]
    verdict = judged(copies, every_day(keep=2, repositories=("nas", "disk")))
    assert (tier_of(verdict).held, found(verdict, "pruned-early")) == (2, None)


def test_a_copy_in_a_place_the_job_has_left_is_kept_by_nobody():
    copies = [copy("11-20 23:30", repository="disk"), copy("11-21 23:30")]
    daily_tier = tier_of(judged(copies, every_day(keep=2)))
    assert ([slot.state.value for slot in daily_tier.slots], daily_tier.held) == (["OK", "OK", "OPEN"], 1)


def test_a_missing_slot_is_not_told_again_as_pruned():
    assert found(judged(nightly("11-20", "11-21"), every_day()), "pruned-early") is None


def test_a_copy_of_a_holiday_may_go_whenever_it_likes():
    policy = job(since=date(2026, 11, 20), daily=daily(keep=1))
    copies = [copy("11-20 23:30", gone=GONE), copy("11-21 23:30")]
    assert found(judged(copies, policy), "pruned-early") is None


def test_pruning_for_tonights_copy_is_no_loss_while_it_waits_for_its_proof():
    old, kept = copy("11-20 23:30", gone=at("11-22 23:50")), copy("11-21 23:30")
    looks = (look("11-01 08:00"), look("11-23 00:00"))
    now = at("11-23 00:05")
    waiting = judged([old, kept, copy("11-22 23:30", level=Level.IDENTIFIED)], every_day(keep=2), now, looks=looks)
    assert found(waiting, "pruned-early") is None
    bad = judged([old, kept, copy("11-22 23:30", faults=("cut",))], every_day(keep=2), now, looks=looks)
    assert found(bad, "pruned-early").facts["slots"] == "1405-08-29"


# The newest is bad, and the last good one goes next


@pytest.mark.parametrize(
    ("good", "bad", "keep", "is_told"),
    [
        pytest.param(("11-15", "11-19"), ("11-20", "11-21"), 7, False, id="two bad of seven"),
        pytest.param(("11-15", "11-15"), ("11-16", "11-21"), 7, True, id="six bad of seven"),
        pytest.param(("11-15", "11-16"), ("11-17", "11-21"), 7, False, id="five bad of seven"),
        pytest.param(("11-20", "11-20"), ("11-21", "11-21"), 2, True, id="one bad of two"),
    ],
)
def test_the_last_good_copy_about_to_be_pruned_is_an_alarm(good, bad, keep, is_told):
    copies = [*nightly(*good), *nightly(*bad, faults=("cut",))]
    policy = job(since=date(2026, 11, 1), daily=daily(keep=keep, on=EVERY_DAY))
    finding = found(judged(copies, policy, calendar=NO_HOLIDAYS), "newest-damaged-last-good-expiring")
    assert (finding is not None) is is_told
    if finding is not None:
        assert finding.state is State.CRITICAL
        assert finding.facts["good_at"] == at(f"{good[1]} 23:30").isoformat()


def test_a_bad_copy_followed_by_a_good_one_is_no_such_alarm():
    copies = [copy("11-20 23:30", faults=("cut",)), copy("11-21 23:30")]
    assert found(judged(copies, every_day(keep=1)), "newest-damaged-last-good-expiring") is None


def test_a_bad_month_beside_good_days_is_told_of_its_own_tier_only():
    copies = [copy("10-20 23:30"), copy("11-21 23:30", faults=("cut",))]
    policy = job(since=date(2026, 9, 1), monthly=monthly(keep=2))
    finding = found(judged(copies, policy), "newest-damaged-last-good-expiring")
    assert (finding.facts["tier"], finding.facts["bad_slots"]) == ("monthly", 1)
