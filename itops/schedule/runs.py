"""One run: how it begins and ends, and what its note says. A note is stable codes with commas between."""

from dataclasses import replace
from datetime import datetime, timedelta

from itops.schedule.policy import JobPolicy
from itops.schedule.records import Run, RunState

FIRST_SIGHT, SUPERSEDED, MISSED, NO_SUCH_JOB = "first-sight", "superseded", "missed", "no-such-job"
TOO_LATE = "too-late"
COALESCED, RETRY, WINDOW, NEEDS = "coalesced", "retry", "window", "needs"
LONGEST_RETRY = timedelta(hours=1)
_WENT_WRONG = frozenset({RunState.FAILED, RunState.TIMEOUT, RunState.ABANDONED, RunState.INTERRUPTED})


def begun(run: Run, now: datetime, host: str, pid: int | None = None) -> Run:
    """A run whose command is started now; recorded without a pid before, and with it after the process is there."""
    return replace(
        run,
        state=RunState.RUNNING,
        not_before=None,
        started_at=now,
        ended_at=None,
        exit_code=None,
        output="",
        host=host,
        pid=pid,
    )


def state_of_exit(job: JobPolicy, exit_code: int) -> RunState:
    """OK or FAILED; an exit code below 0 is the signal that ended it."""
    return RunState.OK if exit_code in job.allows else RunState.FAILED


def ended(
    job: JobPolicy | None, run: Run, state: RunState, now: datetime, *, exit_code: int | None = None, output: str = ""
) -> Run:
    """What becomes of a run that ended so: over, or WAITING for another try. `job` is None when there is none any more.

    Only `retries` lets a command begin twice for one due time, whatever ended it; one that was interrupted by us need
    not wait for it.
    """
    over = replace(run, state=state, ended_at=now, exit_code=exit_code, output="" if state is RunState.OK else output)
    if state is RunState.OK or job is None or run.attempt > job.retries:
        return over
    wait = timedelta() if state is RunState.INTERRUPTED else _retry_wait(job.retry_after, run.attempt)
    return replace(
        over,
        state=RunState.WAITING,
        attempt=run.attempt + 1,
        not_before=now + wait,
        note=noting(run.note, f"{RETRY} {state}"),
    )


def given_up(run: Run, why: str, now: datetime) -> Run:
    """A run that waits no longer. One that was tried goes down as what became of that; it is no choice of ours that it
    went wrong.
    """
    note = noting(run.note, why)
    if run.started_at is None:
        return replace(run, state=RunState.SKIPPED, not_before=None, ended_at=now, note=note)
    tried = _argument(run.note, RETRY)
    state = RunState(tried) if tried in _WENT_WRONG else RunState.FAILED
    return replace(run, state=state, not_before=None, note=note)


def coalesced(run: Run) -> int:
    """How many earlier due times a run makes up for."""
    found = _argument(run.note, COALESCED)
    return int(found) if found.isdecimal() else 0


def noting(note: str, code: str) -> str:
    """A note is codes with commas between; one that says the same of another moment is replaced, and so is a hold."""
    word = code.partition(" ")[0]
    gone = {word, WINDOW, NEEDS} if word in (WINDOW, NEEDS) else {word}
    return ", ".join(filter(None, [without(note, *gone), code]))


def without(note: str, *words: str) -> str:
    """A note without the codes that begin with one of these words."""
    return ", ".join(part for part in note.split(", ") if part and part.partition(" ")[0] not in words)


def _argument(note: str, word: str) -> str:
    """What stands behind a word of a note: "2" in `coalesced 2`; "" without it."""
    found = (part.partition(" ") for part in note.split(", "))
    return next((rest for first, _, rest in found if first == word), "")


def _retry_wait(first: timedelta, attempt: int) -> timedelta:
    """Doubled after each try up to an hour; a first wait that is longer stays what it is."""
    return first if first >= LONGEST_RETRY else min(first * 2 ** (attempt - 1), LONGEST_RETRY)
