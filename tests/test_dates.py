"""Days and periods: typed in either calendar and any digits, meant in the office's own time zone."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.dates import Period, latin_digits, parse_day, parse_period, show_day, show_moment, start_of
from itops.errors import UsageWrong

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
LEAP_YEARS = {1387, 1391, 1395, 1399, 1403, 1408}
FRIDAY = 4
days = st.dates(min_value=date(1925, 3, 21), max_value=date(2071, 3, 20))
calendars = st.sampled_from(["jalali", "gregorian"])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("1405-08-01", date(2026, 10, 23), id="Jalali"),
        pytest.param("1402/01/01", date(2023, 3, 21), id="slashes"),
        pytest.param("1402.12.29", date(2024, 3, 19), id="dots"),
        pytest.param("1402-1-5", date(2023, 3, 25), id="one-digit parts"),
        pytest.param("۱۴۰۲/۱۲/۲۹", date(2024, 3, 19), id="Persian digits"),
        pytest.param("١٤٠٢-١٢-٢٩", date(2024, 3, 19), id="Arabic digits"),
        pytest.param(" \u200f۱۴۰۵/۸/۱\u200f ", date(2026, 10, 23), id="direction marks and blanks around it"),
        pytest.param("2026-10-23", date(2026, 10, 23), id="Gregorian"),
        pytest.param("2024/2/29", date(2024, 2, 29), id="Gregorian leap day"),
        pytest.param("1403-12-30", date(2025, 3, 20), id="Jalali leap day"),
    ],
)
def test_a_day_is_understood_however_it_is_typed(typed, expected):
    assert parse_day(typed) == expected


@pytest.mark.parametrize("year", range(1386, 1411))
def test_esfand_has_30_days_in_leap_years_only(year):
    assert (parse_period(f"{year}-12").last - parse_period(f"{year}-12").first).days + 1 == 29 + (year in LEAP_YEARS)
    if year in LEAP_YEARS:
        assert show_day(parse_day(f"{year}-12-30"), "jalali") == f"{year}-12-30"
    else:
        with pytest.raises(UsageWrong, match="does not exist"):
            parse_day(f"{year}-12-30")


@pytest.mark.parametrize(
    "typed",
    ["1402-12-30", "1402-07-31", "1402-13-01", "1402-00-10", "1402-01-00", "1405-06-32", "2026-02-29", "2026-13-01"],
)
def test_a_day_that_does_not_exist_is_refused_as_it_was_typed(typed):
    with pytest.raises(UsageWrong, match=typed) as failure:
        parse_day(typed)
    assert failure.value.remedy


@pytest.mark.parametrize("typed", ["", "tomorrow", "1402-01", "02-01-1402", "1402-01-01 10:00", "140-1-1", "1402--1-1"])
def test_what_is_no_day_is_refused(typed):
    with pytest.raises(UsageWrong, match="is not a day"):
        parse_day(typed)


@given(days, calendars)
def test_a_day_that_is_shown_is_read_back(day, calendar):
    assert parse_day(show_day(day, calendar)) == day


@given(st.text())
def test_latin_digits_leave_no_persian_or_arabic_digit_and_change_no_letter(text):
    latin = latin_digits(text)
    assert not set(latin) & set("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩\u200f\u202e")
    assert [c for c in latin if c.isalpha()] == [c for c in text if c.isalpha()]
    assert [unicodedata.decimal(c) for c in latin if c.isdecimal()] == [
        unicodedata.decimal(c) for c in text if c.isdecimal()
    ]


@pytest.mark.parametrize(
    ("month", "length"), [*((month, 31) for month in range(1, 7)), *((month, 30) for month in range(7, 12)), (12, 29)]
)
def test_a_jalali_month_has_its_length(month, length):
    period = parse_period(f"1402-{month:02}")
    assert (period.last - period.first).days + 1 == length
    assert show_day(period.first, "jalali") == f"1402-{month:02}-01"
    assert show_day(period.last, "jalali") == f"1402-{month:02}-{length}"


def test_the_year_1402_is_that_of_the_calendar_on_the_wall():
    year = parse_period("1402")
    every_day = [year.first + timedelta(days=n) for n in range((year.last - year.first).days + 1)]
    assert len(every_day) == 365
    assert sum(day.weekday() == FRIDAY for day in every_day) == 52
    assert (year.first, year.last) == (date(2023, 3, 21), date(2024, 3, 19))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-02", Period("2026-02", date(2026, 2, 1), date(2026, 2, 28))),
        ("2024/2", Period("2024-02", date(2024, 2, 1), date(2024, 2, 29))),
        ("2026-12", Period("2026-12", date(2026, 12, 1), date(2026, 12, 31))),
        ("2026", Period("2026", date(2026, 1, 1), date(2026, 12, 31))),
        ("۱۴۰۵.۸", Period("1405-08", date(2026, 10, 23), date(2026, 11, 21))),
        ("١٤٠٣", Period("1403", date(2024, 3, 20), date(2025, 3, 20))),
    ],
)
def test_a_period_is_named_the_same_however_it_is_typed(typed, expected):
    assert parse_period(typed) == expected


@pytest.mark.parametrize("typed", ["1402-13", "1402-00", "2026-13", "0000", "9999", "9999-12"])
def test_a_period_that_does_not_exist_is_refused(typed):
    with pytest.raises(UsageWrong, match="does not exist"):
        parse_period(typed)


@pytest.mark.parametrize("typed", ["", "last month", "1405-08-01", "1405-", "08-1405"])
def test_what_is_no_period_is_refused(typed):
    with pytest.raises(UsageWrong, match="is not a period"):
        parse_period(typed)


@given(st.integers(1300, 2200), st.integers(1, 12))
def test_a_period_never_ends_before_it_begins(year, month):
    period, whole = parse_period(f"{year:04}-{month}"), parse_period(f"{year:04}")
    assert 28 <= (period.last - period.first).days + 1 <= 31
    assert whole.first <= period.first <= period.last <= whole.last


@pytest.mark.parametrize("zone", [TEHRAN, BERLIN, ZoneInfo("UTC")], ids=str)
@given(year=st.sampled_from([1400, 1401, 1402, 1405, 2021, 2022, 2026]), month=st.integers(1, 11))
def test_periods_follow_each_other_without_a_hole(zone, year, month):
    one, next_one = parse_period(f"{year}-{month}"), parse_period(f"{year}-{month + 1}")
    assert one.moments(zone)[1] == next_one.moments(zone)[0]


@pytest.mark.parametrize(
    ("period", "zone", "begin", "end"),
    [
        ("1405-08", TEHRAN, "2026-10-22T20:30:00Z", "2026-11-21T20:30:00Z"),
        ("1401-01", TEHRAN, "2022-03-20T20:30:00Z", "2022-04-20T19:30:00Z"),  # the last summer time of Iran
        ("2026-03", BERLIN, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
        ("2026-10", BERLIN, "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
    ],
)
def test_a_period_is_whole_days_of_the_office_also_when_clocks_change(period, zone, begin, end):
    assert parse_period(period).moments(zone) == (datetime.fromisoformat(begin), datetime.fromisoformat(end))


def test_a_day_whose_midnight_was_skipped_begins_when_the_clocks_changed():
    assert start_of(parse_day("1401-01-02"), TEHRAN) == datetime(2022, 3, 21, 20, 30, tzinfo=UTC)


@given(days, st.sampled_from([TEHRAN, BERLIN]))
def test_every_day_begins_after_the_day_before(day, zone):
    assert timedelta(hours=22) < start_of(day + timedelta(days=1), zone) - start_of(day, zone) < timedelta(hours=26)


def test_a_moment_is_shown_in_the_offices_own_day():
    moment = datetime(2026, 10, 22, 21, 15, tzinfo=UTC)
    assert show_moment(moment, "jalali", TEHRAN) == "1405-08-01 00:45"
    assert show_moment(moment, "gregorian", BERLIN) == "2026-10-22 23:15"


@pytest.mark.parametrize("typed", ["9999-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_all_calendars_is_refused(typed):
    with pytest.raises(UsageWrong, match=r"the day .* does not exist"):
        parse_day(typed)


@pytest.mark.parametrize("typed", ["1405-13", "1405-00", "9998", "9999-12", "0000"])
def test_a_period_that_does_not_exist_is_called_a_period(typed):
    with pytest.raises(UsageWrong, match=r"the period .* does not exist"):
        parse_period(typed)
