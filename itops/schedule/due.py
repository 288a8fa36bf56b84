"""When a job is due. Pure arithmetic of moments; every moment given and returned is aware, every one returned is UTC.

Days, weekdays and hours are the office's. An hour stands for the first moment at which the office's clocks show it or
more: one that they skip is the moment they have skipped it, one that comes twice is its first. So each day of the
calendar has one moment, later days never have earlier ones, and two that fall together (of a day that a zone skipped
whole) are one due time.

`every` is multiples since the epoch: what was due does not depend on when anybody started.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from itops.backup.policy import WEEKDAYS, MonthDay
from itops.dates import Hours, Period, show_day
from itops.schedule.policy import JobPolicy, When

OfficeCalendar: TypeAlias = Literal["jalali", "gregorian"]

INSTANT = timedelta(microseconds=1)
"""The smallest step of time: what is at or before a moment is before it plus this."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_LONGEST_MONTH = 31
_SLACK = 3 * _DAY
"""More than two due times on end are further apart than the calendar has them, where a zone repeats or skips a day."""
_FIRST_HALF = 15
_CACHED_DAYS = 1 << 12


def due_times(
    when: When, zone: ZoneInfo, office_calendar: OfficeCalendar, begin: datetime, end: datetime
) -> Iterator[datetime]:
    """Every due time in [begin, end), strictly ascending."""
    if when.every is not None:
        for number in range(-(-(begin - _EPOCH) // when.every), -(-(end - _EPOCH) // when.every)):
            yield _EPOCH + number * when.every
        return
    last = None
    for day in _days(when, _calendar_of(when, office_calendar), begin.astimezone(zone).date() - _DAY):
        due_at = _moment(day, when, zone)
        if due_at >= end:
            return
        if due_at >= begin and due_at != last:
            yield due_at
        last = due_at


def next_due(when: When, zone: ZoneInfo, office_calendar: OfficeCalendar, after: datetime) -> datetime:
    """The first due time after a moment."""
    begin = after + INSTANT
    return next(due_times(when, zone, office_calendar, begin, begin + _longest_gap(when)))


def newest_due(when: When, zone: ZoneInfo, office_calendar: OfficeCalendar, at_or_before: datetime) -> datetime:
    """The last due time that is not after a moment."""
    if when.every is not None:
        return _EPOCH + (at_or_before - _EPOCH) // when.every * when.every
    begin = at_or_before - _longest_gap(when)
    *_, newest = due_times(when, zone, office_calendar, begin, at_or_before + INSTANT)
    return newest


def count_due(
    when: When, zone: ZoneInfo, office_calendar: OfficeCalendar, after: datetime, at_or_before: datetime
) -> int:
    """How many due times there are in (after, at_or_before]; a clock that is years wrong costs no more than a day."""
    if when.every is not None:
        return max(0, (at_or_before - _EPOCH) // when.every - (after - _EPOCH) // when.every)
    return sum(1 for _ in due_times(when, zone, office_calendar, after + INSTANT, at_or_before + INSTANT))


def period_of(when: When, due_at: datetime, zone: ZoneInfo, office_calendar: OfficeCalendar) -> Period:
    """The month that a due time is about, in the calendar of `when`; the same whenever it is asked.

    A job of day 1 to 15 is about the month before, a job of day 16 to 31 or `last` about the month it is due in: the
    month whose end is nearest. It goes by the day that itops.yaml names and not by the day that came of it (30 is the
    29th in a short Esfand), so that the periods of a job's due times follow each other without a gap or a double. A
    job that is not monthly is about the last whole month, as `itops report build` is.
    """
    calendar = _calendar_of(when, office_calendar)
    day = due_at.astimezone(zone).date()
    first = _first_of_month(day, calendar)
    if when.day is not None:
        yesterdays = _first_of_month(day - _DAY, calendar)
        if _moment(_day_of_month(yesterdays, when.day, calendar), when, zone) == due_at:
            first = yesterdays  # an hour of the month's last day that the clocks skipped, and with it midnight
    if when.day is None or (when.day.number is not None and when.day.number <= _FIRST_HALF):
        first = _first_of_month(first - _DAY, calendar)
    return Period(show_day(first, calendar)[:7], first, _next_month(first, calendar) - _DAY)


def command_of(job: JobPolicy, due_at: datetime, zone: ZoneInfo, office_calendar: OfficeCalendar) -> tuple[str, ...]:
    """The words after `itops` for one due time; `{period}` is the period that it is about."""
    words = tuple(job.run.split())
    if "{period}" not in job.run:
        return words
    period = period_of(job.at, due_at, zone, office_calendar).name
    return tuple(word.replace("{period}", period) for word in words)


def jitter_of(office: str, job: str, spread: timedelta) -> timedelta:
    """How long after its due time a job of this office begins: whole seconds below `spread`, always the same."""
    seconds = int(spread.total_seconds())
    if seconds <= 0:
        return timedelta()
    digest = sha256(f"{office}\n{job}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8], "big") % seconds)


def is_open(window: Hours, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the office's clocks show an hour of the window."""
    return window.holds(now.astimezone(zone).time())


def opens_at(window: Hours, zone: ZoneInfo, after: datetime) -> datetime:
    """When the window next begins."""
    return next_due(When(at=window.begin), zone, "gregorian", after)


def closes_at(window: Hours, zone: ZoneInfo, after: datetime) -> datetime:
    """When the window next ends."""
    return next_due(When(at=window.until), zone, "gregorian", after)


def _calendar_of(when: When, office_calendar: OfficeCalendar) -> OfficeCalendar:
    return office_calendar if when.calendar == "office" else when.calendar


def _longest_gap(when: When) -> timedelta:
    """Longer than it is from any due time to the next."""
    days = 1 if when.weekday is None else len(WEEKDAYS)
    return (when.every or timedelta(days=days if when.day is None else _LONGEST_MONTH)) + _SLACK


def _days(when: When, calendar: OfficeCalendar, first: date) -> Iterator[date]:
    """The days of `when`, ascending without end; for months from the one that `first` lies in."""
    if when.day is not None:
        month = _first_of_month(first, calendar)
        while True:
            yield _day_of_month(month, when.day, calendar)
            month = _next_month(month, calendar)
    step = _DAY
    if when.weekday is not None:
        step = timedelta(days=len(WEEKDAYS))
        first += timedelta(days=(WEEKDAYS.index(when.weekday) - first.weekday()) % len(WEEKDAYS))
    while True:
        yield first
        first += step


def _day_of_month(month: date, day: MonthDay, calendar: OfficeCalendar) -> date:
    """The day of the month that begins on `month`; one beyond its end is its last."""
    length = (_next_month(month, calendar) - month).days
    return month + timedelta(days=min(day.number or _LONGEST_MONTH, length) - 1)


def _next_month(month: date, calendar: OfficeCalendar) -> date:
    """The first day of the month after the one that begins on `month`."""
    return _first_of_month(month + timedelta(days=_LONGEST_MONTH), calendar)


@lru_cache(maxsize=_CACHED_DAYS)
def _first_of_month(day: date, calendar: OfficeCalendar) -> date:
    return day - timedelta(days=int(show_day(day, calendar)[-2:]) - 1)


def _moment(day: date, when: When, zone: ZoneInfo) -> datetime:
    """The first moment at which the clocks show the hour of `when` on a day, or more."""
    shown = datetime.combine(day, when.at or time())
    before, after = (shown.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    if before >= after:  # an hour like any other, or one that comes twice
        return (shown - before).replace(tzinfo=UTC)
    early = (shown - after).replace(tzinfo=UTC)  # the clocks show less; (after - before) later they show more
    skipped = range((after - before) // _SECOND)
    return early + bisect_left(skipped, shown, key=lambda late: _shown(early + late * _SECOND, zone)) * _SECOND


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the office's clocks show."""
    return moment.astimezone(zone).replace(tzinfo=None)
