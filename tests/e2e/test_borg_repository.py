"""A real Borg: what it says of a broken repository, and what we say of it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.backup.copies import Copy
from itops.backup.formats import Damaged
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.repositories.borg import BorgRepository, Settings
from itops.secrets import Secret
from tests.contracts.repository_contract import NOW, TEHRAN, MakeRepository, RepositoryContract
from tests.e2e.products.asking import effort, look, prove, short
from tests.e2e.products.borg import CHECKPOINT, PASSWORD, borg, clone, data_segments, make, segments
from tests.e2e.products.damages import cut, empty, flip

pytestmark = pytest.mark.e2e


def opened(path: Path, password: str = PASSWORD, **settings) -> BorgRepository:
    given = {"base_folder": path.parent / "base", "allow_relocated": True, **settings}
    return BorgRepository("safe", Settings(path=path, password=Secret(password), **given), TEHRAN)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("borg"))


@pytest.fixture(scope="module")
def copies(good) -> list[Copy]:
    """What the good one lists, and every clone of it before it is broken."""
    return look(opened(good))[0]


@pytest.fixture
def broken(good, tmp_path) -> Path:
    """A repository to break."""
    return clone(good, tmp_path / "broken")


class TestBorg(RepositoryContract):
    @pytest.fixture
    def make_repository(self, good) -> MakeRepository:
        settings = Settings(path=good, password=Secret(PASSWORD), base_folder=good.parent / "base")
        return lambda name: BorgRepository(name, settings, TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path) -> MakeRepository:
        settings = Settings(path=tmp_path / "not-there", password=Secret(PASSWORD), base_folder=tmp_path / "base")
        return lambda name: BorgRepository(name, settings, TEHRAN)


def test_an_archive_is_listed_with_its_time_in_utc(good, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tehran")
    copies, _ = look(opened(good))
    assert [copy.key for copy in copies] == ["shop-2026-11-20", "shop-2026-11-21", CHECKPOINT]
    assert copies[0].catalogue.started_at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert copies[0].catalogue.finished_at is not None
    assert copies[0].catalogue.server


def test_what_an_interrupted_run_left_is_no_backup(good, copies, tmp_path):
    assert [[fault.code for fault in copy.faults] for copy in copies] == [[], [], ["unfinished"]]
    found = prove(opened(good), copies, effort(tmp_path, Level.COMPLETE))
    assert [short(examination) for examination in found] == ["L2", "L2", "L0 unfinished"]


def drop_last(repository: Path) -> None:
    """The last transaction: the manifest and its commit, as after a copy that was not finished."""
    for path in segments(repository)[-2:]:
        path.unlink()


def forget(repository: Path) -> None:
    """What this account remembers of it."""
    shutil.rmtree(repository.parent / "base")


# name: damage, codes of a look, then (older, newer, leftover) archive at L2 and at L3
LAB: dict[str, tuple[Callable[[Path], object], list[str], tuple[str, ...], tuple[str, ...]]] = {
    "nothing at all": (lambda r: None, [], ("L2", "L2"), ("L3", "L3")),
    "the index gone": (lambda r: [path.unlink() for path in r.glob("index.*")], [], ("L2", "L2"), ("L3", "L3")),
    "a bit flipped in data all need": (
        lambda r: flip(data_segments(r)[0], 1000),
        [],
        ("L1 checksum-mismatch member-missing", "L1 checksum-mismatch member-missing"),
        ("L1 checksum-mismatch member-missing", "L1 checksum-mismatch member-missing"),
    ),
    "a bit flipped in data of the newer": (
        lambda r: flip(data_segments(r)[1]),
        [],
        ("L1 checksum-mismatch member-missing", "L1 checksum-mismatch member-missing"),
        ("L3 ~elsewhere-damaged", "L1 checksum-mismatch member-missing"),
    ),
    "a segment of the newer cut": (
        lambda r: cut(data_segments(r)[1], 5),
        ["archive.details-unreadable"],
        ("L1 cut member-missing", "L1 cut member-missing"),
        ("L3 ~elsewhere-damaged", "L1 cut member-missing"),
    ),
    "a segment of the newer emptied": (
        lambda r: empty(data_segments(r)[1]),
        ["archive.details-unreadable"],
        ("L1 checksum-mismatch member-missing", "L1 checksum-mismatch member-missing"),
        ("L3 ~elsewhere-damaged", "L1 checksum-mismatch member-missing"),
    ),
    "a segment of the newer missing": (
        lambda r: data_segments(r)[1].unlink(),
        ["archive.details-unreadable"],
        ("L1 member-missing", "L1 member-missing"),
        ("L3 ~elsewhere-damaged", "L1 member-missing"),
    ),
    "the last transaction lost, and nobody here remembers it": (
        lambda r: [drop_last(r), forget(r)],
        [],
        ("L2", "L2", "- gone"),
        ("L3", "L3", "- gone"),
    ),
}


@pytest.mark.parametrize("name", LAB)
def test_every_damage_is_told_for_what_it_is(copies, broken, tmp_path, name):
    damage, codes, complete, intact = LAB[name]
    damage(broken)
    repository = opened(broken)
    _, gaps = look(repository)
    assert [gap.code for gap in gaps] == codes
    for level, told in ((Level.COMPLETE, complete), (Level.ANSWERED, intact)):
        asked = copies[: len(told)]
        assert tuple(map(short, prove(repository, asked, effort(tmp_path, level)))) == told


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda r: (r / "config").unlink(), "no borg repository", id="config gone"),
        pytest.param(shutil.rmtree, "is not there", id="folder gone"),
        pytest.param(drop_last, "older than this machine remembers", id="last transaction lost"),
    ],
)
def test_what_bars_borg_is_no_verdict_on_the_copies(copies, broken, tmp_path, damage, said):
    damage(broken)
    for ask in (
        lambda: look(opened(broken)),
        lambda: prove(opened(broken), copies, effort(tmp_path, Level.COMPLETE)),
    ):
        with pytest.raises(SourceUnavailable, match=said) as failure:
            ask()
        assert failure.value.remedy


def test_a_wrong_passphrase_proves_nothing_though_half_of_the_check_needs_none(good, copies, tmp_path):
    for ask in (
        lambda: look(opened(good, password="tr0ub4dor")),
        lambda: prove(opened(good, password="tr0ub4dor"), copies, effort(tmp_path, Level.COMPLETE)),
    ):
        with pytest.raises(SourceUnavailable, match="refuses the passphrase") as failure:
            ask()
        assert "tr0ub4dor" not in str(failure.value)


def test_a_repository_that_moved_is_asked_about(good, broken):
    with pytest.raises(SourceUnavailable, match="lies elsewhere") as failure:
        look(opened(broken, allow_relocated=False))
    assert "allow_relocated" in failure.value.remedy


def test_an_unencrypted_repository_that_nobody_knows_is_asked_about(tmp_path):
    borg(tmp_path / "base", "init", "-e", "none", str(tmp_path / "plain"))
    settings = {"base_folder": tmp_path / "another-base"}
    with pytest.raises(SourceUnavailable, match="not encrypted") as failure:
        look(opened(tmp_path / "plain", **settings))
    assert "allow_unencrypted" in failure.value.remedy
    assert look(opened(tmp_path / "plain", **settings, allow_unencrypted=True)) == ([], [])


def test_a_locked_repository_is_busy_and_not_bad(broken, tmp_path):
    look(opened(broken))
    process = subprocess.Popen(
        ["borg", "with-lock", str(broken), "sleep", "60"],
        env={
            "BORG_PASSPHRASE": PASSWORD,
            "BORG_BASE_DIR": str(broken.parent / "base"),
            "PATH": "/usr/bin:/bin",
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 20
        while not (broken / "lock.exclusive").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        with pytest.raises(SourceUnavailable, match="busy"):
            look(opened(broken, lock_wait_seconds=1))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert len(look(opened(broken))[0]) == 3  # the lock of a dead process bars nobody


def test_a_check_that_runs_out_of_time_proves_nothing(good, copies, tmp_path):
    found = prove(opened(good), copies[:1], effort(tmp_path, Level.COMPLETE, seconds=0.2))
    assert [short(examination) for examination in found] == ["L1 ~out-of-time"]


def test_another_repository_in_the_same_place_is_not_looked_at(good, tmp_path):
    other = make(tmp_path)
    last = opened(good).look(NOW, {}).facts
    with pytest.raises(SourceUnavailable, match="another borg repository"):
        opened(other).look(NOW, last)
    assert opened(other, any_repository=True).look(NOW, last).facts["archives"] == 3


def test_an_archive_comes_back_byte_for_byte(good, copies, tmp_path):
    restored = opened(good).fetch(copies[0], tmp_path, effort(tmp_path, Level.RESTORED))
    assert restored.name == "old.bin"  # the only file of the archive
    assert restored.read_bytes() == (good.parent / "srv" / "old.bin").read_bytes()


def test_an_archive_that_does_not_come_back_whole_does_not_come_back(copies, broken, tmp_path):
    flip(data_segments(broken)[0], 1000)
    with pytest.raises(Damaged) as damage:
        opened(broken).fetch(copies[1], tmp_path, effort(tmp_path, Level.RESTORED))
    first, *others = damage.value.faults
    assert (first.code, first.facts["tool"]) == ("restore-failed", "borg")
    assert others


def test_an_archive_that_was_deleted_since_the_look_is_not_called_damaged(copies, broken, tmp_path):
    gone = replace(copies[1], key="never-was")
    with pytest.raises(SourceUnavailable, match="failed to extract"):
        opened(broken).fetch(gone, tmp_path, effort(tmp_path, Level.RESTORED))
