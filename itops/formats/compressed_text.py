"""Text that may be packed by gzip, bzip2, xz or zstd: unpacked as a stream, to the last byte, under its checksums.

Python's own file readers are not used: they take a cut or a 0-byte stream for a good one.
"""

import bz2
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from itops.backup.contents import Content, Thing
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged

_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
)
_LONGEST_MAGIC = 6
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a zstd frame that carries no data
# What must be there before the first byte comes out: a whole block of bzip2, of zstd.
_HEAD_NEEDED = {"bzip2": MIB, "zstd": MIB // 4}
_HEAD_BYTES = 4096
_MOST_MEMORY = 1 << 30  # of one decoder; xz -9 needs 65 MiB, zstd --long=27 128 MiB
_ZSTD_STEP = 1024  # its reader knows no bound on output: 1 KiB can become 32 MiB at most


class _Member(Protocol):
    """One gzip member, bzip2 stream, xz stream or zstd frame."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def fed(self, data: bytes) -> Iterator[bytes]: ...


def packing_of(head: bytes) -> str | None:
    """`gzip`, `bzip2`, `xz`, `zstd`, `lz4`, or None for what is none of these."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def unpacked_head(content: Content, head: bytes) -> bytes:
    """The first KiBs of what is packed in it, of `head` itself if nothing is; b"" where it cannot be unpacked."""
    packing = packing_of(head)
    if packing is None:
        return head
    if packing in _HEAD_NEEDED:
        head = content.read_at(0, _HEAD_NEEDED[packing])
    try:
        member = _member(packing)
        found = b""
        for piece in member.fed(head):
            found += piece[:_HEAD_BYTES]
            if len(found) >= _HEAD_BYTES:
                break
    except (Damaged, Unprovable):
        return b""
    return found[:_HEAD_BYTES]


def unpacked_chunks(content: Content, packing: str | None, effort: Effort) -> Iterator[bytes]:
    """Everything packed in it, to the end of its last member.

    Raises Damaged (cut, junk-appended, stream-checksum, structure-damaged, line-endings, bomb) and Unprovable
    (program-missing for lz4, needs-memory).
    """
    if packing is None:
        for chunk in content.chunks():
            effort.tick()
            yield chunk
        return
    stream = _Stream(content, packing)
    try:
        for chunk in content.chunks():
            for piece in stream.fed(chunk):
                effort.unpacked(len(piece), packed=content.size_bytes)
                yield piece
            effort.tick()
        stream.finish()
    except Damaged as damage:
        if is_crlf_mangled(content.read_at(0, MIB)):
            raise damaged("line-endings", content.name) from damage
        raise


def has_checksum(packing: str | None, head: bytes) -> bool:
    """Whether a flipped bit in it must show: always but for a zstd frame made without its checksum."""
    if packing != "zstd":
        return packing is not None
    import zstandard  # noqa: PLC0415  heavy, and rarely needed

    try:
        return bool(zstandard.get_frame_parameters(head).has_checksum)
    except zstandard.ZstdError:
        return False


def is_crlf_mangled(data: bytes) -> bool:
    """Whether binary data went through a transfer in text mode: no line feed is left without a carriage return."""
    count = data.count(b"\n")
    return count >= 4 and data.count(b"\r\n") == count


@dataclass(slots=True)
class _Stream:
    content: Content
    packing: str
    position: int = 0  # packed bytes taken
    _member: _Member | None = None
    _pending: bytes = b""
    _is_begun: bool = False

    def fed(self, chunk: bytes) -> Iterator[bytes]:
        """What the chunk brings out."""
        data = self._pending + chunk
        self._pending = b""
        while data:
            if self._member is None:
                data = self._without_padding(data)
                if not data:
                    return
                if len(data) < _LONGEST_MAGIC and self.position + len(data) < self.content.size_bytes:
                    self._pending = data
                    return
                self._begin(data)
            member = self._member or _member(self.packing)
            yield from self._read(member, data)
            rest = member.unused_data if member.eof else b""
            self.position += len(data) - len(rest)
            data = rest
            self._member = None if member.eof else member

    def _begin(self, data: bytes) -> None:
        """The next member begins here, or there is something that does not belong to the stream."""
        skippable = self.packing == "zstd" and _SKIPPABLE.match(data)
        if packing_of(data) != self.packing and not skippable:
            extra = self.content.size_bytes - self.position
            raise damaged("junk-appended", self.content.name, extra_bytes=extra)
        self._member = _member(self.packing)
        self._is_begun = True

    def _read(self, member: _Member, data: bytes) -> Iterator[bytes]:
        try:
            yield from member.fed(data)
        except Damaged as damage:
            raise damaged(damage.faults[0].code, self.content.name) from damage

    def _without_padding(self, data: bytes) -> bytes:
        """An xz stream may be followed by zeros."""
        if self.packing != "xz" or not self._is_begun:
            return data
        rest = data.lstrip(b"\0")
        self.position += len(data) - len(rest)
        return rest

    def finish(self) -> None:
        """Raise Damaged unless the last member was complete."""
        if self._member is not None or not self._is_begun:
            raise damaged("cut", self.content.name, size_bytes=self.content.size_bytes)
        if self._pending:
            raise damaged("junk-appended", self.content.name, extra_bytes=len(self._pending))


def _member(packing: str) -> _Member:
    if packing == "gzip":
        return _Deflated()
    if packing == "zstd":
        return ZstdFrame()
    if packing == "lz4":
        raise Unprovable("program-missing", program="lz4", packing="lz4")
    return _Blocked(packing)


class _Deflated:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def fed(self, data: bytes) -> Iterator[bytes]:
        try:
            while True:
                if piece := self._decoder.decompress(data, MIB):
                    yield piece
                data = self._decoder.unconsumed_tail
                if self._decoder.eof or (not data and len(piece) < MIB):  # a full piece may leave output inside
                    return
        except zlib.error as error:
            raise _broken(error) from error


class _Blocked:
    """bzip2 and xz, whose decoders have the same shape."""

    def __init__(self, packing: str) -> None:
        self._decoder: bz2.BZ2Decompressor | lzma.LZMADecompressor = (
            bz2.BZ2Decompressor()
            if packing == "bzip2"
            else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
        )

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def fed(self, data: bytes) -> Iterator[bytes]:
        try:
            while True:
                if piece := self._decoder.decompress(data, MIB):
                    yield piece
                if self._decoder.eof or self._decoder.needs_input:
                    return
                data = b""
        except (OSError, lzma.LZMAError) as error:  # bzip2 says OSError of its data
            raise _broken(error) from error


class ZstdFrame:
    """A frame of zstd, fed piece by piece."""

    def __init__(self) -> None:
        import zstandard  # noqa: PLC0415  heavy, and rarely needed

        self._error = zstandard.ZstdError
        self._decoder = zstandard.ZstdDecompressor(max_window_size=_MOST_MEMORY).decompressobj()
        self._unused = b""

    @property
    def eof(self) -> bool:
        """Whether it is complete."""
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        """What came after its end."""
        return self._unused

    def fed(self, data: bytes) -> Iterator[bytes]:
        """What comes out of it; raises Damaged and Unprovable."""
        try:
            for start in range(0, len(data), _ZSTD_STEP):
                if piece := self._decoder.decompress(data[start : start + _ZSTD_STEP]):
                    yield piece
                if self._decoder.eof:
                    self._unused = self._decoder.unused_data + data[start + _ZSTD_STEP :]
                    return
        except self._error as error:
            raise _broken(error) from error


def _broken(error: Exception) -> Damaged | Unprovable:
    """What a decoder's complaint means."""
    words = str(error).lower()
    if "memory" in words:
        return Unprovable("needs-memory", bytes=_MOST_MEMORY)
    # zlib: "incorrect data check"; zstd: "restored data doesn't match checksum"; xz and bzip2 do not tell them apart.
    is_checksum = "check" in words or "corrupt" in words or "invalid data stream" in words
    return damaged("stream-checksum" if is_checksum else "structure-damaged")


class Text:
    """The text of a lone file, packed or not, whose bytes are asked for once."""

    def __init__(self, thing: Thing) -> None:
        self.content = thing.file
        self.packing = packing_of(thing.head)
        self.is_checked = has_checksum(self.packing, thing.head)
        self._head = unpacked_head(thing.file, thing.head)
        self.is_utf16 = self._head.startswith((b"\xff\xfe", b"\xfe\xff"))

    @property
    def head(self) -> bytes:
        """Its first 4 KiB, as UTF-8 with plain line feeds."""
        if not self.is_utf16:
            return self._head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        even = self._head[: len(self._head) // 2 * 2]
        return even.decode("utf-16", "replace").encode("utf-8", "replace").replace(b"\r\n", b"\n")

    def chunks(self, effort: Effort) -> Iterator[bytes]:
        """All of it, unpacked. Raises as `unpacked_chunks`, and Damaged("utf-16", "zeroed").

        PowerShell's `>` writes UTF-16, and on its way takes what is no ASCII through a code page that may not have it:
        neither psql nor mysql reads such a file. And a dump escapes every zero byte: one that stands there is a hole.
        """
        if self.is_utf16:
            raise damaged("utf-16", self.content.name)
        position = 0
        for chunk in unpacked_chunks(self.content, self.packing, effort):
            if b"\0" in chunk:
                raise damaged("zeroed", f"byte {position + chunk.index(0)}")
            position += len(chunk)
            yield chunk
