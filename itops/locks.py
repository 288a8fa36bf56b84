"""Locks between processes: the kernel's own, on private files, let go of however a process ends. Never a pid file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from itops.errors import ItopsError

if TYPE_CHECKING:
    from filelock import FileLock

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_POLL_SECONDS = 0.02


def private_lock(file: Path, wait_seconds: float) -> "FileLock":
    """A lock that is not taken yet; taking it raises filelock.Timeout after so long, and OSError."""
    from filelock import FileLock  # noqa: PLC0415  30 ms, most of it asyncio, that readers need not pay

    return FileLock(
        file,
        timeout=wait_seconds,
        mode=_PRIVATE_FILE,
        thread_local=False,
        poll_interval=_POLL_SECONDS,
        fallback_to_soft=False,
    )


@contextmanager
def alone(file: Path, wait_seconds: float, taken: ItopsError) -> Iterator[None]:
    """Hold the lock; its folder is made where it is missing. Raises `taken` while somebody else has it, and OSError."""
    from filelock import Timeout  # noqa: PLC0415  as above

    file.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    lock = private_lock(file, wait_seconds)
    try:
        lock.acquire()
    except Timeout:
        raise taken from None
    try:
        yield
    finally:
        lock.release()
