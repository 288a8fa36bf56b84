"""Header and table of contents of pg_dump archives, in every version that is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.postgresql.custom import PgDumpCustom
from tests.formats.looking import codes, examined, far_file, faults
from tests.formats.postgresql import made

VERSIONS = [(1, minor) for minor in range(11, 17)]


def looked_at(data: bytes, level: Level = Level.INTACT):
    return examined(far_file(data, "nightly.dump"), PgDumpCustom(), level=level)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("packing", ["none", "gzip"])
def test_every_version_is_read_to_its_end(version: tuple[int, int], packing: str) -> None:
    found = looked_at(made.custom(version=version, packing=packing))
    assert not found.faults
    assert (found.level, codes(found)) == (Level.COMPLETE, {"partly-checked" if packing == "gzip" else "no-checksums"})


def test_the_header_tells_whose_it_is() -> None:
    identity = looked_at(made.custom(), Level.IDENTIFIED).identity
    assert identity is not None
    assert (identity.object, identity.kind, identity.started_at) == ("Insurance", CopyKind.FULL, None)
    assert identity.made_by == "pg_dump 15.18 (Debian 15.18-0+deb12u1)"
    assert identity.facts["local_started_at"] == "2026-11-22T16:24:48"
    assert identity.facts["toc_entries"] == len(made.ENTRIES)


def test_a_name_in_persian_is_read() -> None:
    identity = looked_at(made.custom(database="بیمه")).identity
    assert identity is not None
    assert identity.object == "بیمه"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({"moment": (61 << 20, 24, 16, 22, 10, 126, 0)}, "date", id="a second past the minute"),
        pytest.param({"moment": (1, 24, 16, 31, 1, 126, 0)}, "date", id="the 31st of February"),
        pytest.param({"moment": (1, 24, 16, 22, 10, 34370, 0)}, "date", id="a year that a text transfer makes"),
        pytest.param({"database": ""}, "database", id="no database"),
        pytest.param({"database": "a\x07b"}, "database", id="a database that rings"),
        pytest.param({"entries": 0}, "number of entries", id="no entries"),
        pytest.param({"entries": -995613006}, "number of entries", id="fewer than none"),
        pytest.param({"entries": 1_000_000}, "number of entries", id="more than would fit"),
        pytest.param({"kind": 7}, "format", id="no such format"),
    ],
)
def test_an_implausible_header_is_damaged(changes: dict[str, object], place: str) -> None:
    data = made.header(**changes) + made.contents(offsets={})  # type: ignore[arg-type]
    assert faults(looked_at(data)) == [("header-damaged", place)]


@pytest.mark.parametrize("version", [(1, 8), (1, 17), (1, 99)])
def test_a_version_that_is_not_known_is_no_damage(version: tuple[int, int]) -> None:
    found = looked_at(b"PGDMP" + bytes([*version, 0]) + made.custom()[8:])
    assert (found.level, codes(found)) == (Level.SEEN, {"version-unknown"})


@given(st.integers(-(2**32) + 1, 2**32 - 1))
def test_an_integer_is_a_sign_and_a_magnitude(value: int) -> None:
    data = made.integer(value)
    assert len(data) == 5
    assert (data[0] == 1) == (value < 0)
    assert int.from_bytes(data[1:], "little") == abs(value)


def test_an_entry_with_data_twice_is_noticed() -> None:
    data = made.custom().replace(made.integer(6) + made.integer(1), made.integer(3) + made.integer(1), 1)
    assert [code for code, _ in faults(looked_at(data))] == ["structure-damaged"]


@pytest.mark.parametrize(
    ("left_out", "kind"),
    [
        pytest.param("TABLE", CopyKind.PARTIAL, id="rows without tables"),
        pytest.param("TABLE DATA", CopyKind.PARTIAL, id="tables without rows"),
        pytest.param("ENCODING", CopyKind.FULL, id="something else"),
    ],
)
def test_a_dump_without_tables_or_rows_is_partial(left_out: str, kind: CopyKind) -> None:
    entries = [entry for entry in made.ENTRIES if entry.what != left_out]
    identity = looked_at(made.custom(entries)).identity
    assert identity is not None
    assert identity.kind is kind
