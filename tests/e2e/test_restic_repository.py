"""A real restic: what it says of a broken repository, and what we say of it."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.backup.copies import Copy, CopyKind
from itops.backup.formats import Damaged
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.repositories.restic import ResticRepository, Settings
from itops.secrets import Secret
from tests.contracts.repository_contract import NOW, TEHRAN, MakeRepository, RepositoryContract
from tests.e2e.products.asking import effort, look, prove, short
from tests.e2e.products.damages import cut, empty, flip
from tests.e2e.products.restic import PASSWORD, clone, data_packs, make, restic

pytestmark = pytest.mark.e2e


def opened(path: Path, password: str = PASSWORD, **settings) -> ResticRepository:
    return ResticRepository("safe", Settings(path=path, password=Secret(password), **settings), TEHRAN)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("restic"))


@pytest.fixture(scope="module")
def copies(good) -> list[Copy]:
    """What the good one lists, and every clone of it before it is broken."""
    return look(opened(good))[0]


@pytest.fixture
def broken(good, tmp_path) -> Path:
    """A repository to break."""
    return clone(good, tmp_path / "broken")


def snapshot_file(repository: Path) -> Path:
    """Of the newer snapshot."""
    copies, _ = look(opened(repository))
    return repository / "snapshots" / copies[-1].key


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestRestic(RepositoryContract):
    @pytest.fixture
    def make_repository(self, good) -> MakeRepository:
        settings = Settings(path=good, password=Secret(PASSWORD))
        return lambda name: ResticRepository(name, settings, TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path) -> MakeRepository:
        settings = Settings(path=tmp_path / "not-there", password=Secret(PASSWORD))
        return lambda name: ResticRepository(name, settings, TEHRAN)


def test_a_snapshot_is_listed_with_what_restic_knows_of_it(good):
    repository = opened(good, objects={f"db1:{good.parent}/srv": "db1/shop"})
    found = repository.look(NOW, {})
    old, new = sorted(found.seen, key=lambda copy: copy.catalogue.started_at)
    assert old.catalogue.started_at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert (new.catalogue.server, new.catalogue.object) == ("db1", f"{good.parent}/srv")
    assert (new.kind, new.labels, new.object) == (CopyKind.FULL, {"shop"}, "db1/shop")
    assert new.key == new.fingerprint
    assert len(new.key) == 64
    assert found.facts["snapshots"] == 2
    assert set(found.facts["snapshot_ids"].split(",")) == {old.key[:8], new.key[:8]}
    assert found.facts["tool_version"]


# name: damage, gaps of a look, then (older, newer) snapshot at L2 and at L3
LAB: dict[str, tuple[Callable[[Path], object], int, tuple[str, str], tuple[str, str]]] = {
    "nothing at all": (lambda r: None, 0, ("L2", "L2"), ("L3", "L3")),
    "a stray unfinished upload": (
        lambda r: (r / "data" / "00" / "upload.partial").write_bytes(b"x"),
        0,
        ("L2", "L2"),
        ("L3", "L3"),
    ),
    "a bit flipped in a pack both need": (
        lambda r: flip(data_packs(r)[0]),
        0,
        ("L2", "L2"),
        ("L2 checksum-mismatch", "L2 checksum-mismatch"),
    ),
    "a bit flipped in a pack of the newer": (
        lambda r: flip(data_packs(r)[1]),
        0,
        ("L2", "L2"),
        ("L2 ~elsewhere-damaged", "L2 checksum-mismatch"),
    ),
    "a pack missing": (
        lambda r: data_packs(r)[1].unlink(),
        0,
        ("L1 ~elsewhere-damaged", "L1 member-missing"),
        ("L1 ~elsewhere-damaged", "L1 member-missing"),
    ),
    "a pack cut by one byte": (lambda r: cut(data_packs(r)[1]), 0, ("L1 cut", "L1 cut"), ("L1 cut", "L1 cut")),
    "a pack emptied": (lambda r: empty(data_packs(r)[0]), 0, ("L1 cut", "L1 cut"), ("L1 cut", "L1 cut")),
    "all index files gone": (
        lambda r: [path.unlink() for path in (r / "index").iterdir()],
        0,
        ("L1 structure-damaged", "L1 structure-damaged"),
        ("L1 structure-damaged", "L1 structure-damaged"),
    ),
    "a snapshot file gone": (lambda r: snapshot_file(r).unlink(), 0, ("L2", "- gone"), ("L3", "- gone")),
    "a snapshot file cut": (
        lambda r: cut(snapshot_file(r), 50),
        1,
        ("L1 ~elsewhere-damaged", "- gone"),
        ("L1 ~elsewhere-damaged", "- gone"),
    ),
}


@pytest.mark.parametrize("name", LAB)
def test_every_damage_is_told_for_what_it_is(copies, broken, tmp_path, name):
    damage, gap_count, complete, intact = LAB[name]
    damage(broken)
    repository = opened(broken)
    _, gaps = look(repository)
    assert [(gap.code, gap.hides) for gap in gaps] == [("snapshot.unreadable", True)] * gap_count
    assert tuple(map(short, prove(repository, copies, effort(tmp_path, Level.COMPLETE)))) == complete
    assert tuple(map(short, prove(repository, copies, effort(tmp_path, Level.ANSWERED)))) == intact


def test_a_proof_says_which_pack_and_by_how_much(copies, broken, tmp_path):
    pack = data_packs(broken)[1]
    cut(pack, 7)
    (fault,) = prove(opened(broken), copies, effort(tmp_path, Level.COMPLETE))[1].faults
    assert fault.place == f"pack {pack.name}"
    assert fault.facts["missing_bytes"] == 7


def test_a_proof_keeps_what_restic_said(good, copies, tmp_path):
    found, _ = prove(opened(good), copies, effort(tmp_path, Level.INTACT))
    assert (found.format, found.tool, found.evidence["code"]) == ("restic", "restic", 0)
    assert "no errors were found" in str(found.evidence["said"])
    assert found.tool_version
    assert found.identity == copies[0].catalogue


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda r: [path.unlink() for path in (r / "keys").iterdir()], "password", id="keys gone"),
        pytest.param(lambda r: (r / "config").unlink(), "no restic repository", id="config gone"),
        pytest.param(shutil.rmtree, "is not there", id="folder gone"),
        pytest.param(lambda r: [shutil.rmtree(r), r.mkdir()], "is empty", id="disk not mounted"),
    ],
)
def test_what_bars_restic_is_no_verdict_on_the_copies(copies, broken, tmp_path, damage, said):
    damage(broken)
    for ask in (
        lambda: look(opened(broken)),
        lambda: prove(opened(broken), copies, effort(tmp_path, Level.COMPLETE)),
    ):
        with pytest.raises(SourceUnavailable, match=said) as failure:
            ask()
        assert failure.value.remedy


def test_a_wrong_password_is_said_and_never_shown(good):
    with pytest.raises(SourceUnavailable, match="refuses the password") as failure:
        look(opened(good, password="tr0ub4dor"))
    assert "tr0ub4dor" not in str(failure.value)


def test_a_password_is_in_no_argument_and_no_evidence(good, copies, tmp_path):
    for found in prove(opened(good), copies, effort(tmp_path, Level.COMPLETE)):
        assert PASSWORD not in repr(found)


def test_a_missing_program_is_said_with_a_remedy(good):
    with pytest.raises(SourceUnavailable, match="no-such-restic") as failure:
        look(opened(good, program=("no-such-restic",)))
    assert "itops.yaml" in failure.value.remedy


@pytest.fixture
def busy(broken):
    """A repository that another restic has locked exclusively: a check that retries to read a pack that is gone."""
    moved = data_packs(broken)[0]
    moved.rename(broken / "away")
    process = subprocess.Popen(
        ["restic", "-r", str(broken), "check", "--read-data", "--no-cache"],
        env={"RESTIC_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin", "HOME": str(broken)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while not any(len(lock.name) == 64 for lock in files_below(broken / "locks")):  # shorter or longer: half written
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGSTOP)  # with its lock, and alive: the lock is not stale
    (broken / "away").rename(moved)
    yield broken
    process.kill()
    process.wait()


def test_a_locked_repository_is_busy_and_not_bad(busy, tmp_path):
    with pytest.raises(SourceUnavailable, match="busy"):
        look(opened(busy))
    copies, _ = look(opened(busy, no_lock=True))
    assert len(copies) == 2
    with pytest.raises(SourceUnavailable, match="busy"):
        prove(opened(busy), copies, effort(tmp_path, Level.COMPLETE))


def test_a_check_that_runs_out_of_time_proves_nothing_and_leaves_no_lock(copies, broken, tmp_path):
    empty(data_packs(broken)[2])  # a pack of trees: restic retries to read it for 40 seconds
    found = prove(opened(broken), copies, effort(tmp_path, Level.COMPLETE, seconds=6))
    assert {short(examination) for examination in found} == {"L1 ~out-of-time"}
    assert files_below(broken / "locks") == []


def test_another_repository_in_the_same_place_is_not_looked_at(good, tmp_path):
    other = make(tmp_path)
    last = opened(good).look(NOW, {}).facts
    with pytest.raises(SourceUnavailable, match="another restic repository"):
        opened(other).look(NOW, last)
    assert opened(other, any_repository=True).look(NOW, last).facts["snapshots"] == 2


def test_an_empty_repository_has_no_copies(tmp_path):
    restic(tmp_path / "new", "init")
    assert look(opened(tmp_path / "new")) == ([], [])


def test_a_snapshot_comes_back_byte_for_byte(good, copies, tmp_path):
    restored = opened(good).fetch(copies[1], tmp_path, effort(tmp_path, Level.RESTORED))
    source = good.parent / "srv"
    assert {path.name: path.read_bytes() for path in restored.iterdir()} == {
        path.name: path.read_bytes() for path in source.iterdir()
    }


def test_a_snapshot_that_does_not_come_back_whole_does_not_come_back(copies, broken, tmp_path):
    flip(data_packs(broken)[1])
    with pytest.raises(Damaged, match="restore-failed"):
        opened(broken).fetch(copies[1], tmp_path, effort(tmp_path, Level.RESTORED))
