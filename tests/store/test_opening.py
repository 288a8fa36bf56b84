"""How a store is opened: files, modes, migrations, and what is said when it cannot be."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from itops.errors import ConfigInvalid, StoreUnavailable
from itops.inventory.entities import Kind
from itops.secrets import Secret
from itops.store import StoreLocation, open_reader, open_store, writing
from itops.store.migrations import SCHEMA_VERSION, STEPS
from itops.store.schema import METADATA
from tests.store.building import NOW, day, keys, observation, scan, scan_once, vm

_NOBODY = 65534


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return StoreLocation(folder=tmp_path / "state")


def database(location: StoreLocation) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(location.database, isolation_level=None))


@contextmanager
def without_root(folder: Path) -> Iterator[None]:
    """As an account that may read `folder` but not write it; root is stopped by no mode."""
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_every_file_belongs_to_its_owner_alone_whatever_the_umask(location: StoreLocation) -> None:
    old = os.umask(0)
    try:
        with open_store(location, NOW) as store, open_reader(location):
            writer = store.begin_scan(observation("vc01", day(0)), day(0))
            writer.add(vm("a"))
            files = [path for path in location.folder.rglob("*") if path.is_file()]
            folders = [location.folder, location.folder / "writers"]
            assert {path.name for path in files} >= {"itops.db", "itops.db-wal", "itops.lock"}
            assert {oct(stat.S_IMODE(path.stat().st_mode)) for path in files} == {"0o600"}
            assert {oct(stat.S_IMODE(path.stat().st_mode)) for path in folders} == {"0o700"}
            writer.finish(day(0), ["vc01"])
    finally:
        os.umask(old)


def test_a_store_that_others_may_read_is_refused_with_the_command_that_mends_it(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    location.database.chmod(0o644)
    for open_it in (lambda: open_store(location, NOW), lambda: open_reader(location)):
        with pytest.raises(StoreUnavailable) as caught:
            open_it()
        assert caught.value.remedy == f"run: chmod 600 '{location.database}'"


def test_the_file_is_strict_in_wal_mode_with_large_pages(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    with database(location) as connection:
        assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        loose = connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict").fetchall()
        assert [name for (name,) in loose if not name.startswith("sqlite_")] == []


def test_the_writers_tables_are_the_migrated_ones(location: StoreLocation) -> None:
    with open_store(location, NOW), database(location) as connection:
        made = {
            name: {column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")}
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    assert made == {table.name: {column.name for column in table.columns} for table in METADATA.tables.values()}


def test_a_newer_schema_is_refused_and_left_as_it_is(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    with database(location) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, 0)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = location.database.read_bytes()
    for open_it in (lambda: open_store(location, NOW), lambda: open_reader(location)):
        with pytest.raises(StoreUnavailable, match="newer itops") as caught:
            open_it()
        assert "update itops" in caught.value.remedy
    assert location.database.read_bytes() == before


def test_an_older_schema_is_backed_up_and_migrated(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    steps = (*STEPS, ("ALTER TABLE scan ADD COLUMN colour TEXT", "UPDATE scan SET colour = 'blue'"))
    with writing.open_store(location, NOW, steps=steps), database(location) as connection:
        assert connection.execute("SELECT colour FROM scan").fetchall() == [("blue",)]
        assert connection.execute("SELECT version FROM schema_version").fetchall() == [
            (n,) for n in range(1, len(steps) + 1)
        ]
    copy = location.folder / f"itops.db.schema-{SCHEMA_VERSION}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as backup:
        assert backup.execute("SELECT key FROM revision").fetchall() == [("a",)]


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_store_of_every_released_schema_keeps_what_it_holds(location: StoreLocation, version: int) -> None:
    with writing.open_store(location, NOW, steps=STEPS[:version]):
        pass
    with database(location) as connection:
        connection.execute("INSERT INTO answer VALUES ('vm-1', 'sql', 'somebody', 5)")
        connection.commit()
    open_store(location, NOW).close()
    with open_reader(location) as reader:
        assert [answer.vm_id for answer in reader.answers()] == ["vm-1"]
        assert reader.ledger.copies() == []
        assert reader.register.entries() == {}


def test_a_step_that_fails_half_way_leaves_the_schema_before_it(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    steps = (*STEPS, ("CREATE TABLE half (done INTEGER) STRICT", "INSERT INTO nowhere VALUES (1)"))
    with pytest.raises(StoreUnavailable, match="nowhere"):
        writing.open_store(location, NOW, steps=steps)
    with database(location) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []
    assert keys(location) == ["a"]


def test_a_new_store_is_not_backed_up(location: StoreLocation) -> None:
    open_store(location, NOW).close()
    assert list(location.folder.glob("itops.db.schema-*")) == []


def test_a_folder_that_may_not_be_written_is_explained(location: StoreLocation) -> None:
    location.folder.mkdir()
    location.folder.parent.chmod(0o755)
    with without_root(location.folder), pytest.raises(StoreUnavailable) as caught:
        open_store(location, NOW)
    assert str(location.database) in caught.value.problem
    assert "write the state folder" in caught.value.remedy


def test_a_state_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="state") as caught:
        open_store(StoreLocation(folder=tmp_path / "state"), NOW)
    assert caught.value.remedy


def test_a_file_that_is_no_database_is_explained(location: StoreLocation) -> None:
    location.folder.mkdir()
    location.database.write_bytes(b"this is a letter, not a database" * 100)
    location.database.chmod(0o600)
    for open_it in (lambda: open_store(location, NOW), lambda: open_reader(location)):
        with pytest.raises(StoreUnavailable) as caught:
            open_it()
        assert "backup" in caught.value.remedy


@pytest.mark.parametrize("vms", [pytest.param(700, id="in the transaction"), pytest.param(9000, id="in the spool")])
def test_a_full_disk_is_explained_and_loses_nothing_that_was_committed(location: StoreLocation, vms: int) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    script = """
import resource, sys
from pathlib import Path
from itops.errors import StoreUnavailable
from itops.store import StoreLocation, open_store
from tests.store.building import day, scan, vm
with open_store(StoreLocation(folder=Path(sys.argv[1])), day(1)) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    try:
        scan(store, "vc01", day(1), (vm(f"v{n}", annotation=str(hash(str(n)) ** 9)) for n in range(int(sys.argv[2]))))
    except StoreUnavailable as refused:
        print(refused.problem, "|", refused.remedy)
"""
    command = [sys.executable, "-c", script, str(location.folder), str(vms)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "cannot be used" in told
    assert "space" in told
    assert keys(location) == ["a"]
    assert scan_once(location, "vc01", day(2), [vm("a")]).unchanged == 1


def test_reading_a_store_loads_neither_sqlalchemy_nor_a_driver_it_does_not_need(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    script = """
import sys
from pathlib import Path
from itops.inventory.entities import Kind
from itops.store import StoreLocation, open_reader
with open_reader(StoreLocation(folder=Path(sys.argv[1]))) as reader:
    print(len(list(reader.entities(Kind.VM))), len(reader.find("a")), len(reader.gaps()))
print({"sqlalchemy", "psycopg", "filelock"} & set(sys.modules))
"""
    command = [sys.executable, "-c", script, str(location.folder)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "1 1 0\nset()\n"


def test_a_reader_can_write_nothing(location: StoreLocation) -> None:
    scan_once(location, "vc01", day(0), [vm("a")])
    with open_reader(location) as reader, pytest.raises(StoreUnavailable, match="readonly"):
        reader._connection.rows("DELETE FROM revision")


def test_files_of_writers_that_died_are_swept_and_those_of_the_living_are_not(location: StoreLocation) -> None:
    with open_store(location, NOW):
        (location.folder / "writers" / f"{'0' * 32}.lock").touch(mode=0o600)
        with open_store(location, NOW):
            assert len(list((location.folder / "writers").iterdir())) == 2
    assert list((location.folder / "writers").iterdir()) == []


def test_an_unfinished_scan_leaves_no_spool_behind(location: StoreLocation) -> None:
    with open_store(location, NOW) as store:
        before = {path.name for path in location.folder.iterdir()}
        writer = store.begin_scan(observation("vc01", day(0)), day(0))
        writer.add(vm("a"))
        assert {path.name for path in location.folder.iterdir()} == before


def test_a_reader_beside_an_open_writer_sees_what_is_committed(location: StoreLocation) -> None:
    with open_store(location, NOW) as store, open_reader(StoreLocation(folder=location.folder)) as reader:
        scan(store, "vc01", day(0), [vm("a")])
        assert [entity.key for entity in reader.entities(Kind.VM)] == ["a"]
        with store.begin_scan(observation("vc01", day(1)), day(1)) as writer:
            writer.add(vm("b"))
            assert [entity.key for entity in reader.entities(Kind.VM)] == ["a"]
            writer.finish(day(1), ["vc01"])
        assert [entity.key for entity in reader.entities(Kind.VM)] == ["b"]


@pytest.mark.parametrize(
    "url", ["mysql://u@h/d", "postgresql://u:pw@h/d", "postgresql://u@h/d?password=pw", "itops.db"]
)
def test_a_url_of_another_database_or_with_a_password_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        StoreLocation(folder=tmp_path, url=url)
    assert "pw" not in caught.value.problem + caught.value.remedy


def test_a_location_does_not_show_its_password(tmp_path: Path) -> None:
    location = StoreLocation(folder=tmp_path, url="postgresql://itops@db.example.ir/itops", password=Secret("hidden"))
    assert "hidden" not in repr(location)
