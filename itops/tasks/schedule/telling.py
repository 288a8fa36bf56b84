"""The lines that whoever ticks writes into its log: plain text, one a happening, moments in UTC."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from itops.errors import ItopsError
from itops.schedule.planning import Held
from itops.schedule.records import Run, RunState
from itops.schedule.runs import FIRST_SIGHT, NEEDS, WINDOW
from itops.text import plain

Log = Callable[[str], None]
"""Writes one line."""
_SECOND = timedelta(seconds=1)
_HELD: Mapping[str, str] = {
    "not-before": "it may not begin yet",
    "behind": "an older run of it waits",
    "running": "its run before is not over",
    WINDOW: "its window is not open",
    NEEDS: "{} has not ended well",
    "busy": "as many jobs run as may",
}


def line(now: datetime, text: str) -> str:
    """What happened, and when."""
    return f"{_iso(now)} {plain(text)}"


def started(run: Run) -> str:
    """A command was started."""
    again = f", try {run.attempt}" if run.attempt > 1 else ""
    return f"started {_named(run)}{again}{_noted(run)}, process {run.pid}"


def ended(run: Run, state: RunState) -> str:
    """What became of a run that ended so; the row may wait for another try by now."""
    word = {
        RunState.TIMEOUT: "stopped at its limit",
        RunState.ABANDONED: "abandoned: whoever started it is gone",
        RunState.INTERRUPTED: "stopped because itops was asked to end",
    }.get(state, f"ended {state}")
    code = f", exit code {run.exit_code}" if run.exit_code is not None else ""
    took = ""
    if run.started_at is not None and run.ended_at is not None and state is not RunState.ABANDONED:
        took = f" after {max(run.ended_at - run.started_at, timedelta()) // _SECOND} s"
    again = f", tried again from {_iso(run.not_before)}" if run.state is RunState.WAITING and run.not_before else ""
    return f"{_named(run)} {word}{took}{code}{again}"


def orphans(count: int) -> str:
    """Processes of abandoned or stopped runs were found alive."""
    return f"ended what runs had left behind, processes: {count}"


def given_up(run: Run) -> str:
    """A due time that is not made up for, or a run that waits no longer."""
    if run.note == FIRST_SIGHT:
        return f"{run.job} is seen for the first time: nothing is made up for that was due until {_iso(run.due_at)}"
    return f"{_named(run)} is {run.state}{_noted(run)}"


def held(one: Held) -> str:
    """A run waits."""
    code, _, needed = one.why.partition(" ")
    return f"{_named(one.run)} waits: {_HELD[code].format(needed)}"


def clock_back(step: timedelta) -> str:
    """The clock shows less than at the last beat."""
    return f"the clock was set back by {step // _SECOND} s: what was due in between does not run again"


def problem(what: str, failure: ItopsError | OSError) -> str:
    """Something that passes, or that a person mends; itops goes on."""
    if isinstance(failure, ItopsError):
        return f"{what}: {'; '.join(failure.problem.splitlines())}; {failure.remedy}"
    return f"{what}: {failure.strerror or failure}"


def _named(run: Run) -> str:
    return f"{run.job} of {_iso(run.due_at)}"


def _noted(run: Run) -> str:
    return f" ({run.note})" if run.note else ""


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
