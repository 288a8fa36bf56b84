"""Slots: the office's days, weeks and months, without a gap and without an overlap, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from itops.backup.policy import (
    WEEKDAYS,
    DailyPolicy,
    DaysPolicy,
    Exemption,
    Job,
    MonthDay,
    MonthlyPolicy,
    Protected,
    ProtectedList,
    Texts,
    Tier,
    TierPolicy,
    WeeklyPolicy,
)
from itops.backup.slots import (
    Calendar,
    Slot,
    excuse_for,
    next_slots,
    slots_backwards,
    slots_between,
    slots_forwards,
)

TEHRAN = ZoneInfo("Asia/Tehran")
WORKING = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday")
ZONES = ("Asia/Tehran", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)  # 09:00 in Tehran, 1 Azar 1405


def office(
    start: time = time(6), *, calendar: str = "jalali", zone: str = "Asia/Tehran", week: str = "saturday"
) -> Calendar:
    days = DaysPolicy(start=start, week=week, working=WORKING, holidays=(date(2026, 11, 18),))
    return Calendar(days=days, calendar=calendar, zone=ZoneInfo(zone))


DAILY, WEEKLY = DailyPolicy(keep=7), WeeklyPolicy(keep=4, on="thursday")
MONTHLY = MonthlyPolicy(keep=3, on=MonthDay(None))
POLICIES = {Tier.DAILY: DAILY, Tier.WEEKLY: WEEKLY, Tier.MONTHLY: MONTHLY}


def slot_at(tier: Tier, moment: datetime, calendar: Calendar, policy: TierPolicy | None = None) -> Slot:
    return next(slots_forwards(tier, policy or POLICIES[tier], calendar, moment))


def tehran(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TEHRAN).astimezone(UTC)


@pytest.mark.parametrize(
    ("tier", "calendar", "name", "first", "after"),
    [
        (Tier.DAILY, "jalali", "1405-09-01", (2026, 11, 22), (2026, 11, 23)),
        (Tier.DAILY, "gregorian", "2026-11-22", (2026, 11, 22), (2026, 11, 23)),
        (Tier.WEEKLY, "jalali", "w1405-08-30", (2026, 11, 21), (2026, 11, 28)),
        (Tier.WEEKLY, "gregorian", "w2026-11-21", (2026, 11, 21), (2026, 11, 28)),
        (Tier.MONTHLY, "jalali", "1405-09", (2026, 11, 22), (2026, 12, 22)),
        (Tier.MONTHLY, "gregorian", "2026-11", (2026, 11, 1), (2026, 12, 1)),
    ],
)
def test_a_slot_is_cut_and_named_by_the_offices_calendar(tier, calendar, name, first, after):
    slot = slot_at(tier, NOW, office(calendar=calendar))
    assert (slot.name, slot.first_day) == (name, date(*first))
    assert (slot.begins_at, slot.ends_at) == (tehran(*first, 6), tehran(*after, 6))


def test_a_run_after_midnight_belongs_to_the_working_day_before():
    assert slot_at(Tier.DAILY, tehran(2026, 11, 17, 5, 59), office()).first_day == date(2026, 11, 16)
    assert slot_at(Tier.DAILY, tehran(2026, 11, 17, 6), office()).first_day == date(2026, 11, 17)


def test_the_last_night_of_a_month_belongs_to_that_month():
    assert slot_at(Tier.MONTHLY, tehran(2026, 11, 22, 1, 30), office()).name == "1405-08"
    assert slot_at(Tier.MONTHLY, tehran(2026, 11, 22, 6), office()).name == "1405-09"


@pytest.mark.parametrize(("year", "days"), [(1403, 30), (1404, 29), (1407, 29), (1408, 30)])
def test_esfand_is_as_long_as_its_year_lets_it(year, days):
    esfand = slot_at(Tier.MONTHLY, tehran(year + 622, 3, 10, 12), office())
    assert (esfand.name, esfand.ends_at - esfand.begins_at) == (f"{year}-12", timedelta(days=days))


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        pytest.param(datetime(2026, 3, 29, 12, tzinfo=UTC), 23, id="clocks go forward"),
        pytest.param(datetime(2026, 10, 25, 12, tzinfo=UTC), 25, id="clocks go back"),
        pytest.param(datetime(2026, 5, 1, 12, tzinfo=UTC), 24, id="an ordinary day"),
    ],
)
def test_the_days_on_which_clocks_change_are_shorter_and_longer(moment, hours):
    slot = slot_at(Tier.DAILY, moment, office(time(0), zone="Europe/Berlin"))
    assert slot.ends_at - slot.begins_at == timedelta(hours=hours)


def test_a_day_that_begins_in_the_hour_tehran_skipped_begins_after_it():
    slot = slot_at(Tier.DAILY, datetime(2022, 3, 22, 12, tzinfo=UTC), office(time(0)))
    assert slot.begins_at == datetime(2022, 3, 21, 20, 30, tzinfo=UTC)  # 00:00 did not exist: 01:00 at +04:30
    assert slot.ends_at - slot.begins_at == timedelta(hours=23)


def test_a_day_that_the_zone_skipped_whole_is_no_slot():
    apia = office(time(6), zone="Pacific/Apia", calendar="gregorian")
    begin = datetime(2011, 12, 28, 12, tzinfo=UTC)
    assert [slot.name[-2:] for slot in slots_between(Tier.DAILY, DAILY, apia, begin, begin + timedelta(days=4))] == [
        "27",
        "28",
        "29",
        "31",
        "01",
    ]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        pytest.param(None, (23, 6, 0), id="none given: the end of the day"),
        pytest.param(time(23, 30), (22, 23, 30), id="in the evening"),
        pytest.param(time(2), (23, 2, 0), id="in the night that still belongs to the day"),
        pytest.param(time(6), (23, 6, 0), id="strictly after the beginning"),
        pytest.param(time(6, 1), (22, 6, 1), id="a minute after the beginning"),
    ],
)
def test_a_copy_is_due_at_the_first_such_hour_after_the_day_began(due, expected):
    slot = slot_at(Tier.DAILY, NOW, office(), DailyPolicy(keep=7, due=due))
    assert slot.due_at == tehran(2026, 11, *expected)


@pytest.mark.parametrize(
    ("tier", "policy", "expected"),
    [
        (Tier.WEEKLY, WeeklyPolicy(keep=4, on="thursday"), (2026, 11, 27, 6)),
        (Tier.WEEKLY, WeeklyPolicy(keep=4, on="thursday", due=time(2)), (2026, 11, 27, 2)),
        (Tier.WEEKLY, WeeklyPolicy(keep=4, on="saturday", due=time(22)), (2026, 11, 21, 22)),
        (Tier.MONTHLY, MonthlyPolicy(keep=3, on=MonthDay(None)), (2026, 12, 22, 6)),
        (Tier.MONTHLY, MonthlyPolicy(keep=3, on=MonthDay(31), due=time(23)), (2026, 12, 21, 23)),
        (Tier.MONTHLY, MonthlyPolicy(keep=3, on=MonthDay(5), due=time(23)), (2026, 11, 26, 23)),
    ],
)
def test_weeks_and_months_are_due_on_the_day_they_are_expected_on(tier, policy, expected):
    assert slot_at(tier, NOW, office(), policy).due_at == tehran(*expected)


def test_grace_runs_from_the_end_of_the_slot():
    slot = slot_at(Tier.DAILY, NOW, office(), DailyPolicy(keep=7, grace=timedelta(hours=5)))
    assert slot.graced_until == tehran(2026, 11, 23, 11)


# Properties

calendars = st.builds(
    office,
    start=st.times().map(lambda hour: hour.replace(second=0, microsecond=0)),
    calendar=st.sampled_from(["jalali", "gregorian"]),
    zone=st.sampled_from(ZONES),
    week=st.sampled_from(WEEKDAYS),
)
moments = st.datetimes(min_value=datetime(2005, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))
dues = st.none() | st.times().map(lambda hour: hour.replace(second=0, microsecond=0))
policies = st.one_of(
    st.builds(DailyPolicy, keep=st.just(7), due=dues),
    st.builds(WeeklyPolicy, keep=st.just(4), due=dues, on=st.sampled_from(WEEKDAYS)),
    st.builds(MonthlyPolicy, keep=st.just(3), due=dues, on=st.builds(MonthDay, st.none() | st.integers(1, 31))),
)
TIER_OF = {DailyPolicy: Tier.DAILY, WeeklyPolicy: Tier.WEEKLY, MonthlyPolicy: Tier.MONTHLY}


@given(calendars, policies, moments)
@example(office(time(0)), DAILY, datetime(2022, 3, 21, 12, tzinfo=UTC))
@example(office(time(0)), MONTHLY, datetime(2025, 3, 15, tzinfo=UTC))
@example(office(time(0), zone="Pacific/Apia"), DAILY, datetime(2011, 12, 29, tzinfo=UTC))
def test_slots_part_time_without_a_gap_and_without_an_overlap(calendar, policy, moment):
    tier = TIER_OF[type(policy)]
    slots = list(islice(slots_forwards(tier, policy, calendar, moment), 15))
    assert slots[0].begins_at <= moment < slots[0].ends_at
    assert all(earlier.ends_at == later.begins_at for earlier, later in pairwise(slots))
    assert all(slot.begins_at < slot.due_at <= slot.ends_at for slot in slots)
    assert len({slot.name for slot in slots}) == len(slots)


@given(calendars, policies, moments)
def test_walking_back_meets_the_same_slots(calendar, policy, moment):
    tier = TIER_OF[type(policy)]
    forwards = list(islice(slots_forwards(tier, policy, calendar, moment), 10))
    backwards = list(islice(slots_backwards(tier, policy, calendar, forwards[-1].begins_at), 10))
    assert backwards == forwards[::-1]


@given(calendars, policies, moments, st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=100)))
def test_the_slots_between_two_moments_cover_all_of_the_time_between(calendar, policy, begin, length):
    slots = list(slots_between(TIER_OF[type(policy)], policy, calendar, begin, begin + length))
    assert slots[0].begins_at <= begin
    assert slots[-1].begins_at < begin + length <= slots[-1].ends_at


# What is demanded


@pytest.mark.parametrize(
    ("day", "policy", "expected"),
    [
        pytest.param((2026, 11, 20), DAILY, "not-expected", id="a Friday"),
        pytest.param((2026, 11, 18), DAILY, "holiday", id="a holiday"),
        pytest.param((2026, 11, 19), DAILY, None, id="a working Thursday"),
        pytest.param(
            (2026, 11, 19), DailyPolicy(keep=7, on=("friday",)), "not-expected", id="only Fridays are expected"
        ),
        pytest.param((2026, 11, 20), DailyPolicy(keep=7, on=("friday",)), None, id="a Friday that is expected"),
    ],
)
def test_days_that_are_not_worked_are_not_demanded(day, policy, expected):
    slot = slot_at(Tier.DAILY, tehran(*day, 12), office(), policy)
    excuse = excuse_for(slot, policy, office(), ())
    assert (excuse.code if excuse else None) == expected


def test_weeks_and_months_know_no_holidays():
    slot = slot_at(Tier.WEEKLY, tehran(2026, 11, 18, 12), office())
    assert excuse_for(slot, WEEKLY, office(), ()) is None


@pytest.mark.parametrize(
    ("changed", "is_excused"),
    [
        pytest.param({}, True, id="on its last day"),
        pytest.param({"until": date(2026, 11, 20)}, False, id="after it ran out"),
        pytest.param({"since": date(2026, 11, 21)}, True, id="on its first day"),
        pytest.param({"since": date(2026, 11, 22)}, False, id="before it began"),
        pytest.param({"tier": Tier.DAILY}, True, id="of this tier"),
        pytest.param({"tier": Tier.WEEKLY}, False, id="of another tier"),
        pytest.param({"object": "SQL01/*"}, True, id="of this object by a pattern"),
        pytest.param({"object": "sql01/Payroll"}, False, id="of another object"),
    ],
)
def test_an_exemption_covers_the_slots_it_was_given_for(changed, is_excused):
    exemption = Exemption(
        **{"reason": "the server moves", "owner": "N. Karimi", "until": date(2026, 11, 21), **changed}
    )
    slot = slot_at(Tier.DAILY, tehran(2026, 11, 21, 12), office())
    excuse = excuse_for(slot, DAILY, office(), (exemption,), "sql01/Insurance")
    assert (excuse is not None) is is_excused
    if excuse is not None:
        assert excuse.code == "exempted"
        assert (excuse.facts["reason"], excuse.facts["owner"]) == ("the server moves", "N. Karimi")


# The plan


def make_job(**settings: object) -> Job:
    return Job(protects=ProtectedList([Protected.parse("sql01/Insurance")]), repository=Texts(["nas"]), **settings)


def test_the_next_slots_are_told_in_the_order_they_are_due():
    jobs = [
        ("insurance", make_job(daily=DailyPolicy(keep=7, due=time(2)), weekly=WeeklyPolicy(keep=4, on="thursday"))),
        ("payroll", make_job(daily=DailyPolicy(keep=7, due=time(23)))),
    ]
    due = next_slots(jobs, office(), NOW, 4)
    assert [(one.job, one.slot.tier.value, one.slot.due_at) for one in due] == [
        ("payroll", "daily", tehran(2026, 11, 22, 23)),
        ("insurance", "daily", tehran(2026, 11, 23, 2)),
        ("payroll", "daily", tehran(2026, 11, 23, 23)),
        ("insurance", "daily", tehran(2026, 11, 24, 2)),
    ]


def test_days_without_a_demand_are_not_planned():
    exempt = Exemption(reason="moving", owner="N. Karimi", until=date(2026, 11, 23))
    due = next_slots([("insurance", make_job(daily=DAILY, exempt=(exempt,)))], office(), NOW, 4)
    assert [one.slot.first_day.day for one in due] == [24, 25, 26, 28]  # 27 is a Friday


def test_a_slot_that_is_past_its_due_moment_is_not_next():
    due = next_slots([("insurance", make_job(daily=DailyPolicy(keep=7, due=time(8))))], office(), NOW, 1)
    assert due[0].slot.first_day == date(2026, 11, 23)


def test_a_job_that_begins_later_is_due_later():
    due = next_slots([("insurance", make_job(daily=DAILY, since=date(2027, 1, 2)))], office(), NOW, 1)
    assert due[0].slot.first_day == date(2027, 1, 2)
    whole = next_slots([("insurance", make_job(monthly=MONTHLY, since=date(2027, 1, 2)))], office(), NOW, 1)
    assert whole[0].slot.name == "1405-11"


def test_a_plan_that_expects_nothing_ends():
    nothing = Calendar(days=DaysPolicy(working=()), calendar="jalali", zone=TEHRAN)
    assert next_slots([("insurance", make_job(daily=DAILY))], nothing, NOW, 5) == ()
