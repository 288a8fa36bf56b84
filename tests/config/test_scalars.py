"""Durations, sizes and times of day as people write them."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.config.mistakes import did_you_mean
from itops.config.scalars import parse_duration, parse_identifier, parse_size, parse_time


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2h", 2), ("30m", 0.5), ("90d", 2160), ("24h", 24), ("1h30m", 1.5), ("1w 2d", 216), ("۲۴h", 24), ("0s", 0)],
)
def test_a_duration_is_read_as_meant(text, hours):
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "a day or so", "24", "h", "30m1h", "-2h", "1.5h", "2h!", "²h"])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write 24h"):
        parse_duration(text)


@given(st.integers(0, 10**6), st.sampled_from("wdhms"))
def test_every_whole_number_of_a_unit_is_a_duration(count, unit):
    factor = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}[unit]
    if count < 10**6:
        assert parse_duration(f"{count}{unit}").total_seconds() == count * factor


@pytest.mark.parametrize(
    ("text", "size"), [("500 MB", 500_000_000), ("2GiB", 2 * 1024**3), ("1.5 GB", 1_500_000_000), ("0B", 0)]
)
def test_a_size_is_decimal_or_binary_as_its_unit_says(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["5", "5 XB", "GB", "-1 GB", "1e3 MB"])
def test_a_size_without_a_known_unit_is_refused(text):
    with pytest.raises(ValueError, match="write 500 MB"):
        parse_size(text)


def test_a_time_of_day_ends_before_midnight():
    assert parse_time("۰۶:۳۰") == time(6, 30)
    for text in ("24:00", "6:60", "6", "06:00:00"):
        with pytest.raises(ValueError, match="is not a time of day"):
            parse_time(text)


@given(st.text(max_size=80))
def test_an_identifier_never_leads_out_of_its_folder(text):
    try:
        identifier = parse_identifier(text)
    except ValueError:
        return
    assert identifier.isascii()
    assert not identifier.startswith(".")
    assert not set(identifier) & set("/\\: \0")


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("tmeout", ["timeout_seconds", "host"], "; did you mean timeout_seconds?"),
        ("pasword", ["password", "port"], "; did you mean password?"),
        ("expect", ["expects", "report"], "; did you mean expects?"),
        ("read-timeout-seconds", ["read_timeout_seconds", "tags"], "; did you mean read_timeout_seconds?"),
        ("colour", ["host", "port"], ""),
        ("anything", [], ""),
    ],
)
def test_a_typing_mistake_finds_what_was_meant(word, known, said):
    assert did_you_mean(word, known) == said
