"""Database files of SQLite, near and far."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.sqlite import Sqlite
from tests.formats.looking import codes, examined, examined_path, far_file, faults, is_sane
from tests.formats.mutations import mutated, mutations
from tests.makers import sqlite_file
from tests.makers.damages import DAMAGES


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sqlite_file.good(tmp_path_factory.mktemp("sqlite")).read_bytes()


def looked_at(data: bytes, seconds: float = 60.0):
    return examined(far_file(data, "nightly.sqlite"), Sqlite(), seconds=seconds)


def test_a_good_file_is_complete_near_and_far(tmp_path: Path) -> None:
    file = sqlite_file.good(tmp_path)
    near, far = examined_path(file, Sqlite()), looked_at(file.read_bytes())
    for found in (near, far):
        assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})
    assert near.identity == far.identity
    assert near.identity is not None
    assert near.identity.made_by == f"SQLite {sqlite3.sqlite_version}"
    assert near.identity.facts["integrity_check"] == "ok"
    assert not [beside for beside in tmp_path.iterdir() if beside != file]


@pytest.mark.parametrize("damage", [name for name in DAMAGES if "flipped" not in name])
def test_every_damage_but_flipped_bits_is_noticed(good: bytes, damage: str) -> None:
    assert faults(looked_at(DAMAGES[damage](good)))


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("zero bytes", "empty"),
        ("cut by 1 byte", "cut"),
        ("cut in half", "cut"),
        ("junk appended", "junk-appended"),
        ("CRLF-mangled", "line-endings"),
        ("4 KiB zeroed in the middle", "structure-damaged"),
    ],
)
def test_what_is_wrong_is_named(good: bytes, damage: str, fault: str) -> None:
    assert {code for code, _ in faults(looked_at(DAMAGES[damage](good)))} == {fault}


def test_a_letter_that_no_index_covers_passes_which_is_why_it_is_never_called_intact(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (subject TEXT)")
        connection.execute("INSERT INTO t VALUES ('written with care')")
    data = file.read_bytes()
    assert looked_at(data.replace(b"care", b"cave")).level is Level.COMPLETE


def test_a_letter_that_an_index_covers_is_noticed_which_a_quick_check_would_pass(tmp_path: Path) -> None:
    """`PRAGMA quick_check` does not compare an index with its table."""
    file = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (subject TEXT)")
        connection.execute("CREATE INDEX i ON t (subject)")
        connection.execute("INSERT INTO t VALUES ('written with care')")
    data = file.read_bytes()
    assert data.count(b"care") == 2
    found = looked_at(data.replace(b"care", b"cave", 1))
    assert [code for code, _ in faults(found)] == ["structure-damaged"]


def test_a_file_in_wal_mode_is_only_read(tmp_path: Path) -> None:
    file = sqlite_file.good(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    before, folder_at = file.read_bytes(), tmp_path.stat().st_mtime_ns
    found = examined_path(file, Sqlite())
    assert found.level is Level.COMPLETE
    assert found.identity is not None
    assert found.identity.facts["is_wal"] is True
    assert (file.read_bytes(), tmp_path.stat().st_mtime_ns) == (before, folder_at), "a file was made beside it"


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_log_beside_it_may_hold_what_it_lacks(tmp_path: Path, suffix: str) -> None:
    file = sqlite_file.good(tmp_path)
    beside = file.with_name(file.name + suffix)
    beside.touch()
    assert examined_path(file, Sqlite()).level is Level.COMPLETE
    beside.write_bytes(b"x" * 100)
    found = examined_path(file, Sqlite())
    assert (found.level, codes(found)) == (Level.IDENTIFIED, {"open-transactions"})


def test_an_order_of_letters_that_only_the_application_knows_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.create_collation("office", lambda a, b: (a > b) - (a < b))
        connection.execute("CREATE TABLE t (name TEXT COLLATE office)")
        connection.execute("CREATE INDEX i ON t (name)")
        connection.execute("INSERT INTO t VALUES ('a'), ('b')")
    found = examined_path(file, Sqlite())
    assert (found.level, codes(found)) == (Level.IDENTIFIED, {"extension-missing"})


def test_a_schema_in_bytes_that_are_no_text_is_damage(good: bytes) -> None:
    """SQLite tells it in a message that quotes them."""
    found = looked_at(good.replace(b"CREATE TABLE letters", b"CREATE \xff\xffBLE letters"))
    assert [code for code, _ in faults(found)] == ["structure-damaged"]


def test_time_that_runs_out_is_no_damage(good: bytes) -> None:
    found = looked_at(good, seconds=0.0)
    assert (found.faults, codes(found)) == ((), {"out-of-time"})


def test_names_that_look_like_options_are_only_names(tmp_path: Path) -> None:
    file = sqlite_file.good(tmp_path).rename(tmp_path / "a?mode=rwc&b#c%41.sqlite")
    assert examined_path(file, Sqlite()).level is Level.COMPLETE


@settings(max_examples=80)
@given(data=st.data())
def test_a_mangled_file_is_told_about(good: bytes, data: st.DataObject) -> None:
    assert is_sane(looked_at(mutated(good, data.draw(mutations(len(good))))))
