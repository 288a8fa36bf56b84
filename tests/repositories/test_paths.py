"""Names of files as safe text, and back."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.repositories.paths import moment_of, real_path, shown_path

RAW_NAME = st.binary(min_size=1, max_size=40).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in {b".", b".."}
)


@given(st.lists(RAW_NAME, min_size=1, max_size=4))
def test_any_name_becomes_text_that_can_be_kept_and_leads_back(parts: list[bytes]) -> None:
    raw = b"/".join(parts)
    shown = shown_path(os.fsdecode(raw))
    assert shown.encode("utf-8")
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)
    assert os.fsencode(real_path(shown)) == raw


@given(RAW_NAME, RAW_NAME)
def test_two_names_never_become_one(one: bytes, other: bytes) -> None:
    assert (shown_path(os.fsdecode(one)) == shown_path(os.fsdecode(other))) == (one == other)


@given(RAW_NAME, RAW_NAME)
def test_a_path_is_its_parts(one: bytes, other: bytes) -> None:
    first, second = os.fsdecode(one), os.fsdecode(other)
    assert shown_path(f"{first}/{second}") == f"{shown_path(first)}/{shown_path(second)}"


@pytest.mark.parametrize("name", ["بیمه ۱۴۰۵.bak", "a b\u200cc.bak", "back\\slash.bak", "100%.bak", "emoji-🗄.bak"])
def test_a_proper_name_stays_as_it_is(name: str) -> None:
    assert shown_path(name) == name


def test_bytes_that_are_no_text_and_control_characters_are_spelt_out() -> None:
    assert shown_path(os.fsdecode(b"caf\xe9.bak")) == "caf\\xe9.bak"
    assert shown_path("two\nlines") == "two\\x0alines"
    assert shown_path("already\\x41") == "already\\x5cx41"


@pytest.mark.parametrize(
    "path", ["", "/", "/etc/passwd", "..", "a/../b", "a//b", "a/./b", "a/", "\\x2e\\x2e/b", "a\\x2fb", "a\\x00b"]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(OSError, match="not a path inside"):
        real_path(path)


def test_a_time_that_no_calendar_has_is_no_time() -> None:
    assert moment_of(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_of(-1_000_000_000) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert moment_of(2**62 * 1_000_000_000) is None
