"""Contents in memory, as if behind a network, and how they are examined."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from itops.backup.contents import Thing
from itops.backup.formats import Format
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine
from itops.repositories.local import file_thing, folder_thing


class FarContent:
    """Bytes that no program of this machine can open, handed out in blocks of an odd size."""

    local_path: Path | None = None
    modified_at: datetime | None = None

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.size_bytes = len(data)
        self._data = data

    def read_at(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        return self._data[offset : offset + length]

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), 10_007):
            yield self._data[start : start + 10_007]

    def digest(self) -> str:
        return hashlib.sha256(self._data).hexdigest()


def far_file(data: bytes, name: str) -> Thing:
    return Thing(path=name, files=(FarContent(data, name),), head=data[:4096])


def far_folder(files: Mapping[str, bytes]) -> Thing:
    contents = tuple(FarContent(data, name) for name, data in sorted(files.items()))
    return Thing(path="folder", files=contents, is_folder=True)


def examined(thing: Thing, *formats: Format, level: Level = Level.INTACT, seconds: float = 60.0) -> Examination:
    with tempfile.TemporaryDirectory() as scratch:
        effort = BoundedEffort(level=level, scratch=Path(scratch), max_seconds=seconds)
        found = examine(thing, formats, effort)
        assert not [*Path(scratch).iterdir()], "something was left behind"
        return found


def examined_path(path: Path, *formats: Format, level: Level = Level.INTACT) -> Examination:
    return examined(folder_thing(path) if path.is_dir() else file_thing(path), *formats, level=level)


def faults(found: Examination) -> list[tuple[str, str]]:
    """Codes and places."""
    return [(fault.code, fault.place) for fault in found.faults]


def codes(found: Examination) -> set[str]:
    """Everything said against it, or for why no more can be said."""
    return {fault.code for fault in found.faults} | {limit.code for limit in found.limits}


def is_sane(found: Examination) -> bool:
    """It says why, when it did not come as far as it was asked to."""
    return bool(found.faults or found.limits) or found.level == found.attempted
