"""Edits of the register onto the disk: one writer at a time, on what the files say now, all files or none."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from itops.assets.edits import Edit
from itops.config.patching import write_all
from itops.config.register.editing import Changed, plan_edits
from itops.config.register.loading import load_whole
from itops.errors import ConfigInvalid, StoreLocked

_WAIT_SECONDS = 20.0
_POLL_SECONDS = 0.02
_READ_AND_WRITE = 0o666


def write_edits(path: Path, edits: Sequence[Edit], *, wait_seconds: float = _WAIT_SECONDS) -> Changed:
    """Read the register at `path` anew, apply the edits, judge the result and write the files that change.

    Other itops processes wait for each other, `wait_seconds` at most: then StoreLocked. An editor is under nobody's
    lock: when a file is saved while we work, nothing is written and ConfigInvalid says so. Raises what `plan_edits`
    and `load_whole` raise.
    """
    with register_lock(path, wait_seconds):
        changed = plan_edits(load_whole(path), edits)
        write_all([(file.path, file.old, file.new.text) for file in changed.files])
        return changed


@contextmanager
def register_lock(path: Path, wait_seconds: float = _WAIT_SECONDS) -> Iterator[None]:
    """Alone among itops processes: by a lock on `.NAME.lock` beside the register, which stays there, empty."""
    real = path.resolve()
    try:
        lock = FileLock(real.with_name(f".{real.name}.lock"), timeout=wait_seconds)
        lock.acquire(poll_interval=_POLL_SECONDS)
        _open_to_writers_of(real, Path(lock.lock_file))
    except Timeout:
        raise StoreLocked(
            f"another itops has been changing {real.name} for {wait_seconds:g} seconds",
            remedy="wait for it, then run the command again",
        ) from None
    except OSError as failure:
        raise ConfigInvalid(
            f"{real} cannot be changed: {failure.strerror or failure}",
            remedy="let the account that runs itops write into its folder",
        ) from failure
    try:
        yield
    finally:
        lock.release()


def _open_to_writers_of(register: Path, lock: Path) -> None:
    """Who may write the register may take turns, too, whatever our umask says."""
    status = lock.stat()
    if os.name == "posix" and status.st_uid == os.geteuid():
        lock.chmod(stat.S_IMODE(register.stat().st_mode) & _READ_AND_WRITE)
