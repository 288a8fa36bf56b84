"""Which copy fills which slot: late ones are used up, and a tier may want copies of its own."""

from datetime import date, time, timedelta

import pytest

from itops.backup.levels import Level
from itops.backup.policy import Tier
from itops.verdict import State
from tests.backup.judgement.factory import (
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
    weekly,
)

LATE = timedelta(hours=6)


def of_days(copies, *, grace=LATE, since=date(2026, 11, 14), now="11-18 13:00", **settings):
    """The states from Saturday the 14th to Tuesday the 17th; the 18th is open."""
    looks = (look("11-14 08:00"), look(at(now) - timedelta(minutes=1)))
    found = states(judged(copies, job(since=since, daily=daily(grace=grace, **settings)), at(now), looks=looks))
    return [found[day] for day in ("11-14", "11-15", "11-16", "11-17")]


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        pytest.param(
            ["11-14 23:30", "11-15 23:30", "11-16 23:30", "11-17 23:30"], ["OK", "OK", "OK", "OK"], id="each its own"
        ),
        pytest.param(
            ["11-15 07:00", "11-15 23:30", "11-16 23:30", "11-17 23:30"],
            ["OK-LATE", "OK", "OK", "OK"],
            id="the first one late",
        ),
        pytest.param(
            ["11-15 07:00", "11-16 23:30", "11-17 23:30"],
            ["OK-LATE", "MISSING", "OK", "OK"],
            id="a late one is used up",
        ),
        pytest.param(
            ["11-15 07:00", "11-16 07:00", "11-17 07:00", "11-18 07:00"],
            ["OK-LATE", "OK-LATE", "OK-LATE", "OK-LATE"],
            id="all of them late",
        ),
        pytest.param(
            ["11-14 23:30", "11-15 07:00", "11-16 07:00", "11-17 07:00"],
            ["OK", "OK", "OK", "OK"],
            id="inside their own slots they are not late",
        ),
        pytest.param(
            ["11-15 07:00", "11-15 08:00", "11-16 23:30", "11-17 23:30"],
            ["OK-LATE", "OK", "OK", "OK"],
            id="the earliest is the late one",
        ),
    ],
)
def test_copies_are_dealt_out_from_the_oldest_slot_on(moments, expected):
    assert of_days([copy(moment) for moment in moments]) == expected


def test_the_same_late_backup_in_two_places_fills_one_slot():
    twice = [copy("11-15 07:00"), copy("11-15 07:00", key="disk/Insurance.bak")]
    assert of_days(twice)[:2] == ["OK-LATE", "MISSING"]


def test_a_slot_is_not_spoken_for_by_the_copy_it_lent():
    copies = [copy("11-15 07:00"), copy("11-15 23:30", faults=("cut",)), copy("11-16 07:00")]
    looks = (look("11-14 08:00"), look("11-18 12:59"))
    policy = job(since=date(2026, 11, 14), daily=daily(grace=timedelta(hours=2)))
    verdict = judged(copies, policy, at("11-18 13:00"), looks=looks)
    saturday, sunday, monday = tier_of(verdict).slots[:3]
    assert [slot.state.value for slot in (saturday, sunday, monday)] == ["OK-LATE", "OK-LATE", "MISSING"]
    assert (monday.copy, monday.others) == (None, (copies[2].copy.key,))
    worse = judged(copies[:2], policy, at("11-18 13:00"), looks=looks)
    sunday = tier_of(worse).slots[1]
    assert (sunday.state.value, sunday.copy, sunday.others) == ("DAMAGED", copies[1], (copies[0].copy.key,))


def test_a_copy_used_late_before_the_slots_that_count_stays_used():
    copies = [copy("11-15 07:00"), copy("11-16 23:30"), copy("11-17 23:30")]
    looks = (look("11-10 08:00"), look("11-18 12:59"))
    policy = job(since=date(2026, 11, 14), daily=daily(keep=3, grace=LATE))
    assert states(judged(copies, policy, at("11-18 13:00"), looks=looks)) == {
        "11-15": "MISSING",  # its only copy was the late one of the 14th
        "11-16": "OK",
        "11-17": "OK",
        "11-18": "EXEMPT",
    }


def test_a_good_late_copy_goes_before_a_weak_one_in_time():
    weak_and_late = [copy("11-14 23:30", level=Level.IDENTIFIED), copy("11-15 07:00"), copy("11-15 23:30")]
    assert of_days(weak_and_late)[:2] == ["OK-LATE", "OK"]


def test_a_good_late_copy_that_its_own_slot_needs_stays_there():
    weak, late = copy("11-14 23:30", level=Level.IDENTIFIED), copy("11-15 07:00")
    assert of_days([weak, late])[:2] == ["WEAK", "OK"]
    assert of_days([weak, late, copy("11-15 23:30")])[:2] == ["OK-LATE", "OK"]
    assert of_days([late])[:2] == ["OK-LATE", "MISSING"]


def test_a_slot_that_has_time_to_get_a_copy_of_its_own_lends_its_first_one():
    weak, late = copy("11-14 23:30", level=Level.IDENTIFIED), copy("11-15 07:00")
    policy = job(since=date(2026, 11, 14), daily=daily(grace=LATE, due=time(2)))
    looks = (look("11-14 08:00"), look("11-15 08:00"))
    found = judged([weak, late], policy, at("11-15 09:00"), looks=looks)
    assert (list(states(found).values()), found.state) == (["OK-LATE", "OPEN"], State.OK)
    later = judged([weak, late], policy, at("11-16 06:00"), looks=looks)
    assert list(states(later).values())[:2] == ["WEAK", "OK"]


def test_a_weak_copy_takes_no_slot_from_a_good_one():
    weak, good = copy("11-15 07:00", level=Level.IDENTIFIED), copy("11-15 08:00")
    assert of_days([weak, good, copy("11-16 23:30")])[:3] == ["OK-LATE", "WEAK", "OK"]
    assert of_days([weak, good, copy("11-16 07:00")])[:3] == ["OK-LATE", "WEAK", "OK"]


def test_to_prove_a_copy_empties_no_slot():
    def run(level):
        return [copy("11-14 23:30", level=Level.IDENTIFIED), copy("11-15 07:00", level=level)]

    assert of_days(run(Level.IDENTIFIED))[:2] == ["WEAK", "WEAK"]
    assert of_days(run(Level.INTACT))[:2] == ["WEAK", "OK"]


def test_a_holiday_neither_wants_nor_uses_a_late_copy():
    copies = [copy("11-19 07:00")]  # the 18th is a holiday
    policy = job(since=date(2026, 11, 18), daily=daily(grace=LATE))
    assert states(judged(copies, policy)) == {
        "11-18": "EXEMPT",
        "11-19": "OK",
        "11-20": "EXEMPT",
        "11-21": "PENDING",
        "11-22": "OPEN",
    }


def test_a_copy_made_on_a_holiday_may_be_yesterdays_late_one():
    policy = job(since=date(2026, 11, 17), daily=daily(grace=LATE))
    found = states(judged([copy("11-18 07:00")], policy))
    assert (found["11-17"], found["11-18"]) == ("OK-LATE", "EXEMPT")


def test_one_copy_may_serve_the_day_the_week_and_the_month():
    policy = job(since=date(2026, 10, 20), daily=daily(keep=1), weekly=weekly(keep=1), monthly=monthly(keep=1))
    verdict = judged([copy("11-21 23:30")], policy)
    assert states(verdict)["11-21"] == "OK"
    assert states(verdict, Tier.WEEKLY)["11-21"] == "OK"
    assert states(verdict, Tier.MONTHLY)["10-23"] == "OK"


def test_a_tier_with_copies_of_its_own_takes_none_that_another_needs():
    policy = job(since=date(2026, 10, 20), daily=daily(keep=20), monthly=monthly(keep=1, own_copy=True))
    working = nightly("11-08", "11-21", without=("11-13", "11-18", "11-20"))
    assert states(judged(working, policy), Tier.MONTHLY)["10-23"] == "MISSING"
    friday = copy("11-20 23:30")  # no day demands it
    assert states(judged([*working, friday], policy), Tier.MONTHLY)["10-23"] == "OK"
    disk = copy("11-21 23:30", key="disk/Insurance.bak")
    verdict = judged([*working, disk], policy)
    assert (states(verdict, Tier.MONTHLY)["10-23"], states(verdict)["11-21"]) == ("OK", "OK")


def test_an_old_daily_copy_is_no_month_of_its_own_though_its_day_no_longer_counts():
    policy = job(since=date(2026, 10, 1), daily=daily(keep=2), monthly=monthly(keep=1, own_copy=True))
    copies = [copy("11-10 23:30"), copy("11-19 23:30"), copy("11-21 23:30")]
    assert states(judged(copies, policy), Tier.MONTHLY)["10-23"] == "MISSING"


def test_an_open_slot_that_is_filled_counts_as_kept_so_that_pruning_tonight_is_no_loss():
    copies = [
        copy("11-17 23:30", gone=at("11-22 01:00")),
        copy("11-19 23:30"),
        copy("11-21 23:30"),
        copy("11-22 23:30"),
    ]
    looks = (look("11-10 08:00"), look("11-23 01:00"))
    daily_tier = tier_of(judged(copies, job(daily=daily(keep=3)), at("11-23 01:05"), looks=looks))
    assert (daily_tier.held, daily_tier.required) == (3, 3)
    assert [f"{slot.slot.first_day:%m-%d}" for slot in daily_tier.slots] == ["11-19", "11-20", "11-21", "11-22"]
