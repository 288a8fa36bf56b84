"""Names inside a repository: always text that a store, JSON and a screen can hold, and always reversible.

A file name is bytes. What is not UTF-8, and what would steer a terminal, is written as `\\xhh`, and a backslash in such
a name as `\\x5c`; every other name stays as it is. `real_path` gives the name back with which the file can be opened.
"""

import errno
import re
from datetime import UTC, datetime, timedelta

SKIPPED = (
    "lost+found",  # of ext4
    "$RECYCLE.BIN",
    "System Volume Information",  # of Windows
    ".snapshot",
    ".snapshots",
    ".zfs",
    "#snapshot",  # views of the past: every file once more
    "#recycle",
    "@Recycle",
    "@eaDir",  # of NAS boxes: deleted files, thumbnails
    ".Trash-0",
    ".Trash-1000",
)
"""Folders that hold no backups of their own wherever they lie."""

_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\udc80-\udcff]|\\x")
_ESCAPED = re.compile(r"[\x00-\x1f\x7f-\x9f\udc80-\udcff\\]")
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def shown_path(path: str) -> str:
    """A path as the operating system gave it (`os.fsdecode`), as safe text."""
    if _UNSHOWN.search(path) is None:
        return path
    return "/".join(_ESCAPED.sub(_escape, part) if _UNSHOWN.search(part) else part for part in path.split("/"))


def _escape(found: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in found[0].encode("utf-8", "surrogateescape"))


def real_path(path: str) -> str:
    """The path behind a safe text, relative, for the operating system; raises OSError for one that leads elsewhere."""
    parts = [_real(part) for part in path.split("/")]
    if any(part in {"", ".", ".."} or "/" in part or "\0" in part for part in parts):
        raise OSError(errno.EINVAL, "not a path inside the repository", path)
    return "/".join(parts)


def _real(part: str) -> str:
    if "\\x" not in part:
        return part
    raw = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), part.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def moment_of(nanoseconds: int) -> datetime | None:
    """A file's time, aware, UTC; None for one that no calendar has: a file system takes any 64 bits."""
    try:
        return _1970 + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None
