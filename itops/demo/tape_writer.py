"""A simulation of what SQL Server writes: valid Microsoft Tape Format backups of databases that never were.

For the demo office and for tests. Written from the layout alone and sharing nothing with the reader, so that the two
check each other. Deterministic: equal backups give equal bytes. No real SQL Server could restore these files.
"""

import random
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import xor
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import NAMESPACE_DNS, UUID, uuid5

from itops.backup.copies import CopyKind

PAGE = 8192
_SECTOR = 512
_EXTENT_PAGES = 8
_POOL_PAGES = 1024  # longer databases repeat themselves
_LETTERS = {CopyKind.FULL: b"D", CopyKind.DIFFERENTIAL: b"I", CopyKind.LOG: b"L", CopyKind.PARTIAL: b"P"}
_UNKNOWN_ZONE = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeBackup:
    """One backup to be written. LSNs are decimal numbers as msdb prints them."""

    database: str
    started_at: datetime  # aware
    finished_at: datetime | None  # None: SQL Server was killed while it wrote
    server: str = "SQL01"
    machine: str = "SQL01"
    kind: CopyKind = CopyKind.FULL
    utc_offset_minutes: int | None = 210  # a multiple of 15; None: the tape does not say
    first_lsn: int = 31_000000012300037
    last_lsn: int = 31_000000014700001
    checkpoint_lsn: int = 31_000000012300037
    database_backup_lsn: int = 0
    base_id: UUID | None = None  # None: for a full backup one of its own
    data_bytes: int = 256 << 10  # of all stripes; not in a log backup
    log_bytes: int = 32 << 10
    has_checksums: bool = True  # BACKUP ... WITH CHECKSUM
    page_verify: Literal["checksum", "torn", "none"] = "checksum"
    build: tuple[int, int, int] = (10, 50, 1600)
    database_version: int = 661
    compatibility_level: int = 100
    name: str = ""
    is_copy_only: bool = False
    is_damaged: bool = False  # BACKUP ... WITH CONTINUE_AFTER_ERROR met damaged pages

    @property
    def seed(self) -> str:
        """What makes its bytes its own."""
        return f"{self.server}/{self.database}/{self.kind}/{self.started_at.isoformat()}"


def write_tape(
    paths: Sequence[Path], *backups: TapeBackup, media_id: UUID | None = None, block_bytes: int = 512, mirrors: int = 1
) -> None:
    """Write the backups one after the other (NOINIT) onto one stripe for each path."""
    media_id = media_id or uuid5(NAMESPACE_DNS, backups[0].seed)
    with ExitStack() as open_files:
        for number, path in enumerate(paths, 1):
            tape = _Tape(open_files.enter_context(path.open("wb")), block_bytes)
            tape.begin(media_id, number, len(paths), mirrors, backups[0])
            for position, backup in enumerate(backups, 1):
                _write_set(tape, backup, position, (number - 1, len(paths)))


def _write_set(tape: "_Tape", backup: TapeBackup, position: int, stripe: tuple[int, int]) -> None:
    """SSET VOLB MSCI, then pages and log, then MSLS SFMB ESET ESET SFMB."""
    attributes = (8 if backup.kind is CopyKind.DIFFERENTIAL else 4) | (2 if backup.is_copy_only else 0)
    minutes = backup.utc_offset_minutes
    zone = _UNKNOWN_ZONE if minutes is None else minutes // 15
    strings = _Strings(98)
    name, user = strings.add(backup.name), strings.add(f"{backup.machine}\\sqlservice")
    fields = struct.pack("<IHHHH", attributes, 0, 0, 0x1200, position)
    fields += name + bytes(8) + user + bytes(8) + _date(_local(backup, backup.started_at))
    tape.block(b"SSET", fields + struct.pack("<BBbBB", *backup.build[:2], zone, 0, 2) + strings.bytes)
    tape.pad()
    strings = _Strings(73)
    fields = bytes(4) + strings.add(f"\\\\.\\{backup.database}") + bytes(4) + strings.add(backup.machine)
    tape.block(b"VOLB", fields + _date(_local(backup, backup.started_at)) + strings.bytes)
    tape.pad()
    _write_record(tape, b"MSCI", backup, None)
    _write_payloads(tape, backup, stripe)
    _write_record(tape, b"MSLS", backup, backup.finished_at)
    tape.filemark()
    for catalogue in (b"TFDD", b"TSMP"):
        tape.block(b"ESET", struct.pack("<IHHH", 0, 0, 0, position))
        tape.stream(catalogue, bytes(64))
        tape.pad()
    tape.filemark()


def _write_payloads(tape: "_Tape", backup: TapeBackup, stripe: tuple[int, int]) -> None:
    if backup.kind is not CopyKind.LOG:
        number, stripes = stripe
        pages = _Pages(backup)
        tape.payload(b"MSDA", b"MQDA", list(pages.of_stripe(number, stripes)), is_summed=backup.has_checksums)
    if stripe[0] == 0:  # the log lies on the first stripe
        log = random.Random(backup.seed + "/log").randbytes(backup.log_bytes // _SECTOR * _SECTOR)  # noqa: S311
        tape.payload(b"MSTL", b"MQTL", [_Chunk.of(log)], is_summed=backup.has_checksums)


def _write_record(tape: "_Tape", kind: bytes, backup: TapeBackup, finished_at: datetime | None) -> None:
    """The block with the SCIN record; the finish date is filled in only at the end."""
    flags = 512 | (16 if backup.has_checksums else 0) | (32 if backup.is_damaged else 0)
    flags |= 2048 if backup.kind is CopyKind.DIFFERENTIAL else 0
    major, minor, build = backup.build
    base = backup.base_id
    if base is None and backup.kind is CopyKind.FULL:
        base = uuid5(NAMESPACE_DNS, backup.seed + "/set")
    strings = _Strings(216)
    database, server = strings.add(backup.database), strings.add(backup.server)
    lsns = (backup.first_lsn, backup.last_lsn, backup.checkpoint_lsn, backup.database_backup_lsn)
    fields = struct.pack("<I12xHBB4x", flags, build, minor, major) + b"".join(map(_lsn, lsns))
    fields += _date(_local(backup, backup.started_at - timedelta(days=400)))
    fields += _date(_local(backup, backup.started_at)) + _date(_local(backup, finished_at))
    fields += _LETTERS[backup.kind] + bytes(3)
    fields += struct.pack("<BxxHQ", backup.compatibility_level, backup.database_version, _total_bytes(backup))
    fields += database + server
    record = fields.ljust(192, b"\0") + (base.bytes_le if base else bytes(16)) + strings.bytes
    tape.block(kind, bytes(4))
    tape.stream(b"MQCI", b"SCIN" + struct.pack("<I", 8 + len(record)) + record)
    tape.pad()


def _total_bytes(backup: TapeBackup) -> int:
    return backup.log_bytes + (0 if backup.kind is CopyKind.LOG else backup.data_bytes)


def _local(backup: TapeBackup, moment: datetime | None) -> datetime | None:
    offset = timedelta(minutes=backup.utc_offset_minutes or 0)
    return None if moment is None else (moment - (moment.utcoffset() or timedelta()) + offset)


def _date(local: datetime | None) -> bytes:
    """40 bits: year, month, day, hour, minute, second."""
    if local is None:
        return bytes(5)
    value = local.year
    for part, bits in ((local.month, 4), (local.day, 5), (local.hour, 5), (local.minute, 6), (local.second, 6)):
        value = value << bits | part
    return value.to_bytes(5, "big")


def _lsn(value: int) -> bytes:
    rest, slot = divmod(value, 10**5)
    return struct.pack("<IIH", *divmod(rest, 10**10), slot)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Payload bytes and the XOR of each of their sectors, computed once however often they are written."""

    data: bytes
    sums: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> "_Chunk":
        return cls(data, tuple(_sector_sum(data[at : at + _SECTOR]) for at in range(0, len(data), _SECTOR)))


def _sector_sum(sector: bytes) -> int:
    words: tuple[int, ...] = struct.unpack("<128I", sector)
    return reduce(xor, words)


def _rotated(value: int, turn: int) -> int:
    return (value << turn | value >> (32 - turn)) & 0xFFFFFFFF


class _Pages:
    """The pages of a database: most with data under a checksum, every sixteenth not yet used."""

    def __init__(self, backup: TapeBackup) -> None:
        self._backup = backup
        self._count = max(1, backup.data_bytes // PAGE)
        self._pool: dict[int, _Chunk] = {}

    def of_stripe(self, stripe: int, stripes: int) -> Iterator[_Chunk]:
        """Extents of eight pages are dealt out to the stripes in turn."""
        for number in range(self._count):
            if number // _EXTENT_PAGES % stripes == stripe:
                yield self._page(number % _POOL_PAGES)

    def _page(self, number: int) -> _Chunk:
        if number not in self._pool:
            self._pool[number] = _Chunk.of(bytes(PAGE)) if number % 16 == 15 else self._made(number)
        return self._pool[number]

    def _made(self, number: int) -> _Chunk:
        flags = {"checksum": 0x200, "torn": 0x100, "none": 0}[self._backup.page_verify]
        body = random.Random(f"{self._backup.seed}/{number}").randbytes(PAGE - 96)  # noqa: S311  not for secrets
        header = struct.pack("<BBBBH26xIH22xI32x", 1, 1, 0, 0, flags, number, 1, 0)
        page = header + body
        if flags != 0x200:
            return _Chunk.of(page)
        sums = _Chunk.of(page).sums
        stored = reduce(xor, (_rotated(value, 15 - place) for place, value in enumerate(sums)))
        return _Chunk.of(page[:60] + struct.pack("<I", stored) + page[64:])


class _Strings:
    """UTF-16 texts behind the fields of a block, and the (size, place) pairs that point to them."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self.bytes = bytes(begin & 1)  # texts begin at even places

    def add(self, text: str) -> bytes:
        """The pair that points to it."""
        raw = text.encode("utf-16-le")
        place = self._begin + len(self.bytes)
        self.bytes += raw
        return struct.pack("<HH", len(raw), place if raw else 0)


class _Tape:
    """One file: blocks, their streams, and the padding between them."""

    def __init__(self, file: BinaryIO, block_bytes: int) -> None:
        self._file = file
        self._block_bytes = block_bytes
        self._blocks = 0

    def begin(self, media_id: UUID, number: int, stripes: int, mirrors: int, backup: TapeBackup) -> None:
        """The TAPE block and its filemark."""
        strings = _Strings(94)
        software = strings.add("Microsoft SQL Server")
        fields = struct.pack("<IIHHHH", media_id.int + number & 0xFFFFFFFF, 0, 1, 0, self._block_bytes, 0)
        fields += bytes(12) + software + struct.pack("<HH", self._block_bytes, 0x1200)
        self.block(b"TAPE", fields + _date(_local(backup, backup.started_at)) + b"\x01" + strings.bytes)
        self.stream(b"RAID", media_id.bytes_le + struct.pack("<IHHH6x", 0, stripes, mirrors, number))
        self.pad()
        self.filemark()

    def block(self, kind: bytes, fields: bytes) -> None:
        """A block's header and fields; its streams follow."""
        fields += bytes(-(52 + len(fields)) % 4)
        first = self._block_bytes if kind == b"SFMB" else 52 + len(fields)
        header = struct.pack("<4sIHBBQQ8xI8xBB", kind, 0, first, 14, 0, 0, 0, self._blocks, 2, 0)
        self._file.write(_summed(header) + fields)
        self._blocks += 1

    def filemark(self) -> None:
        """A soft filemark: one block, no streams."""
        self.block(b"SFMB", struct.pack("<II", 1, 1).ljust(self._block_bytes - 52, b"\0"))

    def stream(self, kind: bytes, payload: bytes) -> None:
        """A small stream."""
        self._stream_header(kind, len(payload))
        self._file.write(payload + bytes(-(22 + len(payload)) % 4))

    def payload(self, block: bytes, kind: bytes, chunks: Sequence[_Chunk], *, is_summed: bool) -> None:
        """A block with database pages or log bytes, aligned to a sector, and their checksum where it is wanted."""
        self.block(block, bytes(4))
        self.stream(b"APAD", bytes(-(self._file.tell() + 22 + 24) % _SECTOR))
        length = sum(len(chunk.data) for chunk in chunks)
        self._stream_header(kind, 2 + length, 0x100 if is_summed else 0)
        self._file.write(bytes(2))
        checksum = 0
        for chunk in chunks:
            self._file.write(chunk.data)
            for value in chunk.sums if is_summed else ():
                checksum = _rotated(checksum, 1) ^ value
        if is_summed:
            self.stream(b"CSUM", struct.pack("<I", checksum))
        self.pad()

    def pad(self) -> None:
        """The SPAD stream up to the next block."""
        room = -(self._file.tell() + 22) % self._block_bytes
        self._stream_header(b"SPAD", room)
        self._file.write(bytes(room))

    def _stream_header(self, kind: bytes, length: int, attributes: int = 0) -> None:
        self._file.write(_summed(struct.pack("<4sHHQHH", kind, 0, attributes, length, 0, 0)))


def _summed(header: bytes) -> bytes:
    """The header with the XOR of its words behind it."""
    return header + struct.pack("<H", reduce(xor, struct.unpack(f"<{len(header) // 2}H", header)))
