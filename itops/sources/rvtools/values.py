"""From a cell back to the value the API gives: the way back of `itops.inventory.rvtools.cells`."""

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from itops.dates import latin_digits, parse_day
from itops.errors import UsageWrong
from itops.inventory.entities import Value

RawCell: TypeAlias = "str | float | bool | datetime | date | time | timedelta | None"
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,.' \u00a0\u066c]\d{3})+")
_DAY_TIME = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?(Z)?")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a serial has no zone until it is put in one
_LAST_SERIAL = 2_958_465  # 9999-12-31


class Unreadable(ValueError):
    """A cell does not hold what its column should."""


def is_blank(cell: RawCell) -> bool:
    """Nothing in it, or white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: RawCell) -> str | None:
    """Text; a number that a spreadsheet made of digits is digits again."""
    if is_blank(cell):
        return None
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).replace("\r\n", "\n")


def as_number(cell: RawCell) -> float | None:
    """A number, from digits with thousands separators too; raises Unreadable."""
    if is_blank(cell):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, str):
        raise Unreadable
    text = latin_digits(cell).strip().removesuffix("%").strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[^\d+-]", "", text)
    try:
        number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        raise Unreadable from None
    if not math.isfinite(number):
        raise Unreadable
    return number


def as_whole(cell: RawCell) -> int | None:
    """A whole number; long digit strings keep every digit."""
    if isinstance(cell, str) and re.fullmatch(r"[+-]?[0-9]{1,25}", cell.strip()):
        return int(cell)
    number = as_number(cell)
    return None if number is None else round(number)


def as_truth(cell: RawCell) -> bool | None:
    """A boolean in the words exports use."""
    if is_blank(cell):
        return None
    word = (as_text(cell) or "").strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unreadable


def as_moment(cell: RawCell, zone: ZoneInfo) -> str | None:
    """A moment as the API writes it, UTC; local dates are in `zone`. Only year-first dates: 03/04/2026 is two days."""
    if is_blank(cell):
        return None
    try:
        local = _local(cell)
        moment = local.astimezone(UTC) if local.tzinfo else local.replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, UsageWrong, ValueError):
        raise Unreadable from None
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _local(cell: RawCell) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, int | float) and 0 < cell <= _LAST_SERIAL:
        return _EPOCH + timedelta(days=cell)
    found = _DAY_TIME.fullmatch(latin_digits(cell).strip()) if isinstance(cell, str) else None
    if found is None:
        raise Unreadable
    hour, minute, second = (int(part or 0) for part in found.groups()[1:4])
    return datetime.combine(parse_day(found[1]), time(hour, minute, second), UTC if found[5] else None)


def as_list(cell: RawCell) -> list[Value] | None:
    """The texts of a joined list."""
    text = as_text(cell)
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def value_of(type_: str, cell: RawCell, zone: ZoneInfo) -> Value:
    """The value of a cell in a column of this type; None for a blank one, Unreadable for one that does not fit."""
    if type_ == "datetime":
        return as_moment(cell, zone)
    if type_ == "int":
        return as_whole(cell)
    if type_ == "float":
        return as_number(cell)
    if type_ == "bool":
        return as_truth(cell)
    return as_list(cell) if type_ == "list" else as_text(cell)
