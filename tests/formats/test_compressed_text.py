"""Packed streams are unpacked to their last byte, or it is said why not."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.formats import Damaged, Unprovable
from itops.backup.levels import Level
from itops.formats.compressed_text import Unpacking, is_crlf_mangled, packing_of, unpacked_head
from itops.formats.effort import BoundedEffort
from tests.formats.looking import FarContent

PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
TEXT = b"".join(b"%d is a line of text\n" % number for number in range(20_000))
PACKED = {packing: pack(TEXT) for packing, pack in PACKERS.items()}


def effort(most: int = 1 << 40) -> BoundedEffort:
    return BoundedEffort(level=Level.INTACT, scratch=Path(), max_unpacked_bytes=most)


def unpacking(data: bytes, most: int = 1 << 40) -> Unpacking:
    return Unpacking(FarContent(data, "x"), packing_of(data), effort(most), packed=len(data))


def unpacked(data: bytes, most: int = 1 << 40) -> bytes:
    return b"".join(unpacking(data, most).chunks())


def is_checked(data: bytes) -> bool:
    read = unpacking(data)
    for _ in read.chunks():
        pass
    return read.is_checked


@pytest.mark.parametrize("packing", PACKERS)
@settings(max_examples=25)
@given(parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=3))
def test_what_was_packed_comes_out(packing: str, parts: list[bytes]) -> None:
    assert unpacked(b"".join(map(PACKERS[packing], parts))) == b"".join(parts)


@pytest.mark.parametrize("packing", PACKERS)
def test_pieces_stay_small_whatever_comes_out(packing: str) -> None:
    data = PACKERS[packing](bytes(50 << 20))
    assert max(map(len, unpacking(data).chunks())) <= 1 << 20


@pytest.mark.parametrize("packing", PACKERS)
def test_more_than_is_allowed_is_a_bomb(packing: str) -> None:
    with pytest.raises(Damaged, match="bomb"):
        unpacked(PACKERS[packing](bytes(50 << 20)), most=1 << 20)


@pytest.mark.parametrize("packing", PACKERS)
@settings(max_examples=40)
@given(place=st.floats(0, 1))
def test_no_cut_stream_is_taken_for_a_whole_one(packing: str, place: float) -> None:
    data = PACKED[packing]
    cut = data[: 6 + int(place * (len(data) - 7))]
    with pytest.raises(Damaged, match="cut"):
        unpacked(cut)


@pytest.mark.parametrize("packing", PACKERS)
@settings(max_examples=40)
@given(place=st.floats(0, 1), bit=st.integers(0, 7))
def test_no_flipped_bit_in_the_data_passes(packing: str, place: float, bit: int) -> None:
    data = bytearray(PACKED[packing])
    data[20 + int(place * (len(data) - 60))] ^= 1 << bit
    with pytest.raises((Damaged, Unprovable)):
        unpacked(bytes(data))


@pytest.mark.parametrize("packing", PACKERS)
def test_the_head_is_what_the_text_begins_with(packing: str) -> None:
    data = PACKERS[packing](TEXT)
    assert unpacked_head(FarContent(data, "x"), data[:4096]) == TEXT[:4096]


@pytest.mark.parametrize("packing", PACKERS)
def test_a_head_that_cannot_be_unpacked_is_nothing(packing: str) -> None:
    data = PACKERS[packing](TEXT)[:8] + b"\xff" * 4096
    assert unpacked_head(FarContent(data, "x"), data[:4096]) == b""


PLAIN_ZSTD = zstandard.ZstdCompressor(write_checksum=False).compress(TEXT)


@pytest.mark.parametrize("packing", PACKERS)
def test_a_stream_with_its_checksum_is_checked(packing: str) -> None:
    assert is_checked(PACKERS[packing](TEXT))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT, id="nothing packed"),
        pytest.param(PLAIN_ZSTD, id="zstd without its checksum"),
        pytest.param(PACKERS["zstd"](TEXT) + PLAIN_ZSTD, id="zstd, the second frame without"),
        pytest.param(lzma.compress(TEXT, check=lzma.CHECK_NONE), id="xz without its checksum"),
    ],
)
def test_what_lacks_a_checksum_anywhere_is_not(data: bytes) -> None:
    assert not is_checked(data)


def test_lz4_needs_a_program() -> None:
    with pytest.raises(Unprovable, match="program-missing"):
        unpacked(b"\x04\x22\x4d\x18" + bytes(100))


@pytest.mark.parametrize("padding", [4, 512])
def test_xz_may_be_padded_with_zeros(padding: int) -> None:
    assert unpacked(lzma.compress(TEXT) + bytes(padding)) == TEXT


@given(st.binary(max_size=4000))
def test_only_a_text_transfer_leaves_no_bare_line_feed(data: bytes) -> None:
    mangled = data.replace(b"\n", b"\r\n")
    assert is_crlf_mangled(mangled) == (data.count(b"\n") >= 4)
