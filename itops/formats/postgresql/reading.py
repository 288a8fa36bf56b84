"""Read a stream of bytes forwards, counting, without ever holding more than was asked for."""

from collections.abc import Iterable, Iterator

from itops.backup.formats import MIB, Effort, damaged


class Reader:
    """Forwards through blocks. Past the end it raises Damaged("cut"), naming `place`."""

    def __init__(self, blocks: Iterable[bytes], effort: Effort, place: str = "") -> None:
        self._blocks = iter(blocks)
        self._block = memoryview(b"")
        self._effort = effort
        self.place = place
        self.position = 0

    def take(self, length: int) -> bytes:
        """Exactly so many bytes; at most 1 GiB, the caller bounds it."""
        if length <= len(self._block):  # nearly always
            taken = bytes(self._block[:length])
            self._block = self._block[length:]
            self.position += length
            return taken
        return b"".join(self.pieces(length))

    def pieces(self, length: int) -> Iterator[bytes]:
        """So many bytes, in pieces as they come."""
        missing = length
        while missing:
            if not self._block and not self._fill():
                raise damaged("cut", self.place, missing_bytes=missing, size_bytes=self.position)
            piece = bytes(self._block[:missing])
            self._block = self._block[len(piece) :]
            self.position += len(piece)
            missing -= len(piece)
            yield piece

    def skip(self, length: int) -> None:
        """Leave so many bytes behind."""
        while length > len(self._block):
            length -= len(self._block)
            self.position += len(self._block)
            if not self._fill():
                raise damaged("cut", self.place, missing_bytes=length, size_bytes=self.position)
        self._block = self._block[length:]
        self.position += length

    def at(self, position: int) -> str:
        """How a position is told to people: `byte 512`, `base.tar byte 512`."""
        return f"{self.place} byte {position}".lstrip()

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return not self._block and not self._fill()

    def rest_blocks(self) -> Iterator[bytes]:
        """What is left, as it comes."""
        while not self.is_at_end:
            yield self.take(len(self._block))

    def rest(self) -> int:
        """Read to the end; how much there was."""
        return sum(map(len, self.rest_blocks()))

    def _fill(self) -> bool:
        self._block = memoryview(b"")
        for block in self._blocks:
            self._effort.tick()
            if block:
                self._block = memoryview(block)
                return True
        return False


def slices(data: bytes) -> Iterator[bytes]:
    """Bytes at hand as blocks."""
    for start in range(0, len(data), MIB):
        yield data[start : start + MIB]
