"""CRC-32C: the published vectors, and that lanes and pieces never change the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.formats.crc32c import crc32c


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
