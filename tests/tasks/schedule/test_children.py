"""Children are real processes here: a shell that does what it is told. None outlives its test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import active_count

import pytest

from itops.tasks.schedule.children import ProcessChild, launcher, marker_of, stop
from itops.tasks.schedule.orphans import carriers, end_orphans
from tests.tasks.schedule.played_office import NOON

HANGS = "trap '' TERM; sleep 60 & echo $! > grandchild; while :; do sleep 1; done"
LEADER_GOES = "(trap '' TERM; sleep 60) & echo $! > grandchild; wait"
LEAVES_ITS_GROUP = "setsid sleep 60 & echo $! > grandchild; wait"


def waited(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def is_alive(pid: int) -> bool:
    """A zombie is not: its environment is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marker = marker_of("alborz", "verify", NOON, folder / "itops.yaml")
        self.children: list[ProcessChild] = []

    def start(self, script: str) -> ProcessChild:
        child = ProcessChild(["/bin/sh", "-c", f"cd '{self.folder}'; {script}"], self.marker)
        self.children.append(child)
        return child

    def ended(self, script: str) -> ProcessChild:
        child = self.start(script)
        assert waited(lambda: child.exit_code() is not None)
        return child

    def grandchild(self) -> int:
        file = self.folder / "grandchild"
        assert waited(lambda: file.exists() and file.read_text().endswith("\n"))
        return int(file.read_text())


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path)
    yield made
    stop(made.children, 0)
    end_orphans([made.marker], 0)


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 69", 69), ("kill -9 $$", -9)])
def test_an_exit_code_is_told_and_a_signal_is_one_below_nought(shell: Shell, script: str, code: int) -> None:
    assert shell.ended(script).exit_code() == code


def test_a_child_that_runs_has_no_exit_code_and_an_age(shell: Shell) -> None:
    child = shell.start("sleep 60")
    time.sleep(0.05)
    assert child.exit_code() is None
    assert not child.is_gone()
    assert timedelta(seconds=0.05) <= child.age < timedelta(seconds=60)


def test_both_outputs_are_kept_in_their_order(shell: Shell) -> None:
    assert shell.ended("echo one; echo two >&2; echo three").output() == "one\ntwo\nthree\n"


def test_of_an_endless_output_the_end_is_kept_and_nobody_waits(shell: Shell) -> None:
    said = shell.ended("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end").output()
    assert len(said.encode()) == 4096
    assert said.endswith("x\nthe end\n")


def test_an_output_that_is_no_text_is_shown_as_far_as_it_is(shell: Shell) -> None:
    assert shell.ended("printf 'a\\377b'").output() == "a\ufffdb"


def test_a_grandchild_that_holds_the_output_keeps_nobody_waiting(shell: Shell) -> None:
    child = shell.ended("echo first; sleep 60 & echo $! > grandchild; echo last")
    assert child.output() == "first\nlast\n"
    assert is_alive(shell.grandchild())


def test_a_grandchild_that_holds_the_output_costs_no_thread_and_no_file_for_ever(shell: Shell) -> None:
    files, threads = len(os.listdir("/proc/self/fd")), active_count()
    child = shell.ended("(while :; do echo more; sleep 0.05; done) & echo $! > grandchild; echo last")
    assert "last\n" in child.output()
    assert is_alive(shell.grandchild())
    assert waited(lambda: (len(os.listdir("/proc/self/fd")), active_count()) == (files, threads))


def test_a_child_that_closes_its_output_and_goes_on_still_runs(shell: Shell) -> None:
    child = shell.start("echo last; exec >&- 2>&-; echo $$ > grandchild; sleep 60")
    shell.grandchild()
    assert child.exit_code() is None
    stop([child], 1)
    assert (child.exit_code(), child.output()) == (-signal.SIGTERM, "last\n")


def test_nothing_can_be_typed_and_systemd_is_not_spoken_to_by_children(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    child = shell.ended('cat; echo "[$NOTIFY_SOCKET$WATCHDOG_USEC] $ITOPS_RUN"')
    assert child.output() == f"[] alborz verify 2026-11-22T08:30:00+00:00 {shell.folder / 'itops.yaml'}\n"


def test_a_program_that_is_not_there_cannot_be_started() -> None:
    with pytest.raises(FileNotFoundError):
        ProcessChild(["/nowhere/itops"], "marker")


@pytest.mark.parametrize("script", [HANGS, LEADER_GOES], ids=["all of them hang", "the leader goes, its child hangs"])
def test_a_stopped_child_takes_its_grandchildren_along(shell: Shell, script: str) -> None:
    child = shell.start(script)
    grandchild = shell.grandchild()
    stop([child], grace_seconds=0.3)
    assert child.exit_code() in (-signal.SIGTERM, -signal.SIGKILL)
    assert waited(lambda: not is_alive(grandchild))


def test_a_child_that_ends_when_it_is_asked_is_not_killed(shell: Shell) -> None:
    child = shell.start("trap 'echo cleaned up; exit 7' TERM; echo $$ > grandchild; while :; do sleep 0.05; done")
    shell.grandchild()
    stop([child], grace_seconds=10)
    assert child.exit_code() == 7
    assert child.output().endswith("cleaned up\n")


def test_what_left_its_group_is_found_by_its_marker(shell: Shell) -> None:
    child = shell.start(LEAVES_ITS_GROUP)
    grandchild = shell.grandchild()
    assert waited(lambda: os.getsid(grandchild) == grandchild)
    stop([child], grace_seconds=1)
    assert is_alive(grandchild)
    assert grandchild in carriers([shell.marker])
    assert end_orphans([shell.marker], 5) == (grandchild,)
    assert waited(lambda: not is_alive(grandchild))


def test_another_offices_or_due_times_process_is_no_orphan_of_ours(shell: Shell, tmp_path: Path) -> None:
    child = shell.start("echo $$ > grandchild; sleep 60")
    shell.grandchild()
    config = tmp_path / "itops.yaml"
    others = [
        marker_of("karaj", "verify", NOON, config),
        marker_of("alborz", "verify2", NOON, config),
        marker_of("alborz", "verify", NOON + timedelta(hours=1), config),
        marker_of("alborz", "verify", NOON, tmp_path / "itops.yam"),
    ]
    assert end_orphans(others, 0) == ()
    assert end_orphans([], 0) == ()
    assert child.exit_code() is None


def test_who_asks_is_never_its_own_orphan(tmp_path: Path) -> None:
    """A tick that was itself started by a run whose ticker has died."""
    marker = marker_of("alborz", "tick", NOON, tmp_path / "itops.yaml")
    code = "import sys; from itops.tasks.schedule.orphans import end_orphans; print(end_orphans([sys.argv[1]], 0))"
    done = subprocess.run(
        [sys.executable, "-c", code, marker],
        env={**os.environ, "ITOPS_RUN": marker},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"()\n"


def test_a_child_ends_with_whoever_started_it(shell: Shell) -> None:
    code = (
        "import sys, time; from itops.tasks.schedule.children import ProcessChild\n"
        "print(ProcessChild(['/bin/sleep', '60'], sys.argv[1]).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, shell.marker], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    assert waited(lambda: not is_alive(pid))


def test_a_command_of_itops_is_given_the_settings_file(tmp_path: Path) -> None:
    config = tmp_path / "itops.yaml"
    child = launcher(config, ("/bin/echo",))(("backup", "verify"), "marker")
    assert waited(lambda: child.exit_code() is not None)
    assert child.output() == f"--config {config} backup verify\n"


def test_itops_itself_is_what_runs(tmp_path: Path) -> None:
    child = launcher(tmp_path / "itops.yaml")(("--version",), "marker")
    assert waited(lambda: child.exit_code() is not None, 60)
    assert (child.exit_code(), child.output().split(",")[0]) == (0, "itops")
