"""Numbers, days, words and sites as people type them."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.tables.days import NotADay, read_day
from itops.assets.tables.fields import field_at
from itops.assets.tables.numbers import NotANumber, decimal, whole
from itops.assets.tables.values import CellReader, Unreadable
from itops.assets.tables.vocabulary import fold, vocabulary
from itops.dates import show_day
from tests.assets.tables.office import SITES

READER = CellReader(vocabulary=vocabulary(), sites=SITES, added={("status", fold("سالم")): "in_use"})


def text(cell: object, pattern: str, factor: int = 1) -> str:
    field = field_at(pattern.replace("#", "1"))
    assert field is not None
    return READER.text(cell, pattern, field.type, factor)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3/347/034/923/230", 3_347_034_923_230),
        ("56/000", 56_000),
        ("56/500", 56_500),  # a column of whole numbers: the slash can only part thousands
        ("44،754", 44_754),
        ("1,489", 1_489),
        ("۱٬۲۰۰٬۰۰۰", 1_200_000),
        ("1500000.00", 1_500_000),
        ("12 500", 12_500),
        ("500-", -500),
        ("−5", -5),
    ],
)
def test_a_whole_number_is_read_in_any_grouping(typed, number):
    assert whole(typed) == number


@pytest.mark.parametrize("typed", ["98/4", "1.5", "1.200", "", "abc", "1e5", "12/34/56", "1,2,3", "--5"])
def test_what_could_be_two_whole_numbers_or_none_is_refused(typed):
    with pytest.raises(NotANumber):
        whole(typed)


@pytest.mark.parametrize(
    ("typed", "number"), [("98/4", 98.4), ("۱٫۵", 1.5), ("4", 4.0), ("56/000", 56_000.0), ("1/234/567", 1_234_567.0)]
)
def test_a_decimal_is_read_with_either_sign(typed, number):
    assert decimal(typed) == number


def test_one_group_of_three_behind_a_slash_is_asked_for():
    with pytest.raises(NotANumber, match="two ways"):
        decimal("56/500")


@given(st.integers(-(10**15), 10**15))
def test_a_number_written_with_groups_is_that_number(number):
    assert whole(f"{number:,}") == number
    assert whole(str(number)) == number


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1403/06/31", date(2024, 9, 21)),
        ("۱۴۰۳-۶-۳۱", date(2024, 9, 21)),
        ("14030631", date(2024, 9, 21)),
        ("31/06/1403", date(2024, 9, 21)),
        ("2024-09-21", date(2024, 9, 21)),
        ("21.9.2024", date(2024, 9, 21)),
        ("2024-09-21 08:30:00", date(2024, 9, 21)),
        ("1403/12/30", date(2025, 3, 20)),
    ],
)
def test_a_day_is_read_in_either_calendar(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("5/6/1403", "ambiguous"),
        ("03/06/31", "four digits"),
        ("99/5/6", "four digits"),
        ("1402", "not a day"),
        ("1404/12/30", "does not exist"),
        ("1204/1/1", "neither Jalali"),
        ("2201-01-01", "neither Jalali"),
        ("45000", "not a day"),
        ("دیروز", "not a day"),
    ],
)
def test_a_day_that_is_none_or_could_be_two_is_refused(typed, why):
    with pytest.raises(NotADay, match=why):
        read_day(typed)


@given(st.dates(date(1921, 4, 1), date(2099, 12, 31)), st.sampled_from(["jalali", "gregorian"]))
def test_a_day_that_we_write_is_read_as_itself(day, calendar):
    assert read_day(show_day(day, calendar)) == day
    assert read_day(show_day(day, calendar).replace("-", "/")) == day


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_days_and_numbers(garbage):
    for read in (read_day, whole, decimal):
        with suppress(NotADay, NotANumber):
            assert read(garbage) is not None


@pytest.mark.parametrize(
    ("cell", "pattern", "found"),
    [
        ("كامپيوتر", "kind", "computer"),
        ("سوئیچ", "kind", "network_device"),
        ("سوییچ", "kind", "network_device"),
        ("UPS", "kind", "ups"),
        ("درحال استفاده", "status", "in_use"),
        ("سالم", "status", "in_use"),
        ("فردیس", "site", "fardis"),
        ("اداره کل", "site", "head-office"),
        ("Head Office", "site", "head-office"),
        (1402001.0, "asset_tag", "1402001"),
        ("۰۰۱۲", "asset_tag", "۰۰۱۲"),
        (datetime(2024, 9, 21, 8, 30), "in_service", "2024-09-21"),
        (date(1403, 6, 30), "in_service", "2024-09-20"),  # some programs keep a Jalali day under its own year
        (14030631.0, "in_service", "2024-09-21"),
        ("3 kVA", "ups.capacity_va", "3000"),
        ("۲٫۵ میلیون تومان", "purchase.price", "25000000"),
        ("25,000,000 ریال", "purchase.price", "25000000"),
        ("۵ سال", "useful_life_years", "5"),
        ("بله", "tests.#.is_passed", "true"),
        ("خط اول\nخط دوم", "note", "خط اول\nخط دوم"),
        ("اتاق\n۱۲", "location", "اتاق ۱۲"),
        ("x\u202ey\x07", "model", "xy"),
    ],
)
def test_a_cell_becomes_the_registers_text(cell, pattern, found):
    assert text(cell, pattern) == found


@pytest.mark.parametrize(
    ("cell", "pattern", "code"),
    [
        ("ماشین لباسشویی", "kind", "cell.unknown-word"),
        ("اداره", "site", "cell.unknown-site"),
        ("ساوجبلاغ", "site", "cell.unknown-site"),
        (1.2345678901234567e19, "serial", "cell.cut-number"),
        ("1.23457E+15", "serial", "cell.cut-number"),
        (date(2024, 5, 3), "model", "cell.not-text"),
        (True, "model", "cell.not-text"),
        (timedelta(1), "purchase.price", "cell.not-a-number"),
        (12.5, "purchase.price", "cell.not-a-number"),
        (float("inf"), "purchase.price", "cell.cut-number"),
        (float("nan"), "note", "cell.cut-number"),
        (10**400, "in_service", "cell.cut-number"),
        ("5 کیلو", "purchase.price", "cell.not-a-number"),
        (45000.0, "in_service", "cell.not-a-day"),
        ("5/6/1403", "in_service", "cell.not-a-day"),
        ("20000", "fire.cylinders", "cell.wrong"),
        ("PC 14", "part_of", "cell.wrong"),
    ],
)
def test_a_cell_that_does_not_hold_what_its_column_should_says_so(cell, pattern, code):
    with pytest.raises(Unreadable) as caught:
        text(cell, pattern)
    assert caught.value.code == code


def test_a_price_in_a_column_of_tomans_is_kept_in_rials():
    assert text(25.0, "purchase.price", 10_000_000) == "250000000"
    assert text("2.5", "purchase.price", 10_000_000) == "25000000"


@pytest.mark.parametrize(
    ("cell", "pattern", "is_nothing"),
    [
        (None, "model", True),
        ("  ", "model", True),
        ("---", "model", True),
        ("ندارد", "asset_tag", True),
        ("بدون برچسب", "asset_tag", True),
        ("N/A", "serial", True),
        ("ندارد", "note", False),
        (0.0, "purchase.price", False),
    ],
)
def test_what_means_nothing_is_a_blank(cell, pattern, is_nothing):
    assert READER.is_nothing(cell, pattern) is is_nothing
