"""On which days a place can be visited: its own weekdays, without the office's holidays."""

from collections.abc import Collection
from datetime import date, timedelta

from itops.backup.custody.policy import PlaceOfCustody

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of date.weekday()."""
_DAY = timedelta(days=1)
_LOOK_AHEAD = 60  # days: longer than any run of holidays


def is_open(place: PlaceOfCustody, holidays: Collection[date], day: date) -> bool:
    """Whether it is open on that day, as far as the plan knows."""
    return _WEEKDAYS[day.weekday()] in place.open and day not in holidays


def open_day(place: PlaceOfCustody, holidays: Collection[date], day: date) -> date:
    """The first day from `day` on that the place is open; `day` itself where none is found within two months."""
    ahead = (day + number * _DAY for number in range(_LOOK_AHEAD))
    return next((one for one in ahead if is_open(place, holidays, one)), day)
