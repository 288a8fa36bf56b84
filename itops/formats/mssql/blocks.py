"""The blocks and streams of a Microsoft Tape Format file, one after the other. Everything is little-endian.

A block is a header of 52 bytes, its fields, and streams up to a SPAD stream, which pads to the next block; a filemark
(SFMB) has no streams. Both headers carry an XOR of their 16-bit words.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor

from itops.backup.formats import damaged
from itops.formats.mssql.window import Window

BLOCK_HEADER = 52
STREAM_HEADER = 22
MOST_FIELDS = 8 << 10  # of a block or a record, read at once; a real one has a few hundred bytes
_SUM_FOLLOWS = 0x100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream of a block: where it lies, not what it holds."""

    kind: bytes
    offset: int  # of its header
    length: int  # of its payload
    is_summed: bool  # a CSUM stream follows

    @property
    def payload(self) -> int:
        """Where its payload begins."""
        return self.offset + STREAM_HEADER

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.payload + self.length + 3 & ~3


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block with its streams."""

    kind: bytes
    offset: int
    fields: bytes  # from its first byte to its streams, at most 8 KiB: strings count from there
    streams: tuple[Stream, ...]
    end: int


def is_header(header: bytes) -> bool:
    """Whether the bytes are a whole header, of a block or a stream, under its checksum."""
    words = struct.unpack(f"<{len(header) // 2}H", header[: len(header) & ~1])
    return header[:4].isalnum() and reduce(xor, words, 0) == 0


def read_blocks(window: Window) -> Iterator[Block]:
    """Every block to the exact end of the file; raises Damaged where the chain of headers breaks."""
    if not window.size:
        raise damaged("empty", window.name)
    offset = 0
    last: tuple[bytes, bytes] = (b"", b"")
    while offset < window.size:
        if last == (b"ESET", b"SFMB"):
            _expect_another_set(window, offset)
        block = read_block(window, offset)
        yield block
        last = (last[1], block.kind)
        offset = block.end


def _expect_another_set(window: Window, offset: int) -> None:
    """After the end of a set comes another set or nothing."""
    kind = window.at(offset, 4)
    if not any(known.startswith(kind) for known in (b"SSET", b"EOTM")):
        raise window.wrong("junk-appended", offset, extra_bytes=window.size - offset)


def read_block(window: Window, offset: int) -> Block:
    """The block at `offset`; raises Damaged unless it is whole and inside the file."""
    window.step()
    header = window.at(offset, BLOCK_HEADER)
    if len(header) < BLOCK_HEADER:
        raise window.cut(offset, offset + BLOCK_HEADER)
    if not is_header(header):
        raise window.wrong("header-damaged", offset)
    (first,) = struct.unpack_from("<H", header, 8)
    if first < BLOCK_HEADER:
        raise window.wrong("structure-damaged", offset)
    if offset + first > window.size:
        raise window.cut(offset, offset + first)
    fields = window.at(offset, min(first, MOST_FIELDS))  # before the streams, which may end far away
    streams = () if header[:4] == b"SFMB" else tuple(_streams(window, offset + first))
    return Block(
        kind=header[:4],
        offset=offset,
        fields=fields,
        streams=streams,
        end=streams[-1].end if streams else offset + first,
    )


def _streams(window: Window, offset: int) -> Iterator[Stream]:
    """Up to the SPAD stream, which is the last."""
    while True:
        window.step()
        stream = _stream(window, offset)
        yield stream
        if stream.kind == b"SPAD":
            return
        offset = stream.end


def _stream(window: Window, offset: int) -> Stream:
    header = window.at(offset, STREAM_HEADER)
    if len(header) < STREAM_HEADER:
        raise window.cut(offset, offset + STREAM_HEADER)
    if not is_header(header):
        raise window.wrong("header-damaged", offset)
    kind, _, attributes, length = struct.unpack_from("<4sHHQ", header)
    stream = Stream(kind=kind, offset=offset, length=length, is_summed=bool(attributes & _SUM_FOLLOWS))
    if stream.payload + length > window.size:
        raise window.cut(offset, stream.payload + length)
    return stream
