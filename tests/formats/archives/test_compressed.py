"""Compressed streams: many in one file, padding, checksums left out, what is inside."""

import bz2
import gzip
import lzma
import zlib

import pytest
import zstandard

from itops.backup.levels import Level
from tests.formats.archives.made import PACKERS, codes, examined, gz, limits, some_files, tar_of, zst

TAR = tar_of(some_files())
DUMPS = [
    b"--\n-- PostgreSQL database dump\n--\n\n",
    b"--\n-- PostgreSQL database cluster dump\n--\n\n",
    b"\n--\n-- PostgreSQL database dump\n--\n",
    b"-- MySQL dump 10.13  Distrib 8.0.36",
    b"-- MariaDB dump 10.19-11.4.2",
    b"/*!999999\\- enable the sandbox mode */",
    b"/*M!999999\\- enable the sandbox mode */",
]


def halves(data: bytes) -> tuple[bytes, bytes]:
    return data[: len(data) // 2], data[len(data) // 2 :]


@pytest.mark.parametrize("suffix", PACKERS)
def test_several_streams_are_one_file(suffix):
    data = b"".join(map(PACKERS[suffix], halves(TAR)))
    found = examined(data, f"a.tar.{suffix}")
    assert (found.level, found.identity.facts["streams"]) == (Level.INTACT, 2)


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_second_stream_that_is_cut_is_noticed(suffix):
    first, second = map(PACKERS[suffix], halves(TAR))
    for missing in (1, 4, len(second) // 2, len(second) - 7, len(second) - 2):
        assert "cut" in codes(examined(first + second[:-missing], f"a.tar.{suffix}"))


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_missing_second_stream_shows_in_the_tar(suffix):
    assert codes(examined(PACKERS[suffix](halves(TAR)[0]), f"a.tar.{suffix}")) == ["cut"]


@pytest.mark.parametrize(
    ("suffix", "zeros", "code"),
    [
        ("gz", 1000, None),
        ("bz2", 7, None),
        ("xz", 8, None),
        ("xz", 6, "junk-appended"),
        ("zst", 8, "junk-appended"),
    ],
)
def test_zeros_after_the_end_are_padding_where_the_format_allows_them(suffix, zeros, code):
    found = examined(PACKERS[suffix](TAR) + bytes(zeros), f"a.tar.{suffix}")
    assert codes(found) == ([code] if code else [])
    assert code or found.identity.facts["padding_bytes"] == zeros or suffix in {"gz", "bz2", "xz"}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_stream_of_a_thousand_small_streams_is_read(suffix):
    data = b"".join(PACKERS[suffix](bytes([number % 256])) for number in range(1000))
    facts = examined(data, f"a.{suffix}").identity.facts
    assert (facts["streams"], facts["unpacked_bytes"]) == (1000, 1000)


def test_gzip_tells_the_name_and_time_it_packed():
    member = zlib.compressobj(wbits=-15)
    raw = member.compress(b"pages") + member.flush()
    name = b"\x1f\x8b\x08\x08" + (1_795_300_000).to_bytes(4, "little") + b"\x00\x0bcore.mdf\x00"
    data = name + raw + zlib.crc32(b"pages").to_bytes(4, "little") + (5).to_bytes(4, "little")
    facts = examined(data, "a.gz").identity.facts
    assert facts["packed_name"] == "core.mdf"
    assert facts["packed_file_at"] == "2026-11-21T22:26:40+00:00"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.zst", zst(b"pages" * 999, has_checksum=False), id="zst without"),
        pytest.param("a.zst", zst(b"a") + zst(b"b", has_checksum=False), id="zst, the second without"),
        pytest.param("a.xz", lzma.compress(b"pages" * 999, check=lzma.CHECK_NONE), id="xz without"),
    ],
)
def test_what_has_no_checksum_is_complete_and_no_more(name, data):
    found = examined(data, name)
    assert (found.level, limits(found), codes(found)) == (Level.COMPLETE, ["no-checksums"], [])


@pytest.mark.parametrize(
    ("check", "told"), [(lzma.CHECK_CRC32, "crc32"), (lzma.CHECK_CRC64, "crc64"), (lzma.CHECK_SHA256, "sha256")]
)
def test_xz_tells_its_checksum(check, told):
    assert examined(lzma.compress(b"pages", check=check), "a.xz").identity.facts["checksum"] == told


def test_frames_that_carry_no_data_are_passed_over():
    skippable = b"\x5a\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    data = skippable + zst(TAR) + skippable + zst(b"") + b"\x50\x2a\x4d\x18" + bytes(4)
    assert examined(data, "a.tar.zst").level is Level.INTACT


def test_a_frame_of_unknown_length_and_blocks_of_zeros_are_read():
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    plain = bytes(3_000_000) + b"end" + bytes(500_000)
    found = examined(packer.compress(plain) + packer.flush(), "a.zst")
    assert found.identity.facts["unpacked_bytes"] == len(plain)


def test_a_dictionary_that_is_not_here_is_a_limit():
    dictionary = zstandard.train_dictionary(512, [f"row {number} of the table".encode() * 3 for number in range(500)])
    data = zstandard.ZstdCompressor(dict_data=dictionary).compress(b"row 7 of the table")
    assert limits(examined(data, "a.zst")) == ["dictionary-needed"]


@pytest.mark.parametrize("dump", DUMPS)
@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_sql_dump_is_left_to_its_own_format(suffix, dump):
    assert examined(PACKERS[suffix](dump + b"\nSELECT 1;\n" * 500), f"a.sql.{suffix}").format is None


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_dump_that_packed_nothing_is_taken_as_a_stream(suffix):
    assert codes(examined(PACKERS[suffix](b""), f"a.sql.{suffix}")) == ["nothing-inside"]


def test_a_stream_damaged_from_its_start_is_known_by_its_name():
    data = bytearray(gzip.compress(TAR))
    data[10] = 0xFF  # a kind of block that does not exist
    assert examined(bytes(data), "a.tar.gz").format == "tar.gz"
    assert examined(bytes(data), "a.gz").format == "gz"


def test_what_is_packed_twice_is_counted_not_opened():
    assert examined(gz(bz2.compress(b"x")), "a.tar.bz2.gz").identity.facts["archives_inside"] == 1


def test_the_streams_own_fault_comes_before_what_it_did_to_the_tar():
    data = bytearray(zst(TAR))
    data[30] ^= 0xFF
    assert codes(examined(bytes(data), "a.tar.zst"))[0] in {"structure-damaged", "stream-checksum"}
