"""Who ticks, and whose runs are alive: locks that the system lets go of however their process ends.

* `schedule.lock` in the state folder: one evaluation at a time. A daemon holds it for its whole life, a single tick
  only while it evaluates and not while it waits for what it started.
* `runs/JOB-DUE.lock`: held by whoever started a run, from before its row says RUNNING until after it says how it
  ended. So a row that says RUNNING while nobody holds its lock is one whose ticker died.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from itops.errors import ItopsError, StoreUnavailable
from itops.locks import alone, private_lock
from itops.schedule.records import Run

LOCK_NAME = "schedule.lock"
_RUNS = "runs"
_PRIVATE_FOLDER = 0o700


class AlreadyTicking(ItopsError):
    """Another itops looks after the schedule: nothing is to do here."""

    exit_code = 75


@contextmanager
def turn(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Be the only one who evaluates the schedule of this state folder; raises AlreadyTicking, StoreUnavailable."""
    taken = AlreadyTicking(
        f"another itops looks after the schedule of {folder}",
        remedy="let it; or stop it first: `systemctl stop itops`, where it is a service",
    )
    with ExitStack() as held:
        with _explaining(folder):
            held.enter_context(alone(folder / LOCK_NAME, wait_seconds, taken))
        yield


class RunLocks:
    """The locks of runs. To be taken and asked about only by whoever has the turn; let go of at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _RUNS

    def hold(self, run: Run) -> FileLock | None:
        """Say that a run is ours; None where it is still somebody else's. Raises StoreUnavailable."""
        lock = private_lock(self._file(run), 0)
        with _explaining(self._folder.parent):
            self._folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            return lock if _is_taken(lock) else None

    def is_held(self, run: Run) -> bool:
        """Whether the process that started it is still there. Raises StoreUnavailable."""
        with _explaining(self._folder.parent):
            return _is_held(self._file(run))

    def sweep(self) -> None:
        """Remove what dead processes left. Raises StoreUnavailable."""
        with _explaining(self._folder.parent):
            for file in self._folder.glob("*.lock"):
                _is_held(file)

    def _file(self, run: Run) -> Path:
        return self._folder / f"{run.job}-{run.due_at:%Y%m%dT%H%M%S}.lock"


def let_go(lock: FileLock) -> None:
    """The run is over, and its row says so."""
    Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()


def _is_held(file: Path) -> bool:
    """One that nobody holds is removed."""
    probe = private_lock(file, 0)
    if not file.exists():
        return False
    if not _is_taken(probe):
        return True
    let_go(probe)
    return False


def _is_taken(lock: FileLock) -> bool:
    """Take it; False where somebody else has it."""
    try:
        lock.acquire()
    except Timeout:
        return False
    return True


@contextmanager
def _explaining(folder: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        raise StoreUnavailable(
            f"the state folder {folder} cannot be used: {error.strerror}",
            remedy="let the account that runs itops write the state folder and the files in it",
        ) from error
