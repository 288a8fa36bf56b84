"""Years and months as the office counts them, in the Jalali or the Gregorian calendar."""

from dataclasses import dataclass
from datetime import date, timedelta

from itops.dates import parse_day, show_day
from itops.errors import UsageWrong

FAR = date(9998, 12, 31)
"""Later than anything is planned."""
_LAST_JALALI = 1699  # parse_day takes a higher year for a Gregorian one
_LAST_GREGORIAN = 9997


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """The office's years. `starts`: the month and day on which a budget year begins; it is named by that day's year."""

    calendar: str = "jalali"
    starts: str = "01-01"

    @property
    def last(self) -> int:
        """The last year that can be named."""
        return (_LAST_JALALI if self.calendar == "jalali" else _LAST_GREGORIAN) - 1

    @property
    def first(self) -> int:
        """The first year that can be named."""
        return 1000 if self.calendar == "jalali" else 1700

    def year_of(self, day: date) -> int:
        """The budget year of a day."""
        year, month, of_month = self.parts(day)
        return year if f"{month:02}-{of_month:02}" >= self.starts else year - 1

    def first_day(self, year: int) -> date:
        """The day on which a budget year begins."""
        return parse_day(f"{year:04}-{self.starts}")

    def last_day(self, year: int) -> date:
        """The day on which it ends."""
        return self.first_day(year + 1) - timedelta(days=1)

    def parts(self, day: date) -> tuple[int, int, int]:
        """Year, month and day of the month."""
        year, month, of_month = map(int, show_day(day, self.calendar).split("-"))
        return year, month, of_month

    def months_between(self, begin: date, end: date) -> int:
        """Whole months from one day to another; negative where `end` is the earlier by at least a month."""
        (year, month, day), (last_year, last_month, last_day) = self.parts(begin), self.parts(end)
        return (last_year - year) * 12 + last_month - month - (last_day < day)

    def later(self, day: date, years: float) -> date:
        """The same day so many years later, to the month; where that month has no such day, its last one."""
        months = round(min(max(years, 0.0), 1000.0) * 12)
        year, month, of_month = self.parts(day)
        count = year * 12 + month - 1 + months
        year, month = count // 12, count % 12 + 1
        if year > (_LAST_JALALI if self.calendar == "jalali" else _LAST_GREGORIAN):
            return FAR
        return self._existing(year, month, of_month)

    def _existing(self, year: int, month: int, day: int) -> date:
        for of_month in range(day, 28, -1):
            try:
                return parse_day(f"{year:04}-{month:02}-{of_month:02}")
            except UsageWrong:
                continue
        return parse_day(f"{year:04}-{month:02}-{min(day, 28):02}")
