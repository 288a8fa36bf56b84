"""Reading binary replies: every step checks that the bytes are there."""

from itops.sources.probes.probe import NotRecognised


class Cursor:
    """A place in some bytes; reading beyond their end is NotRecognised, never an IndexError."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not 0 <= count <= len(self.data) - self.at:
            raise NotRecognised("the reply ends in the middle")
        self.at += count
        return self.data[self.at - count : self.at]

    def little(self, count: int) -> int:
        """The next `count` bytes as a number, lowest byte first."""
        return int.from_bytes(self.take(count), "little")

    def big(self, count: int) -> int:
        """The next `count` bytes as a number, highest byte first."""
        return int.from_bytes(self.take(count), "big")

    @property
    def is_at_end(self) -> bool:
        """Is there nothing left?"""
        return self.at >= len(self.data)
