"""A real Barman: what it says of a broken backup, and what we say of it."""

import getpass
import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.backup.copies import Copy, CopyKind
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.repositories.barman import BarmanRepository, Settings
from tests.contracts.repository_contract import TEHRAN, MakeRepository, RepositoryContract
from tests.e2e.products.asking import effort, look, prove, short
from tests.e2e.products.barman import SERVER, a_table, backup_folder, clone, make, wal_file
from tests.e2e.products.cluster import ACCOUNT, owned_folder, serving
from tests.e2e.products.damages import cut, empty, flip
from tests.e2e.products.sharing import made_once

pytestmark = pytest.mark.e2e

MAKER = ACCOUNT or getpass.getuser()
US = getpass.getuser()


def opened(config: Path, **settings) -> BarmanRepository:
    return BarmanRepository("safe", Settings(**{"server": SERVER, "config": config, **settings}), TEHRAN)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "barman", lambda folder: make(folder, MAKER))


@pytest.fixture(scope="module")
def good(home, tmp_path_factory) -> Path:
    """The configuration of a good one, that this account may read."""
    return clone(home, tmp_path_factory.mktemp("barman"), US)


@pytest.fixture(scope="module")
def copies(good) -> list[Copy]:
    """What the good one lists, and every clone of it before it is broken."""
    return look(opened(good))[0]


@pytest.fixture
def broken(home, tmp_path) -> Path:
    """One to break."""
    (tmp_path / "broken").mkdir()
    return clone(home, tmp_path / "broken", US)


class TestBarman(RepositoryContract):
    @pytest.fixture
    def make_repository(self, good) -> MakeRepository:
        return lambda name: BarmanRepository(name, Settings(server=SERVER, config=good), TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path) -> MakeRepository:
        return lambda name: BarmanRepository(name, Settings(server=SERVER, config=tmp_path / "no.conf"), TEHRAN)


def test_a_backup_is_listed_with_its_begin_and_its_end(good):
    copies, gaps = look(opened(good))
    assert gaps == []
    assert [copy.kind for copy in copies] == [CopyKind.FULL] * 2
    for copy in copies:
        assert copy.catalogue.started_at <= copy.catalogue.finished_at
        assert copy.catalogue.server == SERVER
        assert len(copy.catalogue.facts["wal_start"]) == 24
        assert copy.faults == ()
        assert copy.size_bytes > 1_000_000


def newest(config: Path) -> str:
    """The key of the newer backup; its folder is named so."""
    return max(path.name for path in backup_folder(config, "").iterdir())


def wal(config: Path) -> Path:
    """The last segment that the newer backup needs."""
    lines = (backup_folder(config, newest(config)) / "backup.info").read_text().splitlines()
    (segment,) = (line.removeprefix("end_wal=") for line in lines if line.startswith("end_wal="))
    return wal_file(config, segment)


def edit(path: Path) -> None:
    """Something that only the manifest's own checksum covers."""
    path.write_bytes(path.read_bytes().replace(b"GMT", b"UTC", 1))


def compress(path: Path) -> None:
    """As Barman does with `compression = gzip`: under the same name."""
    path.write_bytes(gzip.compress(path.read_bytes(), 1))


def mark_failed(config: Path) -> None:
    info = backup_folder(config, newest(config)) / "backup.info"
    info.write_text(info.read_text().replace("status=DONE", "status=FAILED"))


# name: damage, then (older, newer) backup at L2 and at L3
LAB: dict[str, tuple[Callable[[Path], object], tuple[str, str], tuple[str, str]]] = {
    "nothing at all": (lambda c: None, ("L2", "L2"), ("L3", "L3")),
    "a bit flipped in a file": (
        lambda c: flip(a_table(c, newest(c))),
        ("L2", "L2"),
        ("L3", "L2 checksum-mismatch"),
    ),
    "a file cut by a byte": (lambda c: cut(a_table(c, newest(c))), ("L2", "L1 cut"), ("L3", "L1 cut")),
    "a file emptied": (lambda c: empty(a_table(c, newest(c))), ("L2", "L1 cut"), ("L3", "L1 cut")),
    "a file missing": (
        lambda c: a_table(c, newest(c)).unlink(),
        ("L2", "L1 member-missing"),
        ("L3", "L1 member-missing"),
    ),
    "the folder of the data missing": (
        lambda c: shutil.rmtree(backup_folder(c, newest(c)) / "data"),
        ("L2", "L1 member-missing"),
        ("L3", "L1 member-missing"),
    ),
    "the manifest missing": (
        lambda c: (backup_folder(c, newest(c)) / "data" / "backup_manifest").unlink(),
        ("L2", "L1 ~no-checksums"),
        ("L3", "L1 ~no-checksums"),
    ),
    "the manifest edited": (
        lambda c: edit(backup_folder(c, newest(c)) / "data" / "backup_manifest"),
        ("L2", "L2"),
        ("L3", "L2 structure-damaged"),
    ),
    "the manifest cut": (
        lambda c: cut(backup_folder(c, newest(c)) / "data" / "backup_manifest", 100),
        ("L2", "L1 structure-damaged"),
        ("L3", "L1 structure-damaged"),
    ),
    "WAL that the newer needs missing": (
        lambda c: wal(c).unlink(),
        ("L2", "L1 wal-missing"),
        ("L3", "L1 wal-missing"),
    ),
    "WAL that the newer needs cut": (lambda c: cut(wal(c), 100), ("L2", "L1 wal-damaged"), ("L3", "L1 wal-damaged")),
    "WAL that the newer needs emptied": (
        lambda c: empty(wal(c)),
        ("L2", "L1 wal-damaged"),
        ("L3", "L1 wal-damaged"),
    ),
    "a bit flipped in WAL that the newer needs": (
        lambda c: flip(wal(c), 60),
        ("L2", "L2"),
        ("L3", "L2 wal-damaged"),
    ),
    "compressed WAL": (lambda c: compress(wal(c)), ("L2", "L2"), ("L3", "L3")),
    "a bit flipped in compressed WAL": (
        lambda c: [compress(wal(c)), flip(wal(c), 60)],  # far on, zeros unpack to the same zeros
        ("L2", "L2"),
        ("L3", "L2 wal-damaged"),
    ),
    "all WAL missing": (
        lambda c: [shutil.rmtree(path.parent) for path in [wal(c)]],
        ("L1 wal-missing", "L1 wal-missing"),
        ("L1 wal-missing", "L1 wal-missing"),
    ),
    "backup.info missing": (
        lambda c: (backup_folder(c, newest(c)) / "backup.info").unlink(),
        ("L2", "- gone"),
        ("L3", "- gone"),
    ),
    "marked as failed": (mark_failed, ("L2", "L0 marked-failed"), ("L3", "L0 marked-failed")),
}


SEEN_IN_BOTH = ("nothing at all", "a bit flipped in a file", "a file missing", "all WAL missing", "backup.info missing")
"""Where the older backup, which the damage does not touch, is proven as well."""
AT_BOTH_LEVELS = ("a file missing", "WAL that the newer needs missing", "backup.info missing")
"""Asked for L2 as well as for L3, though both end at the same fault: each start of Barman takes half a second."""


@pytest.mark.parametrize("name", LAB)
def test_every_damage_is_told_for_what_it_is(broken, copies, tmp_path, name):
    damage, complete, intact = LAB[name]
    damage(broken)
    repository = opened(broken)
    if name not in SEEN_IN_BOTH:
        copies, complete, intact = copies[1:], complete[1:], intact[1:]
    if complete[-1] != intact[-1] or name in AT_BOTH_LEVELS:
        assert tuple(map(short, prove(repository, copies, effort(tmp_path, Level.COMPLETE)))) == complete
    assert tuple(map(short, prove(repository, copies, effort(tmp_path, Level.ANSWERED)))) == intact


def test_proving_changes_nothing_in_barman(broken, copies, tmp_path):
    wal(broken).unlink()
    info = backup_folder(broken, copies[-1].key) / "backup.info"
    before = info.read_bytes()
    prove(opened(broken), copies, effort(tmp_path, Level.INTACT))
    assert info.read_bytes() == before  # check-backup would have marked it as failed, for ever


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("FAILED", "marked-failed"),
        ("WAITING_FOR_WALS", "unfinished"),
        ("STARTED", "unfinished"),
        ("EMPTY", "unfinished"),
    ],
)
def test_a_backup_that_is_not_done_is_told_by_the_look(broken, status, code):
    info = backup_folder(broken, newest(broken)) / "backup.info"
    info.write_text(info.read_text().replace("status=DONE", f"status={status}"))
    listed = {copy.key: copy for copy in opened(broken).look(None, {}).seen}
    assert [fault.code for fault in listed[info.parent.name].faults] == [code]


def test_an_unknown_server_is_said(good):
    with pytest.raises(SourceUnavailable, match="Unknown server") as failure:
        look(opened(good, server="nobody"))
    assert "`server`" in failure.value.remedy


def test_a_verification_that_runs_out_of_time_proves_nothing(good, copies, tmp_path):
    found = prove(opened(good), copies, effort(tmp_path, Level.INTACT, seconds=0.001))
    assert {short(examination) for examination in found} == {"L1 ~out-of-time"}


def test_without_the_program_that_reads_wal_a_backup_is_not_called_intact(good, copies, tmp_path):
    repository = opened(good, pg_waldump=Path("/no/pg_waldump"))
    found = prove(repository, copies[:1], effort(tmp_path, Level.INTACT))
    assert [short(examination) for examination in found] == ["L2 ~program-missing"]


@pytest.mark.skipif(os.getuid() != 0, reason="a folder of another account is wanted")
def test_a_backup_comes_back_as_a_server_that_starts_alone(good, copies):
    with owned_folder("itops-restored-") as folder:
        restored = opened(good).fetch(copies[0], folder, effort(folder, Level.RESTORED))
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, ACCOUNT, ACCOUNT)
        restored.rename(folder / "data")
        with serving(folder, "archive_mode=off") as cluster:
            assert cluster.sql("SELECT count(*) FROM t0") == "5000"
            assert cluster.sql("SELECT count(*) FROM outside") == "10"
            place = cluster.sql("SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'extra'")
            assert place.startswith(str(folder))
            assert cluster.sql("SELECT to_regclass('t1') IS NULL") == "t"
