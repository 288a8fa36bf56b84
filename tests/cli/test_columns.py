from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from itops.cli.columns import columns_of, fields_of, first_of, in_gib, label, moments_in, said, short_system
from itops.tasks.read_inventory import LISTED

TEHRAN = ZoneInfo("Asia/Tehran")
GIB = 1024**3


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (0, "0"), (GIB, "1"), (GIB // 2, "0.5"), (1536 * GIB, "1,536"), (10 * GIB, "10")]
)
def test_bytes_are_shown_in_gib(value: int | None, shown: str) -> None:
    assert in_gib(value) == shown


@pytest.mark.parametrize(
    ("value", "field", "shown"),
    [
        (GIB, "memory_bytes", "1 GiB"),
        (True, "is_template", "yes"),
        (False, "", "no"),
        (None, "memory_bytes", ""),
        (["a", "b"], "", "a, b"),
        (4, "cpu_count", "4"),
    ],
)
def test_any_value_is_said_in_words(value: Any, field: str, shown: str) -> None:
    assert said(value, field) == shown


def test_the_first_of_several_addresses_says_how_many_more_there_are() -> None:
    assert [first_of(values) for values in (None, [], ["a"], ["a", "b", "c"])] == ["", "", "a", "a +2"]


def test_moments_are_shown_in_the_office_s_calendar_and_zone() -> None:
    assert moments_in("jalali", TEHRAN)("2026-11-14T03:00:00Z") == "1405-08-23 06:30"
    assert moments_in("gregorian", TEHRAN)("2026-11-14T22:00:00Z") == f"{date(2026, 11, 15)} 01:30"
    assert moments_in("jalali", TEHRAN)(None) == ""


def test_a_system_is_shown_without_what_tells_nobody_anything() -> None:
    assert short_system("Microsoft Windows Server 2019 (64-bit)") == "Windows Server 2019"


@pytest.mark.parametrize("kind", LISTED)
def test_every_column_of_a_kind_is_one_of_its_fields(kind: str) -> None:
    assert {column.field for column in columns_of(kind, str)} <= set(fields_of(kind))
    assert len(set(fields_of(kind))) == len(fields_of(kind))


def test_a_label_leaves_the_unit_to_the_value() -> None:
    assert [label(field) for field in ("memory_bytes", "cpu_count", "name")] == ["memory", "cpu_count", "name"]
