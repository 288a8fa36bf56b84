"""Dates, offsets, texts and numbers as they stand in the blocks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.formats.mssql.fields import date_at, guid_at, lsn_at, offset_minutes, text_at, to_utc


def packed(year, month, day, hour, minute, second):
    value = year << 26 | month << 22 | day << 17 | hour << 12 | minute << 6 | second
    return value.to_bytes(5, "big")


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2199, 12, 31)))
def test_every_date_comes_back(moment):
    moment = moment.replace(microsecond=0)
    assert date_at(packed(*moment.timetuple()[:6]), 0) == moment


def test_a_zero_date_is_no_date():
    assert date_at(bytes(5), 0) is None


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((2026, 0, 5, 1, 1, 1), id="month 0"),
        pytest.param((2026, 13, 5, 1, 1, 1), id="month 13"),
        pytest.param((2026, 2, 30, 1, 1, 1), id="30 February"),
        pytest.param((2026, 11, 5, 31, 1, 1), id="hour 31"),
        pytest.param((2026, 11, 5, 1, 63, 1), id="minute 63"),
        pytest.param((16383, 11, 5, 1, 1, 1), id="year 16383"),
        pytest.param((1, 1, 1, 0, 0, 0), id="year 1"),
    ],
)
def test_what_is_no_date_is_refused(parts):
    with pytest.raises(ValueError):  # noqa: PT011  its words are nobody's business
        date_at(packed(*parts), 0)


@pytest.mark.parametrize(
    ("quarters", "minutes"),
    [
        pytest.param(14, 210, id="Tehran +03:30"),
        pytest.param(18, 270, id="Tehran in the summers until 2022, +04:30"),
        pytest.param(-20, -300, id="west"),
        pytest.param(0, 0, id="UTC"),
        pytest.param(127, None, id="not known"),
        pytest.param(100, None, id="nonsense"),
        pytest.param(-128, None, id="nonsense below"),
    ],
)
def test_offsets_are_quarters_of_an_hour(quarters, minutes):
    assert offset_minutes(quarters) == minutes


def test_without_an_offset_there_is_no_moment():
    local = datetime(2022, 7, 1, 2, 0)
    assert to_utc(local, 270) == datetime(2022, 6, 30, 21, 30, tzinfo=UTC)
    assert to_utc(local, None) is None
    assert to_utc(None, 210) is None


@given(st.binary(min_size=4, max_size=64))
def test_any_bytes_are_a_text_or_none(fields):
    text = text_at(fields, 0)
    assert text is None or text.encode("utf-8")


def test_a_text_that_points_past_its_block_is_none():
    assert text_at(b"\x10\x00\xff\x00", 0) is None


def test_numbers_are_as_msdb_prints_them():
    assert lsn_at(bytes.fromhex("1f0000007b0000002500"), 0) == 31000000012300037
    assert guid_at(bytes(16), 0) is None
    assert guid_at(bytes.fromhex("33221100554477668899aabbccddeeff"), 0) == "00112233-4455-6677-8899-aabbccddeeff"
