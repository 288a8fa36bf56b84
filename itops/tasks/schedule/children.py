"""The child processes that do the jobs: each in a session of its own, its output bounded, its time counted by a clock
that nobody sets.

On Windows there are no process groups to signal: there `taskkill /T` ends a child and what it started, and nothing
ties children to a daemon that was killed. That way is untested.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import IO, Protocol

from itops.sd_notify import OURS_ALONE

MARKER_VARIABLE = "ITOPS_RUN"
"""In the environment of every child and of all that it starts: whose run that is."""
ITOPS = (sys.executable, "-m", "itops")
GRACE_SECONDS = 5.0
"""How long a process that was asked to end may take."""
_TAIL_BYTES = 4096
_READ_BYTES = 1 << 16
_LAST_WORDS_SECONDS = 0.5
_LISTEN_SECONDS = 1.0
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1
_IS_LINUX = sys.platform.startswith("linux")
_LIBC = ctypes.CDLL(None, use_errno=True) if _IS_LINUX else None


class Child(Protocol):
    """A run that was started; `ProcessChild`, or what a test has in its place."""

    @property
    def pid(self) -> int:
        """Of the process; that of its group, too."""
        ...

    @property
    def age(self) -> timedelta:
        """How long it has been there, by the monotonic clock."""
        ...

    def exit_code(self) -> int | None:
        """As it ended, negative for a signal; None while it runs."""
        ...

    def output(self) -> str:
        """The end of what it printed."""
        ...

    def is_gone(self) -> bool:
        """Whether it has ended, with everything in its group."""
        ...

    def ask_to_end(self) -> None:
        """SIGTERM to its group, also where only grandchildren are left of it."""
        ...

    def kill(self) -> None:
        """SIGKILL to its group."""
        ...


Launch = Callable[[Sequence[str], str], Child]
"""Start the words after `itops` under a marker; raises OSError."""


def marker_of(office: str, job: str, due_at: datetime, config: Path) -> str:
    """Whose run it is: of two offices, or two settings files on one machine, none is taken for the other's."""
    return f"{office} {job} {due_at.isoformat()} {config}"


def launcher(config: Path, prefix: Sequence[str] = ITOPS) -> Launch:
    """Starts commands of itops with this settings file; `prefix` is what is run instead of itops, in tests."""

    def launch(words: Sequence[str], marker: str) -> Child:
        return ProcessChild([*prefix, "--config", str(config), *words], marker)

    return launch


class ProcessChild:
    """See Child. Started when made; raises OSError when that cannot be."""

    def __init__(self, arguments: Sequence[str], marker: str) -> None:
        inherited = {key: value for key, value in os.environ.items() if key not in OURS_ALONE}
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**inherited, MARKER_VARIABLE: marker},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            # Nothing here takes a lock: one system call, and one comparison.
            preexec_fn=_ending_with(os.getpid()) if _IS_LINUX else None,  # noqa: PLW1509
        )
        self._started = time.monotonic()
        assert self._process.stdout is not None
        self._tail = _Tail(self._process.stdout)

    @property
    def pid(self) -> int:
        """See Child."""
        return self._process.pid

    @property
    def age(self) -> timedelta:
        """See Child."""
        return timedelta(seconds=time.monotonic() - self._started)

    def exit_code(self) -> int | None:
        """See Child."""
        return self._process.poll()

    def output(self) -> str:
        """See Child. Waits a moment for the last words of a child that has ended."""
        return self._tail.text() if self.exit_code() is None else self._tail.last_text(_LAST_WORDS_SECONDS)

    def is_gone(self) -> bool:
        """See Child. The number of a group is given to nobody else while anything is left in it."""
        return self.exit_code() is not None and not _group_exists(self.pid)

    def ask_to_end(self) -> None:
        """See Child."""
        _signal_group(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """See Child."""
        _signal_group(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def stop(children: Iterable[Child], grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask the groups of all of them to end, and kill those that have not when the grace is over."""
    left = [child for child in children if not child.is_gone()]
    for child in left:
        child.ask_to_end()
    if still := _waited_for(left, grace_seconds):
        for child in still:
            child.kill()
        _waited_for(still, _LAST_WORDS_SECONDS)


def _waited_for(children: Sequence[Child], seconds: float) -> Sequence[Child]:
    """Those that are still there after so long."""
    until = time.monotonic() + seconds
    while children := [child for child in children if not child.is_gone()]:
        if time.monotonic() >= until:
            break
        time.sleep(_POLL_SECONDS)
    return children


class _Tail:
    """The end of what comes through a pipe, read as fast as it comes: neither memory nor disk can be filled."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = b""
        self._is_enough = False
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """What there is."""
        return self._kept.decode("utf-8", "replace")

    def last_text(self, wait_seconds: float) -> str:
        """What there is after so long, or when the pipe ends. Nothing is read after that: a grandchild that lives on
        may hold the pipe for ever, and would cost us a thread and a file of each run.
        """
        self._thread.join(wait_seconds)
        self._is_enough = True
        return self.text()

    def _read(self) -> None:
        with self._pipe:
            number = self._pipe.fileno()
            while self._hears_more(number) and (chunk := os.read(number, _READ_BYTES)):
                self._kept = (self._kept + chunk)[-_TAIL_BYTES:]

    def _hears_more(self, number: int) -> bool:
        """Wait for more, or for the end of the pipe; False when it is enough."""
        while not self._is_enough:
            # Windows can wait for no pipe but by reading.
            if sys.platform == "win32" or select.select([number], [], [], _LISTEN_SECONDS)[0]:
                return True
        return False


def _ending_with(parent: int) -> Callable[[], None]:
    """Run in the child before its program: SIGTERM when whoever started it dies, also if that was just now."""
    assert _LIBC is not None
    prctl, getppid, leave = _LIBC.prctl, os.getppid, os._exit

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if getppid() != parent:
            leave(128 + signal.SIGTERM)

    return prepare


if sys.platform == "win32":

    def _group_exists(pid: int) -> bool:
        return False

    def _signal_group(pid: int, number: int) -> None:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], check=False, capture_output=True)  # noqa: S607

else:

    def _group_exists(pid: int) -> bool:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # somebody else's by now, a program that changed its account
        return True

    def _signal_group(pid: int, number: int) -> None:
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return  # gone already, or not ours to end: whether it is there is asked again
