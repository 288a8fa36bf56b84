"""Patterns with `*`."""

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.patterns import matches


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("*", "", True),
        ("*", "anything", True),
        ("vc01", "vc01", True),
        ("vc01", "VC01", True),
        ("vc01", "vc012", False),
        ("vc*", "vc01", True),
        ("*/Insurance", "job sql01/Insurance", True),
        ("job *", "job sql01/Insurance", True),
        ("job *", "jobs", False),
        ("a*a", "a", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("vm [1]", "vm [1]", True),
        ("vm [1]*", "vm [1] old", True),
        ("vm ?", "vm 1", False),
        ("سرور*", "سرور بیمه", True),
        ("*كارگزيني", "سرور کارگزینی", True),
    ],
)
def test_a_pattern_fits(pattern, text, fits):
    assert matches(pattern, text) is fits


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=10))
def test_stars_mean_what_they_mean_elsewhere(pattern, text):
    assert matches(pattern, text) is fnmatchcase(text, pattern)
    assert matches(pattern, text) is bool(re.fullmatch(pattern.replace("*", ".*"), text))


def test_a_pattern_made_to_stall_does_not_stall():
    assert not matches("*a" * 2000 + "b", "a" * 20_000)
