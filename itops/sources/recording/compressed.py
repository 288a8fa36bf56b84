"""Lines of a gzip file from a stranger: in bounded memory, never further than a bomb deserves.

zlib expands at most 1,032 times; a recording of real things stays far below 100. So both a line and the ratio have a
cap, and whatever lies behind the end of the stream is refused: half of a second file is not a recording.
"""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from itops.sources.recording.codec import Damaged

MAX_LINE_BYTES = 64 * 1024 * 1024
MAX_RATIO = 300
_FREE_BYTES = 16 * 1024 * 1024  # a small file may expand as it likes: there is nothing to exhaust
_CHUNK_BYTES = 64 * 1024
_GZIP = 31  # zlib's window size for "gzip header and trailer expected"
MAGIC = b"\x1f\x8b"


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a gzip file, each with its newline. Raises Damaged for a cut, foreign or bomb-like one."""
    rest = bytearray()
    for chunk in _expanded(file):
        scanned = len(rest)
        rest += chunk
        start = 0
        while (end := rest.find(b"\n", max(start, scanned))) >= 0:
            yield bytes(rest[start : end + 1])
            start = end + 1
        del rest[:start]
        if len(rest) > MAX_LINE_BYTES:
            raise Damaged(f"a line is longer than {MAX_LINE_BYTES:,} bytes")
    if rest:
        raise Damaged("the last line has no end")


def _expanded(file: BinaryIO) -> Iterator[bytes]:
    expander = zlib.decompressobj(_GZIP)
    read = expanded = 0
    while not expander.eof:
        packed = expander.unconsumed_tail
        if not packed:
            packed = file.read(_CHUNK_BYTES)
            read += len(packed)
            if not packed:
                raise Damaged("the file ends in the middle")
        try:
            chunk = expander.decompress(packed, _CHUNK_BYTES)
        except zlib.error as wrong:
            raise Damaged("the compressed data are damaged") from wrong
        expanded += len(chunk)
        if expanded > _FREE_BYTES and expanded > MAX_RATIO * read:
            raise Damaged(f"the file expands more than {MAX_RATIO} times: a decompression bomb")
        yield chunk
    if expander.unused_data or file.read(1):
        raise Damaged("there is something behind its end")
