"""Flapping, as Nagios counts it: 21 evaluations, 50 % in, 25 % out, a new change weighs more than an old one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.flapping import REMEMBERED, change_ratio, is_flapping, remembered

ALWAYS = (True, False) * 10 + (True,)


@pytest.mark.parametrize(
    ("recent", "ratio"),
    [
        pytest.param((), 0.0, id="nobody looked yet"),
        pytest.param((False,) * 21, 0.0, id="always good"),
        pytest.param((True,) * 21, 0.0, id="always bad"),
        pytest.param(ALWAYS, 1.0, id="always changing"),
        pytest.param((False,) * 20 + (True,), 0.0625, id="one new change"),
        pytest.param((False,) + (True,) * 20, 0.0375, id="one old change"),
        pytest.param((True,), 0.0625, id="what nobody looked at was good"),
    ],
)
def test_the_ratio(recent, ratio):
    assert change_ratio(recent) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("changes", "before", "flaps"),
    [
        pytest.param(9, False, True, id="nine new changes are half"),
        pytest.param(8, False, False, id="eight are less"),
        pytest.param(8, True, True, id="less than half does not end it"),
        pytest.param(4, True, False, id="less than a quarter does"),
        pytest.param(5, True, True, id="more than a quarter does not"),
    ],
)
def test_it_begins_at_half_and_ends_at_a_quarter(changes, before, flaps):
    recent = (False,) * (21 - changes) + tuple(number % 2 == 0 for number in range(changes))
    assert is_flapping(recent, before=before) is flaps


@given(st.lists(st.booleans(), max_size=60))
def test_no_more_is_remembered_than_is_counted(seen):
    recent: tuple[bool, ...] = ()
    for is_bad in seen:
        recent = remembered(recent, is_bad=is_bad)
    assert recent == tuple(seen[-REMEMBERED:])
    assert 0 <= change_ratio(recent) <= 1
