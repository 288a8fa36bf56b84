"""Tars: dialects, sizes, endings, members that would land elsewhere."""

import io
import tarfile

import pytest

from itops.backup.levels import Level
from itops.formats.archives.readers import StreamReader
from itops.formats.archives.tar import Tar
from itops.formats.archives.tar_walk import walk_tar
from itops.formats.effort import BoundedEffort
from itops.formats.postgresql.tar import PgDumpTar
from tests.formats.archives.made import AT, codes, examined, far_thing, limits, some_files, tar_of

FILES = some_files()
LONG = "a-very-long-folder-name/" * 12 + "نامه.pdf"


def renumbered(header: bytes) -> bytes:
    """The header with the checksum that fits it."""
    bare = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(bare) + header[156:]


def one_header(**fields: bytes) -> bytes:
    """A GNU header of a file called x; fields by the name tarfile gives them."""
    header = bytearray(tar_of({"x": b""})[:512])
    for name, value in fields.items():
        start = {"name": 0, "size": 124, "typeflag": 156, "linkname": 157, "isextended": 482}[name]
        header[start : start + len(value)] = value
    return renumbered(bytes(header))


def linked(*links: tuple[bytes, str, str], then: str = "after") -> bytes:
    """Links, then one ordinary file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for kind, name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
        tar.addfile(tarfile.TarInfo(then), io.BytesIO(b""))
    return out.getvalue()


@pytest.mark.parametrize("dialect", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_dialect_is_walked(dialect):
    found = examined(tar_of(FILES, dialect), "a.tar")
    assert found.level is Level.COMPLETE
    assert found.identity.facts["newest_member_at"] == "2026-11-21T22:26:40+00:00"


@pytest.mark.parametrize(
    ("name", "kind", "format_"),
    [
        pytest.param("nightly.dump", 1, "tar", id="a dump in a tar"),
        pytest.param("toc.dat", 3, "pg-dump-tar", id="pg_dump's own tar"),
        pytest.param("toc.dau", 3, "pg-dump-tar", id="pg_dump's own tar, its first name damaged"),
    ],
)
def test_a_tar_of_a_dump_is_no_dump(name, kind, format_):
    data = tar_of({name: b"PGDMP\x01\x0e\x00\x04\x08" + bytes([kind]) + bytes(600)})
    thing = far_thing(data, "a.tar")
    assert [known.name for known in (Tar(), PgDumpTar()) if known.recognises(thing)] == [format_]


@pytest.mark.parametrize("dialect", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_times_before_1970_are_read(dialect):
    def change(member: tarfile.TarInfo) -> None:
        member.mtime = -5 if member.name == LONG else AT

    found = examined(tar_of({LONG: b"1", "b": b"2"}, dialect, change), "a.tar")
    assert (found.level, found.identity.facts["members"]) == (Level.COMPLETE, 2)


def test_a_size_in_base_256_is_followed():
    header = one_header(size=b"\x80" + (600).to_bytes(11, "big"))
    assert examined(header + bytes(1024) + bytes(1024), "a.tar").identity.facts["unpacked_bytes"] == 600


def test_a_pax_size_stands_over_the_headers():
    def change(member: tarfile.TarInfo) -> None:
        member.pax_headers = {"size": "9"}

    data = bytearray(tar_of({"x": b"123456789"}, tarfile.PAX_FORMAT, change))
    assert examined(bytes(data), "a.tar").identity.facts["unpacked_bytes"] == 9


def test_an_old_gnu_sparse_member_is_passed_over_with_its_map():
    data = one_header(typeflag=b"S", isextended=b"\x01", size=b"00000000005\0") + bytes(504) + b"\x01" + bytes(7)
    data += bytes(512) + b"hello".ljust(512, b"\0") + bytes(1024)
    facts = examined(data, "a.tar").identity.facts
    assert (facts["members"], facts["sparse_members"], facts["unpacked_bytes"]) == (1, 1, 5)


def test_a_large_tar_is_walked_without_reading_what_is_in_it():
    thing = far_thing(tar_of({f"disk-{number}": bytes([1]) * 5_000_000 for number in range(4)}), "a.tar")
    effort = BoundedEffort(level=Level.COMPLETE, scratch=None)
    Tar().walk(thing, effort, Tar().identify(thing, effort))
    assert thing.file.bytes_read < 300_000


@pytest.mark.parametrize("step", [1, 511, 512, 513, 10_240])
def test_a_stream_in_any_pieces_gives_the_same(step):
    data = tar_of(FILES, tarfile.PAX_FORMAT)
    pieces = (data[start : start + step] for start in range(0, len(data), step))
    effort = BoundedEffort(level=Level.COMPLETE, scratch=None)
    assert walk_tar(StreamReader(pieces), effort) == examined(data, "a.tar").identity.facts


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(tar_of(FILES)[:-1], "cut", id="one byte"),
        pytest.param(one_header(size=b"00000002000\0") + bytes(512), "cut", id="in a payload, on a block"),
        pytest.param(one_header(), "unfinished", id="on a header"),
        pytest.param(one_header() + bytes(512), "unfinished", id="after one block of zeros"),
        pytest.param(one_header() + bytes(512) + one_header() + bytes(1024), "structure-damaged", id="a hole"),
        pytest.param(one_header() + bytes(1024) + one_header(), "junk-appended", id="another tar behind it"),
        pytest.param(one_header() + bytes(1024) + bytes(49 * 1024), "tail-zeroed", id="a tail of zeros"),
        pytest.param(one_header() + b"x" * 512 + bytes(1024), "header-damaged", id="no header where one must be"),
        pytest.param(one_header(size=b"-0000000001\0") + bytes(1024), "header-damaged", id="less than nothing"),
        pytest.param(one_header(size=b"\xff" * 12) + bytes(1024), "header-damaged", id="less than nothing, base 256"),
        pytest.param(one_header(typeflag=b"L") * 17 + bytes(1024), "structure-damaged", id="extensions of extensions"),
        pytest.param(
            one_header(typeflag=b"x", size=b"00000000012\0") + b"99 path=abc\n".ljust(512, b"\0") + bytes(1024),
            "header-damaged",
            id="a pax record longer than its header",
        ),
    ],
)
def test_a_broken_structure_is_named(data, code):
    assert codes(examined(data, "a.tar")) == [code]


def test_a_cut_says_how_much_is_missing():
    (fault,) = examined(one_header(size=b"00000002000\0") + bytes(300), "a.tar").faults
    assert (fault.code, fault.facts["missing_bytes"]) == ("cut", 724)


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        pytest.param(one_header(typeflag=b"M"), "multi-volume", id="a later volume"),
        pytest.param(one_header(typeflag=b"x", size=b"77777777777\0"), "too-big", id="8 GiB of names"),
    ],
)
def test_what_cannot_be_judged_is_a_limit(data, limit):
    found = examined(data + bytes(1024), "a.tar")
    assert (limits(found), codes(found)) == ([limit], [])


def test_endless_members_are_a_limit():
    assert limits(examined(tar_of(FILES), "a.tar", max_members=3)) == ["too-many-members"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tar_of({"../evil": b""}), id="upwards"),
        pytest.param(tar_of({"a/../../evil": b""}), id="upwards, later"),
        pytest.param(tar_of({"C:/evil": b""}), id="a drive"),
        pytest.param(one_header(name=b"/evil\0") + bytes(1024), id="absolute"),
        pytest.param(linked((tarfile.LNKTYPE, "a", "/etc/passwd")), id="a hard link to elsewhere"),
        pytest.param(linked((tarfile.SYMTYPE, "a", "/etc"), then="a/passwd"), id="written through a link"),
        pytest.param(linked((tarfile.SYMTYPE, "a/b", "../../etc"), then="./a//b/passwd"), id="through a climbing link"),
    ],
)
def test_a_member_that_would_land_elsewhere_is_a_fault(data):
    assert codes(examined(data, "a.tar")) == ["path-traversal"]


@pytest.mark.parametrize(
    ("links", "outside"),
    [
        ([(tarfile.SYMTYPE, "etc/localtime", "/usr/share/zoneinfo/Asia/Tehran")], 1),
        ([(tarfile.SYMTYPE, "a/b", "../c")], 0),
        ([(tarfile.LNKTYPE, "a", "after")], 0),
    ],
)
def test_links_as_every_linux_machine_has_them_are_no_fault(links, outside):
    found = examined(linked(*links), "a.tar")
    assert codes(found) == []
    assert found.identity.facts.get("links_outside", 0) == outside


def test_archives_inside_are_counted():
    assert examined(tar_of({"a.zip": b"", "b.tar.gz": b"", "c": b""}), "a.tar").identity.facts["archives_inside"] == 2


def test_a_pg_dump_and_an_appliance_are_left_to_their_formats():
    assert examined(tar_of({"toc.dat": b"PGDMP\x01\x0e"}), "a.tar").format is None
    assert examined(tar_of({"dc01.ovf": b"<Envelope/>"}), "a.ova").format is None


def test_a_volume_label_is_the_comment():
    facts = examined(one_header(typeflag=b"V", name=b"weekly\0") + one_header() + bytes(1024), "a.tar").identity.facts
    assert (facts["comment"], facts["members"]) == ("weekly", 1)
