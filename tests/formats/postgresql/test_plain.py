"""The SQL text of pg_dump and pg_dumpall, packed or not."""

import bz2
import gzip
import lzma

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.postgresql.plain import PgDumpPlain
from tests.formats.looking import codes, examined, far_file, faults

HEAD = (
    b"--\n-- PostgreSQL database dump\n--\n\n\\restrict abcDEF123\n\n"
    b"-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)\n"
    b"-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)\n\nSET statement_timeout = 0;\n\n"
)
TABLE = (
    b"COPY public.policies (id, holder) FROM stdin;\n" + b"".join(b"%d\tx\n" % n for n in range(3000)) + b"\\.\n\n\n"
)
END = b"--\n-- PostgreSQL database dump complete\n--\n\n"
TOKEN = b"\\unrestrict abcDEF123\n\n"
GOOD = HEAD + TABLE + b"COPY public.empty (id) FROM stdin;\n\\.\n\n\n" + END + TOKEN
CLUSTER = (
    b"--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE itops;\n\n\\connect template1\n\n"
    + GOOD
    + b"\\connect postgres\n\n"
    + GOOD
    + b"--\n-- PostgreSQL database cluster dump complete\n--\n\n"
)
PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def looked_at(data: bytes):
    return examined(far_file(data, "nightly.sql"), PgDumpPlain())


@pytest.mark.parametrize("text", [GOOD, HEAD + TABLE + END, CLUSTER], ids=["2025", "before", "cluster"])
def test_a_good_text_is_complete(text: bytes) -> None:
    found = looked_at(text)
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})


@pytest.mark.parametrize("packing", PACKERS)
def test_packed_under_a_checksum_it_is_intact(packing: str) -> None:
    found = looked_at(PACKERS[packing](GOOD))
    assert (found.level, codes(found)) == (Level.INTACT, set())
    assert found.identity is not None
    assert (found.identity.facts["tables_with_data"], found.identity.facts["text_bytes"]) == (2, len(GOOD))


def test_zstd_without_its_checksum_proves_no_more_than_the_text() -> None:
    found = looked_at(zstandard.ZstdCompressor(write_checksum=False).compress(GOOD))
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("cut", [1, 4])
def test_a_cut_stream_is_noticed(packing: str, cut: int) -> None:
    assert [code for code, _ in faults(looked_at(PACKERS[packing](GOOD)[:-cut]))] == ["cut"]


@pytest.mark.parametrize("packing", PACKERS)
def test_what_follows_a_stream_is_junk(packing: str) -> None:
    assert [code for code, _ in faults(looked_at(PACKERS[packing](GOOD) + b"junk appended"))] == ["junk-appended"]


@pytest.mark.parametrize("packing", PACKERS)
def test_streams_one_after_another_are_one_text(packing: str) -> None:
    data = PACKERS[packing](GOOD[:5000]) + PACKERS[packing](GOOD[5000:])
    assert looked_at(data).level is Level.INTACT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(GOOD[:-1], "cut", id="one byte short"),
        pytest.param((HEAD + TABLE + END)[:-1], "cut", id="one byte short, before 2025"),
        pytest.param(GOOD[: len(GOOD) // 2], "unfinished", id="half"),
        pytest.param(HEAD + TABLE, "unfinished", id="no ending"),
        pytest.param(GOOD + b"more\n", "junk-appended", id="more after the ending"),
        pytest.param(HEAD + TABLE[:-8] + END, "unfinished", id="rows without their end"),
        pytest.param(GOOD[:9000] + bytes(500) + GOOD[9500:], "zeroed", id="a hole of zeros"),
        pytest.param(CLUSTER[:-80], "unfinished", id="a cluster whose last database is complete"),
        pytest.param(GOOD.decode().encode("utf-16"), "utf-16", id="written by PowerShell"),
    ],
)
def test_what_is_wrong_is_named(text: bytes, fault: str) -> None:
    found = looked_at(text)
    assert (found.format, [code for code, _ in faults(found)]) == ("pg-dump-plain", [fault])


def test_a_failed_dump_that_gzip_made_valid_is_unfinished() -> None:
    assert [code for code, _ in faults(looked_at(gzip.compress(HEAD)))] == ["unfinished"]


def test_a_text_from_windows_is_the_same_text() -> None:
    found = looked_at(GOOD.replace(b"\n", b"\r\n"))
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})
    assert found.identity is not None
    assert found.identity.facts["line_endings"] == "crlf"


@pytest.mark.parametrize(
    ("connect", "name"),
    [
        (b'\\connect "Insurance"', "Insurance"),
        (b"\\connect insurance", "insurance"),
        (b'\\connect "a""b"', 'a"b'),
        (b"\\connect -reuse-previous=on \"dbname='o\\'clock'\"", "o'clock"),
    ],
)
def test_a_dump_that_creates_its_database_names_it(connect: bytes, name: str) -> None:
    identity = looked_at(HEAD + connect + b"\n" + TABLE + END).identity
    assert identity is not None
    assert identity.object == name


def test_a_cluster_is_no_single_database() -> None:
    identity = looked_at(CLUSTER).identity
    assert identity is not None
    assert (identity.object, identity.made_by, identity.facts["databases"]) == (None, "pg_dumpall", 2)


@given(st.integers(0, len(GOOD) - 1))
def test_no_cut_text_is_complete(length: int) -> None:
    found = looked_at(GOOD[:length])
    assert found.faults or found.format is None
