"""7z by its headers alone; the program that tests the content is met in tests/e2e/test_archives.py."""

import lzma
import struct
import zlib

import pytest

from itops.backup.levels import Level
from tests.formats.archives.made import (
    codes,
    examined,
    limits,
    seven_number,
    seven_zip_around,
    seven_zip_of,
    some_files,
)

FILES = some_files()
GOOD = seven_zip_of(FILES)
HEADER_AT = 32 + sum(map(len, FILES.values()))
ENCRYPTED = b"\x01\x04\x06\x00\x01\x09\x10\x00\x07\x0b\x01\x00\x01\x24\x06\xf1\x07\x01\x01\x13\x0c\x10\x00\x00"


def walked(data: bytes, **bounds: float):
    return examined(data, "a.7z", Level.COMPLETE, **bounds)


def packed_header(header: bytes, crc: int | None = None) -> tuple[bytes, bytes]:
    """A header under LZMA, and the small one that says where it lies."""
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    packed = lzma.compress(header, lzma.FORMAT_RAW, filters=filters)
    properties = b"\x23\x03\x01\x01\x05\x5d" + struct.pack("<I", 1 << 16)
    told = (
        (b"\x17\x06" + seven_number(len(GOOD[32:HEADER_AT])) + b"\x01\x09" + seven_number(len(packed)) + b"\x00")
        + (b"\x07\x0b\x01\x00\x01" + properties + b"\x0c" + seven_number(len(header)))
        + (b"\x0a\x01" + struct.pack("<I", zlib.crc32(header) if crc is None else crc) + b"\x00\x00")
    )
    return packed, told


def test_a_packed_header_is_unpacked_under_its_crc():
    packed, told = packed_header(GOOD[HEADER_AT:])
    found = walked(seven_zip_around(GOOD[32:HEADER_AT] + packed, told))
    assert (found.level, found.identity.facts["members"]) == (Level.COMPLETE, len(FILES))


def test_a_packed_header_with_a_wrong_crc_is_damaged():
    packed, told = packed_header(GOOD[HEADER_AT:], crc=1)
    assert codes(walked(seven_zip_around(GOOD[32:HEADER_AT] + packed, told))) == ["checksum-mismatch"]


def test_a_packed_header_that_unpacks_to_itself_for_ever_ends():
    told = b"\x17\x06\x00\x01\x09\x20\x00\x07\x0b\x01\x00\x01\x01\x00\x0c\x20\x00\x00"
    content = told.ljust(32, b"\0")
    assert codes(walked(seven_zip_around(content, content))) == ["structure-damaged"]


@pytest.mark.parametrize("missing", [1, 100, HEADER_AT - 40])
def test_a_cut_says_how_much_is_missing(missing):
    (fault,) = walked(GOOD[:-missing]).faults
    assert (fault.code, fault.facts["missing_bytes"], fault.facts["expected_bytes"]) == ("cut", missing, len(GOOD))


def test_an_archive_whose_start_was_never_written_is_unfinished():
    start = bytes(20)
    data = GOOD[:8] + struct.pack("<I", zlib.crc32(start)) + start + GOOD[32:]
    assert codes(walked(data)) == ["unfinished"]


def test_an_archive_of_nothing_is_no_backup():
    assert codes(walked(seven_zip_around(b"", b""))) == ["nothing-inside"]


def test_a_header_with_a_flipped_bit_is_damaged():
    data = bytearray(GOOD)
    data[HEADER_AT + 9] ^= 1
    assert codes(walked(bytes(data))) == ["checksum-mismatch"]


def test_content_that_would_reach_into_the_header_is_damaged():
    header = GOOD[HEADER_AT:].replace(seven_number(HEADER_AT - 32), seven_number(HEADER_AT - 31), 1)
    assert codes(walked(seven_zip_around(GOOD[32:HEADER_AT], header))) == ["structure-damaged"]


def test_names_that_cannot_be_read_without_a_password_are_a_limit_above_complete():
    told = b"\x17" + ENCRYPTED[2:].replace(b"\x10", b"\x10", 1) + b"\x00"
    found = examined(seven_zip_around(bytes(16), told), "a.7z")
    assert (found.level, limits(found)) == (Level.COMPLETE, ["encrypted"])
    assert found.identity.facts["headers_encrypted"]


def test_files_behind_a_password_are_a_limit_above_complete():
    files = b"\x05\x01\x11\x05\x00x\x00\x00\x00\x00"
    found = examined(seven_zip_around(bytes(16), ENCRYPTED + files + b"\x00"), "a.7z")
    assert (found.level, limits(found), codes(found)) == (Level.COMPLETE, ["encrypted"], [])


@pytest.mark.parametrize("name", ["../evil", "/evil", "a\\..\\..\\evil", "C:\\evil"])
def test_a_member_that_would_land_elsewhere_is_a_fault(name):
    assert codes(walked(seven_zip_of({"a": b"1", name: b"2"}))) == ["path-traversal"]


def test_endless_members_are_a_limit():
    assert limits(walked(GOOD, max_members=3)) == ["too-many-members"]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"\x01\x05" + b"\xff" * 9, id="more files than atoms"),
        pytest.param(b"\x01\x04\x06\x00" + b"\xff" * 9, id="more streams than atoms"),
        pytest.param(b"\x01\x04\x07\x0b" + b"\xfe" + b"\xff" * 8, id="more folders than atoms"),
        pytest.param(b"\x01\x77", id="something unheard of"),
        pytest.param(b"\x01", id="nothing"),
    ],
)
def test_a_hostile_header_is_damaged_at_once(header):
    assert codes(walked(seven_zip_around(b"", header))) == ["structure-damaged"]
