"""Months and years of the office's calendar, and when what belongs to one is due."""

from datetime import date, timedelta

from itops.backup.policy import MonthDay
from itops.dates import Period, parse_period, show_day

_DAY = timedelta(days=1)
_MONTHS = 12


def is_year(period: Period) -> bool:
    """Whether it is a whole year and not a month."""
    return "-" not in period.name


def months_of(period: Period) -> tuple[Period, ...]:
    """The months of a year; a month is its own."""
    if not is_year(period):
        return (period,)
    return tuple(parse_period(f"{period.name}-{month:02}") for month in range(1, _MONTHS + 1))


def year_of(period: Period) -> Period:
    """The year a month lies in; a year is its own."""
    return parse_period(period.name.partition("-")[0])


def due_on(period: Period, due: MonthDay) -> date:
    """The day of the month after the period; of a shorter month the last day."""
    month = parse_period(show_day(period.last + _DAY, _calendar_of(period))[:7])
    return month.last if due.number is None else min(month.first + (due.number - 1) * _DAY, month.last)


def before(period: Period) -> Period:
    """The month before a month, the year before a year."""
    name = show_day(period.first - _DAY, _calendar_of(period))
    return parse_period(name[:4] if is_year(period) else name[:7])


def _calendar_of(period: Period) -> str:
    return "jalali" if int(period.name[:4]) < 1700 else "gregorian"
