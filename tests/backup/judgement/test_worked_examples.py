"""The two examples of docs/explanation/backups.md, slot by slot."""

from datetime import date, timedelta

from itops.backup.levels import Level
from itops.backup.policy import Tier
from itops.verdict import State
from tests.backup.judgement.factory import (
    GREGORIAN,
    JALALI,
    at,
    codes,
    copy,
    daily,
    job,
    judged,
    monthly,
    nightly,
    reasons,
    states,
    tier_of,
)

BACKUPS = [
    *nightly("11-08", "11-20", without=("11-13", "11-15", "11-16")),
    copy("11-17 01:30"),
    copy("11-21 23:30", faults=("cut",), level=Level.IDENTIFIED),
    copy("12-25 23:30", seen=at("11-22 08:00")),
]


def test_two_weeks_of_a_daily_job():
    verdict = judged(BACKUPS, job(daily=daily(keep=14)))
    assert states(verdict) == {
        "11-08": "EXEMPT",
        "11-09": "EXEMPT",
        "11-10": "OK",
        "11-11": "OK",
        "11-12": "OK",
        "11-13": "EXEMPT",
        "11-14": "OK",
        "11-15": "MISSING",
        "11-16": "OK",
        "11-17": "OK",
        "11-18": "OK",
        "11-19": "OK",
        "11-20": "OK",
        "11-21": "DAMAGED",
        "11-22": "OPEN",
    }
    told = reasons(verdict)
    assert (told["11-08"], told["11-13"], told["11-18"]) == ("before-policy", "not-expected", "anyway")
    sixteenth = next(slot for slot in tier_of(verdict).slots if slot.slot.first_day == date(2026, 11, 16))
    assert sixteenth.reference_at == at("11-17 01:30")
    assert "future-dated" in codes(verdict)
    assert verdict.state is State.CRITICAL


def test_two_weeks_of_a_daily_job_held():
    daily_tier = tier_of(judged(BACKUPS, job(daily=daily(keep=14))))
    assert (daily_tier.held, daily_tier.required, daily_tier.extra) == (7, 9, 2)
    assert daily_tier.oldest_usable_at == at("11-08 23:30")


def test_the_same_months_are_another_truth_in_another_calendar():
    fulls = [copy("09-22 12:00"), copy("10-24 12:00"), copy("11-21 12:00")]
    policy = job(since=date(2026, 8, 1), monthly=monthly(keep=6, grace=timedelta(days=5)))
    jalali, gregorian = (judged(fulls, policy, calendar=calendar) for calendar in (JALALI, GREGORIAN))
    assert {slot.slot.name: slot.state.value for slot in tier_of(jalali, Tier.MONTHLY).slots} == {
        "1405-06": "OK",
        "1405-07": "OK-LATE",
        "1405-08": "OK",
        "1405-09": "OPEN",
    }
    assert {slot.slot.name: slot.state.value for slot in tier_of(gregorian, Tier.MONTHLY).slots} == {
        "2026-08": "MISSING",
        "2026-09": "OK",
        "2026-10": "OK",
        "2026-11": "OK",
    }
