"""Read a file forwards: from its unpacked stream, or hopping over what need not be read."""

from collections.abc import Iterator
from typing import Protocol

from itops.backup.contents import Content
from itops.backup.formats import Effort, damaged

_WINDOW = 1 << 18
_LEAST = 1 << 12  # the first look at a new place: a header and, in most archives, a few small members


class Reader(Protocol):
    """Bytes from front to back. `position` is how many were read or skipped."""

    position: int

    def read(self, length: int) -> bytes:
        """Exactly `length` bytes; fewer only at the end."""
        ...

    def skip(self, length: int) -> int:
        """Pass over up to `length` bytes; fewer only at the end."""
        ...

    def rest(self) -> Iterator[bytes]:
        """What is left, in blocks."""
        ...


class StreamReader:
    """A Reader over blocks that come once."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.position = 0
        self._blocks = blocks
        self._block = memoryview(b"")

    def read(self, length: int) -> bytes:
        """As Reader."""
        pieces = list(self._pieces(length))
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def skip(self, length: int) -> int:
        """As Reader."""
        return sum(map(len, self._pieces(length)))

    def rest(self) -> Iterator[bytes]:
        """As Reader."""
        while self._fill():
            block, self._block = self._block, memoryview(b"")
            self.position += len(block)
            yield bytes(block)

    def _fill(self) -> bool:
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return False
            self._block = memoryview(block)
        return True

    def _pieces(self, length: int) -> Iterator[memoryview]:
        while length > 0 and self._fill():
            piece, self._block = self._block[:length], self._block[length:]
            self.position += len(piece)
            length -= len(piece)
            yield piece


class HoppingReader:
    """A Reader over a Content that reads no payload; the windows grow while reading goes straight on."""

    def __init__(self, content: Content, effort: Effort, *, begin: int = 0, end: int | None = None) -> None:
        self.position = begin
        self._content = content
        self._effort = effort
        self._end = content.size_bytes if end is None else end
        self._window = b""
        self._begin = begin
        self._next = _LEAST

    def read(self, length: int) -> bytes:
        """As Reader; raises Damaged when the file shrank."""
        length = min(length, self._end - self.position)
        if not self._begin <= self.position <= self.position + length <= self._begin + len(self._window):
            self._look(length)
        start = self.position - self._begin
        self.position += length
        return self._window[start : start + length]

    def skip(self, length: int) -> int:
        """As Reader."""
        length = min(length, self._end - self.position)
        self.position += length
        return length

    def rest(self) -> Iterator[bytes]:
        """As Reader."""
        while block := self.read(_WINDOW):
            yield block

    def _look(self, length: int) -> None:
        self._effort.tick()
        straight = self.position <= self._begin + len(self._window)
        self._next = min(self._next * 2, _WINDOW) if straight else _LEAST
        wanted = min(max(length, self._next), self._end - self.position)
        self._begin, self._window = self.position, self._content.read_at(self.position, wanted)
        if len(self._window) < length:
            raise damaged("changed-while-read", place=str(self.position + len(self._window)))


class ForwardContent:
    """A Content read once through its chunks as long as places are asked for in order; else where they lie.

    So that a copy behind a network is fetched once, at the speed of a stream, and hashed on the way.
    """

    def __init__(self, content: Content, effort: Effort, *, is_jumping: bool = False) -> None:
        """`is_jumping`: for a few small places, never through the chunks."""
        self._content = content
        self._effort = effort
        self._chunks = iter(()) if is_jumping else content.chunks()
        self._chunk = b""
        self._begin = 1 << 63 if is_jumping else 0  # where the chunk begins; what lies before is fetched

    def blocks(self, offset: int, length: int) -> Iterator[bytes]:
        """`length` bytes at `offset`, in blocks of at most 1 MiB; raises Damaged when the file shrank."""
        if offset < self._begin:
            yield from self._fetched(offset, length)
            return
        while length > 0:
            self._reach(offset)
            start = offset - self._begin
            block = self._chunk[start : start + length]
            yield block
            offset, length = offset + len(block), length - len(block)

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes at `offset`, for small ones."""
        return b"".join(self.blocks(offset, length))

    def finish(self) -> None:
        """Read the rest, so that the whole was read."""
        for _ in self._chunks:
            self._effort.tick()

    def _reach(self, offset: int) -> None:
        while offset >= self._begin + len(self._chunk):
            self._effort.tick()
            self._begin += len(self._chunk)
            self._chunk = next(self._chunks, b"")
            if not self._chunk:
                raise damaged("changed-while-read", place=str(self._begin))

    def _fetched(self, offset: int, length: int) -> Iterator[bytes]:
        while length > 0:
            self._effort.tick()
            block = self._content.read_at(offset, min(length, _WINDOW))
            if not block:
                raise damaged("changed-while-read", place=str(offset))
            yield block
            offset, length = offset + len(block), length - len(block)
