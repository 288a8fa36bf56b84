"""What unpacks to more than it can be, or wants more memory than there is, ends early."""

import bz2
import lzma
import time
import tracemalloc
import zipfile
import zlib

import pytest

from itops.backup.formats import MIB
from tests.formats.archives.made import codes, examined, gz, limits, tar_of, zip_of, zst

ZEROS = bytes(48 * MIB)
TEN_GIB_OF_48_MIB = 214
FREE = 64 * MIB  # instead of 2 GiB: tests are quick


def ten_gib(suffix: str) -> bytes:
    """Ten GiB of zeros in many streams: 10 MB of gzip, 10 kB of bzip2, 1.6 MB of xz, 340 kB of zstandard."""
    pack = {"gz": gz, "bz2": bz2.compress, "xz": lambda data: lzma.compress(data, preset=0), "zst": zst}[suffix]
    return pack(ZEROS) * TEN_GIB_OF_48_MIB


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_ten_gib_of_zeros_end_early_and_in_little_memory(suffix):
    data = ten_gib(suffix)[:2_000_000]  # what follows is not reached
    tracemalloc.start()
    found = examined(data, f"a.{suffix}", free_unpacked_bytes=FREE)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(found) == ["bomb"]
    assert memory < 16 * MIB
    assert found.faults[0].facts["unpacked_bytes"] <= FREE + 256 * len(data) + MIB


def test_ten_gib_of_zeros_end_in_seconds():
    data = ten_gib("zst")
    began = time.monotonic()
    assert codes(examined(data, "a.zst")) == ["bomb"]
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.gz", gz(bytes(100 * MIB)), id="gz"),
        pytest.param("a.tar.gz", gz(tar_of({"a": bytes(100 * MIB)})), id="tar.gz"),
        pytest.param("a.zip", zip_of({"a": bytes(100 * MIB)}), id="zip"),
        pytest.param("a.zip", zip_of({"a": bytes(70 * MIB)}, zipfile.ZIP_BZIP2), id="bzip2 in zip"),
    ],
)
def test_the_ratio_allowed_is_the_efforts(name, data):
    found = examined(data, name, max_ratio=10, free_unpacked_bytes=FREE)
    assert codes(found) == ["bomb"]
    assert found.faults[0].facts["unpacked_bytes"] < 66 * MIB
    assert codes(examined(data, name)) == []


def test_the_total_allowed_is_the_efforts():
    assert codes(examined(gz(bytes(MIB)), "a.gz", max_unpacked_bytes=MIB // 2)) == ["bomb"]


def test_a_tar_that_promises_more_than_it_holds_is_cut():
    data = tar_of({"a": b""})[:512]
    header = data[:124] + b"77777777777\0" + data[136:148] + b" " * 8 + data[156:]
    header = header[:148] + b"%06o\0 " % sum(header) + header[156:]
    assert codes(examined(gz(header + bytes(512)), "a.tar.gz")) == ["cut"]


def xz_wanting(dictionary: int) -> bytes:
    """The beginning of an xz that wants a dictionary of so many bytes (a power of two)."""
    flags = b"\x00\x04"
    block = bytes([2, 0, 0x21, 1, 2 * (dictionary.bit_length() - 13), 0, 0, 0])
    crc = [zlib.crc32(part).to_bytes(4, "little") for part in (flags, block)]
    return b"\xfd7zXZ\0" + flags + crc[0] + block + crc[1] + bytes(64)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.xz", xz_wanting(1 << 30), id="1 GiB of xz"),
        pytest.param("a.zst", b"\x28\xb5\x2f\xfd\x04\xa8" + bytes(20), id="2 GiB of zstandard"),
    ],
)
def test_a_stream_that_wants_too_much_memory_is_a_limit(name, data):
    assert limits(examined(data, name)) == ["needs-memory"]


def test_time_that_is_up_is_a_limit():
    found = examined(gz(bytes(MIB)), "a.gz", max_seconds=0)
    assert (limits(found), codes(found)) == (["out-of-time"], [])


def test_a_million_streams_of_nothing_cost_seconds():
    began = time.monotonic()
    assert codes(examined(gz(b"") * 50_000, "a.gz")) == ["nothing-inside"]
    assert time.monotonic() - began < 30
