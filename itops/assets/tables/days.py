"""Days as people type them: Jalali or Gregorian by the year; what could be two days is refused, not guessed."""

import re
from datetime import date

from itops.assets.tables.grid import shown
from itops.dates import parse_day
from itops.errors import UsageWrong
from itops.text import comparable

_PARTS = re.compile(r"([0-9]{1,4})\s*[-/.\\]\s*([0-9]{1,2})\s*[-/.\\]\s*([0-9]{1,4})(?:[ t][0-9:.]+(?: ?[ap]m)?)?")
_CLOSE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_JALALI = range(1300, 1500)
_GREGORIAN = range(1900, 2100)


class NotADay(ValueError):
    """Why a text is no day, or could be two."""


def read_day(text: str) -> date:
    """The day of a text: 1403/06/31, ۱۴۰۳-۶-۳۱, 2024-09-21, 14030631, 21/9/2024. Raises NotADay."""
    folded = comparable(text)
    found = _PARTS.fullmatch(folded) or _CLOSE.fullmatch(folded)
    if not found:
        raise NotADay(f"{shown(text)} is not a day; write 1403/06/31 or 2024-09-21")
    return _checked(text, *_ordered(text, found[1], found[2], found[3]))


def _ordered(text: str, first: str, second: str, third: str) -> tuple[int, int, int]:
    """Year, month, day; the year is what has four digits."""
    if len(first) == 4 and len(third) <= 2:
        return int(first), int(second), int(third)
    if len(third) != 4 or len(first) > 2:
        raise NotADay(f"{shown(text)} has no year of four digits; write 1403/06/31 or 2024-09-21")
    year, one, other = int(third), int(first), int(second)
    if one == other or one > 12 >= other:
        return year, other, one
    if other > 12 >= one:
        return year, one, other
    raise NotADay(f"{shown(text)} is ambiguous: day or month may come first; write the year first, then the month")


def _checked(text: str, year: int, month: int, day: int) -> date:
    if year not in _JALALI and year not in _GREGORIAN:
        raise NotADay(f"{shown(text)}: the year {year} is neither Jalali (1300 to 1499) nor Gregorian (1900 to 2099)")
    try:
        return parse_day(f"{year:04}-{month:02}-{day:02}")
    except UsageWrong:
        raise NotADay(f"the day {shown(text)} does not exist") from None
