"""Due times: the office's own days and months, whatever the clocks and the calendars do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.policy import WEEKDAYS, MonthDay
from itops.dates import Hours, parse_period, show_day
from itops.schedule.due import (
    INSTANT,
    command_of,
    count_due,
    due_times,
    is_open,
    jitter_of,
    newest_due,
    next_due,
    opens_at,
    period_of,
)
from itops.schedule.policy import JobPolicy, When

TEHRAN, BERLIN, APIA = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")
ZONES = ("Asia/Tehran", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
CALENDARS = ("jalali", "gregorian")

zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
calendars = st.sampled_from(CALENDARS)
moments = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
hours = st.times().map(lambda shown: shown.replace(second=0, microsecond=0))
month_days = st.one_of(st.none(), st.integers(1, 31)).map(MonthDay)
whens = st.one_of(
    st.builds(When, every=st.timedeltas(timedelta(minutes=1), timedelta(days=31))),
    st.builds(When, at=hours),
    st.builds(When, at=hours, weekday=st.sampled_from(WEEKDAYS)),
    st.builds(When, at=hours, day=month_days, calendar=st.sampled_from(("office", *CALENDARS))),
)


def at(written: str) -> When:
    return When.from_setting(written, Path())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def shown(moment: datetime, zone: ZoneInfo = TEHRAN) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


FIRST_OF_MONTHS = [
    ("1405-09-01", date(2026, 11, 22)),
    ("1405-10-01", date(2026, 12, 22)),
    ("1405-11-01", date(2027, 1, 21)),
    ("1405-12-01", date(2027, 2, 20)),
    ("1406-01-01", date(2027, 3, 21)),
    ("1406-02-01", date(2027, 4, 21)),
    ("1406-03-01", date(2027, 5, 22)),
    ("1406-04-01", date(2027, 6, 22)),
    ("1406-05-01", date(2027, 7, 23)),
    ("1406-06-01", date(2027, 8, 23)),
    ("1406-07-01", date(2027, 9, 23)),
    ("1406-08-01", date(2027, 10, 23)),
    ("1406-09-01", date(2027, 11, 22)),
]


@pytest.mark.parametrize("written", ["monthly 1 08:00", "jalali-monthly 1 08:00"])
def test_thirteen_jalali_months_begin_on_their_days_at_eight(written):
    found = list(due_times(at(written), TEHRAN, "jalali", utc(2026, 11, 22), utc(2027, 11, 23)))
    assert [moment.isoformat() for moment in found] == [f"{day}T04:30:00+00:00" for _, day in FIRST_OF_MONTHS]
    assert [show_day(shown(moment).date(), "jalali") for moment in found] == [day for day, _ in FIRST_OF_MONTHS]


@pytest.mark.parametrize("number", [1, 15, 29, 30, 31, None])
def test_two_hundred_years_have_twelve_months_each_and_never_go_back(number):
    when = When(at=time(8), day=MonthDay(number), calendar="jalali")
    begin, end = parse_period("1400").first, parse_period("1600").first
    found = list(due_times(when, TEHRAN, "jalali", utc(begin.year, 3, 1), utc(end.year, 4, 30)))
    days = [show_day(shown(moment).date(), "jalali") for moment in found]
    assert all(earlier < later for earlier, later in pairwise(found))
    for year in range(1400, 1600):
        assert sum(day.startswith(f"{year}-") for day in days) == 12
    assert all(shown(moment).time() == time(8) for moment in found)
    for day in days:
        length = int(show_day(parse_period(day[:7]).last, "jalali")[-2:])
        assert int(day[-2:]) == min(number or 31, length)


@pytest.mark.parametrize(
    ("written", "calendar", "begin", "expected"),
    [
        pytest.param("monthly last 08:00", "jalali", (2027, 3, 1), (2027, 3, 20), id="29 Esfand 1405"),
        pytest.param("monthly 30 08:00", "jalali", (2027, 3, 1), (2027, 3, 20), id="30 is the last of a short Esfand"),
        pytest.param("monthly last 08:00", "jalali", (2030, 3, 1), (2030, 3, 20), id="30 Esfand 1408"),
        pytest.param("monthly 31 08:00", "gregorian", (2028, 2, 1), (2028, 2, 29), id="29 February"),
        pytest.param("gregorian-monthly 31 08:00", "jalali", (2027, 2, 1), (2027, 2, 28), id="said in the job"),
        pytest.param(
            "jalali-monthly 1 08:00", "gregorian", (2027, 3, 1), (2027, 3, 21), id="Nowruz of another calendar"
        ),
        pytest.param("weekly saturday 08:00", "jalali", (2026, 11, 22), (2026, 11, 28), id="Saturday"),
        pytest.param("daily 08:00", "jalali", (2026, 11, 22), (2026, 11, 22), id="today"),
    ],
)
def test_a_day_is_found_in_its_calendar(written, calendar, begin, expected):
    assert next_due(at(written), TEHRAN, calendar, utc(*begin)) == utc(*expected, 4, 30)


def test_an_hour_that_the_clocks_skip_is_the_moment_they_have_skipped_it():
    found = list(due_times(at("daily 02:30"), BERLIN, "gregorian", utc(2026, 3, 28), utc(2026, 3, 31)))
    assert [shown(moment, BERLIN).isoformat(" ", "minutes") for moment in found] == [
        "2026-03-28 02:30",
        "2026-03-29 03:00",
        "2026-03-30 02:30",
    ]


def test_an_hour_that_comes_twice_is_its_first():
    found = list(due_times(at("daily 02:30"), BERLIN, "gregorian", utc(2026, 10, 24), utc(2026, 10, 27)))
    assert found == [utc(2026, 10, 24, 0, 30), utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]


def test_a_midnight_that_tehran_skipped_is_one_o_clock():
    assert next_due(at("daily 00:00"), TEHRAN, "jalali", utc(2022, 3, 21, 12)) == utc(2022, 3, 21, 20, 30)


def test_a_day_that_a_zone_skipped_whole_loses_no_due_time_and_doubles_none():
    begin, end = utc(2011, 12, 29), utc(2012, 1, 1)
    assert (
        [shown(moment, APIA).isoformat() for moment in due_times(at("daily 06:00"), APIA, "gregorian", begin, end)]
        == [
            "2011-12-29T06:00:00",
            "2011-12-31T00:00:00",  # of the 30th, which was none
            "2011-12-31T06:00:00",
            "2012-01-01T06:00:00",
        ][:4]
    )
    midnights = list(due_times(at("daily 00:00"), APIA, "gregorian", begin, end))
    assert [shown(moment, APIA).date().day for moment in midnights] == [29, 31, 1]
    assert [shown(moment, APIA) for moment in due_times(at("monthly 30 06:00"), APIA, "gregorian", begin, end)] == [
        datetime(2011, 12, 31)
    ]


def test_every_is_counted_from_the_epoch_whenever_somebody_starts():
    four_hours = at("every 4h")
    assert next_due(four_hours, TEHRAN, "jalali", utc(2026, 11, 22, 5, 17)) == utc(2026, 11, 22, 8)
    assert next_due(four_hours, TEHRAN, "jalali", utc(2026, 11, 22, 8)) == utc(2026, 11, 22, 12)
    assert newest_due(four_hours, TEHRAN, "jalali", utc(2026, 11, 22, 8)) == utc(2026, 11, 22, 8)
    assert newest_due(four_hours, TEHRAN, "jalali", utc(2026, 11, 22, 7, 59)) == utc(2026, 11, 22, 4)


@given(when=whens, zone=zones, calendar=calendars, moment=moments)
def test_the_newest_and_the_next_have_nothing_between_them(when, zone, calendar, moment):
    newest, following = newest_due(when, zone, calendar, moment), next_due(when, zone, calendar, moment)
    assert newest <= moment < following
    assert list(due_times(when, zone, calendar, newest, following + INSTANT)) == [newest, following]
    assert next_due(when, zone, calendar, newest) == following
    assert newest_due(when, zone, calendar, following - INSTANT) == newest
    assert newest_due(when, zone, calendar, following) == following


@given(when=whens, zone=zones, calendar=calendars, begin=moments, cuts=st.lists(st.floats(0, 1), max_size=4))
def test_an_interval_cut_in_parts_has_the_same_due_times(when, zone, calendar, begin, cuts):
    span = timedelta(days=100) if when.every is None else when.every * 20
    edges = [begin, *(begin + span * cut for cut in sorted(cuts)), begin + span]
    whole = list(due_times(when, zone, calendar, begin, begin + span))
    parts = [due for first, last in pairwise(edges) for due in due_times(when, zone, calendar, first, last)]
    assert parts == whole
    assert all(earlier < later for earlier, later in pairwise(whole))
    assert all(due.tzinfo is UTC for due in whole)
    assert count_due(when, zone, calendar, begin - INSTANT, begin + span - INSTANT) == len(whole)


@given(zone=zones, shown_at=hours, moment=moments)
def test_a_due_time_is_the_first_moment_at_which_the_clocks_show_its_hour_or_more(zone, shown_at, moment):
    for due in due_times(When(at=shown_at), zone, "gregorian", moment, moment + timedelta(days=3)):
        then = shown(due, zone)
        meant = datetime.combine(then.date() - timedelta(days=then.time() < shown_at), shown_at)  # of a day before it
        assert then >= meant
        assert all(shown(due - timedelta(minutes=early), zone) < meant for early in (1, 30, 60, 90, 120))


@pytest.mark.parametrize("zone", [TEHRAN, BERLIN, ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe")])
def test_every_day_of_eight_years_has_one_due_time_at_every_half_hour(zone):
    for minutes in range(0, 24 * 60, 30):
        when = When(at=time(minutes // 60, minutes % 60))
        found = list(due_times(when, zone, "gregorian", utc(2016, 1, 1), utc(2024, 1, 1)))
        days = [shown(moment, zone).date() for moment in found]
        assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * (len(days) - 1)


@given(day=month_days, zone=zones, office=calendars, calendar=st.sampled_from(("office", *CALENDARS)), begin=moments)
def test_the_periods_of_a_monthly_job_follow_each_other_without_a_gap_or_a_double(day, zone, office, calendar, begin):
    when = When(at=time(23, 30), day=day, calendar=calendar)
    due = list(due_times(when, zone, office, begin, begin + timedelta(days=800)))
    periods = [period_of(when, moment, zone, office) for moment in due]
    assert len(periods) >= 25
    assert all(later.first - earlier.last == timedelta(days=1) for earlier, later in pairwise(periods))
    assert all(parse_period(period.name) == period for period in periods)


@pytest.mark.parametrize(
    ("written", "day", "period"),
    [
        pytest.param("monthly 1 08:00", (2026, 11, 22), "1405-08", id="the first is about the month before"),
        pytest.param("monthly 15 08:00", (2026, 12, 6), "1405-08", id="the fifteenth, too"),
        pytest.param("monthly 16 08:00", (2026, 12, 7), "1405-09", id="the sixteenth is about its own month"),
        pytest.param("monthly last 08:00", (2026, 12, 21), "1405-09", id="the last day as well"),
        pytest.param("monthly 31 08:00", (2027, 3, 20), "1405-12", id="in a short month, too"),
        pytest.param("monthly 1 08:00", (2027, 3, 21), "1405-12", id="over the new year"),
        pytest.param("gregorian-monthly 1 08:00", (2027, 1, 1), "2026-12", id="in the calendar of the job"),
        pytest.param("daily 02:00", (2026, 12, 21), "1405-08", id="a daily job is about the last whole month"),
        pytest.param("weekly saturday 02:00", (2026, 11, 28), "1405-08", id="a weekly one, too"),
        pytest.param("every 4h", (2026, 11, 22), "1405-08", id="and one that runs all day"),
    ],
)
def test_a_due_time_is_about_one_month(written, day, period):
    when = at(written)
    due_at = next_due(when, TEHRAN, "jalali", datetime(*day, tzinfo=TEHRAN) - INSTANT)
    assert period_of(when, due_at, TEHRAN, "jalali") == parse_period(period)


def test_a_last_day_of_a_month_that_a_zone_skipped_is_still_of_its_month():
    kiritimati, when = ZoneInfo("Pacific/Kiritimati"), at("monthly last 06:00")  # had no 31 December 1994
    due_at = next_due(when, kiritimati, "gregorian", utc(1994, 12, 15))
    assert shown(due_at, kiritimati) == datetime(1995, 1, 1)
    assert period_of(when, due_at, kiritimati, "gregorian").name == "1994-12"
    assert next(due_times(when, kiritimati, "gregorian", due_at, due_at + INSTANT)) == due_at


def test_the_words_of_a_command_name_the_period_of_its_due_time():
    job = JobPolicy(run="report  build --period {period} --output out/{period}", at=at("monthly 1 08:00"))
    assert command_of(job, utc(2026, 11, 22, 4, 30), TEHRAN, "jalali") == (
        "report",
        "build",
        "--period",
        "1405-08",
        "--output",
        "out/1405-08",
    )
    plain = JobPolicy(run="backup verify; rm", at=at("daily 02:00"))
    assert command_of(plain, utc(2026, 11, 22), TEHRAN, "jalali") == ("backup", "verify;", "rm")


def test_jitter_is_told_by_the_office_and_the_job_alone():
    spread = timedelta(hours=2)
    assert jitter_of("alborz", "upload", spread) == jitter_of("alborz", "upload", spread)
    assert jitter_of("alborz", "upload", spread) == timedelta(seconds=5619)  # sha256 of both, 8 bytes, mod 7200
    assert (
        jitter_of("alborz", "upload", timedelta())
        == jitter_of("alborz", "upload", timedelta(milliseconds=9))
        == timedelta()
    )


def test_jitter_spreads_a_thousand_offices_evenly():
    found = [jitter_of(f"office-{number}", "upload", timedelta(minutes=10)) for number in range(1000)]
    assert all(timedelta() <= jitter < timedelta(minutes=10) for jitter in found)
    tenths = [sum(jitter // timedelta(minutes=1) == minute for jitter in found) for minute in range(10)]
    assert min(tenths) > 60


NIGHT, DAY = Hours(begin=time(20), until=time(6)), Hours(begin=time(8), until=time(16))


@pytest.mark.parametrize(
    ("window", "hour", "is_in"),
    [
        (NIGHT, (20, 0), True),
        (NIGHT, (23, 59), True),
        (NIGHT, (0, 0), True),
        (NIGHT, (5, 59), True),
        (NIGHT, (6, 0), False),
        (NIGHT, (19, 59), False),
        (DAY, (8, 0), True),
        (DAY, (15, 59), True),
        (DAY, (16, 0), False),
        (DAY, (7, 59), False),
    ],
)
def test_a_window_is_open_by_the_offices_clocks(window, hour, is_in):
    now = datetime(2026, 11, 22, *hour, tzinfo=TEHRAN).astimezone(UTC)
    assert is_open(window, TEHRAN, now) is is_in
    assert is_open(window, TEHRAN, opens_at(window, TEHRAN, now))
