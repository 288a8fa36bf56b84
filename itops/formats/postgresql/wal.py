"""Walk the records of write-ahead log, each with its CRC-32C. Source: the page and record headers, the same since 9.5.

A page of 8 KiB begins with a header: magic, flags, timeline, its own address, how much of a record goes on here; the
first page of a file has more. A record has its length first, its CRC last in its header, and begins at a multiple of 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from itops.backup.formats import MIB, Effort, damaged
from itops.formats.crc32c import crc32c
from itops.formats.postgresql.manifest import WAL, WalRange

_PAGE = 8192
_HEADER, _LONG_HEADER = 24, 40
_GOES_ON = 0x0001
_RECORD_HEADER = 24
_CRC_AT = 20
_LONGEST_RECORD = 1 << 30  # PostgreSQL writes 1020 MiB at most
_SWITCH = 0x40  # of resource manager 0: the rest of the file is not used


class _ReadAt(Protocol):
    def read_at(self, offset: int, length: int) -> bytes: ...


def check_wal(part: WalRange, segment_bytes: int, files: Mapping[str, _ReadAt], effort: Effort) -> int:
    """How many records there are from its start to its end. Raises Damaged (member-missing, wal-record)."""
    log = _Log(part, segment_bytes, files, effort, part.start)
    count = 0
    while log.position < part.end:
        log.record()
        count += 1
    return count


@dataclass(slots=True)
class _Log:
    """A position in the log."""

    part: WalRange
    segment_bytes: int
    files: Mapping[str, _ReadAt]
    effort: Effort
    position: int
    _block: bytes = b""
    _block_at: int = field(default=-1)
    _begin: int = 0

    def record(self) -> None:
        """Read one record and leave the position at the next."""
        self._begin = self.position
        length = int.from_bytes(self._take(4), "little")
        if not _RECORD_HEADER <= length <= min(_LONGEST_RECORD, self.part.end - self._begin):
            raise self._wrong()
        header = length.to_bytes(4, "little") + self._take(_RECORD_HEADER - 4)
        if crc32c(header[:_CRC_AT], crc32c(self._take(length - _RECORD_HEADER))) != int.from_bytes(
            header[_CRC_AT:], "little"
        ):
            raise self._wrong()
        if header[17] == 0 and header[16] & 0xF0 == _SWITCH:
            self.position = -(-self.position // self.segment_bytes) * self.segment_bytes
        else:
            self.position = -(-self.position // 8) * 8

    def _take(self, length: int) -> bytes:
        """The next bytes of the record, over the ends of pages."""
        pieces = []
        while length > 0:
            if self.position % _PAGE == 0:
                self._page_header()
            piece = self._at(self.position, min(length, _PAGE - self.position % _PAGE))
            pieces.append(piece)
            self.position += len(piece)
            length -= len(piece)
        return b"".join(pieces)

    def _page_header(self) -> None:
        header = self._at(self.position, _HEADER)
        flags, address = int.from_bytes(header[2:4], "little"), int.from_bytes(header[8:16], "little")
        is_first = self.position % self.segment_bytes == 0
        goes_on = self.position != self._begin
        if address != self.position or bool(flags & _GOES_ON) != goes_on:
            raise self._wrong()
        self.position += _LONG_HEADER if is_first else _HEADER

    def _at(self, position: int, length: int) -> bytes:
        """Bytes within one page, read a MiB at a time."""
        block_at = position // MIB * MIB
        if block_at != self._block_at:
            self.effort.tick()
            number, offset = divmod(block_at, self.segment_bytes)
            name = WAL + self.part.segment(number, self.segment_bytes)
            if name not in self.files:
                raise damaged("member-missing", name)
            self._block, self._block_at = self.files[name].read_at(offset, MIB), block_at
        start = position - block_at
        data = self._block[start : start + length]
        if len(data) < length:
            raise self._wrong()
        return data

    def _wrong(self) -> Exception:
        return damaged("wal-record", f"{self._begin >> 32:X}/{self._begin & 0xFFFFFFFF:X}")
