"""An office whose copies lie in a restic repository, from the door: locked, damaged, gone, and asked by two at once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from itops.store import StoreLocation, open_reader
from tests.cli.backup_door import Door, Ran
from tests.e2e.products.damages import cut, flip
from tests.e2e.products.restic import PASSWORD, clone, data_packs, make, restic

pytestmark = pytest.mark.e2e
PLAN = """\
office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}
backup:
  repositories:
    safe: {type: restic, path: restic, password: "file:secret", objects: {db1: files/db1/shop}}
  jobs:
    shop:
      protects: files/db1/shop
      repository: safe
      level: L3
      since: 1405-08-29
      daily: {keep: 1}
      drill: {into: folder, question: "*.bin", at_least: 2}
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("restic"))


@pytest.fixture
def door(good: Path, tmp_path: Path) -> Door:
    """An office that has looked once; its repository may be broken."""
    clone(good, tmp_path / "restic")
    (tmp_path / "secret").write_text(PASSWORD)
    (tmp_path / "secret").chmod(0o600)
    made = Door(tmp_path, plan=PLAN)
    assert made.run("scan").code == 0
    return made


def started(door: Door, *words: str) -> "subprocess.Popen[str]":
    """A process of its own, as cron would start it."""
    command = [sys.executable, "-c", "from itops.cli.main import main; main()", "--config", str(door.path), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def locks(door: Door) -> list[Path]:
    return [path for path in (door.folder / "restic" / "locks").rglob("*") if len(path.name) == 64]


def await_lock(door: Door) -> None:
    deadline = time.monotonic() + 60
    while not locks(door):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def locked(door: Door, *, is_alive: bool = True) -> Iterator[int]:
    """Another restic's check holds its exclusive lock, and does not end; or was killed, and left the lock behind."""
    pack = data_packs(door.folder / "restic")[0]
    pack.rename(door.folder / "away")  # it retries for a while to read what is not there
    process = subprocess.Popen(
        ["restic", "-r", str(door.folder / "restic"), "check", "--read-data", "--no-cache"],
        env={"RESTIC_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin", "HOME": str(door.folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    await_lock(door)
    process.send_signal(signal.SIGSTOP)
    (door.folder / "away").rename(pack)
    try:
        if is_alive:
            yield process.pid
    finally:
        process.kill()
        process.wait()
    if not is_alive:
        yield process.pid


def told(ran: Ran, door: Door) -> str:
    """The one line that says where, why and what helps, wherever the command puts it."""
    said = ran.stderr + (f"{ran.failure.problem}\n{ran.failure.remedy}" if ran.failure else "")
    assert f"{door.folder}/restic is busy: another restic has locked it: exclusively by PID" in said
    assert "restic unlock" in said
    return said


@pytest.mark.parametrize("is_alive", [True, False], ids=["another one works", "another one was killed"])
def test_a_locked_repository_is_not_seen_and_not_fine_whatever_is_asked(door: Door, is_alive: bool) -> None:
    with locked(door, is_alive=is_alive) as holder:
        for words, code in ((("scan",), 69), (("verify",), 3), (("drill", "shop"), 69)):
            ran = door.run(*words)
            assert ran.code == code, words
            assert f"PID {holder}" in told(ran, door)
        checked = door.run("check")
        assert checked.code == 3
        assert "could not be looked at" in checked.stdout
        assert len(locks(door)) == 1  # that of the other one: it is not ours to remove


def test_a_lock_costs_no_proof_and_is_forgotten_when_it_is_gone(door: Door) -> None:
    verified = door.run("verify", "--output", "json")
    assert [row["level"] for row in verified.data] == ["L3", "L3"]
    with locked(door, is_alive=False):
        assert door.run("verify").code == 3
    restic(door.folder / "restic", "unlock")
    after = door.run("verify")
    assert "0 copies read, 2 read before and unchanged" in after.stderr
    assert after.code == verified.code != 3


DAMAGES = {
    "a bit flipped": (lambda packs: flip(packs[1]), {"restore-failed"}),
    "the index gone": (
        lambda packs: [path.unlink() for path in (packs[0].parents[2] / "index").iterdir()],
        {"restore-failed", "structure-damaged"},
    ),
    "the index unreadable": (
        lambda packs: [flip(path) for path in (packs[0].parents[2] / "index").iterdir()],
        {"restore-failed"},
    ),
    "a pack cut": (lambda packs: cut(packs[1], 100_000), {"restore-failed", "cut"}),  # restic retries for 40 seconds
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_copy_that_does_not_come_out_is_a_failed_test_and_is_remembered(door: Door, name: str) -> None:
    damage, codes = DAMAGES[name]
    damage(data_packs(door.folder / "restic"))
    ran = door.run("drill", "shop", "--output", "json")
    assert ran.code == 2
    (row,) = ran.data
    assert (row["is_restored"], row["tool"], {fault["code"] for fault in row["faults"]}) == (False, "restic", codes)
    assert PASSWORD not in ran.stdout + ran.stderr
    checked = door.run("check", "--output", "json")
    assert checked.code == 2
    assert "restore-failed" in checked.stdout


def test_the_next_test_takes_the_copy_before_the_damaged_one(door: Door) -> None:
    flip(data_packs(door.folder / "restic")[1])  # of the newer snapshot alone
    (failed,) = door.run("drill", "shop", "--output", "json").data
    (after,) = door.run("drill", "shop", "--output", "json").data
    assert (failed["is_restored"], after["is_restored"]) == (False, True)
    assert failed["copy"] != after["copy"]


@pytest.mark.parametrize("name", ["", "config", "keys"])
def test_a_repository_that_cannot_be_asked_says_nothing_of_its_copies(door: Door, name: str) -> None:
    repository = door.folder / "restic"
    (repository / name).rename(door.folder / "away")
    ran = door.run("drill", "shop")
    assert (ran.code, ran.stdout) == (69, "")
    reader = open_reader(StoreLocation(folder=door.folder / "state"))
    try:
        assert reader.ledger.drills() == []
        assert all(known.proofs == () for known in reader.ledger.copies())
    finally:
        reader.close()


def test_a_snapshot_that_was_forgotten_since_the_look_says_nothing_either(door: Door) -> None:
    for path in (door.folder / "restic" / "snapshots").iterdir():
        path.unlink()
    assert door.run("drill", "shop").code == 69


def test_of_two_runs_at_once_each_proves_or_says_that_it_could_not_look(door: Door) -> None:
    """A check wants the repository for itself, so that two which begin in the same instant may both step back."""
    runs = [started(door, "backup", "verify", "--output", "json") for _ in range(2)]
    outcomes = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    for out, err, code in outcomes:
        assert "Traceback" not in err
        levels = [row["level"] for row in json.loads(out)["data"]]
        if code == 3:
            assert "busy: another restic has locked it" in err
            assert "L3" not in levels
        else:
            assert levels == ["L3", "L3"] or "2 read before and unchanged" in err
    assert locks(door) == []
    is_proven = any(code != 3 for *_, code in outcomes)
    after = door.run("verify")
    assert ("0 copies read, 2 read before" if is_proven else "2 copies read, 0 read before") in after.stderr
    assert after.code != 3


def test_a_verify_that_is_stopped_leaves_no_lock_that_would_bar_the_backup_of_the_night(door: Door) -> None:
    pack = data_packs(door.folder / "restic")[2]
    pack.write_bytes(b"")  # of trees: restic retries for 40 seconds
    run = started(door, "backup", "verify")
    await_lock(door)
    deadline = time.monotonic() + 60
    while not exclusive(run):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert (run.returncode, err.strip().splitlines()[-1]) == (130, "stopped")
    assert locks(door) == []


def exclusive(run: "subprocess.Popen[str]") -> bool:
    """Whether a restic that itops started is checking."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = status.read_bytes().split(b"\0")
            parent = int((status.parent / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == run.pid and b"check" in words:
            return True
    return False


def test_a_password_file_that_is_gone_is_a_matter_of_the_settings_and_of_no_copy(door: Door) -> None:
    os.unlink(door.folder / "secret")
    assert door.run("drill", "shop").code == 78
