"""CRC-64 as Go's hash/crc64 computes it with its ECMA table."""

import lzma

import pytest

from itops.formats.crc64 import crc64
from tests.makers.mongodb_archive import crc64_bit_by_bit


def test_the_check_value() -> None:
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2303, 4096, 70_001])
def test_lanes_give_what_bits_give(size: int) -> None:
    data = bytes((position * 131 + (position >> 8) * 17 + 5) & 0xFF for position in range(size))
    assert crc64(data) == crc64_bit_by_bit(data)
    assert crc64(data[size // 3 :], crc64(data[: size // 3])) == crc64(data)


def test_liblzma_computes_the_same() -> None:
    """A .xz with this check: one block, whose check stands before the index."""
    data = bytes(range(256)) * 20
    packed = lzma.compress(data, check=lzma.CHECK_CRC64)
    backward = (int.from_bytes(packed[-8:-4], "little") + 1) * 4
    index = len(packed) - 12 - backward
    assert int.from_bytes(packed[index - 8 : index], "little") == crc64(data)
