"""What a dead ticker's children left behind: after `kill -9`, what they had started may live on.

Known by the marker in their environment, which every process inherits (Linux: /proc/PID/environ, of our own account;
elsewhere nothing can be told for sure, and so nothing is ended).
"""

import os
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path

from itops.tasks.schedule.children import GRACE_SECONDS, MARKER_VARIABLE

EndOrphans = Callable[[Collection[str], float], tuple[int, ...]]
"""End all processes that carry one of these markers, after a grace in seconds; the ids of those there were."""
_PROC = Path("/proc")
_MOST_ENVIRONMENT = 4 << 20
_POLL_SECONDS = 0.05


def carriers(markers: Collection[str], proc: Path = _PROC) -> tuple[int, ...]:
    """The processes of our account, other than this one, whose environment has exactly one of these markers."""
    wanted = {f"{MARKER_VARIABLE}={marker}".encode() for marker in markers}
    if not wanted or not proc.is_dir():
        return ()
    found = (int(folder.name) for folder in proc.iterdir() if folder.name.isdecimal())
    return tuple(pid for pid in sorted(found) if pid != os.getpid() and wanted & _environment(proc / str(pid)))


def end_orphans(markers: Collection[str], grace_seconds: float = GRACE_SECONDS) -> tuple[int, ...]:
    """Ask them to end, and kill those that have not when the grace is over; the ids of those there were."""
    there = carriers(markers)
    _signal(there, signal.SIGTERM)
    left, until = there, time.monotonic() + grace_seconds
    while left and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        left = carriers(markers)
    _signal(left, getattr(signal, "SIGKILL", signal.SIGTERM))
    return there


def _signal(pids: Collection[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue  # it ended in the meantime, or became another account's


def _environment(folder: Path) -> set[bytes]:
    """The assignments in the environment of a process; none where it ended, is a zombie or not ours."""
    try:
        if folder.stat().st_uid != os.geteuid():
            return set()
        with (folder / "environ").open("rb") as file:
            return set(file.read(_MOST_ENVIRONMENT).split(b"\0"))
    except OSError:
        return set()
