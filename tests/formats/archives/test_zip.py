"""Zips: what the directory, the headers and the content say of each other."""

import io
import struct
import zipfile

import pytest

from itops.backup.levels import Level
from itops.formats.archives.zip import Zip
from itops.formats.effort import BoundedEffort
from tests.formats.archives.made import codes, examined, far_thing, limits, some_files, zip_of

FILES = some_files()
GOOD = zip_of(FILES)
END = b"PK\x05\x06"


def streamed(files: dict[str, bytes]) -> bytes:
    """As a program writes that cannot go back: sizes and CRC after the content."""

    class OneWay(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += data
            return len(data)

    out = OneWay()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            with archive.open(name, "w", force_zip64=name.endswith("jpg")) as member:
                member.write(data)
    return bytes(out.data)


def changed(data: bytes, position: int, new: bytes) -> bytes:
    return data[:position] + new + data[position + len(new) :]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_of_python_is_read(method):
    found = examined(zip_of(FILES, method), "a.zip")
    assert (found.level, codes(found), limits(found)) == (Level.INTACT, [], [])


def test_the_directory_tells_who_wrote_it_and_when():
    identity = examined(zip_of(FILES, comment="پشتیبان".encode()), "a.zip").identity
    assert identity.made_by == "zip 2.0 on Unix"
    assert identity.facts["comment"] == "پشتیبان"
    assert identity.facts["newest_member_at"] == "2026-11-21T23:30:04"


def test_a_streamed_zip_is_intact_and_its_descriptors_are_read():
    data = streamed(FILES)
    assert examined(data, "a.zip").level is Level.INTACT
    at = data.index(b"PK\x07\x08") + 8
    assert codes(examined(changed(data, at, b"\xff"), "a.zip")) == ["header-damaged"]


def test_zip64_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(66_000):
            archive.writestr(str(number), b"")
    found = examined(out.getvalue(), "a.zip")
    assert (found.level, found.identity.facts["members"]) == (Level.INTACT, 66_000)
    assert found.identity.facts["zip64"]


def test_members_written_in_another_order_than_listed_are_read():
    first, second = zip_of({"a": b"1" * 50}), zip_of({"b": b"2" * 50})
    at_first, at_second = first.index(b"PK\x01\x02"), second.index(b"PK\x01\x02")
    local = second[:at_second] + first[:at_first]
    entry_a = changed(first[at_first : first.index(END)], 42, struct.pack("<I", at_second))
    directory = entry_a + second[at_second : second.index(END)]
    end = END + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(directory), len(local), 0)
    found = examined(local + directory + end, "a.zip")
    assert (found.level, found.identity.facts["members"]) == (Level.INTACT, 2)


def test_a_member_with_a_wrong_crc_is_named():
    data = zip_of(FILES, zipfile.ZIP_STORED)
    at = data.index(FILES["scans/picture-2.jpg"]) + 77
    (fault,) = examined(changed(data, at, bytes([data[at] ^ 1])), "a.zip").faults
    assert (fault.code, fault.place) == ("checksum-mismatch", "scans/picture-2.jpg")


@pytest.mark.parametrize(
    ("offset", "new"),
    [(30, b"Z"), (8, b"\x00\x00"), (14, b"\0\0\0\0"), (18, b"\1\0\0\0"), (0, b"PK\x09\x09")],
    ids=["name", "method", "CRC", "size", "signature"],
)
def test_a_header_that_contradicts_the_directory_is_damaged(offset, new):
    assert codes(examined(changed(GOOD, offset, new), "a.zip", Level.COMPLETE)) in (
        ["header-damaged"],
        ["not-its-format"],
    )


def test_members_that_lie_in_each_other_are_a_bomb():
    kernel = zip_of({"a": b"0" * 5000})
    at = kernel.index(b"PK\x01\x02")
    entry = kernel[at : kernel.index(END)]
    directory = entry * 500
    end = END + struct.pack("<HHHHIIH", 0, 0, 500, 500, len(directory), at, 0)
    (fault,) = examined(kernel[:at] + directory + end, "a.zip").faults
    assert (fault.code, fault.facts["overlapping_members"]) == ("bomb", 499)


def test_what_was_put_before_a_zip_is_counted():
    (fault,) = examined(b"#!/bin/sh\n" * 9 + GOOD, "a.zip").faults
    assert (fault.code, fault.facts["extra_bytes"]) == ("junk-before", 90)


def test_a_hole_in_the_middle_is_a_cut_of_so_many_bytes():
    (fault,) = examined(GOOD[:5000] + GOOD[6000:], "a.zip").faults
    assert (fault.code, fault.facts["missing_bytes"]) == ("cut", 1000)


def test_a_zip_without_its_directory_is_unfinished():
    assert codes(examined(GOOD[: GOOD.index(b"PK\x01\x02")], "a.zip")) == ["unfinished"]


@pytest.mark.parametrize("count", [len(FILES) - 1, len(FILES) + 1])
def test_a_directory_with_another_count_is_damaged(count):
    at = GOOD.index(END)
    found = examined(changed(GOOD, at + 8, struct.pack("<HH", count, count)), "a.zip", Level.COMPLETE)
    assert codes(found) in (["structure-damaged"], ["header-damaged"])


def test_one_disk_of_several_is_a_limit():
    at = GOOD.index(END)
    assert limits(examined(changed(GOOD, at + 4, b"\1\0"), "a.zip")) == ["multi-volume"]


def test_a_password_is_a_limit_and_what_has_none_is_still_tested():
    at = GOOD.index(b"PK\x01\x02")
    data = changed(changed(GOOD, 6, b"\1"), at + 8, b"\1")
    found = examined(data, "a.zip")
    assert (found.level, limits(found), found.limits[0].facts["members"]) == (Level.COMPLETE, ["encrypted"], 1)
    at = GOOD.index(b"PK\x03\x04", 5000) + 300
    broken = changed(data, at, bytes([data[at] ^ 1]))
    assert codes(examined(broken, "a.zip")) != []


def test_a_method_nobody_here_knows_is_a_limit():
    at = GOOD.index(b"PK\x01\x02")
    found = examined(changed(changed(GOOD, 8, b"\x09"), at + 10, b"\x09"), "a.zip")
    assert (limits(found), found.limits[0].facts["method"]) == (["unknown-method"], 9)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a\\..\\..\\evil", "C:\\evil"])
def test_a_member_that_would_land_elsewhere_is_a_fault(name):
    info = zipfile.ZipInfo("x" * len(name))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, b"")
    data = out.getvalue().replace(b"x" * len(name), name.encode())
    assert codes(examined(data, "a.zip", Level.COMPLETE)) == ["path-traversal"]


def test_a_member_behind_a_link_is_a_fault():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc")
        archive.writestr("a/passwd", b"")
    assert codes(examined(out.getvalue(), "a.zip", Level.COMPLETE)) == ["path-traversal"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicates_and_archives_inside_are_counted():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a", "a", "b.7z"):
            archive.writestr(name, b"")
    facts = examined(out.getvalue(), "a.zip").identity.facts
    assert (facts["duplicate_names"], facts["archives_inside"]) == (1, 1)


def test_endless_members_are_a_limit():
    assert limits(examined(GOOD, "a.zip", max_members=3)) == ["too-many-members"]


def test_a_zip_is_read_once_for_its_content():
    data = zip_of({str(number): bytes([number]) * 400_000 for number in range(10)}, zipfile.ZIP_STORED)
    thing = far_thing(data, "a.zip")
    effort = BoundedEffort(level=Level.INTACT, scratch=None)
    Zip().read(thing, effort, Zip().walk(thing, effort, Zip().identify(thing, effort)))
    assert thing.file.bytes_read < 1.2 * len(data)
