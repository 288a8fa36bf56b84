"""A real pgBackRest: what it says of a broken repository, and what we say of it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.repositories.pgbackrest import PgbackrestRepository, Settings
from tests.contracts.repository_contract import NOW, TEHRAN, MakeRepository, RepositoryContract
from tests.e2e.products.asking import effort, look, prove, short
from tests.e2e.products.cluster import ACCOUNT, owned_folder, serving
from tests.e2e.products.damages import cut, empty, flip
from tests.e2e.products.pgbackrest import STANZA, a_table, backup_folder, clone, make, wal_file
from tests.e2e.products.sharing import made_once

pytestmark = pytest.mark.e2e


def opened(path: Path, **settings) -> PgbackrestRepository:
    return PgbackrestRepository("safe", Settings(**{"stanza": STANZA, "path": path, **settings}), TEHRAN)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    kept = made_once(tmp_path_factory, "pgbackrest", lambda folder: keep(make(folder)))
    (kept / "pgbackrest.conf").write_text(
        f"[global]\nrepo1-path={kept}/repo\nlog-level-file=off\n[{STANZA}]\npg1-path=/no\n"
    )
    return kept / "repo"


def keep(repository: Path) -> Path:
    """The repository alone, in a folder of its own: the server that it is of is not wanted any more."""
    kept = repository.parent / "kept"
    kept.mkdir()
    repository.rename(kept / "repo")
    return kept


@pytest.fixture
def broken(good, tmp_path) -> Path:
    """A repository to break."""
    return clone(good, tmp_path / "broken")


class TestPgbackrest(RepositoryContract):
    @pytest.fixture
    def make_repository(self, good) -> MakeRepository:
        return lambda name: PgbackrestRepository(name, Settings(stanza=STANZA, path=good), TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path) -> MakeRepository:
        return lambda name: PgbackrestRepository(name, Settings(stanza=STANZA, path=tmp_path / "no"), TEHRAN)


def test_backups_are_listed_with_their_kinds_and_what_they_hang_on(good):
    copies, gaps = look(opened(good))
    assert gaps == []
    assert [copy.kind for copy in copies] == [CopyKind.FULL, CopyKind.DIFFERENTIAL, CopyKind.INCREMENTAL]
    full, differential, incremental = copies
    assert differential.catalogue.facts["base"] == full.key
    assert incremental.catalogue.facts["needs"] == f"{full.key},{differential.key}"
    assert full.catalogue.server == STANZA
    assert full.catalogue.started_at <= full.catalogue.finished_at
    assert full.size_bytes > 1_000_000
    assert int(full.catalogue.facts["system_id"]) > 2**53


def test_the_configuration_of_the_product_will_do(good):
    repository = opened(None, config=good.parent / "pgbackrest.conf")
    assert len(look(repository)[0]) == 3
    assert repository.look(NOW, {}).facts["wal_max"]


def wal(number: int, which: str = "wal_start") -> Callable[[Path], Path]:
    """The first or last segment that a backup needs."""

    def file(repository: Path) -> Path:
        copies, _ = look(opened(repository))
        return wal_file(repository, str(copies[number].catalogue.facts[which]))

    return file


def label(repository: Path, number: int) -> str:
    return look(opened(repository))[0][number].key


# name: damage, then (full, differential, incremental) at L2 and at L3
LAB: dict[str, tuple[Callable[[Path], object], tuple[str, ...], tuple[str, ...]]] = {
    "nothing at all": (lambda r: None, ("L2", "L2", "L2"), ("L3", "L3", "L3")),
    "a bit flipped in a file of the full": (
        lambda r: flip(a_table(r, label(r, 0))),
        ("L2", "L2", "L2"),
        ("L2 checksum-mismatch", "L2 checksum-mismatch", "L2 checksum-mismatch"),
    ),
    "a bit flipped in a file of the incremental": (
        lambda r: flip(a_table(r, label(r, 2))),
        ("L2", "L2", "L2"),
        ("L3", "L3", "L2 checksum-mismatch"),
    ),
    "a file of the full cut by a byte": (
        lambda r: cut(a_table(r, label(r, 0))),
        ("L1 cut", "L1 cut", "L1 cut"),
        ("L1 checksum-mismatch cut",) * 3,
    ),
    "a file of the full emptied": (
        lambda r: empty(a_table(r, label(r, 0))),
        ("L1 cut", "L1 cut", "L1 cut"),
        ("L1 checksum-mismatch cut",) * 3,
    ),
    "a file of the full missing": (
        lambda r: a_table(r, label(r, 0)).unlink(),
        ("L1 member-missing",) * 3,
        ("L1 member-missing",) * 3,
    ),
    "both manifests of the incremental missing": (
        lambda r: [path.unlink() for path in backup_folder(r, label(r, 2)).glob("backup.manifest*")],
        ("L2", "L2", "L1 member-missing"),
        ("L3", "L3", "L1 member-missing"),
    ),
    "one of two manifests missing": (
        lambda r: (backup_folder(r, label(r, 2)) / "backup.manifest").unlink(),
        ("L2", "L2", "L2"),
        ("L3", "L3", "L3"),
    ),
    "the folder of the incremental missing": (
        lambda r: shutil.rmtree(backup_folder(r, label(r, 2))),
        ("L2", "L2", "L1 member-missing"),
        ("L3", "L3", "L1 member-missing"),
    ),
    "WAL that the differential needs missing": (
        lambda r: wal(1, "wal_stop")(r).unlink(),
        ("L2", "L1 wal-missing", "L2"),
        ("L3", "L1 wal-missing", "L3"),
    ),
    "WAL between two backups missing": (
        lambda r: next((r / "archive").rglob("000000010000000000000001-*")).unlink(),
        ("L2", "L2", "L2"),
        ("L3", "L3", "L3"),
    ),
    "all WAL missing": (
        lambda r: [shutil.rmtree(path) for path in (r / "archive" / STANZA).iterdir() if path.is_dir()],
        ("L1 wal-missing",) * 3,
        ("L1 wal-missing",) * 3,
    ),
    "a bit flipped in WAL that the incremental needs": (
        lambda r: flip(wal(2)(r)),
        ("L2", "L2", "L2"),
        ("L3", "L3", "L2 wal-damaged"),
    ),
}


@pytest.mark.parametrize("name", LAB)
def test_every_damage_is_told_for_what_it_is(good, broken, tmp_path, name):
    damage, complete, intact = LAB[name]
    damage(broken)
    repository = opened(broken)
    copies, _ = look(repository)  # the catalogue lists all three whatever was done
    assert tuple(map(short, prove(repository, copies, effort(tmp_path, Level.COMPLETE)))) == complete
    assert tuple(map(short, prove(repository, copies, effort(tmp_path, Level.ANSWERED)))) == intact


def test_a_proof_names_the_file_and_keeps_the_report(good, broken, tmp_path):
    place = a_table(broken, label(broken, 0))
    flip(place)
    copies, _ = look(opened(broken))
    found = prove(opened(broken), copies, effort(tmp_path, Level.INTACT))[0]
    assert [fault.place for fault in found.faults] == [str(place.relative_to(broken / "backup" / STANZA))]
    assert found.evidence["code"] == 0  # that is the lie
    assert "status: error" in str(found.evidence["said"])
    assert found.tool_version


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(
            lambda r: [path.write_bytes(path.read_bytes()[:100]) for path in r.rglob("backup.info*")],
            "cannot read the repository",
            id="backup.info cut",
        ),
        pytest.param(
            lambda r: [path.unlink() for path in r.rglob("archive.info*")], "cannot read the repository", id="no info"
        ),
        pytest.param(lambda r: [shutil.rmtree(r), r.mkdir()], "is empty", id="disk not mounted"),
        pytest.param(lambda r: [shutil.rmtree(path) for path in r.iterdir()], "is empty", id="emptied"),
    ],
)
def test_what_bars_pgbackrest_is_no_verdict_on_the_copies(good, broken, tmp_path, damage, said):
    copies, _ = look(opened(good))
    damage(broken)
    for ask in (
        lambda: look(opened(broken)),
        lambda: prove(opened(broken), copies, effort(tmp_path, Level.COMPLETE)),
    ):
        with pytest.raises(SourceUnavailable, match=said) as failure:
            ask()
        assert failure.value.remedy


def test_an_unknown_stanza_is_said_though_pgbackrest_calls_it_a_success(good):
    with pytest.raises(SourceUnavailable, match="no stanza nobody") as failure:
        look(opened(good, stanza="nobody"))
    assert "`stanza`" in failure.value.remedy


def test_a_missing_configuration_is_said(good, tmp_path):
    with pytest.raises(SourceUnavailable, match=r"nowhere\.conf"):
        look(opened(None, config=tmp_path / "nowhere.conf"))


def test_a_backup_that_was_expired_meanwhile_is_gone(good, broken, tmp_path):
    copies, _ = look(opened(good))
    expire = ["pgbackrest", f"--config={good.parent}/pgbackrest.conf", f"--repo1-path={broken}", f"--stanza={STANZA}"]
    lock = f"--lock-path={tmp_path}/lock"
    subprocess.run([*expire, lock, f"--set={copies[2].key}", "expire"], check=True, capture_output=True, timeout=60)
    found = prove(opened(broken), copies, effort(tmp_path, Level.COMPLETE))
    assert [short(examination) for examination in found] == ["L2", "L2", "- gone"]


def test_a_verify_that_runs_out_of_time_proves_no_more_than_was_seen(good, tmp_path):
    copies, _ = look(opened(good))
    found = prove(opened(good), copies, effort(tmp_path, Level.INTACT, seconds=0.001))
    assert {short(examination) for examination in found} == {"L1 ~out-of-time"}


def test_a_backup_comes_back_as_a_server_that_starts_alone(good):
    copies, _ = look(opened(good))
    with owned_folder("itops-restored-") as folder:
        restored = opened(good).fetch(copies[1], folder, effort(folder, Level.RESTORED))
        assert "archive_mode = 'off'" in (restored / "postgresql.auto.conf").read_text()
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, ACCOUNT, ACCOUNT)
        restored.rename(folder / "data")
        with serving(folder, "archive_mode=off") as cluster:
            assert cluster.sql("SELECT count(*) FROM t1") == "5000"
            assert cluster.sql("SELECT count(*) FROM outside") == "10"
            place = cluster.sql("SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'extra'")
            assert place.startswith(str(folder))
            assert cluster.sql("SELECT to_regclass('t2') IS NULL") == "t"
