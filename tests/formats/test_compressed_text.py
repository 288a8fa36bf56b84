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
from itops.formats.compressed_text import has_checksum, is_crlf_mangled, packing_of, unpacked_chunks, unpacked_head
from itops.formats.effort import BoundedEffort
from tests.formats.looking import FarContent

PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
TEXT = b"".join(b"%d is a line of text\n" % number for number in range(20_000))


def effort(most: int = 1 << 40) -> BoundedEffort:
    return BoundedEffort(level=Level.INTACT, scratch=Path(), max_unpacked_bytes=most)


def unpacked(data: bytes, most: int = 1 << 40) -> bytes:
    return b"".join(unpacked_chunks(FarContent(data, "x"), packing_of(data), effort(most)))


@pytest.mark.parametrize("packing", PACKERS)
@settings(max_examples=25, deadline=2000)
@given(parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=3))
def test_what_was_packed_comes_out(packing: str, parts: list[bytes]) -> None:
    assert unpacked(b"".join(map(PACKERS[packing], parts))) == b"".join(parts)


@pytest.mark.parametrize("packing", PACKERS)
def test_pieces_stay_small_whatever_comes_out(packing: str) -> None:
    data = PACKERS[packing](bytes(50 << 20))
    largest = max(map(len, unpacked_chunks(FarContent(data, "x"), packing, effort())))
    assert largest <= 32 << 20


@pytest.mark.parametrize("packing", PACKERS)
def test_more_than_is_allowed_is_a_bomb(packing: str) -> None:
    with pytest.raises(Damaged, match="bomb"):
        unpacked(PACKERS[packing](bytes(50 << 20)), most=1 << 20)


@pytest.mark.parametrize("packing", PACKERS)
@settings(max_examples=40, deadline=2000)
@given(place=st.floats(0, 1))
def test_no_cut_stream_is_taken_for_a_whole_one(packing: str, place: float) -> None:
    data = PACKERS[packing](TEXT)
    cut = data[: 6 + int(place * (len(data) - 7))]
    with pytest.raises(Damaged, match="cut"):
        unpacked(cut)


@pytest.mark.parametrize("packing", PACKERS)
@settings(max_examples=40, deadline=2000)
@given(place=st.floats(0, 1), bit=st.integers(0, 7))
def test_no_flipped_bit_in_the_data_passes(packing: str, place: float, bit: int) -> None:
    data = bytearray(PACKERS[packing](TEXT))
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


def test_only_zstd_can_lack_a_checksum() -> None:
    bare = zstandard.ZstdCompressor(write_checksum=False).compress(TEXT)
    assert [has_checksum(packing, PACKERS[packing](TEXT)) for packing in PACKERS] == [True] * 4
    assert not has_checksum("zstd", bare)
    assert not has_checksum(None, b"text")


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
