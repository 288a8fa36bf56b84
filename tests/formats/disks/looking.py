"""Examine bytes as if they lay on another machine: no local path, nothing but reads."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from itops.backup.contents import Thing
from itops.backup.formats import Format
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine


class FarContent:
    """A Content without a local path."""

    local_path: Path | None = None

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data
        self.size_bytes = len(data)
        self.modified_at: datetime | None = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
        self.bytes_read = 0

    def read_at(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        found = self._data[offset : offset + length]
        self.bytes_read += len(found)
        return found

    def chunks(self) -> Iterator[bytes]:
        for begin in range(0, len(self._data), 1 << 20):
            self.bytes_read += len(self._data[begin : begin + (1 << 20)])
            yield self._data[begin : begin + (1 << 20)]

    def digest(self) -> str:
        return hashlib.sha256(self._data).hexdigest()


def lone(data: bytes, path: str = "copy") -> Thing:
    return Thing(path=path, files=(FarContent(path, data),), head=data[:4096])


def folder(files: Mapping[str, bytes], path: str = "folder") -> Thing:
    return Thing(path=path, files=tuple(FarContent(name, files[name]) for name in sorted(files)), is_folder=True)


def files_of(path: Path) -> dict[str, bytes]:
    """A real folder as bytes, to be damaged one file at a time."""
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def looked(thing: Thing, *formats: Format, level: Level = Level.INTACT) -> Examination:
    with tempfile.TemporaryDirectory() as scratch:
        return examine(thing, formats, BoundedEffort(level=level, scratch=Path(scratch)))


def codes(examination: Examination) -> list[str]:
    return [fault.code for fault in examination.faults] or [limit.code for limit in examination.limits]
