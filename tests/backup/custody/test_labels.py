"""Ids on labels: whatever is misread is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.custody.labels import label_of, number_of, parse_label

NUMBERS = st.integers(1, 999_999_999)


@given(NUMBERS)
def test_an_id_says_its_number(number: int) -> None:
    label = label_of("M", number)
    assert parse_label(label) == label
    assert number_of(label) == number


@given(NUMBERS, st.data())
def test_one_wrong_digit_is_always_noticed(number: int, data: st.DataObject) -> None:
    label = label_of("M", number)
    place = data.draw(st.sampled_from([i for i, letter in enumerate(label) if letter.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != label[place]]))
    assert parse_label(label[:place] + other + label[place + 1 :]) is None


@given(NUMBERS, st.data())
def test_two_neighbours_that_traded_places_are_always_noticed(number: int, data: st.DataObject) -> None:
    digits = label_of("M", number).removeprefix("M").replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 2))
    traded = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert (parse_label(f"M{traded}") is None) == (traded != digits)


@pytest.mark.parametrize("typed", ["M0001-3", "M00001-3", "m0001-3", " M00013 ", "m۰۰۰۱-۳", "M-0001-3"])
def test_an_id_is_understood_however_it_is_typed(typed: str) -> None:
    assert label_of("M", 1) == "M0001-3"
    assert parse_label(typed) == "M0001-3"


@pytest.mark.parametrize("typed", ["", "M", "0001-3", "M001-3", "M0001-4", "M0001-33", "M0001-3\n=x", "MM0001-"])
def test_what_is_no_id_is_refused(typed: str) -> None:
    assert parse_label(typed) is None
