"""The dumps of real databases by the real programs: good ones are proven, damaged ones are not."""

import gzip
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.formats.mysql.mariabackup import Mariabackup
from itops.formats.mysql.mydumper import Mydumper
from itops.formats.mysql.mysqldump import Mysqldump
from itops.formats.postgresql.basebackup import PgBasebackup
from itops.formats.postgresql.basebackup_tar import PgBasebackupTar
from itops.formats.postgresql.custom import PgDumpCustom
from itops.formats.postgresql.directory import PgDumpDirectory
from itops.formats.postgresql.plain import PgDumpPlain
from itops.formats.postgresql.tar import PgDumpTar
from itops.formats.sqlite import Sqlite
from tests.e2e.mariadb import running_server
from tests.formats.looking import codes, examined_path, faults
from tests.makers import (
    mariabackup,
    mydumper,
    mysqldump,
    mysqldump_gz,
    pg_basebackup,
    pg_basebackup_tar,
    pg_dump_custom,
    pg_dump_custom_uncompressed,
    pg_dump_directory,
    pg_dump_plain,
    pg_dump_plain_gz,
    pg_dump_tar,
    servers,
    sqlite_file,
)
from tests.makers.damages import DAMAGES

pytestmark = pytest.mark.e2e

FORMATS = (
    Mariabackup(),
    Mydumper(),
    Mysqldump(),
    PgBasebackup(),
    PgBasebackupTar(),
    PgDumpCustom(),
    PgDumpDirectory(),
    PgDumpPlain(),
    PgDumpTar(),
    Sqlite(),
)
INTACT, COMPLETE = Level.INTACT, Level.COMPLETE
# What the format itself can prove of a good copy, and in what file of a folder the damage is done.
MAKERS: dict[ModuleType, tuple[Level, str]] = {
    mariabackup: (COMPLETE, "Insurance/policies.ibd"),
    mydumper: (INTACT, "Insurance.policies.sql.gz"),
    mysqldump: (COMPLETE, ""),
    mysqldump_gz: (INTACT, ""),
    pg_basebackup: (INTACT, "base/1/1255"),
    pg_basebackup_tar: (INTACT, "base.tar.gz"),
    pg_dump_custom: (COMPLETE, ""),
    pg_dump_custom_uncompressed: (COMPLETE, ""),
    pg_dump_directory: (COMPLETE, "*.dat.gz"),
    pg_dump_plain: (COMPLETE, ""),
    pg_dump_plain_gz: (INTACT, ""),
    pg_dump_tar: (COMPLETE, ""),
    sqlite_file: (COMPLETE, ""),
}
# Their data are under checksums, the definitions of their tables (and what MariaDB keeps outside InnoDB) are not.
PARTLY = {mariabackup, pg_dump_custom, pg_dump_directory}
# What no reading can notice, for nothing in these formats covers it; the page of a manual, and nothing else, should
# promise more. A text with other line endings is still the same SQL.
UNSEEN = {
    mysqldump: {
        "one bit flipped in the header",
        "one bit flipped in the middle",
        "one bit flipped near the end",
        "CRLF",
    },
    pg_dump_plain: {"one bit flipped in the middle", "one bit flipped near the end", "CRLF"},
    pg_dump_tar: {"one bit flipped in the middle", "one bit flipped near the end"},
    pg_dump_custom_uncompressed: {"one bit flipped in the middle", "one bit flipped near the end"},
    sqlite_file: {"one bit flipped near the end"},  # in a text that no index covers
}
# Not wrong for certain, but never complete: a table made in the same second is all zeros, too.
DOUBTED = {(mariabackup, "all zeros"): "unwritten-tablespace"}


def named(maker: ModuleType) -> str:
    return maker.__name__.rpartition(".")[2]


@pytest.fixture(scope="session")
def good_copies(tmp_path_factory: pytest.TempPathFactory) -> dict[ModuleType, Path]:
    return {maker: maker.good(tmp_path_factory.mktemp(named(maker))) for maker in MAKERS}


def looked_at(path: Path) -> Examination:
    return examined_path(path, *FORMATS)


@pytest.mark.parametrize("maker", MAKERS, ids=named)
def test_a_good_copy_is_proven_as_far_as_its_format_can(maker: ModuleType, good_copies: dict[ModuleType, Path]) -> None:
    found = looked_at(good_copies[maker])
    assert not found.faults
    assert (found.format, found.level) == (maker.FORMAT, MAKERS[maker][0])
    assert found.identity is not None
    assert (found.identity.object, found.identity.kind) == (maker.OBJECT, CopyKind.FULL)
    limits = {"partly-checked"} if maker in PARTLY else {"no-checksums"}
    assert codes(found) == (set() if MAKERS[maker][0] is INTACT else limits)


@pytest.mark.parametrize("maker", MAKERS, ids=named)
def test_another_object_under_the_same_name_tells_who_it_is(
    maker: ModuleType, good_copies: dict[ModuleType, Path], tmp_path: Path
) -> None:
    first, other = looked_at(good_copies[maker]), looked_at(maker.another(tmp_path))
    assert not other.faults
    assert first.identity is not None
    assert other.identity is not None
    assert other.identity.object == maker.OTHER
    assert first.identity != other.identity


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("maker", MAKERS, ids=named)
def test_damage_is_noticed(maker: ModuleType, damage: str, good_copies: dict[ModuleType, Path], tmp_path: Path) -> None:
    good = good_copies[maker]
    copy = tmp_path / good.name
    shutil.copytree(good, copy) if good.is_dir() else shutil.copyfile(good, copy)
    victim = max(copy.glob(MAKERS[maker][1]), key=lambda file: file.stat().st_size) if good.is_dir() else copy
    data = victim.read_bytes()
    damaged = DAMAGES[damage](data)
    if damaged == data:
        pytest.skip("it has nothing that this damage changes")
    victim.write_bytes(damaged)
    found = looked_at(copy)
    if limit := DOUBTED.get((maker, damage)):
        assert (found.level, codes(found)) == (Level.IDENTIFIED, {limit})
        return
    is_unseen = any(damage.startswith(words) for words in UNSEEN.get(maker, ()))
    assert bool(found.faults) != is_unseen, found
    if is_unseen:
        assert codes(found) == {"no-checksums"}


@pytest.mark.parametrize(
    ("maker", "member", "fault"),
    [
        pytest.param(mariabackup, "Insurance/policies.ibd", "member-missing", id="a table that prepare does not miss"),
        pytest.param(mariabackup, "ibdata1", "member-missing", id="the system tablespace"),
        pytest.param(mariabackup, "xtrabackup_checkpoints", "unfinished", id="what is written last"),
        pytest.param(mydumper, "metadata", None, id="the metadata of mydumper"),
        pytest.param(pg_basebackup, "base/1/1259", "member-missing", id="a file of a cluster"),
        pytest.param(pg_basebackup_tar, "base.tar.gz", "member-missing", id="the main tar"),
        pytest.param(pg_dump_directory, "blobs.toc", "member-missing", id="the list of large objects"),
    ],
)
def test_a_missing_file_is_missed(
    maker: ModuleType, member: str, fault: str | None, good_copies: dict[ModuleType, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(good_copies[maker], copy)
    (copy / member).unlink()
    found = looked_at(copy)
    assert {code for code, _ in faults(found)} == ({fault} if fault else set())
    assert found.level is None or found.level < COMPLETE


def test_a_prepared_backup_of_mariadb_is_as_good(good_copies: dict[ModuleType, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(good_copies[mariabackup], copy)
    subprocess.run(["mariabackup", "--prepare", f"--target-dir={copy}"], check=True, capture_output=True)
    found = looked_at(copy)
    assert (found.level, codes(found)) == (COMPLETE, {"partly-checked"})
    (copy / "Insurance" / "policies.ibd").unlink()
    assert faults(looked_at(copy)) == [("member-missing", "Insurance/policies.ibd")]


def test_pages_with_the_checksum_of_older_servers_are_checked(tmp_path: Path) -> None:
    with running_server("--innodb-checksum-algorithm=crc32") as server:
        server.run("CREATE DATABASE Office")
        server.run(
            "CREATE TABLE t (id int PRIMARY KEY, t text); INSERT INTO t SELECT seq, 'x' FROM seq_1_to_2000", "Office"
        )
        servers.write_out(server)
        server.client("mariabackup", "--backup", f"--target-dir={tmp_path / 'copy'}")
    good = looked_at(tmp_path / "copy")
    assert (good.level, codes(good)) == (COMPLETE, {"partly-checked"})
    assert good.limits[0].facts["unchecked_pages"] == 0
    table = tmp_path / "copy" / "Office" / "t.ibd"
    table.write_bytes(DAMAGES["one bit flipped near the end"](table.read_bytes()[: 5 * 16384]))
    assert {code for code, _ in faults(looked_at(tmp_path / "copy"))} & {"page-checksum", "cut"}


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        pytest.param(("--schema-only",), CopyKind.PARTIAL, id="tables without rows"),
        pytest.param(("--data-only",), CopyKind.PARTIAL, id="rows without tables"),
        pytest.param(("--inserts",), CopyKind.FULL, id="as INSERT statements"),
    ],
)
@pytest.mark.parametrize("format_", ["custom", "tar"])
def test_half_a_dump_is_called_partial(format_: str, options: tuple[str, ...], kind: CopyKind, tmp_path: Path) -> None:
    file = tmp_path / "x.dump"
    servers.pg_dump("Insurance", f"--format={format_}", *options, f"--file={file}")
    found = looked_at(file)
    assert not found.faults
    assert found.identity is not None
    assert found.identity.kind is kind


def test_a_dump_written_into_a_pipe_is_walked_without_its_offsets(tmp_path: Path) -> None:
    file = tmp_path / "x.dump"
    file.write_bytes(servers.pg_dump("Insurance", "--format=custom"))
    assert codes(looked_at(file)) == {"partly-checked"}


def test_a_failed_dump_that_gzip_made_valid_is_unfinished(tmp_path: Path) -> None:
    whole = mysqldump.good(tmp_path).read_bytes()
    file = tmp_path / "failed.sql.gz"
    file.write_bytes(gzip.compress(whole[: whole.index(b"INSERT INTO")]))
    assert faults(looked_at(file)) == [("unfinished", "")]


@pytest.mark.parametrize(
    ("options", "level"),
    [
        pytest.param(("--skip-dump-date",), COMPLETE, id="no date"),
        pytest.param(("--skip-comments",), COMPLETE, id="no comments: its last statement is its ending"),
        pytest.param(("--compact",), Level.IDENTIFIED, id="compact: it has no ending"),
    ],
)
def test_what_a_dump_was_asked_to_leave_out_is_no_fault(options: tuple[str, ...], level: Level, tmp_path: Path) -> None:
    file = tmp_path / "x.sql"
    servers.mariadb_server().client("mariadb-dump", *options, "Insurance", into=file)
    found = looked_at(file)
    assert (found.level, found.faults) == (level, ())


def test_a_dump_of_several_databases_is_not_taken_for_the_first(tmp_path: Path) -> None:
    file = tmp_path / "x.sql"
    servers.mariadb_server().client("mariadb-dump", "--databases", "Insurance", "Payroll", into=file)
    found = looked_at(file)
    assert found.identity is not None
    assert (found.identity.object, found.identity.facts["database_names"]) == (None, "Insurance, Payroll")


def test_a_base_backup_without_wal_needs_an_archive(tmp_path: Path) -> None:
    folder = servers.pg_basebackup(servers.postgresql_server(), tmp_path / "base", "--wal-method=none")
    found = looked_at(folder)
    assert (found.level, codes(found)) == (Level.IDENTIFIED, {"wal-elsewhere"})


def test_damage_to_the_needed_wal_is_noticed(good_copies: dict[ModuleType, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(good_copies[pg_basebackup], copy)
    segment = max((copy / "pg_wal").glob("0*"))
    data = bytearray(segment.read_bytes())
    data[60] ^= 1  # in the first record; the zeros that follow the last one nobody needs
    segment.write_bytes(data)
    assert [code for code, _ in faults(looked_at(copy))] == ["wal-record"]


def test_wal_that_was_cut_is_noticed(good_copies: dict[ModuleType, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(good_copies[pg_basebackup], copy)
    segment = max((copy / "pg_wal").glob("0*"))
    segment.write_bytes(segment.read_bytes()[:-512])
    assert faults(looked_at(copy)) == [("cut", f"pg_wal/{segment.name}")]


@pytest.mark.parametrize("options", [("--wal-method=fetch",), ("--manifest-checksums=sha256",)])
def test_other_ways_of_a_base_backup_in_tars_are_proven(options: tuple[str, ...], tmp_path: Path) -> None:
    folder = servers.pg_basebackup(servers.postgresql_server(), tmp_path / "base", "--format=tar", *options)
    found = looked_at(folder)
    assert (found.level, codes(found)) == (INTACT, set())
    assert found.identity is not None
    assert int(str(found.identity.facts["wal_records"])) > 0
