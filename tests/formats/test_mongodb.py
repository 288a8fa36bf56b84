"""mongodump archives; a simulation after the published format, its CRC against Go's in test_crc64.py's check value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.mongodb import MongodbArchive
from tests.formats.disks.looking import codes, lone, looked
from tests.makers.damages import DAMAGES
from tests.makers.mongodb_archive import TERMINATOR, archive, bson, crc64_bit_by_bit, namespace

GOOD = archive("insurance", documents=8)
MAGIC = b"\x6d\xe2\x99\x81"
HEADER = bson(concurrent_collections=4, version="0.1", server_version="6.0.5", tool_version="100.7.0")


def small(*promised: str, view: str = "", body: bytes = b"") -> bytes:
    metadata = b"".join(
        bson(db="a", collection=name, metadata='{"type":"view"}' if name == view else "{}") for name in promised
    )
    return MAGIC + HEADER + metadata + TERMINATOR + body


def piece(name: str, *documents: bytes) -> bytes:
    return namespace("a", name) + b"".join(documents) + TERMINATOR


def end(name: str, *documents: bytes) -> bytes:
    return namespace("a", name, ended=crc64_bit_by_bit(b"".join(documents))) + TERMINATOR


DOCUMENT = bson(x=1)


def test_a_whole_archive_is_named_and_all_its_documents_are_checked() -> None:
    found = looked(lone(GOOD), MongodbArchive())
    assert (found.format, found.level, codes(found)) == ("mongodb-archive", Level.COMPLETE, ["partly-checked"])
    assert found.limits[0].facts["checked_collections"] == 2
    assert found.limits[0].facts["unchecked_bytes"] == GOOD.index(TERMINATOR) + 4  # the options of all collections
    assert found.identity is not None
    assert (found.identity.object, found.identity.made_by) == ("insurance", "mongodump 100.7.0")
    facts = {"collections": 3, "documents": 48, "server_version": "6.0.5"}
    assert facts.items() <= found.identity.facts.items()


def test_a_document_longer_than_a_block_is_read_whole() -> None:
    long = bson(note="n" * (3 << 20))
    data = small("c", body=piece("c", DOCUMENT, long, DOCUMENT) + end("c"))
    found = looked(lone(data), MongodbArchive(), level=Level.COMPLETE)
    assert (found.level, found.faults) == (Level.COMPLETE, ())
    assert found.identity is not None
    assert found.identity.facts["documents"] == 3


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        pytest.param(
            small("c", "d", body=piece("c") + end("c")), "unfinished", "a.d", id="a promised collection is gone"
        ),
        pytest.param(small("c", body=piece("c", DOCUMENT)), "unfinished", "a.c", id="a collection never ended"),
        pytest.param(small("c", body=end("c") + piece("c")), "structure-damaged", "byte ", id="more after the end"),
        pytest.param(small("c", body=piece("c", DOCUMENT) + end("c")), "stream-checksum", "a.c", id="a wrong CRC"),
        pytest.param(small("c", body=piece("c", b"\1\0\0\0")), "structure-damaged", "byte ", id="a length of 1"),
        pytest.param(MAGIC + bson(a=1) + TERMINATOR, "header-damaged", "header", id="a header without a version"),
        pytest.param(MAGIC + HEADER, "cut", "byte ", id="nothing behind the header"),
    ],
)
def test_what_is_wrong(data: bytes, code: str, place: str) -> None:
    found = looked(lone(data), MongodbArchive())
    assert [fault.code for fault in found.faults] == [code]
    assert found.faults[0].place.startswith(place)


def test_a_view_needs_no_data() -> None:
    assert codes(looked(lone(small("v", view="v")), MongodbArchive())) == ["partly-checked"]


def test_a_time_series_keeps_its_data_under_another_name() -> None:
    data = small("weather", body=piece("system.buckets.weather") + end("system.buckets.weather"))
    assert codes(looked(lone(data), MongodbArchive())) == ["partly-checked"]


def test_the_first_versions_wrote_no_crc() -> None:
    ended = bson(db="a", collection="c", EOF=True) + TERMINATOR
    found = looked(lone(small("c", body=piece("c", DOCUMENT) + ended)), MongodbArchive())
    assert (found.level, codes(found)) == (Level.COMPLETE, ["no-checksums"])


def test_every_flipped_bit_of_a_document_is_noticed() -> None:
    documents = [bson(number=number, note="premium") for number in range(3)]
    body = piece("c", *documents)
    data = small("c", body=body + end("c", *documents))
    begin = data.index(documents[0])
    for place in range(begin, begin + sum(map(len, documents))):
        flipped = bytearray(data)
        flipped[place] ^= 0x10
        assert looked(lone(bytes(flipped)), MongodbArchive()).faults, place


EXPECTED = {
    "zero bytes": "empty",
    "cut by 1 byte": "cut",
    "cut in half": "cut",
    "all zeros": "all-zero",
    "junk appended": "structure-damaged",
    "HTML error page": "html-page",
    "tail zeroed (a quarter)": "structure-damaged",
    "4 KiB zeroed in the middle": "structure-damaged",
}


@pytest.mark.parametrize("damage", EXPECTED)
def test_damages(damage: str) -> None:
    data = archive("insurance", documents=60)
    assert codes(looked(lone(DAMAGES[damage](data), "dump.archive"), MongodbArchive()))[0] == EXPECTED[damage]


@given(st.integers(0, 1200), st.binary(max_size=30), st.integers(0, len(GOOD)))
def test_garbage_is_damage(place: int, value: bytes, length: int) -> None:
    data = bytearray(GOOD)
    data[place : place + len(value)] = value
    looked(lone(bytes(data[:length])), MongodbArchive())


@given(st.binary(max_size=200))
def test_anything_behind_the_magic_is_damage(data: bytes) -> None:
    for start in (MAGIC, MAGIC + HEADER, small("c")):
        looked(lone(start + data), MongodbArchive())
