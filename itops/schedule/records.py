"""The ledger of runs: one row for each time a job was due, and the beat of whoever ticks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """What became of one due time of a job."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"  # ended with an exit code that the job does not allow
    TIMEOUT = "timeout"  # stopped at its limit, with everything it had started
    ABANDONED = "abandoned"  # whoever started it died; nobody knows how it ended
    INTERRUPTED = "interrupted"  # stopped because the daemon was asked to end
    SKIPPED = "skipped"  # on purpose: outside its window for too long, or made up for by a later run
    WAITING = "waiting"  # due; held back by its window, by what it needs, or by a retry's delay

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.value not in OPEN


OPEN = (RunState.RUNNING.value, RunState.WAITING.value)
"""As they are kept: states of which something becomes."""
OVER = tuple(state.value for state in RunState if state.is_over and state is not RunState.SKIPPED)
"""Those of a run that began and is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One due time of one job. (job, due_at) is unique: nothing runs twice for one due time."""

    job: str
    due_at: datetime  # aware, UTC; without jitter
    state: RunState
    attempt: int = 1
    not_before: datetime | None = None  # of a run that waits: jitter, a retry
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    note: str = ""  # stable codes with commas between: "coalesced 2", "window", "needs verify", "retry failed"
    pid: int | None = None
    host: str = ""
    output: str = ""  # the end of what it printed, where it went wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """That somebody ticks: written by each tick, read by whoever watches the watcher."""

    at: datetime
    pid: int
    host: str
    version: str
