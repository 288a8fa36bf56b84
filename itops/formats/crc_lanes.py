"""CRCs of large data at hundreds of MB a second, with numpy instead of a C library.

A CRC register is linear over GF(2), so a block is cut into lanes of 256 bytes which numpy advances side by side, one
register's width a step, and whose registers are then folded pairwise: `left` moved over the length of `right`, XOR
`right`.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LANE_BYTES = 256
_BLOCK_BYTES = 1 << 20
_SMALL_BYTES = 2048  # below this, plain Python is faster than waking numpy


class LaneCrc:
    """A reflected CRC of 32 or 64 bits that starts with all ones and is inverted at the end."""

    def __init__(self, polynomial: int, bits: int) -> None:
        """`polynomial`: reflected, without its highest term."""
        self._polynomial = polynomial
        self._bits = bits
        self._ones = (1 << bits) - 1
        self._moved: dict[int, tuple[NDArray[Any], ...]] = {}
        self._zeros: dict[int, int] = {}  # by length: of a handful of page layouts

    def __call__(self, data: bytes | memoryview, crc: int = 0) -> int:
        """The CRC of `data`; `crc` is that of what came before it, so that a stream can be fed in pieces."""
        view = memoryview(data).cast("B")
        register = crc ^ self._ones
        whole = len(view) - len(view) % _LANE_BYTES if len(view) >= _SMALL_BYTES else 0
        for begin in range(0, whole, _BLOCK_BYTES):
            register = self._over_lanes(view[begin : min(begin + _BLOCK_BYTES, whole)], register)
        return self._over_bytes(view[whole:], register) ^ self._ones

    def _over_bytes(self, view: memoryview, register: int) -> int:
        table = self._table
        for byte in view:
            register = (register >> 8) ^ table[(register ^ byte) & 0xFF]
        return register

    def _over_lanes(self, view: memoryview, register: int) -> int:
        """`view` is a whole number of lanes; the first one starts with `register`, the others with nothing."""
        import numpy  # noqa: PLC0415  heavy; only large data needs it

        lanes = numpy.frombuffer(view, dtype=numpy.uint8).reshape(1, -1, _LANE_BYTES)
        return int(self._over(lanes, register)[0])

    def rows(self, rows: "NDArray[Any]") -> "NDArray[Any]":
        """The CRC of every row of a two-dimensional array of bytes, all rows side by side."""
        import numpy  # noqa: PLC0415  heavy; only large data needs it

        count, length = rows.shape
        padded = numpy.zeros((count, -(-length // _LANE_BYTES) * _LANE_BYTES), dtype=numpy.uint8)
        padded[:, padded.shape[1] - length :] = rows  # zeros in front of a register of zeros change nothing
        found: NDArray[Any] = self._over(padded.reshape(count, -1, _LANE_BYTES), 0) ^ self._of_zeros(length)
        return found

    def _over(self, lanes: "NDArray[Any]", register: int) -> "NDArray[Any]":
        """The registers after each row of lanes, where the first lane of the first row starts with `register`."""
        import numpy  # noqa: PLC0415  heavy; only large data needs it

        width = self._bits // 8
        words = lanes.reshape(-1, _LANE_BYTES).view(f"<u{width}")
        registers: Any = numpy.zeros(len(words), dtype=f"u{width}")
        registers[0] = register
        for column in numpy.ascontiguousarray(words.T):
            registers ^= column
            # "clip" only spares numpy the check of the indexes.
            advanced = self._half_words[0].take(registers & 0xFFFF, mode="clip")
            for place, table in enumerate(self._half_words[1:], 1):
                advanced ^= table.take((registers >> (16 * place)) & 0xFFFF, mode="clip")
            registers = advanced
        return self._folded(registers.reshape(lanes.shape[:2]))

    def _folded(self, registers: "NDArray[Any]") -> "NDArray[Any]":
        """One register a row from those of neighbouring lanes; a lane of zeros before the first changes nothing."""
        import numpy  # noqa: PLC0415  heavy; only large data needs it

        doublings = 0
        while registers.shape[1] > 1:
            if registers.shape[1] % 2:
                registers = numpy.pad(registers, ((0, 0), (1, 0)))
            left = registers[:, ::2]
            moved = registers[:, 1::2].copy()
            for place, table in enumerate(self._moved_tables(doublings)):
                moved ^= table[(left >> (8 * place)) & 0xFF]
            registers = moved
            doublings += 1
        return registers[:, 0]

    def _of_zeros(self, length: int) -> "Any":
        """The CRC of so many zeros: what starting with all ones and inverting at the end add to a row's own bits."""
        import numpy  # noqa: PLC0415  heavy; only large data needs it

        if length not in self._zeros:
            self._zeros[length] = self(bytes(length))
        return numpy.dtype(f"u{self._bits // 8}").type(self._zeros[length])

    @cached_property
    def _table(self) -> tuple[int, ...]:
        """What each value of the lowest byte of a register becomes after eight bits."""
        found = []
        for value in range(256):
            register = value
            for _ in range(8):
                register = (register >> 1) ^ (self._polynomial if register & 1 else 0)
            found.append(register)
        return tuple(found)

    @cached_property
    def _half_words(self) -> "tuple[NDArray[Any], ...]":
        """What each value of each half-word of a register becomes after as many bytes as it is wide."""
        columns = self._columns_after(self._bits // 8)
        return tuple(self._spread(columns[first : first + 16]) for first in range(0, self._bits, 16))

    def _moved_tables(self, doublings: int) -> "tuple[NDArray[Any], ...]":
        """For each byte of a register, what it becomes after `2 ** doublings` lanes of zeros."""
        if doublings not in self._moved:
            columns = self._columns_after(_LANE_BYTES)
            for _ in range(doublings):
                columns = tuple(_through(columns, column) for column in columns)
            self._moved[doublings] = tuple(
                self._spread(columns[first : first + 8]) for first in range(0, self._bits, 8)
            )
        return self._moved[doublings]

    def _columns_after(self, zero_bytes: int) -> tuple[int, ...]:
        """What each bit of a register becomes after so many zero bytes."""
        return tuple(self._over_bytes(memoryview(bytes(zero_bytes)), 1 << bit) for bit in range(self._bits))

    def _spread(self, columns: tuple[int, ...]) -> "NDArray[Any]":
        """The image of every value of len(columns) bits, from the images of its single bits."""
        import numpy  # noqa: PLC0415  heavy; only large data needs it

        kind = numpy.dtype(f"u{self._bits // 8}")
        table = numpy.zeros(1, dtype=kind)
        for column in columns:
            table = numpy.concatenate((table, table ^ kind.type(column)))
        return table


def _through(columns: tuple[int, ...], register: int) -> int:
    result = 0
    for bit, column in enumerate(columns):
        if register >> bit & 1:
            result ^= column
    return result
