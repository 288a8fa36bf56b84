"""How the header of a 7z writes numbers and flags. Source: 7zFormat.txt of the LZMA SDK."""

from itops.backup.formats import damaged


class Bytes:
    """Numbers from a header; raises Damaged where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._position

    def take(self, length: int) -> bytes:
        """Exactly so many bytes."""
        if length > self.left:
            raise damaged("structure-damaged", place="7z header")
        self._position += length
        return self._data[self._position - length : self._position]

    def byte(self) -> int:
        """One."""
        return self.take(1)[0]

    def number(self) -> int:
        """7z's own: the leading ones of the first byte tell how many bytes follow."""
        first = self.byte()
        value = 0
        for index in range(8):
            if not first & 0x80 >> index:
                return value | (first & (0x80 >> index) - 1) << 8 * index
            value |= self.byte() << 8 * index
        return value

    def count(self) -> int:
        """A number of things that each take some bits at least of what is left."""
        value = self.number()
        if value > 8 * self.left:
            raise damaged("structure-damaged", place="7z header")
        return value

    def bits(self, count: int) -> list[bool]:
        """`count` flags."""
        data = self.take((count + 7) // 8)
        return [bool(data[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def defined(self, count: int) -> int:
        """How many of `count` are said to be defined."""
        return count if self.byte() else sum(self.bits(count))

    def expect(self, kind: int) -> None:
        """The next byte must be this."""
        if self.byte() != kind:
            raise damaged("structure-damaged", place="7z header")
