"""The days of the demo: a month that is over, lived through in a minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from itops.dates import Period, parse_period, show_day
from itops.worklog.periods import before

_SETTLES = timedelta(days=1)
"""`report.settle` of the demo office: only after it a report is final."""
_HOUR = timedelta(hours=1)
_MORNING = timedelta(hours=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The moments at which the commands of the demo run, in the order of the play."""

    month: Period
    begun: datetime  # the third day: the first scan
    changed: datetime  # the last day at noon: the office as it is now
    closed: datetime  # the morning after the last: the month's backups and hardware
    built: datetime  # when the report is final
    watched: datetime  # the morning after: it runs by itself


def days_of(now: datetime, zone: ZoneInfo) -> Days:
    """The last Jalali month after which there was time for all of it."""
    today = (now - _SETTLES - _MORNING - 2 * _HOUR).astimezone(zone).date()
    month = before(parse_period(show_day(today, "jalali")[:7]))
    begin, end = month.moments(zone)
    return Days(
        month=month,
        begun=begin + timedelta(days=2) + _MORNING,
        changed=end - timedelta(hours=12),
        closed=end + _MORNING,
        built=end + _SETTLES + _HOUR,
        watched=end + _SETTLES + _MORNING,
    )
