"""Days and periods in the office's own calendar: Jalali or Gregorian, typed in Latin, Persian or Arabic digits.

A year below 1700 is Jalali; anything else in the year's place is Gregorian. A period is a value ("1405-08",
"2026-11", "1402"): built on any later day it means the same days.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.errors import UsageWrong

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_INVISIBLE = re.compile(r"[\u200c-\u200f\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PERIOD = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_FIRST_GREGORIAN_YEAR = 1700
_LAST_YEAR = 9998  # the day after must exist, too


def latin_digits(text: str) -> str:
    """`text` with Persian and Arabic digits turned into 0-9 and invisible direction marks removed."""
    return _INVISIBLE.sub("", text).translate(_DIGITS)


def persian_digits(text: str) -> str:
    """`text` with 0-9 as Persian digits, and nothing else changed."""
    return text.translate(_PERSIAN_DIGITS)


def parse_day(text: str) -> date:
    """A day as typed, Jalali or Gregorian, as a Gregorian date. Raises UsageWrong for a day that does not exist."""
    found = _DAY.fullmatch(latin_digits(text).strip())
    if not found:
        raise UsageWrong(f"{text!r} is not a day", remedy="write 1405-08-01 or 2026-10-23")
    year, month, day = map(int, found.groups())
    return _gregorian(year, month, day, typed=text, is_jalali=year < _FIRST_GREGORIAN_YEAR)


def _gregorian(year: int, month: int, day: int, *, typed: str, is_jalali: bool, noun: str = "day") -> date:
    try:
        if not is_jalali:
            return date(year if year <= _LAST_YEAR else 0, month, day)  # there is no year 0
        from persiantools.jdatetime import JalaliDate  # noqa: PLC0415  49 ms that most commands never need

        converted: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    except ValueError:
        raise UsageWrong(f"the {noun} {typed!r} does not exist", remedy="check the month and the day") from None
    return converted


def show_day(day: date, calendar: str) -> str:
    """A day as the office writes it, with Latin digits: 1405-08-01 for "jalali", else 2026-10-23."""
    if calendar != "jalali":
        return day.isoformat()
    from persiantools.jdatetime import JalaliDate  # noqa: PLC0415  49 ms that most commands never need

    return str(JalaliDate(day).isoformat())  # type: ignore[no-untyped-call]


def show_moment(moment: datetime, calendar: str, zone: ZoneInfo) -> str:
    """A moment as the office writes it: day and minute in its own zone."""
    local = moment.astimezone(zone)
    return f"{show_day(local.date(), calendar)} {local:%H:%M}"


def time_of_day(text: str) -> time | None:
    """An hour and a minute as typed: 06:30, ۶:۳۰; None for anything else."""
    found = _TIME.fullmatch(latin_digits(text).strip())
    return None if found is None else time(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A part of the day, over midnight where `until` is before `begin`."""

    begin: time
    until: time  # the first moment outside

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Hours":
        """`22:00-07:30`; raises ValueError."""
        text = latin_digits(str(value)).strip()
        begin, _, until = text.partition("-")
        first, last = time_of_day(begin), time_of_day(until)
        if first is None or last is None or first == last:
            raise ValueError(f'"{text[:20]}" is no part of a day; write 22:00-07:30')
        return cls(begin=first, until=last)

    def holds(self, at: time) -> bool:
        """Whether that time of day lies in it."""
        if self.begin < self.until:
            return self.begin <= at < self.until
        return at >= self.begin or at < self.until


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins in the office, UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, `first` included, `last` included, and the text they were named by."""

    name: str
    first: date
    last: date

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The half-open interval [begin, end) in UTC."""
        return start_of(self.first, zone), start_of(self.last + timedelta(days=1), zone)


def parse_period(text: str) -> Period:
    """ "1405-08", "2026-11" or a whole year "1402" as a Period. Raises UsageWrong for a month that does not exist."""
    found = _PERIOD.fullmatch(latin_digits(text).strip())
    if not found:
        raise UsageWrong(f"{text!r} is not a period", remedy="write a month, 1405-08 or 2026-11, or a year, 1402")
    year = int(found[1])
    calendar_day = partial(_gregorian, typed=text, is_jalali=year < _FIRST_GREGORIAN_YEAR, noun="period")
    if found[2] is None:
        return Period(f"{year:04}", calendar_day(year, 1, 1), calendar_day(year + 1, 1, 1) - timedelta(days=1))
    month = int(found[2])
    first, after = calendar_day(year, month, 1), calendar_day(year + month // 12, month % 12 + 1, 1)
    return Period(f"{year:04}-{month:02}", first, after - timedelta(days=1))
