"""Budget years and months in either calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.budget import Years
from itops.assets.budget.years import FAR
from tests.assets.entries import days

KINDS = [
    Years(calendar=calendar, starts=starts) for calendar in ("jalali", "gregorian") for starts in ("01-01", "07-15")
]


@pytest.mark.parametrize(
    ("calendar", "starts", "day", "year"),
    [
        ("jalali", "01-01", date(2026, 3, 20), 1404),
        ("jalali", "01-01", date(2026, 3, 21), 1405),
        ("jalali", "07-01", date(2026, 9, 22), 1404),
        ("jalali", "07-01", date(2026, 9, 23), 1405),
        ("gregorian", "01-01", date(2026, 12, 31), 2026),
        ("gregorian", "10-01", date(2026, 9, 30), 2025),
        ("gregorian", "10-01", date(2026, 10, 1), 2026),
    ],
)
def test_a_budget_year_is_named_by_the_year_it_begins_in(calendar, starts, day, year):
    assert Years(calendar=calendar, starts=starts).year_of(day) == year


@given(st.sampled_from(KINDS), days())
def test_every_day_is_in_exactly_the_year_that_holds_it(years, day):
    year = years.year_of(day)
    assert years.first_day(year) <= day <= years.last_day(year)
    assert years.first_day(year + 1) == years.last_day(year) + timedelta(days=1)


def test_a_life_ends_on_the_same_day_of_the_office_s_calendar():
    """1 Farvardin stays 1 Farvardin, though four Gregorian years later it may be another day of March."""
    jalali = Years(calendar="jalali")
    assert jalali.parts(jalali.later(date(2025, 3, 21), 4)) == (1408, 1, 1)
    assert jalali.parts(jalali.later(date(2024, 3, 20), 5)) == (1408, 1, 1)
    assert jalali.parts(jalali.later(date(2025, 3, 20), 1)) == (1404, 12, 29)  # 30 Esfand comes in leap years only
    assert jalali.parts(jalali.later(date(2026, 11, 22), 0.5)) == (1406, 3, 1)


@given(st.sampled_from(KINDS), days(), st.floats(0, 150), st.floats(0, 50))
def test_a_longer_life_never_ends_earlier(years, day, life, more):
    assert day - timedelta(days=3) <= years.later(day, life) <= years.later(day, life + more)


@given(st.sampled_from(KINDS), days(), st.integers(0, 600))
def test_months_are_counted_as_they_are_added(years, day, months):
    later = years.later(day, months / 12)
    assert months - 1 <= years.months_between(day, later) <= months


@pytest.mark.parametrize("life", [1e9, float("inf")])
def test_what_lasts_for_ever_is_far_away_and_no_error(life):
    assert Years(calendar="jalali").later(date(2026, 1, 1), life) == FAR
    assert Years(calendar="gregorian").later(date(9900, 1, 1), life) == FAR
