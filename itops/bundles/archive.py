"""The archive of a bundle: a ZIP that is the same to the byte for the same files, and can be opened everywhere.

Nothing is compressed (what is inside is compressed already), nothing has a time or an owner, names are sorted. So an
archive needs no parser: from the manifest's list follows where every byte belongs, and any other byte is an objection.
Format: APPNOTE 4.3, local headers, central directory, end; no ZIP64, for MOST and ARCHIVE_MAX_BYTES are below it.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, BinaryIO

from itops.bundles.manifest import ARCHIVE_MAX_BYTES, ArchiveFacts, BundleFile, check_name
from itops.bundles.objections import Objection

CHUNK_BYTES = 1024 * 1024
_UTF8_NAMES = 0x0800
_VERSION = 20
_MADE_BY_UNIX = 3 << 8 | _VERSION
_FIRST_DAY = 0x0021  # 1980-01-01, the oldest day a ZIP can say
_PLAIN_FILE = 0o100644 << 16
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


class ArchiveWriter:
    """Fills one archive; the stream must be new, and able to seek."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._entries: list[tuple[BundleFile, int]] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> BundleFile:
        """Append a file, and measure it on the way. Names come in the order of their bytes; ValueError else."""
        check_name(name)
        if self._entries and self._entries[-1][0].name.encode() >= name.encode():
            raise ValueError(f"{name} comes out of order, or twice")
        start = self._out.tell()
        self._out.write(_local(name, 0, 0))
        digest, crc, size = hashlib.sha256(), 0, 0
        for chunk in chunks:
            size += len(chunk)
            if start + size > ARCHIVE_MAX_BYTES:
                raise ValueError(f"the files are larger than {ARCHIVE_MAX_BYTES:,} bytes together")
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
            self._out.write(chunk)
        end = self._out.tell()
        self._out.seek(start)
        self._out.write(_local(name, crc, size))
        self._out.seek(end)
        file = BundleFile(name=name, size_bytes=size, sha256=digest.hexdigest())
        self._entries.append((file, crc))
        return file

    def close(self) -> tuple[BundleFile, ...]:
        """Write what ends an archive; the files in it."""
        self._out.write(_directory(self._entries))
        return tuple(file for file, _ in self._entries)


def check_archive(stream: IO[bytes], archive: ArchiveFacts, files: tuple[BundleFile, ...]) -> Iterator[Objection]:
    """What speaks against these bytes being exactly this archive; reads no more than the manifest allows.

    The manifest's own sizes bound everything: a length inside the archive is compared, never believed.
    """
    reader = _Reader(stream)
    entries: list[tuple[BundleFile, int]] = []
    damaged, is_laid_out = [], True
    for file in files:
        header = reader.take(_LOCAL.size + len(file.name.encode()))
        content, crc = reader.measure(file.size_bytes)
        is_laid_out = is_laid_out and header == _local(file.name, crc, file.size_bytes)
        entries.append((file, crc))
        if content != file.sha256:
            damaged.append(file.name)
    directory = _directory(entries)
    is_laid_out = reader.take(len(directory)) == directory and is_laid_out
    if reader.measure_rest(archive.size_bytes) != archive:
        yield Objection("bundle.archive-differs", {"sha256": archive.sha256})
    for name in damaged:
        yield Objection("bundle.file-differs", {"file": name})
    if not is_laid_out and not damaged:
        yield Objection("bundle.archive-holds-more", {})


class _Reader:
    """Reads on, and measures the whole."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._size = 0

    def take(self, count: int) -> bytes:
        """A few bytes; fewer at the end."""
        found = self._stream.read(count)
        self._digest.update(found)
        self._size += len(found)
        return found

    def measure(self, count: int) -> tuple[str, int]:
        """SHA-256 and CRC-32 of the next bytes."""
        digest, crc = hashlib.sha256(), 0
        while count and (chunk := self.take(min(count, CHUNK_BYTES))):
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
            count -= len(chunk)
        return digest.hexdigest(), crc

    def measure_rest(self, expected: int) -> ArchiveFacts:
        """Size and SHA-256 of all; of what is longer than expected, only that."""
        while self._size <= expected and self.take(CHUNK_BYTES):
            pass
        return ArchiveFacts(size_bytes=self._size, sha256=self._digest.hexdigest())


def _local(name: str, crc: int, size: int) -> bytes:
    encoded = name.encode()
    fields = (_VERSION, _UTF8_NAMES, 0, 0, _FIRST_DAY, crc, size, size, len(encoded), 0)
    return _LOCAL.pack(b"PK\x03\x04", *fields) + encoded


def _directory(entries: list[tuple[BundleFile, int]]) -> bytes:
    """The central directory and the end of the archive."""
    lines, start = [], 0
    for file, crc in entries:
        name, size = file.name.encode(), file.size_bytes
        times = (_MADE_BY_UNIX, _VERSION, _UTF8_NAMES, 0, 0, _FIRST_DAY)
        rest = (len(name), 0, 0, 0, 0, _PLAIN_FILE, start)
        lines.append(_CENTRAL.pack(b"PK\x01\x02", *times, crc, size, size, *rest) + name)
        start += _LOCAL.size + len(name) + size
    whole = b"".join(lines)
    return whole + _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(whole), start, 0)
