"""The daemon and the single tick as processes of their own; systemd's socket is a simulation."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from filelock import FileLock

from itops.schedule.records import Run, RunState
from itops.store import StoreLocation, open_store
from itops.tasks.schedule.children import marker_of
from itops.tasks.schedule.orphans import end_orphans
from tests.e2e.schedule_children import BEGIN, Played, beat_of, is_written, rows_of, start_daemon, start_tick, waited

pytestmark = pytest.mark.e2e
FAST = 120.0  # a minute is half a second
HANGS = """cd "$(dirname "$2")"; trap '' TERM; sleep 300 & echo $$ $! >> told; while :; do sleep 1; done"""
OFFICE = """
office: {id: alborz}
schedule:
  tick: 1s
  jobs:
    sources: {run: inventory sources --output json, at: every 1m}
    impossible: {run: inventory list --source nowhere, at: every 1m}
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def daemon_of(played: Played) -> Iterator[Callable[[], int | None]]:
    """The daemon, and how to ask it to end: the exit code."""
    process = start_daemon(played)

    def end() -> int | None:
        process.terminate()
        process.join(20)
        return process.exitcode

    try:
        yield end
    finally:
        process.kill()
        process.join()
        rows = rows_of(played.location)
        config = Path(played.folder) / "itops.yaml"
        end_orphans([marker_of("alborz", run.job, run.due_at, config) for run in rows], 0)


@contextmanager
def door(folder: Path, word: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A command of itops that runs until the test is over."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.schedule_door", "--config", str(folder / "itops.yaml"), word],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_hung_child_is_killed_at_its_limit_and_its_grandchild_with_it(tmp_path: Path) -> None:
    jobs: dict[str, dict[str, object]] = {"hangs": {"at": "every 1h", "timeout": timedelta(seconds=1)}}
    played = Played(folder=str(tmp_path), jobs=jobs, script=HANGS, speed=FAST * 60)
    with daemon_of(played) as end:
        assert waited(lambda: is_written(tmp_path / "told"))
        pids = [int(pid) for pid in (tmp_path / "told").read_text().splitlines()[0].split()]
        assert all(map(is_alive, pids))
        assert waited(lambda: rows_of(played.location)[0].state is RunState.TIMEOUT)
        assert not any(map(is_alive, pids))
        assert end() == 0


def test_sigterm_ends_hung_children_within_5_seconds_and_says_so(tmp_path: Path) -> None:
    jobs: dict[str, dict[str, object]] = {"one": {"at": "every 1h"}, "two": {"at": "every 1h", "retries": 3}}
    played = Played(folder=str(tmp_path), jobs=jobs, script=HANGS, speed=FAST * 60)
    with daemon_of(played) as end:
        assert waited(lambda: is_written(tmp_path / "told") and len((tmp_path / "told").read_text().split()) >= 4)
        began = time.monotonic()
        assert end() == 0
        assert time.monotonic() - began < 5
        assert not any(is_alive(int(pid)) for pid in (tmp_path / "told").read_text().split())
        rows = {run.job: run for run in rows_of(played.location) if run.started_at is not None}
    assert (rows["one"].state, rows["one"].exit_code) == (RunState.INTERRUPTED, -signal.SIGKILL)
    assert (rows["two"].state, rows["two"].attempt) == (RunState.WAITING, 2)
    assert rows["two"].note.endswith("retry interrupted")


def test_a_job_that_fails_stops_no_other(tmp_path: Path) -> None:
    script = """case "$3" in bad) echo wall; exit 70;; esac"""
    jobs: dict[str, dict[str, object]] = {"bad": {"at": "every 1m"}, "good": {"at": "every 1m"}}
    played = Played(folder=str(tmp_path), jobs=jobs, script=script, speed=FAST)
    with daemon_of(played) as end:
        assert waited(lambda: sum(run.state is RunState.OK for run in rows_of(played.location)) >= 3)
        assert end() == 0
    bad = [run for run in rows_of(played.location) if run.job == "bad" and run.ended_at is not None]
    assert len(bad) >= 2
    assert {(run.state, run.exit_code, run.output) for run in bad} == {(RunState.FAILED, 70, "wall\n")}


@contextmanager
def notify_socket(address: str) -> Iterator[Callable[[], list[str]]]:
    """What was heard since one last asked."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        heard.bind(address.replace("@", "\0"))
        heard.settimeout(0)

        def listen() -> list[str]:
            said: list[str] = []
            try:
                while True:
                    said.append(heard.recv(4096).decode().partition("\n")[0])
            except BlockingIOError:
                return said

        yield listen


def test_systemd_hears_ready_once_and_the_watchdog_only_while_the_beat_is_written(tmp_path: Path) -> None:
    address = f"@itops-{uuid4().hex}"
    played = Played(folder=str(tmp_path), jobs={}, script="", notify=address)
    state = played.location.folder
    with ExitStack() as stack:
        listen = stack.enter_context(notify_socket(address))
        with FileLock(_made(state) / "itops.lock"):
            end = stack.enter_context(daemon_of(played))
            assert waited(lambda: "no tick: another itops is writing" in _log(tmp_path))
            assert listen() == []
        said: list[str] = []
        assert waited(lambda: said.extend(listen()) or said.count("WATCHDOG=1") >= 3)
        with FileLock(state / "itops.lock"):
            assert waited(lambda: _log(tmp_path).count("no tick: another itops is writing") == 2)
            said += listen()
            beat_at = beat_of(played.location)
            time.sleep(0.5)
            assert (listen(), beat_of(played.location)) == ([], beat_at)
        assert waited(lambda: "WATCHDOG=1" in listen())
        assert end() == 0
        last = listen()
    assert said[0] == "READY=1"
    assert set(said[1:]) == {"WATCHDOG=1"}
    assert set(last) <= {"WATCHDOG=1", "STOPPING=1"}
    assert last[-1] == "STOPPING=1"


def test_a_store_that_cannot_be_written_stops_the_beat_and_not_the_daemon(tmp_path: Path) -> None:
    """A store with open doors is refused also where root runs this, who may write anything."""
    played = Played(folder=str(tmp_path), jobs={}, script="")
    with daemon_of(played) as end:
        assert waited(lambda: beat_of(played.location) is not None)
        played.location.database.chmod(0o644)
        assert waited(lambda: "no tick: the store" in _log(tmp_path))
        played.location.database.chmod(0o600)
        beat_at = beat_of(played.location)
        assert waited(lambda: beat_of(played.location) != beat_at)
        assert end() == 0


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def _log(folder: Path) -> str:
    file = folder / "log"
    return file.read_text() if file.exists() else ""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """With real commands of itops; what was due in the last minute is as if nobody had ticked then."""
    (tmp_path / "itops.yaml").write_text(OFFICE)
    with open_store(StoreLocation(folder=tmp_path / "state"), BEGIN) as store:
        for job in ("sources", "impossible"):
            store.watch.claim(Run(job=job, due_at=BEGIN - timedelta(days=900), state=RunState.SKIPPED))
    return tmp_path


def test_two_daemons_at_once_are_one_and_an_exit_code(office: Path) -> None:
    with door(office, "daemon") as first:
        assert first.stderr is not None
        assert "looks after the schedule" in first.stderr.readline()
        with door(office, "daemon") as second:
            _, said = second.communicate(timeout=60)
            assert second.returncode == 75
            assert "error:  another itops looks after the schedule of" in said
        with door(office, "tick") as tick:
            _, said = tick.communicate(timeout=60)
            assert tick.returncode == 0
            assert said.startswith("nothing to do: another itops looks after the schedule of")
        assert first.poll() is None
        first.terminate()
        first.communicate(timeout=60)
        assert first.returncode == 0


def test_a_single_tick_runs_commands_of_itops_and_says_what_came_of_them(office: Path) -> None:
    with door(office, "tick") as tick:
        _, log = tick.communicate(timeout=120)
    assert tick.returncode == 0
    rows = {run.job: run for run in rows_of(StoreLocation(folder=office / "state")) if run.started_at is not None}
    assert (rows["sources"].state, rows["sources"].exit_code) == (RunState.OK, 0)
    assert (rows["impossible"].state, rows["impossible"].exit_code) == (RunState.FAILED, 64)
    assert "there is no source 'nowhere'" in rows["impossible"].output
    assert sum(" started " in line for line in log.splitlines()) >= 2


def test_ticks_beside_one_that_waits_start_what_else_is_due_and_abandon_it_only_when_it_is_killed(
    tmp_path: Path,
) -> None:
    """As cron does it every minute, while the first one's job takes its time."""
    script = """cd "$(dirname "$2")"; case "$3" in slow) echo $$ >> told; exec sleep 300;; esac"""
    jobs: dict[str, dict[str, object]] = {"slow": {"at": "every 1h"}, "quick": {"at": "every 1m"}}

    def at(minutes: int) -> Played:
        begin = BEGIN + timedelta(minutes=minutes)
        return Played(folder=str(tmp_path), jobs=jobs, script=script, begin=begin)

    def tick(minutes: int) -> int | None:
        process = start_tick(at(minutes))
        process.join(20)
        return process.exitcode

    def rows(job: str) -> list[tuple[str, int]]:
        minute = timedelta(minutes=1)
        return [
            (run.state.value, (run.due_at - BEGIN) // minute + 1) for run in rows_of(at(0).location) if run.job == job
        ]

    assert tick(0) == 0
    first = start_tick(at(60))
    try:
        assert waited(lambda: is_written(tmp_path / "told"))
        assert waited(lambda: rows("quick") == [("ok", 60)])
        assert [tick(61), tick(62)] == [0, 0]
        assert rows("quick") == [("ok", 60), ("ok", 61), ("ok", 62)]
        assert rows("slow") == [("running", 60)]
        assert first.exitcode is None
    finally:
        first.kill()
        first.join()
    assert tick(63) == 0
    assert rows("slow") == [("abandoned", 60)]
    assert waited(lambda: not is_alive(int((tmp_path / "told").read_text())))


def test_a_tick_that_is_asked_to_end_leaves_no_run_open(tmp_path: Path) -> None:
    jobs: dict[str, dict[str, object]] = {"hangs": {"at": "every 1h"}}
    with open_store(StoreLocation(folder=tmp_path / "state"), BEGIN) as store:
        store.watch.claim(Run(job="hangs", due_at=BEGIN - timedelta(hours=2), state=RunState.SKIPPED))
    played = Played(folder=str(tmp_path), jobs=jobs, script=HANGS)
    process = start_tick(played)
    assert waited(lambda: is_written(tmp_path / "told"))
    process.terminate()
    process.join(20)
    assert process.exitcode == 0
    assert [run.state for run in rows_of(played.location)][-1] is RunState.INTERRUPTED
    assert not any(is_alive(int(pid)) for pid in (tmp_path / "told").read_text().split())


def test_a_changed_itops_yaml_is_taken_and_a_broken_one_is_not(office: Path) -> None:
    with door(office, "daemon") as daemon:
        assert daemon.stderr is not None
        lines = iter(daemon.stderr.readline, "")
        assert any("ended" in line for line in lines)
        (office / "itops.yaml").write_text(OFFICE + "    broken: {run: '', at: never}\n")
        assert any("not taken" in line and "broken" in line for line in lines)
        (office / "itops.yaml").write_text(OFFICE + "    mistyped: {run: inventry gaps, at: every 1m}\n")
        assert any("not taken" in line and "did you mean inventory" in line for line in lines)
        (office / "itops.yaml").write_text(OFFICE + "    third: {run: inventory gaps, at: every 1m}\n")
        assert any("the configuration changed and is taken" in line for line in lines)
        assert any("third of" in line for line in lines)
        daemon.send_signal(signal.SIGINT)
        assert any("asked to end" in line for line in lines)
        daemon.communicate(timeout=60)
        assert daemon.returncode == 0
