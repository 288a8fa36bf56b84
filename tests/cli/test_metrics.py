"""`itops metrics`: a page for Prometheus, whole or not at all."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from itops.verdict import State
from tests.cli.watch_door import HOUR, WatchDoor, ago, judged
from tests.reports.test_check_formats import read_prometheus

BACKUP = (("job", "nightly"), ("object", "sql01/Insurance"))


@pytest.fixture
def door(tmp_path: Path) -> WatchDoor:
    return WatchDoor(tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "collector").mkdir()
    return tmp_path / "collector/itops.prom"


def test_a_page_says_all_that_graphs_are_made_of(door):
    good_at = ago(9 * HOUR)
    door.well(
        judged("backup", "nightly sql01/Insurance", last_good_at=good_at),
        judged("backup", "nightly sql02/Payroll", State.CRITICAL, last_good_at=None),
    )
    done = door.run("metrics")
    assert (done.returncode, done.stderr) == (0, "")
    found = read_prometheus(done.stdout)
    assert found["itops_backup_last_success_timestamp_seconds", BACKUP] == int(good_at.timestamp())
    assert found["itops_check_objects", (("check", "backup"), ("state", "ok"))] == 2
    assert found["itops_check_objects", (("check", "backup"), ("state", "critical"))] == 1
    assert found["itops_check_worst_state", (("check", "backup"),)] == 2
    assert ago(HOUR).timestamp() < found["itops_scheduler_heartbeat_timestamp_seconds", ()]
    assert ago(HOUR).timestamp() < found["itops_check_oldest_judged_timestamp_seconds", (("check", "backup"),)]


def test_a_file_is_written_that_every_account_may_read_and_nothing_is_left_beside_it(door, page):
    door.well()
    page.write_text("old")
    done = door.run("metrics", "--textfile", str(page), umask=0o077)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read_prometheus(page.read_text(encoding="utf-8"))
    assert stat.S_IMODE(page.stat().st_mode) == 0o644
    assert list(page.parent.iterdir()) == [page]


def test_no_link_leads_it_elsewhere(door, page, tmp_path):
    door.well()
    (tmp_path / "elsewhere").write_text("mine")
    page.symlink_to(tmp_path / "elsewhere")
    assert door.run("metrics", "--textfile", str(page)).returncode == 0
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not page.is_symlink()


def test_a_failure_leaves_the_old_page_alone(door, page):
    page.write_text("old")
    done = door.run("metrics", "--textfile", str(page))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error:  there is no store yet at ")
    assert page.read_text() == "old"
    assert list(page.parent.iterdir()) == [page]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("collector", "is not a file"),
        ("no/such/folder.prom", "the metrics cannot be written to"),
        ("itops.yaml/x.prom", "the metrics cannot be written to"),
    ],
    ids=["a folder", "in no folder", "in a file"],
)
def test_a_place_that_cannot_be_is_named(door, page, name, said):
    door.well()
    done = door.run("metrics", "--textfile", str(door.folder / name))
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert "remedy: " in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk to write to")
def test_a_device_is_never_replaced(door):
    door.well()
    done = door.run("metrics", "--textfile", "/dev/full")
    assert done.returncode == 3
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


@pytest.mark.parametrize("words", [["--nosuch"], ["--textfile"], ["too", "many"]])
def test_a_command_line_that_cannot_be_ends_with_3_and_writes_nothing(door, words):
    done = door.run("metrics", *words)
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk to write to")
def test_a_full_disk_is_no_success(door):
    door.well()
    with open("/dev/full", "w", encoding="utf-8") as full:
        assert door.run("metrics", stdout=full, stderr=subprocess.PIPE).returncode == 3
