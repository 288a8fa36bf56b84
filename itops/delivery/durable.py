"""Files that are there whole or not at all, whatever dies in between: write beside, fsync, rename, fsync the folder."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

CHUNK_BYTES = 1024 * 1024
PART_ENDING = ".part"
_PRIVATE = 0o600
# Others may write in a drop: what they put under our name is neither followed nor waited for.
_AS_OURS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def write_whole(path: Path, data: bytes, mode: int = _PRIVATE) -> None:
    """Write a small file, replacing what is there."""
    beside = path.with_name(path.name + PART_ENDING)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _AS_OURS, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        sync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)


def read_small(path: Path, most_bytes: int) -> bytes:
    """A small file that others may have put there: one byte more than `most_bytes` where it is longer. Raises OSError
    for what is no plain file, too.
    """
    descriptor = os.open(path, os.O_RDONLY | _AS_OURS)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most_bytes + 1)
    finally:
        os.close(descriptor)


def copy_whole(source: Path, path: Path, told: Callable[[int], None] = lambda count: None) -> int:
    """Copy a file beside its place and rename it there; how many bytes a cut try had left that were right.

    `told` hears of each piece, what was there already included.
    """
    beside = path.with_name(path.name + PART_ENDING)
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), _PRIVATE)
    resumed = 0
    with open(source, "rb") as origin, os.fdopen(descriptor, "r+b") as file:
        while chunk := origin.read(CHUNK_BYTES):
            place = file.tell()
            if file.read(len(chunk)) == chunk:
                resumed += len(chunk)
            else:
                file.seek(place)
                file.write(chunk)
            told(len(chunk))
        file.truncate()
        file.flush()
        sync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)
    return resumed


def sync(descriptor: int) -> None:
    """Wait until the disk has it."""
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """The same for the names in a folder; shares and systems that cannot do it have nothing to wait for."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network shares refuse it for folders; the file itself was synced
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Of a file's whole content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
