"""What the formats are given."""

from datetime import datetime
from typing import NamedTuple

from itops.alerts.checking import CheckResult, joined, overall
from itops.reports.words import Words


class Checked(NamedTuple):
    """What was checked, and in which words it is told."""

    results: tuple[CheckResult, ...]
    now: datetime
    words: Words
    beat_at: datetime | None = None  # when the scheduler last ticked
    has_beat: bool = True  # False: nobody asked for it

    @property
    def exit_code(self) -> int:
        """0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""
        return int(overall(self.results))

    @property
    def whole(self) -> CheckResult:
        """The only check, or all as one."""
        return self.results[0] if len(self.results) == 1 else joined(self.results, self.now)

    @property
    def each(self) -> tuple[CheckResult, ...]:
        """Never none: where nothing was checked, a result that says so."""
        return self.results or (self.whole,)
