"""CRC-32C: the published vectors, and that lanes, pieces and rows never change the answer."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.formats.crc32c import crc32c, crc32c_rows


def _bit_by_bit(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"123456789", 0xE3069283, id="the check value of the catalogue of CRCs"),
        pytest.param(bytes(32), 0x8A9136AA, id="zeros, RFC 3720 B.4"),
        pytest.param(b"\xff" * 32, 0x62A8AB43, id="ones, RFC 3720 B.4"),
        pytest.param(bytes(range(32)), 0x46DD794E, id="incrementing, RFC 3720 B.4"),
        pytest.param(bytes(range(31, -1, -1)), 0x113FDB5C, id="decrementing, RFC 3720 B.4"),
    ],
)
def test_published_vectors(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@pytest.mark.parametrize("size", [2047, 2048, 2049, 2303, 2304, 2560, 4096, 65_537, (1 << 20) + 777])
def test_lanes_give_what_bits_give(size: int) -> None:
    data = bytes((position * 131 + (position >> 8) * 17 + 5) & 0xFF for position in range(size))
    assert crc32c(data) == _bit_by_bit(data)


@given(st.binary(max_size=6000), st.integers(0, 6000))
def test_a_stream_may_be_fed_in_pieces(data: bytes, cut: int) -> None:
    assert crc32c(data[cut:], crc32c(data[:cut])) == crc32c(data)


@given(st.binary(min_size=2048, max_size=9000), st.integers(0, 71_999))
def test_every_flipped_bit_changes_it(data: bytes, bit: int) -> None:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    assert crc32c(bytes(changed)) != crc32c(data)


def test_a_view_and_bytes_give_the_same() -> None:
    data = bytes(range(256)) * 40
    assert crc32c(memoryview(data)[1:9000]) == crc32c(data[1:9000])


@given(st.integers(1, 40), st.integers(1, 5000), st.integers(0, 2**32 - 1))
def test_rows_have_the_sum_of_each(count: int, length: int, seed: int) -> None:
    rows = numpy.random.default_rng(seed).integers(0, 256, (count, length), dtype=numpy.uint8)
    assert crc32c_rows(rows).tolist() == [crc32c(row.tobytes()) for row in rows]


@pytest.mark.parametrize("length", [1022, 4092, 8188, 16380, 65532])
def test_rows_as_long_as_pages_have_the_sum_of_each(length: int) -> None:
    rows = numpy.random.default_rng(length).integers(0, 256, (3, length), dtype=numpy.uint8)
    assert crc32c_rows(rows).tolist() == [crc32c(row.tobytes()) for row in rows]
