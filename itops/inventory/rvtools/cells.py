"""From a JSON value to the cell of a column: the type decides, and what does not fit the type stays text."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from itops.inventory.entities import Value
from itops.inventory.values import moment

Cell: TypeAlias = str | int | float | bool | datetime | None
_EXACT = 2**53  # a spreadsheet keeps no whole number above this


def as_text(value: Value) -> Cell:
    """Text as it is; a list joined; a number in digits, so that no serial turns into 1.2E+15."""
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, list):
        return ", ".join(str(item) for item in value if isinstance(item, str | int | float)) or None
    return str(value)


def as_whole(value: Value) -> Cell:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return as_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    number = round(value)
    return number if abs(number) <= _EXACT else str(number)


def as_decimal(value: Value) -> Cell:
    """A number with decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return as_text(value)
    return float(value) if math.isfinite(value) else None


def as_truth(value: Value) -> Cell:
    """A boolean; absent is not false."""
    return value if isinstance(value, bool) else as_text(value)


def as_moment(value: Value) -> Cell:
    """An aware moment; text that is none stays text."""
    return moment(value) or as_text(value)


CELL_OF: dict[str, Callable[[Value], Cell]] = {
    "str": as_text,
    "enum": as_text,
    "list": as_text,
    "int": as_whole,
    "float": as_decimal,
    "bool": as_truth,
    "datetime": as_moment,
}
