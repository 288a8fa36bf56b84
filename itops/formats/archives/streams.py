"""Unpack a compressed file to its very end: every stream, member or frame in it, the padding, and nothing else.

Python's own readers stop early: `tarfile` over gzip never reads the trailer, so a flipped bit or a missing byte passes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from itops.backup.contents import Content
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.facts import Fact
from itops.formats.archives.decoders import Bunzip, Decoder, Inflate, Unxz
from itops.formats.archives.frames import MAGIC, Frame, is_skippable

_SLICE = 32 << 10  # small, because each stream's end copies what follows it: a million tiny members stay cheap
_PEEK_STEPS = (4 << 10, 64 << 10, 1 << 20, 1 << 20)  # a bzip2 block of 900 kB gives nothing before its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How a compression is known and undone."""

    name: str
    magic: bytes
    decoder: Callable[[], Decoder]
    padding: int = 0  # zeros may follow in multiples of this; 0: none may

    def begins(self, start: bytes) -> bool:
        """Whether a stream of it begins so."""
        if start.startswith(self.magic):
            return True
        return self.name == "zst" and len(start) >= 8 and is_skippable(start)


GZ = Codec(name="gz", magic=b"\x1f\x8b\x08", decoder=Inflate, padding=1)
BZ2 = Codec(name="bz2", magic=b"BZh", decoder=Bunzip, padding=1)
XZ = Codec(name="xz", magic=b"\xfd7zXZ\0", decoder=Unxz, padding=4)
ZST = Codec(name="zst", magic=MAGIC, decoder=Frame)
_LONGEST_MAGIC = 8


class Unpacker:
    """The unpacked blocks of `chunks`, each at most 1 MiB; afterwards its counts are known."""

    def __init__(self, codec: Codec, chunks: Iterator[bytes], size_bytes: int) -> None:
        self.streams = 0
        self.padding_bytes = 0
        self.checks: set[str] = set()
        self._codec = codec
        self._chunks = chunks
        self._size = size_bytes
        self._given = 0  # bytes handed to decoders or known as padding
        self._held = b""
        self._decoder: Decoder | None = None

    @property
    def check(self) -> str:
        """The weakest checksum of all streams: "none" if one of them has none."""
        real = sorted(self.checks - {"skippable"})
        return "none" if not real or "none" in real else " ".join(real)

    def blocks(self) -> Iterator[bytes]:
        """Raises Damaged with the packed byte as its place, or Unprovable."""
        for chunk in self._chunks:
            for start in range(0, len(chunk), _SLICE):
                yield from self._slice(chunk[start : start + _SLICE])
        self._end()

    def _slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._decoder is None:
                data = self._begin(data)
                if self._decoder is None:
                    return
            try:
                yield from self._decoder.decode(data)
            except Damaged as damage:
                raise _placed(damage, self._given) from damage
            self._given += len(data)
            data = b""
            if self._decoder.is_done:
                data = self._decoder.unused
                self._given -= len(data)
                self.checks.add(self._decoder.check)
                self._decoder = None

    def _begin(self, data: bytes) -> bytes:
        """Eat padding and open the next stream; what it shall decode, or b"" while its magic is not all here."""
        data, self._held = self._held + data, b""
        if self.streams and self._codec.padding:
            stripped = data.lstrip(b"\0")
            self.padding_bytes += len(data) - len(stripped)
            self._given += len(data) - len(stripped)
            data = stripped
        if len(data) < _LONGEST_MAGIC:
            self._held = data
            return b""
        if not self._codec.begins(data):
            raise self._junk()
        self.streams += 1
        self._decoder = self._codec.decoder()
        return data

    def _end(self) -> None:
        if self._held:
            magic = self._codec.magic[: len(self._held)]
            raise self._junk() if not self._held.startswith(magic) else damaged("cut", size_bytes=self._size)
        if self._decoder is not None or not self.streams:
            raise damaged("cut", size_bytes=self._size)
        if self._codec.padding and self.padding_bytes % self._codec.padding:
            raise damaged("junk-appended", extra_bytes=self.padding_bytes)

    def _junk(self) -> Damaged:
        if not self.streams:
            return damaged("header-damaged")
        return damaged("junk-appended", extra_bytes=self._size - self._given)


def unpacking(codec: Codec, content: Content, effort: Effort, *, packed: int) -> tuple[Unpacker, Iterator[bytes]]:
    """An unpacker of a whole file, and its blocks counted by `effort`; `packed` bytes has the whole copy."""
    unpacker = Unpacker(codec, _ticked(content, effort), content.size_bytes)
    return unpacker, _counted(unpacker.blocks(), packed, effort)


def peek(codec: Codec, content: Content, head: bytes, length: int) -> bytes | None:
    """The first `length` unpacked bytes (fewer if there are no more) of what begins with `head`; None: damaged."""
    start = bytearray()
    try:
        for block in Unpacker(codec, _first_chunks(content, head), content.size_bytes).blocks():
            start += block
            if len(start) >= length:
                break
    except Damaged as damage:
        if damage.faults[0].code != "cut" or not start:
            return bytes(start) or None
    except Unprovable:
        return None
    return bytes(start[:length])


def stream_facts(unpacker: Unpacker) -> dict[str, Fact]:
    """What is known after the end."""
    facts: dict[str, Fact] = {"checksum": unpacker.check}
    if unpacker.streams > 1:
        facts["streams"] = unpacker.streams
    if unpacker.padding_bytes:
        facts["padding_bytes"] = unpacker.padding_bytes
    return facts


def _first_chunks(content: Content, head: bytes) -> Iterator[bytes]:
    yield head
    offset = len(head)
    for step in _PEEK_STEPS:
        if not (chunk := content.read_at(offset, step)):
            return
        yield chunk
        offset += len(chunk)


def _ticked(content: Content, effort: Effort) -> Iterator[bytes]:
    for chunk in content.chunks():
        effort.tick()
        yield chunk


def _counted(blocks: Iterator[bytes], packed: int, effort: Effort) -> Iterator[bytes]:
    for block in blocks:
        effort.unpacked(len(block), packed=packed)
        yield block


def _placed(damage: Damaged, offset: int) -> Damaged:
    """The same, near the packed byte `offset`."""
    fault = damage.faults[0]
    return damaged(fault.code, place=fault.place or f"byte {offset}", **fault.facts)
