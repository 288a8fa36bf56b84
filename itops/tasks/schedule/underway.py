"""What ticks are given and tell, and the runs that are underway in between."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from filelock import FileLock

from itops.schedule.due import OfficeCalendar
from itops.schedule.planning import Held
from itops.schedule.policy import JobPolicy, SchedulePolicy
from itops.schedule.records import Run, RunState
from itops.schedule.runs import state_of_exit
from itops.store import StoreLocation
from itops.tasks.schedule.children import Child

Key: TypeAlias = tuple[str, datetime]
"""Job and due time: a row of the ledger."""


def key_of(run: Run) -> Key:
    """Which row it is."""
    return run.job, run.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """All that ticks need of itops.yaml."""

    policy: SchedulePolicy
    office: str  # its id
    zone: ZoneInfo
    calendar: OfficeCalendar
    location: StoreLocation
    config: Path  # absolute: children are given it

    def fingerprint(self) -> bytes:
        """What changes when itops.yaml does; of one that cannot be read, nothing."""
        try:
            return sha256(self.config.read_bytes()).digest()
        except OSError:
            return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What one tick did; rows as they were recorded."""

    started: tuple[Run, ...] = ()
    ended: tuple[Run, ...] = ()  # also those that were stopped; WAITING where they are tried again
    abandoned: tuple[Run, ...] = ()
    held: tuple[Held, ...] = ()
    clock_back: timedelta | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended, before it is recorded."""

    state: RunState
    at: datetime
    exit_code: int | None
    output: str


@dataclass(slots=True, kw_only=True)
class Ours:
    """A run that this process started and whose end is not recorded yet."""

    run: Run
    job: JobPolicy  # as it was when it began
    marker: str
    lock: FileLock
    child: Child | None = None  # None: it could not be started
    outcome: Outcome | None = None

    def look(self, now: datetime) -> None:
        """Remember how it ended, if it did just now."""
        if self.outcome is None and self.child is not None and (code := self.child.exit_code()) is not None:
            self.settle(state_of_exit(self.job, code), now)

    def settle(self, state: RunState, now: datetime) -> None:
        """It ended so."""
        assert self.child is not None
        self.outcome = Outcome(state=state, at=now, exit_code=self.child.exit_code(), output=self.child.output())
