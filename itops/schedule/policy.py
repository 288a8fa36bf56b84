"""What runs by itself, and when: the section `schedule` of itops.yaml, as frozen records."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from itops.backup.policy import WEEKDAYS, MonthDay, Weekday
from itops.dates import Hours, latin_digits, time_of_day
from itops.names import Identifier

Calendar: TypeAlias = Literal["office", "jalali", "gregorian"]
_EVERY = re.compile(r"every (\d{1,4}) ?(m|h|d)")
_MONTHLY: Mapping[str, Calendar] = {
    "monthly": "office",
    "jalali-monthly": "jalali",
    "gregorian-monthly": "gregorian",
}
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}  # the longest first
WATCH, REPORT, HEARTBEAT = "watch", "report", "heartbeat"
"""Jobs that a schedule has by itself; one of the same name in itops.yaml takes their place."""
_HOUR = timedelta(hours=1)
_SAYS = 'write "daily 02:00", "every 4h", "weekly saturday 09:00", "monthly 1 08:00" or "jalali-monthly last 08:00"'


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The due times of a job.

    `every`: multiples of it since the epoch, so that a restart moves nothing; else an hour of each day, of a weekday,
    or of a day of the month in a calendar.
    """

    every: timedelta | None = None
    at: time | None = None
    weekday: Weekday | None = None
    day: MonthDay | None = None
    calendar: Calendar = "office"

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "When":
        """As people write it; raises ValueError."""
        words = latin_digits(str(value)).strip().lower().split()
        text = " ".join(words)
        if found := _EVERY.fullmatch(text):
            every = int(found[1]) * _UNITS[found[2]]
            if not timedelta(minutes=1) <= every <= timedelta(days=31):
                raise ValueError(f'"{text}" is not between a minute and 31 days')
            return cls(every=every)
        kind, *rest = words or [""]
        at = time_of_day(rest[-1]) if rest else None
        if at is None:
            raise ValueError(f'"{text}" is no time; {_SAYS}')
        if kind == "daily" and len(rest) == 1:
            return cls(at=at)
        if kind == "weekly" and len(rest) == 2 and rest[0] in WEEKDAYS:
            return cls(at=at, weekday=rest[0])
        if kind in _MONTHLY and len(rest) == 2:
            return cls(at=at, day=MonthDay.from_setting(rest[0], folder), calendar=_MONTHLY[kind])
        raise ValueError(f'"{text}" is no time; {_SAYS}')

    @property
    def text(self) -> str:
        """As people write it; read again it is the same."""
        if self.every is not None:
            letter = next(letter for letter in _UNITS if not self.every % _UNITS[letter])
            return f"every {self.every // _UNITS[letter]}{letter}"
        at = f"{self.at or time():%H:%M}"
        if self.weekday is not None:
            return f"weekly {self.weekday} {at}"
        if self.day is not None:
            kind = next(kind for kind, calendar in _MONTHLY.items() if calendar == self.calendar)
            return f"{kind} {self.day.number or 'last'} {at}"
        return f"daily {at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPolicy:
    """One job: a command of itops, and when and how it runs."""

    run: str  # the words after `itops`: "backup verify", "report upload"; `{period}` is the period the due time is of
    at: When
    catch_up: Literal["latest", "all", "none"] = "latest"  # of due times that passed while nobody ticked
    max_delay: timedelta = timedelta(hours=26)  # a run that began later after its due time is late: an alert
    timeout: timedelta = timedelta(hours=4)
    retries: int = field(default=0, metadata={"range": (0, 20)})
    retry_after: timedelta = timedelta(minutes=5)  # doubled after each try, up to an hour
    jitter: timedelta = timedelta()  # spread over so long, the same for this office each time
    needs: tuple[Identifier, ...] = ()  # jobs whose newest due time before this one must have ended well
    window: Hours | None = None  # in which it may start
    allows: tuple[int, ...] = (0, 1, 2, 3)  # exit codes that are an answer and no failure

    def __post_init__(self) -> None:
        if self.jitter > timedelta(days=1):
            raise ValueError("jitter: is a spread of up to 24h")
        if any(not 0 <= code <= 255 for code in self.allows):
            raise ValueError("allows: exit codes are 0 to 255")
        for name in ("max_delay", "timeout", "retry_after"):
            if getattr(self, name) <= timedelta():
                raise ValueError(f"{name}: should be longer than nothing")
        if not self.run.split():
            raise ValueError("run: names no command; write backup verify, say")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePolicy:
    """The whole section."""

    jobs: Mapping[str, JobPolicy] = field(default_factory=dict)
    tick: timedelta = timedelta(seconds=20)  # of the daemon
    beat_within: timedelta = timedelta(minutes=5)  # an older beat: nobody ticks
    parallel: int = field(default=2, metadata={"range": (1, 16)})
    watch: timedelta = timedelta(minutes=5)  # how often everything is judged, and people are told
    keep: timedelta = timedelta(days=800)  # rows of the ledger

    def __post_init__(self) -> None:
        for name, job in self.jobs.items():
            unknown = [needed for needed in job.needs if needed not in self.jobs]
            if unknown:
                raise ValueError(f"jobs.{name}.needs: there is no job {', '.join(unknown)}")
            if name in _reached(name, self.jobs):
                raise ValueError(f"jobs.{name}.needs: it waits for itself")
        for name, least, most, told in _BOUNDS:
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name}: should be between {told}")
        if self.beat_within < 3 * self.tick:
            raise ValueError(
                "beat_within: should be at least three times as long as tick, or one slow tick is an alarm"
            )

    def completed(self, report: When | None, *, is_delivered: bool, is_heard: bool) -> "SchedulePolicy":
        """With the jobs that need no writing down: the watch; the monthly report where `report` says when; where
        somebody elsewhere hears it (`is_heard`), the heartbeat.

        Nothing where nothing is to run by itself.
        """
        own: dict[str, JobPolicy] = {}
        if report is not None:
            run = "report upload --period {period}" if is_delivered else "report build --period {period}"
            own[REPORT] = JobPolicy(run=run, at=report, catch_up="all", retries=3)
        if not self.jobs and not own:
            return self
        if is_heard:
            # Headquarters calls an office silent after 26 hours.
            own[HEARTBEAT] = JobPolicy(run="heartbeat", at=When(at=time(6)), jitter=_HOUR, retries=5, allows=(0, 1))
        own[WATCH] = JobPolicy(
            run="alerts evaluate",
            at=When(every=self.watch),
            timeout=timedelta(minutes=30),
            max_delay=_HOUR,
        )
        return replace(self, jobs={**own, **self.jobs})


_BOUNDS = (
    ("watch", timedelta(minutes=1), timedelta(hours=1), "1m and 1h"),
    ("tick", timedelta.resolution, timedelta(minutes=5), "1s and 5m"),
    ("beat_within", timedelta(minutes=1), timedelta(days=1), "1m and 1d"),
    ("keep", timedelta(days=30), timedelta(days=36_500), "30d and 100 years"),
)


def _reached(name: str, jobs: Mapping[str, JobPolicy]) -> set[str]:
    """Everything that a job waits for, however far."""
    found: set[str] = set()
    left = list(jobs[name].needs)
    while left:
        needed = left.pop()
        if needed not in found:
            found.add(needed)
            left.extend(jobs[needed].needs if needed in jobs else ())
    return found
