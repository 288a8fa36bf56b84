"""Simulated backups in memory, and the surgery done on them."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, reduce
from operator import xor
from pathlib import Path
from tempfile import TemporaryDirectory

from itops.backup.contents import Thing
from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine
from itops.formats.mssql import MssqlBackup, MssqlCompressedBackup
from itops.formats.mssql.blocks import Block, read_blocks
from itops.formats.mssql.window import Window

FORMATS = (MssqlBackup(), MssqlCompressedBackup())
STARTED = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
FULL = TapeBackup(
    database="Insurance",
    server="SQL01\\PROD",
    started_at=STARTED,
    finished_at=datetime(2026, 11, 21, 21, 31, 5, tzinfo=UTC),
    name="Insurance full",
    data_bytes=24 * 8192,
    log_bytes=4096,
)
DIFFERENTIAL = replace(FULL, kind=CopyKind.DIFFERENTIAL, database_backup_lsn=FULL.checkpoint_lsn)
LOG = replace(FULL, kind=CopyKind.LOG, database_backup_lsn=FULL.checkpoint_lsn, log_bytes=64 << 10)
SMALL = replace(FULL, data_bytes=16 << 10, log_bytes=1024)


class Bytes:
    """A Content in memory, as if behind a network; counts what it is asked for."""

    local_path: Path | None = None
    modified_at: datetime | None = None

    def __init__(self, data: bytes, name: str = "Insurance.bak", *, size: int | None = None, chunk: int = 1 << 20):
        self.data = data
        self.name = name
        self.size_bytes = len(data) if size is None else size
        self.reads = 0
        self.bytes_read = 0
        self._chunk = chunk

    def read_at(self, offset: int, length: int) -> bytes:
        self.reads += 1
        self.bytes_read += length
        return self.data[offset : offset + length]

    def chunks(self) -> Iterator[bytes]:
        for begin in range(0, len(self.data), self._chunk):
            yield self.data[begin : begin + self._chunk]

    def digest(self) -> str:
        return ""


def thing_of(*files: bytes | Bytes) -> Thing:
    contents = tuple(
        Bytes(file, f"Insurance_{number}.bak" if len(files) > 1 else "Insurance.bak")
        if isinstance(file, bytes)
        else file
        for number, file in enumerate(files, 1)
    )
    return Thing(path=contents[0].name, files=contents, head=contents[0].data[:4096])


def examined(*files: bytes | Bytes, level: Level = Level.INTACT) -> Examination:
    return examine(thing_of(*files), FORMATS, BoundedEffort(level=level, scratch=Path("/nonexistent")))


def codes(*files: bytes | Bytes, level: Level = Level.INTACT) -> set[str]:
    """Of the faults."""
    return {fault.code for fault in examined(*files, level=level).faults}


@cache
def stripes_of(*backups: TapeBackup, stripes: int = 2, block_bytes: int = 512, mirrors: int = 1) -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.bak" for number in range(stripes)]
        write_tape(paths, *backups, block_bytes=block_bytes, mirrors=mirrors)
        return tuple(path.read_bytes() for path in paths)


def tape_of(*backups: TapeBackup, block_bytes: int = 512) -> bytes:
    return stripes_of(*backups, stripes=1, block_bytes=block_bytes)[0]


def blocks_of(data: bytes) -> list[Block]:
    return list(read_blocks(Window(Bytes(data), lambda: None, most_steps=100_000)))


def payload_of(data: bytes, kind: bytes = b"MQDA") -> tuple[int, int]:
    """Where the first payload of that kind begins and ends."""
    for block in blocks_of(data):
        for stream in block.streams:
            if stream.kind == kind:
                return stream.payload + 2, stream.payload + stream.length
    raise AssertionError(kind)


def changed(data: bytes, offset: int, new: bytes) -> bytes:
    return data[:offset] + new + data[offset + len(new) :]


def flipped(data: bytes, offset: int, mask: int = 0x10) -> bytes:
    return changed(data, offset, bytes([data[offset] ^ mask]))


def rechecked(data: bytes, offset: int, length: int) -> bytes:
    """With the checksum of the header of `length` bytes at `offset` made right again: nothing but sense is wrong."""
    header = data[offset : offset + length - 2]
    words = struct.unpack(f"<{len(header) // 2}H", header)
    return changed(data, offset + length - 2, struct.pack("<H", reduce(xor, words)))


def headers_of(data: bytes) -> list[tuple[int, int]]:
    """Where headers are and how long: of blocks 52 bytes, of streams 22."""
    found = []
    for block in blocks_of(data):
        found.append((block.offset, 52))
        found.extend((stream.offset, 22) for stream in block.streams)
    return found


def record_at(data: bytes, block: bytes = b"MSCI") -> int:
    """Where the SCIN record of the first such block begins."""
    begin = next(found.offset for found in blocks_of(data) if found.kind == block)
    return data.index(b"SCIN", begin)


def ranges(places: Sequence[int], around: Sequence[int], size: int) -> list[int]:
    return sorted({place + step for place in places for step in around if 0 < place + step < size})
