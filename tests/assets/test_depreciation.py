"""Book values: a pure function of the day, falling in whole months, never below the floor."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.budget import Years
from itops.assets.depreciation import is_held, value
from itops.assets.policy import BudgetPolicy
from itops.assets.records import Asset, AssetKind, Disposal, Purchase
from tests.assets.entries import asset, days

JALALI, GREGORIAN = Years(calendar="jalali"), Years(calendar="gregorian")
POLICY = BudgetPolicy(depreciation_years={"computer": 5}, floor_value=1000)
BOUGHT = asset(purchase=Purchase(date=date(2021, 3, 21), price=60_000))  # 1 Farvardin 1400


@pytest.mark.parametrize(
    ("on", "worth"),
    [
        (date(2021, 3, 20), None),  # not ours yet
        (date(2021, 3, 21), 60_000),
        (date(2021, 4, 20), 60_000),  # 31 Farvardin
        (date(2021, 4, 21), 59_000),  # 1 Ordibehesht
        (date(2022, 3, 21), 48_000),  # 1 Farvardin 1401
        (date(2026, 2, 20), 1_000),
        (date(2026, 3, 21), 1_000),  # the floor
        (date(2040, 1, 1), 1_000),
    ],
)
def test_it_falls_in_whole_months_of_the_office_s_calendar_to_the_floor(on, worth):
    assert value(BOUGHT, on, POLICY, JALALI) == worth


def test_a_gregorian_office_counts_gregorian_months():
    assert value(BOUGHT, date(2021, 4, 20), POLICY, GREGORIAN) == 60_000
    assert value(BOUGHT, date(2021, 4, 21), POLICY, GREGORIAN) == 59_000
    assert value(BOUGHT, date(2021, 5, 20), POLICY, GREGORIAN) == 59_000


def test_it_begins_to_fall_when_it_comes_into_service():
    stored = replace(BOUGHT, in_service=date(2022, 3, 21))
    assert value(stored, date(2022, 3, 21), POLICY, JALALI) == 60_000
    assert value(stored, date(2023, 3, 21), POLICY, JALALI) == 48_000


def test_a_price_below_the_floor_stays_what_it_is():
    cheap = replace(BOUGHT, purchase=Purchase(date=date(2021, 3, 21), price=10))
    assert value(cheap, date(2030, 1, 1), POLICY, JALALI) == 10


def test_from_its_disposal_on_it_keeps_its_value_and_is_not_in_the_books():
    gone = replace(BOUGHT, disposal=Disposal(date=date(2022, 3, 21)))
    assert {value(gone, date(year, 3, 21), POLICY, JALALI) for year in (2022, 2023, 2030)} == {48_000}
    assert is_held(gone, date(2022, 3, 20))
    assert not is_held(gone, date(2022, 3, 21))
    assert not is_held(BOUGHT, date(2021, 3, 20))


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(asset(), id="never bought"),
        pytest.param(asset(purchase=Purchase(date=date(2021, 3, 21))), id="no price"),
        pytest.param(replace(BOUGHT, kind=AssetKind.PRINTER), id="no years of its kind"),
    ],
)
def test_without_a_price_and_years_there_is_no_value_rather_than_nought(entry):
    assert value(entry, date(2024, 1, 1), POLICY, JALALI) is None


@st.composite
def bought_things(draw: st.DrawFn) -> Asset:
    price = draw(st.integers(0, 10**13))
    gone = draw(st.none() | days())
    return asset(
        purchase=Purchase(date=draw(days()), price=price),
        in_service=draw(st.none() | days()),
        disposal=Disposal(date=gone) if gone else None,
    )


@given(
    bought_things(), st.floats(0.1, 60), st.integers(0, 10**6), days(), st.integers(0, 20_000),
    st.sampled_from([JALALI, GREGORIAN]),
)  # fmt: skip
def test_waiting_never_makes_a_thing_worth_more(entry, lasts, floor, on, later, years):
    policy = BudgetPolicy(depreciation_years={"computer": lasts}, floor_value=floor)
    now, then = (value(entry, day, policy, years) for day in (on, on + timedelta(days=later)))
    if now is not None:
        assert then is not None
        assert min(floor, entry.purchase.price) <= then <= now <= entry.purchase.price
