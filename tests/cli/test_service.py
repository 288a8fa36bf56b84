"""`itops service install`: what is printed is what is written, nothing of others is overwritten."""

import os
import stat
import sys
from pathlib import Path

import pytest

from itops.cli.service import service
from tests.cli.test_changes import NOW, Ran, run

OFFICE = """\
office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}
sources: {vc01: {type: rvtools, path: exports}}
"""
JOBS = """\
schedule:
  tick: 60s
  jobs:
    sheet:   {run: "inventory export rvtools --out sheets/{period}/estate.xlsx", at: monthly 1 08:00, timeout: 9h}
    metrics: {run: "metrics --textfile=/srv/textfile/itops.prom", at: every 5m}
    inside:  {run: "report build --out state/reports/x", at: monthly 1 08:00}
delivery:
  targets: {stick: {type: folder, path: /mnt/stick}}
backup:
  repositories:
    box:   {type: restic, path: /mnt/restic, password: "env:X"}
    cloud: {type: borg, address: "ssh://b@nas/./r", base_folder: borg}
    nas:   {type: folder, path: /mnt/nas}
  jobs: {}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text(OFFICE, encoding="utf-8")
    return tmp_path


def ask(folder: Path, *words: str) -> Ran:
    return run(folder, service, "install", *words, now=NOW)


def lines(ran: Ran, begin: str) -> list[str]:
    return [line for line in ran.stdout.splitlines() if line.startswith(begin)]


def test_the_units_are_of_this_itops_and_this_itops_yaml(office):
    ran = ask(office, "--kind", "systemd", "--user", "it-watch")
    assert ran.code == 0
    assert lines(ran, "ExecStart=:") == [
        f'ExecStart=:"{sys.executable}" -P -m itops --config "{office}/itops.yaml" schedule run'
    ]
    assert lines(ran, "User=") == ["User=it-watch"]
    assert lines(ran, "# itops")[0] == "# itops.service"
    assert not list(office.glob("*.service"))


def test_what_jobs_write_is_made_writable_and_nothing_else(office):
    (office / "itops.yaml").write_text(OFFICE + JOBS, encoding="utf-8")
    ran = ask(office, "--kind", "systemd")
    assert lines(ran, "ReadWritePaths=") == [
        f'ReadWritePaths="{office}/state"',
        'ReadWritePaths=-"/mnt/stick"',
        'ReadWritePaths=-"/mnt/restic"',
        f'ReadWritePaths=-"{office}/borg"',
        f'ReadWritePaths=-"{office}/sheets"',
        'ReadWritePaths=-"/srv/textfile"',
    ]
    assert lines(ran, "WatchdogSec=") == ["WatchdogSec=300"]
    assert lines(ask(office, "--kind", "systemd-timer"), "TimeoutStartSec=") == ["TimeoutStartSec=570min"]


def test_what_is_left_to_do_is_told_apart_from_the_files(office):
    ran = ask(office, "--kind", "systemd-timer")
    assert "systemctl enable --now itops-tick.timer" in ran.stderr
    assert "useradd --system" in ran.stderr
    assert "systemctl enable" not in ran.stdout


def test_of_a_single_file_nothing_but_the_file_is_printed(office):
    assert ask(office, "--kind", "windows").stdout.startswith("<Task ")
    cron = ask(office, "--kind", "cron")
    assert cron.stdout.startswith("# A tick of itops every minute")
    assert "/etc/cron.d" in cron.stderr


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("systemd", ["itops-alarm@.service", "itops.service"]),
        ("systemd-timer", ["itops-alarm@.service", "itops-tick.service", "itops-tick.timer", "itops-tick@.service"]),
        ("windows", ["itops-tick.xml"]),
        ("cron", ["itops-tick"]),
    ],
)
def test_files_are_written_readable_for_all_whatever_the_umask(office, kind, names):
    (office / "out").mkdir()
    before = os.umask(0o077)
    try:
        ran = ask(office, "--kind", kind, "--write", str(office / "out"))
    finally:
        os.umask(before)
    assert ran.code == 0
    written = sorted((office / "out").iterdir())
    assert [path.name for path in written] == names
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o644}
    assert sorted(ran.stdout.splitlines()) == [str(path) for path in written]


def test_what_is_written_is_what_is_printed(office):
    ask(office, "--kind", "systemd", "--write", str(office))
    printed = ask(office, "--kind", "systemd").stdout
    assert (office / "itops.service").read_text(encoding="utf-8") in printed
    assert (office / "itops-alarm@.service").read_text(encoding="utf-8") in printed


def test_a_file_of_other_content_is_left_alone_and_then_nothing_is_written(office):
    (office / "itops-alarm@.service").write_text("mine", encoding="utf-8")
    ran = ask(office, "--kind", "systemd", "--write", str(office))
    assert ran.code == 64
    assert ran.failure is not None
    assert "itops-alarm@.service is there with other content" in ran.failure.problem
    assert (office / "itops-alarm@.service").read_text(encoding="utf-8") == "mine"
    assert not (office / "itops.service").exists()


def test_writing_the_same_again_is_no_mistake(office):
    assert [ask(office, "--kind", "systemd", "--write", str(office)).code for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "words",
    [["--kind", "launchd"], ["--write", "no/such/folder"], ["--user", "two words"], ["--kind", "cron", "--user", "%"]],
)
def test_what_cannot_be_is_refused(office, words):
    ran = ask(office, *words)
    assert (ran.code, ran.stdout) == (64, "")


def test_a_folder_in_the_place_of_a_file_is_told(office):
    (office / "itops.service").mkdir()
    ran = ask(office, "--kind", "systemd", "--write", str(office))
    assert ran.code == 64
    assert ran.failure is not None
    assert "itops.service" in ran.failure.problem
