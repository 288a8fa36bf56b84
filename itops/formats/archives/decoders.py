"""Decompressors that never give more than a block at a time and say what is wrong in our words.

Each decodes one stream (a gzip member, a bzip2 or xz stream); zstandard's frames are in `frames`. Sources: RFC 1952,
the .xz file format 1.1.0, PKWARE's APPNOTE 6.3.10 (for LZMA inside zip).
"""

import bz2
import lzma
import zlib
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Protocol

from itops.backup.formats import Damaged, Unprovable, damaged

BLOCK = 1 << 20
MOST_MEMORY = 256 << 20  # xz -9 needs 65 MiB; a header may ask for 4 GiB
_XZ_CHECKS = {lzma.CHECK_CRC32: "crc32", lzma.CHECK_CRC64: "crc64", lzma.CHECK_SHA256: "sha256"}


class Decoder(Protocol):
    """One stream."""

    @property
    def is_done(self) -> bool:
        """Whether its end was decoded."""
        ...

    @property
    def unused(self) -> bytes:
        """What came after its end, once it is done."""
        ...

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What the next packed bytes unpack to, in blocks of at most 1 MiB; raises Damaged or Unprovable."""
        ...

    @property
    def check(self) -> str:
        """The checksum it verified, "none" if it has none; known once it is done."""
        ...


class Inflate:
    """Deflate: in gzip with a CRC-32, in zlib with an Adler-32, or bare as in zip, which keeps its sum elsewhere."""

    _AROUND: ClassVar[Mapping[str, tuple[int, str]]] = {
        "gzip": (zlib.MAX_WBITS | 16, "crc32"),
        "zlib": (zlib.MAX_WBITS, "adler32"),
        "nothing": (-zlib.MAX_WBITS, "none"),
    }

    def __init__(self, around: Literal["gzip", "zlib", "nothing"] = "gzip") -> None:
        self.is_done = False
        self.unused = b""
        bits, self.check = self._AROUND[around]
        self._inflate = zlib.decompressobj(bits)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """As Decoder."""
        while not self.is_done:
            try:
                block = self._inflate.decompress(data, BLOCK)
            except zlib.error as error:
                raise _inflate_fault(str(error)) from error
            data = self._inflate.unconsumed_tail
            self.is_done, self.unused = self._inflate.eof, self._inflate.unused_data
            if block:
                yield block
            if not data and len(block) < BLOCK:
                return


class Bunzip:
    """bzip2: a CRC-32 for each block and one for all."""

    def __init__(self) -> None:
        self.is_done = False
        self.unused = b""
        self.check = "crc32"
        self._bunzip = bz2.BZ2Decompressor()

    def decode(self, data: bytes) -> Iterator[bytes]:
        """As Decoder."""
        while not self.is_done:
            try:
                block = self._bunzip.decompress(data, BLOCK)
            except OSError as error:  # "Invalid data stream": bad coding and bad CRC alike
                raise damaged("structure-damaged") from error
            data = b""
            self.is_done, self.unused = self._bunzip.eof, self._bunzip.unused_data
            if block:
                yield block
            elif self._bunzip.needs_input:
                return


class Unxz:
    """xz, or bare LZMA as in zip (`filters`)."""

    def __init__(self, filters: dict[str, int] | None = None) -> None:
        self.is_done = False
        self.unused = b""
        self._unxz = (
            lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])
            if filters
            else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)
        )

    @property
    def check(self) -> str:
        """As Decoder."""
        return _XZ_CHECKS.get(self._unxz.check, "none")

    def decode(self, data: bytes) -> Iterator[bytes]:
        """As Decoder."""
        while not self.is_done:
            try:
                block = self._unxz.decompress(data, BLOCK)
            except lzma.LZMAError as error:
                raise _lzma_fault(str(error)) from error
            data = b""
            self.is_done, self.unused = self._unxz.eof, self._unxz.unused_data
            if block:
                yield block
            elif self._unxz.needs_input:
                return


class ZipLzma:
    """LZMA as zip stores it: two bytes of version, the length of the properties, the properties, then the stream."""

    _HEAD = 9

    def __init__(self) -> None:
        self.check = "none"
        self._head = b""
        self._stream: Unxz | None = None

    @property
    def is_done(self) -> bool:
        """As Decoder; a stream without an end marker is never done."""
        return self._stream is not None and self._stream.is_done

    @property
    def unused(self) -> bytes:
        """As Decoder."""
        return self._stream.unused if self._stream else b""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """As Decoder."""
        if self._stream is None:
            self._head, data = self._head + data[: self._HEAD - len(self._head)], data[self._HEAD - len(self._head) :]
            if len(self._head) < self._HEAD:
                return
            self._stream = Unxz(lzma_filter(self._head[4:]))
        yield from self._stream.decode(data)


class Stored:
    """No compression at all."""

    is_done = False
    unused = b""
    check = "none"

    def decode(self, data: bytes) -> Iterator[bytes]:
        """As Decoder."""
        if data:
            yield data


def lzma_filter(properties: bytes) -> dict[str, int]:
    """What liblzma wants to know, from LZMA's five property bytes; raises Damaged or Unprovable."""
    rest, dictionary = properties[0], int.from_bytes(properties[1:5], "little")
    if rest >= 9 * 5 * 5 or rest % 9 + rest // 9 % 5 > 4:
        raise damaged("structure-damaged")
    if dictionary > MOST_MEMORY:
        raise Unprovable("needs-memory", bytes=MOST_MEMORY, wanted_bytes=dictionary)
    return {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(dictionary, 4096),
        "lc": rest % 9,
        "lp": rest // 9 % 5,
        "pb": rest // 45,
    }


def lzma2_filter(property_byte: int, *, most: int = MOST_MEMORY) -> dict[str, int]:
    """What liblzma wants to know, from LZMA2's one property byte; raises Damaged or Unprovable."""
    if property_byte > 40:
        raise damaged("structure-damaged")
    dictionary = 0xFFFFFFFF if property_byte == 40 else (2 | property_byte & 1) << property_byte // 2 + 11
    if dictionary > most:
        raise Unprovable("needs-memory", bytes=most, wanted_bytes=dictionary)
    return {"id": lzma.FILTER_LZMA2, "dict_size": dictionary}


def _inflate_fault(message: str) -> Damaged:
    """In zlib's words: "incorrect header check", "incorrect data check", "incorrect length check", "invalid ..."."""
    if "header" in message:
        return damaged("header-damaged")
    return damaged("stream-checksum" if "check" in message else "structure-damaged")


def _lzma_fault(message: str) -> Damaged | Unprovable:
    if "Memory" in message:
        return Unprovable("needs-memory", bytes=MOST_MEMORY)
    return damaged("header-damaged" if "format" in message or "options" in message else "structure-damaged")
