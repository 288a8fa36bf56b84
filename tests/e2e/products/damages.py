"""Damages to files on a disk."""

from pathlib import Path


def flip(path: Path, position: int | None = None) -> None:
    """One bit, in the middle unless told otherwise."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if position is None else position] ^= 0x10
    path.write_bytes(data)


def cut(path: Path, count: int = 1) -> None:
    """The last bytes."""
    path.write_bytes(path.read_bytes()[:-count])


def empty(path: Path) -> None:
    """All of it, but not its name."""
    path.write_bytes(b"")
