"""A streamOptimized VMDK read from front to back: each grain is a zlib stream with its own Adler-32.

Markers are one sector each: a grain's holds its first sector of the disk and its length and is followed at once by its
data; the others hold a length of 0, a number of sectors that follow, and a type. Source: "Virtual Disk Format 5.0".
"""

import struct
import zlib
from typing import TYPE_CHECKING

from itops.backup.contents import Content
from itops.backup.formats import Damaged, Effort, damaged
from itops.formats.archives.readers import StreamReader
from itops.formats.disks.tables import SECTOR
from itops.formats.disks.vmdk_layout import AT_END, MAGIC, Header, read_header
from itops.formats.disks.vmdk_tables import Grains
from itops.formats.exact import exactly, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

_END, _TABLE, _DIRECTORY, _FOOTER = 0, 1, 2, 3
_BATCH = 4096


def with_footer(content: Content, header: Header) -> Header:
    """The header that tells the grain directory: the footer, in the last sector but one, where there must be one."""
    if header.directory != AT_END:
        return header
    if content.size_bytes % SECTOR:
        raise damaged("unfinished", "footer", size_bytes=content.size_bytes)
    tail = exactly(content, max(content.size_bytes - 3 * SECTOR, 0), 3 * SECTOR, "footer")
    length, size, kind = struct.unpack_from("<QII", tail)
    if (length, size, kind) != (1, 0, _FOOTER) or tail[SECTOR : SECTOR + 4] != MAGIC or any(tail[2 * SECTOR :]):
        raise damaged("unfinished", "footer", size_bytes=content.size_bytes)
    footer = read_header(tail[SECTOR : 2 * SECTOR], "footer")
    same = ("flags", "capacity", "grain", "entries")
    if footer.directory == AT_END or any(getattr(footer, name) != getattr(header, name) for name in same):
        raise damaged("header-damaged", "footer")
    return footer


class StreamWalk:
    """One reading of one stream."""

    def __init__(self, content: Content, effort: Effort, header: Header) -> None:
        self._content, self._effort, self._header = content, effort, header
        self._reader = StreamReader(content.chunks())
        self._grain_bytes = header.grain * SECTOR
        self._numbers: list[int] = []
        self._sectors: list[int] = []
        self.unpacked_bytes = 0
        self.found = Grains()

    def run(self) -> None:
        """To the last byte; raises Damaged."""
        if self._header.overhead * SECTOR > self._content.size_bytes:
            inside(self._content, self._header.overhead * SECTOR, "grains")
        self._pass(self._header.overhead * SECTOR)
        while self._reader.position < self._content.size_bytes:
            if not self._marker():
                self._nothing_follows()
                break
        self._flush()

    def _pass(self, length: int) -> None:
        """Skip, in steps that let time run out."""
        while length > 0:
            self._effort.tick()
            step = self._reader.skip(min(length, 1 << 20))
            if not step:
                raise damaged("cut", missing_bytes=length, size_bytes=self._reader.position)
            length -= step

    def _take(self, length: int, place: str) -> bytes:
        data = self._reader.read(length)
        if len(data) < length:
            missing = length - len(data)
            raise damaged("cut", place, missing_bytes=missing, size_bytes=self._reader.position)
        return data

    def _marker(self) -> bool:
        """Whether the stream goes on behind this one."""
        at = self._reader.position
        place = f"byte {at}"
        marker = self._take(SECTOR, place)
        number, length, kind = struct.unpack_from("<QII", marker)
        if length:
            self._grain(number, length, marker[12:], at)
        elif kind == _END:
            if any(marker):
                raise damaged("structure-damaged", place)
            return False
        elif kind in {_TABLE, _DIRECTORY, _FOOTER}:
            if number * SECTOR > self._content.size_bytes:
                raise damaged("structure-damaged", place, sectors=number)
            self._pass(number * SECTOR)
        else:
            raise damaged("structure-damaged", place, type=kind)
        return True

    def _grain(self, first: int, length: int, start: bytes, at: int) -> None:
        place = f"grain at byte {at}"
        header = self._header
        if length > 2 * self._grain_bytes + SECTOR or first % header.grain or first >= header.capacity:
            raise damaged("structure-damaged", place, length=length)
        more = -(-(length + 12) // SECTOR) * SECTOR - SECTOR
        packed = (start + self._take(more, place))[:length]
        unpacked = _inflated(packed, self._grain_bytes, place)
        if unpacked < min(self._grain_bytes, (header.capacity - first) * SECTOR):
            raise damaged("stream-checksum", place, unpacked_bytes=unpacked)
        self.unpacked_bytes += unpacked
        self._effort.unpacked(unpacked, packed=self._content.size_bytes)
        self._numbers.append(first // header.grain)
        self._sectors.append(at // SECTOR)
        if len(self._numbers) == _BATCH:
            self._flush()

    def _flush(self) -> None:
        import numpy  # noqa: PLC0415  heavy; only disks need it

        self.found.add(numpy.array(self._numbers, dtype=numpy.int64), numpy.array(self._sectors, dtype=numpy.int64))
        self._numbers.clear()
        self._sectors.clear()

    def _nothing_follows(self) -> None:
        """QEMU leaves room for one plain grain behind its last; everybody else ends at once."""
        rest: Iterator[bytes] = self._reader.rest()
        for block in rest:
            self._effort.tick()
            if junk := block.lstrip(b"\0"):
                raise damaged("junk-appended", extra_bytes=len(junk) + sum(map(len, rest)))


def _inflated(packed: bytes, most: int, place: str) -> int:
    """How many bytes come out; raises Damaged unless exactly the packed ones make one sound zlib stream."""
    inflater = zlib.decompressobj()
    try:
        unpacked = len(inflater.decompress(packed, most + 1))
    except zlib.error as error:
        raise _bad_grain(place) from error
    if unpacked > most or not inflater.eof or inflater.unused_data:
        raise _bad_grain(place)
    return unpacked


def _bad_grain(place: str) -> Damaged:
    return damaged("stream-checksum", place)
