"""CRC-32C of many rows of equal length at once, for the pages of InnoDB: numpy steps all rows side by side.

A CRC is linear: the raw CRC (register 0, not inverted) of a whole is the XOR of the raw CRCs of its parts, each
shifted over what follows it; and leading zeros do not change it. So rows are padded in front and cut into lanes, all
lanes of all rows are stepped four bytes at a time by two tables of 65,536 entries, and neighbours are folded.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Words: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint32]]

_POLYNOMIAL = 0x82F63B78  # reflected
_ALL = 0xFFFFFFFF
_WIDEST = 4096  # lanes of one run


def crc32c_rows(rows: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> "Words":
    """The CRC-32C of every row of a two-dimensional array of bytes."""
    import numpy as np  # noqa: PLC0415  heavy, and only an examination needs it

    return _raw_rows(rows) ^ np.uint32(_shifted(_ALL, rows.shape[1]) ^ _ALL)


def _raw_rows(rows: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> "Words":
    """The raw CRC of each row."""
    import numpy as np  # noqa: PLC0415  heavy, and only an examination needs it

    count, length = rows.shape
    lanes = _lanes(count, length)
    step = 4 * lanes
    padded = -(-length // step) * step
    if padded != length:
        wider = np.zeros((count, padded), dtype=np.uint8)
        wider[:, padded - length :] = rows
        rows = wider
    words = np.ascontiguousarray(rows).view("<u4").reshape(count * lanes, -1)
    low, high = _tables()
    register: Any = np.zeros(count * lanes, dtype=np.uint32)
    for column in np.ascontiguousarray(words.T):
        register ^= column
        # "clip" only spares numpy the check of the indexes.
        register = high.take(register & 0xFFFF, mode="clip") ^ low.take(register >> 16, mode="clip")
    return _folded(register.reshape(count, lanes), padded // lanes)


def _lanes(count: int, length: int) -> int:
    """A power of two: enough lanes to keep numpy busy, yet at least 16 steps each."""
    lanes = 1
    while lanes * count < _WIDEST and length // (lanes * 2) >= 64:
        lanes *= 2
    return lanes


def _folded(lanes: "Words", length: int) -> "Words":
    """Fold pairs of neighbours, each of `length` bytes, until one remains in a row."""
    while lanes.shape[1] > 1:
        left, right = lanes[:, 0::2], lanes[:, 1::2]
        lanes = right.copy()
        for index, table in enumerate(_shift_tables(length)):
            lanes ^= table[(left >> 8 * index) & 0xFF]
        length *= 2
    return lanes[:, 0]


def _shifted(register: int, length: int) -> int:
    """The register after `length` zero bytes."""
    power = 0
    while length:
        if length & 1:
            register = _applied(_operator(power), register)
        length >>= 1
        power += 1
    return register


def _applied(operator: tuple[int, ...], register: int) -> int:
    result = 0
    for bit, image in enumerate(operator):
        if register >> bit & 1:
            result ^= image
    return result


@cache
def _operator(power: int) -> tuple[int, ...]:
    """What each bit of the register becomes after 2**power zero bytes."""
    if power == 0:
        return tuple(_byte_shifted(1 << bit) for bit in range(32))
    half = _operator(power - 1)
    return tuple(_applied(half, image) for image in half)


def _byte_shifted(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
    return register


@cache
def _tables() -> "tuple[Words, Words]":
    """Four zero bytes after the upper, and after the lower 16 bits of the register."""
    return _images(16, 16, 4), _images(0, 16, 4)


@lru_cache(maxsize=256)
def _shift_tables(length: int) -> "tuple[Words, ...]":
    """The same for `length` bytes and each of the four bytes of the register, the lowest first."""
    return tuple(_images(offset, 8, length) for offset in (0, 8, 16, 24))


def _images(offset: int, bits: int, length: int) -> "Words":
    """What each value of so many bits of the register becomes by `length` zero bytes."""
    import numpy as np  # noqa: PLC0415  heavy, and only an examination needs it

    values = np.arange(1 << bits, dtype=np.uint32)
    table = np.zeros_like(values)
    for bit in range(bits):
        image = np.uint32(_shifted(1 << (bit + offset), length))
        table ^= ((values >> np.uint32(bit)) & np.uint32(1)) * image
    return table
