"""Small reads of a file that may lie behind a network: one block of 16 KiB serves many fields, and reads are few."""

from collections.abc import Callable

from itops.backup.contents import Content
from itops.backup.formats import Damaged, Unprovable, damaged
from itops.facts import Fact

_BLOCK = 16 << 10
_SAMPLE = 64 << 10
_FEW_LINES = 4  # so many line feeds, each behind a carriage return, are no chance in binary data


class Window:
    """The bytes of one file by offset; counts the headers that are read, so that no file can keep us for ever."""

    def __init__(self, content: Content, tick: Callable[[], None], *, head: bytes = b"", most_steps: int) -> None:
        self.name = content.name
        self.size = content.size_bytes
        self._content = content
        self._tick = tick
        self._most_steps = most_steps
        self._steps = 0
        self._start = 0
        self._bytes = head

    def at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes (the caller bounds it); fewer only at the end of the file."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        begin = offset - self._start
        if begin < 0 or begin + length > len(self._bytes):
            self._tick()
            self._start, self._bytes, begin = offset, self._content.read_at(offset, max(length, _BLOCK)), 0
        return self._bytes[begin : begin + length]

    def step(self) -> None:
        """One more header; raises Unprovable("too-many-members") past the bound."""
        self._steps += 1
        if self._steps > self._most_steps:
            raise Unprovable("too-many-members", members=self._most_steps)

    def place(self, offset: int) -> str:
        """How a place in this file is written."""
        return f"{self.name}:{offset}"

    def wrong(self, code: str, offset: int, **facts: Fact) -> Damaged:
        """The damage found at `offset`; or, where it explains it, that a text-mode transfer rewrote the line ends."""
        if self._is_mangled():
            return damaged("line-endings", self.name)
        return damaged(code, self.place(offset), **facts)

    def cut(self, offset: int, end: int) -> Damaged:
        """What begins at `offset` should go on to `end`, at least: the file is shorter."""
        return self.wrong("cut", offset, missing_bytes=end - self.size, size_bytes=self.size)

    def _is_mangled(self) -> bool:
        sample = self._content.read_at(0, min(_SAMPLE, self.size))
        lines = sample.count(b"\n")
        return lines >= _FEW_LINES and lines == sample.count(b"\r\n")
