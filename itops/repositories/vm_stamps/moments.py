"""A moment from the many ways in which backup products and people write one. Never a guess: 11/12/2026 is two days."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal, TypeAlias

from itops.dates import latin_digits, parse_day
from itops.errors import UsageWrong

Order: TypeAlias = Literal["mdy", "dmy"] | None

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY_NAME = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?|[قب]\.?\s?ظ\.?)?",
    re.IGNORECASE,
)
_ZONE = re.compile(r"\s*(?:(?P<utc>z|utc|gmt)|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?)\s*", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(?P<day>\d{4}([-/.])\d{1,2}\2\d{1,2})(?:[T\s]+|$)", re.IGNORECASE)
_COMPACT = re.compile(
    r"(?P<day>\d{8})(?:[T_ -]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?(?P<rest>.*)", re.IGNORECASE
)
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})(?:,?\s+|$)")
_DAY_MONTH = re.compile(
    rf"{_DAY_NAME}(?P<day>\d{{1,2}})[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}})(?:,?\s+|$)", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+|$)", re.IGNORECASE)
_CTIME = re.compile(rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}})\s+(?P<clock>\d{{1,2}}:[\d:]{{2,6}})", re.IGNORECASE)
_CTIME_YEAR = re.compile(r"\s+(?:(?P<utc>utc|gmt)\s+)?(?P<year>\d{4})\s*", re.IGNORECASE)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_SEPARATOR = re.compile(r"([,;|\n])")
_MOST_PARTS = 8
_LONGEST = 100
_NOON = 12


class Unreadable(ValueError):
    """What stands there is no moment that we know how to read."""


class Ambiguous(Unreadable):
    """It is a moment, but two readings of it are both days of the calendar."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and how finely it was told."""

    at: datetime  # aware, UTC
    is_day_only: bool = False  # then `at` is the beginning of the day


def parse_moment(text: str, zone: tzinfo, order: Order = None, form: str | None = None) -> Moment:
    """The moment that `text` tells, whole. Raises Unreadable, or Ambiguous where `order` must decide."""
    plain = " ".join(latin_digits(text).split())
    if not plain or len(plain) > _LONGEST:
        raise Unreadable(f"{text[:_LONGEST]!r} is no date")
    try:
        local, is_day_only = _by_format(plain, form) if form else _read(plain, order)
        if local.tzinfo is None:
            local = local.replace(tzinfo=zone)
        return Moment(local.astimezone(UTC), is_day_only)
    except Unreadable:
        raise
    except (ValueError, OverflowError, UsageWrong):
        raise Unreadable(f"{text!r} is no date that exists") from None


def parse_leading(text: str, zone: tzinfo, order: Order = None, form: str | None = None) -> Moment:
    """The moment at the beginning of `text`, whose later parts, after commas and the like, may tell other things.

    Raises as `parse_moment`.
    """
    try:
        return parse_moment(text, zone, order, form)
    except Ambiguous:
        raise
    except Unreadable as whole:
        parts = _SEPARATOR.split(text, maxsplit=_MOST_PARTS)
        for end in range(len(parts) - 1, 0, -1):
            head = "".join(parts[:end]) if end % 2 else ""
            try:
                if head:
                    return parse_moment(head, zone, order, form)
            except Ambiguous:
                raise
            except Unreadable:
                continue
        raise whole from None


def _by_format(text: str, form: str) -> tuple[datetime, bool]:
    """As strptime reads it; a format without any hour tells a day."""
    return datetime.strptime(text, form), not re.search("%[HIcXsTRr]", form)  # noqa: DTZ007  the zone comes later


def _read(text: str, order: Order) -> tuple[datetime, bool]:
    if _EPOCH.fullmatch(text):
        seconds = int(text) / (1000 if len(text) > 10 else 1)
        return datetime.fromtimestamp(seconds, UTC), False
    if found := _COMPACT.fullmatch(text):
        return _compact(found)
    if found := _CTIME.match(text):
        return _ctime(text, found), False
    for shape, day_of in ((_YEAR_FIRST, _year_first), (_DAY_MONTH, _named), (_MONTH_DAY, _named)):
        if found := shape.match(text):
            return _with_clock(day_of(found), text[found.end() :])
    if found := _YEAR_LAST.match(text):
        return _with_clock(_year_last(found, order), text[found.end() :])
    raise Unreadable(f"{text!r} is no date")


def _compact(found: "re.Match[str]") -> tuple[datetime, bool]:
    """`20261121`, `20261121T233005Z`."""
    digits = found["day"]
    day = parse_day(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    if found["hour"] is None:
        return _with_clock(day, found["rest"])
    clock = f"{found['hour']}:{found['minute']}:{found['second'] or '00'}"
    return _with_clock(day, clock + found["rest"])


def _ctime(text: str, found: "re.Match[str]") -> datetime:
    """`Sat Nov 21 23:30:05 2026`, perhaps with UTC before the year."""
    rest = _CTIME_YEAR.fullmatch(text, found.end())
    if rest is None:
        raise Unreadable(f"{text!r} is no date")
    day = date(int(rest["year"]), _month(found), int(found["day"]))
    return datetime.combine(day, _clock(found["clock"])[0], UTC if rest["utc"] else None)


def _year_first(found: "re.Match[str]") -> date:
    return parse_day(found["day"])  # Jalali below 1700


def _named(found: "re.Match[str]") -> date:
    return date(int(found["year"]), _month(found), int(found["day"]))


def _month(found: "re.Match[str]") -> int:
    return _MONTHS.index(found["month"].lower()) + 1


def _year_last(found: "re.Match[str]", order: Order) -> date:
    one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
    if found["mark"] == ".":
        order = "dmy"  # with dots the day is first, everywhere
    if order is None:
        order = _only_order(one, two, found[0].strip())
    month, day = (one, two) if order == "mdy" else (two, one)
    return date(year, month, day)


def _only_order(one: int, two: int, text: str) -> Order:
    """Where only one reading is a day, it is that one."""
    if one == two or (two > _NOON >= one):
        return "mdy"
    if one > _NOON >= two:
        return "dmy"
    raise Ambiguous(f"{text!r} is two days, as one counts")


def _with_clock(day: date, rest: str) -> tuple[datetime, bool]:
    if not rest.strip():
        return datetime.combine(day, time()), True
    clock, length = _clock(rest)
    after = rest[length:]
    zone = _ZONE.fullmatch(after) if after.strip() else None
    if after.strip() and zone is None:
        raise Unreadable(f"{rest!r} is no time of day")
    return datetime.combine(day, clock, None if zone is None else _fixed(zone)), False


def _fixed(zone: "re.Match[str]") -> tzinfo:
    if zone["utc"]:
        return UTC
    offset = timedelta(hours=int(zone["hours"]), minutes=int(zone["minutes"] or 0))
    return timezone(-offset if zone["sign"] == "-" else offset)


def _clock(text: str) -> tuple[time, int]:
    """The time of day at the beginning of `text`, and how long it is."""
    found = _CLOCK.match(text)
    if found is None:
        raise Unreadable(f"{text!r} is no time of day")
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= _NOON:
            raise Unreadable(f"{text!r} is no time of day")
        is_late = found["half"].lower().startswith(("p", "ب"))
        hour = hour % _NOON + (_NOON if is_late else 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0)), found.end()
