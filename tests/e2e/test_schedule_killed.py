"""`kill -9` of the daemon at any instant: no due time is lost, none is run twice, nothing it had started lives on."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from itops.schedule.records import Run, RunState
from itops.tasks.schedule.children import marker_of
from itops.tasks.schedule.orphans import carriers
from tests.e2e.schedule_children import Played, beat_of, is_written, rows_of, start_daemon, waited

pytestmark = pytest.mark.e2e
KILLS = 40
SPEED = 120.0  # a minute is half a second
MINUTE = timedelta(minutes=1)
# `$ITOPS_RUN` is the office, the job, its due time and the path of itops.yaml, which is `$2` as well.
SCRIPT = """
cd "$(dirname "$2")"
set -- $ITOPS_RUN
echo "begin $2 $3" >> told
sleep 0.12
echo "done $2 $3" >> told
"""


def is_made_up_for(rows: Sequence[Run], end: datetime) -> bool:
    """Whether the last minute before `end` has its rows, and nothing becomes of any row any more."""
    due = [run.due_at for run in rows if run.due_at <= end]
    return due.count(max(due)) == 2 and end - max(due) < MINUTE and all_over(rows, end)


def all_over(rows: Sequence[Run], end: datetime) -> bool:
    return all(run.state.is_over for run in rows if run.due_at <= end)


def told_of(folder: Path) -> Counter[tuple[str, str, str]]:
    lines = (folder / "told").read_text().splitlines()
    return Counter(tuple(line.split(" ")) for line in lines)  # type: ignore[misc]


def test_40_kills_lose_no_due_time_and_run_none_twice(tmp_path: Path) -> None:
    chance = random.Random(40)
    jobs: dict[str, dict[str, object]] = {
        "once": {"at": "every 1m", "catch_up": "all"},
        "sure": {"at": "every 1m", "catch_up": "all", "retries": 20, "retry_after": timedelta(seconds=0.1)},
    }
    played = Played(folder=str(tmp_path), jobs=jobs, script=SCRIPT, speed=SPEED)
    for _ in range(KILLS):
        daemon = start_daemon(played)
        time.sleep(chance.uniform(0.05, 0.6))
        daemon.kill()
        daemon.join()
    end = played.now()
    last = start_daemon(replace(played, begin=end, began=time.monotonic(), speed=1.0))
    assert waited(lambda: (beat := beat_of(played.location)) is not None and beat.at >= end)
    assert waited(lambda: is_made_up_for(rows_of(played.location), end), 60)
    last.terminate()
    last.join()
    assert last.exitcode == 0

    rows = [run for run in rows_of(played.location) if run.due_at <= end]
    told = told_of(tmp_path)
    for job in jobs:
        due = [run.due_at for run in rows if run.job == job]
        assert due == [due[0] + number * MINUTE for number in range(len(due))], "each minute has its row"
        assert end - due[-1] < MINUTE
    for run in rows:
        begun, done = (told[word, run.job, run.due_at.isoformat()] for word in ("begin", "done"))
        assert begun <= run.attempt, "the command never began more often than the ledger knows"
        assert run.state is RunState.OK or (run.job, run.state) == ("once", RunState.ABANDONED)
        assert done >= (run.state is RunState.OK)
    assert any(run.state is RunState.ABANDONED for run in rows), "no kill met a run of `once`"
    assert any(run.attempt > 1 for run in rows), "no kill met a run of `sure`"
    markers = [marker_of("alborz", run.job, run.due_at, tmp_path / "itops.yaml") for run in rows]
    assert waited(lambda: carriers(markers) == (), 5)
    assert list((played.location.folder / "runs").iterdir()) == []


def test_what_a_killed_daemon_left_behind_is_ended_by_the_next_one(tmp_path: Path) -> None:
    script = """cd "$(dirname "$2")"; (trap '' TERM; exec sleep 300) & echo $! >> told; wait"""
    jobs: dict[str, dict[str, object]] = {"hangs": {"at": "every 1m", "catch_up": "all"}}
    played = Played(folder=str(tmp_path), jobs=jobs, script=script, speed=SPEED)
    daemon = start_daemon(played)
    assert waited(lambda: is_written(tmp_path / "told"), 20)
    daemon.kill()
    daemon.join()
    [run] = [run for run in rows_of(played.location) if run.state is RunState.RUNNING]
    marker = marker_of("alborz", "hangs", run.due_at, tmp_path / "itops.yaml")
    left = int((tmp_path / "told").read_text())
    assert left in carriers([marker])
    following = start_daemon(played)
    assert waited(lambda: carriers([marker]) == (), 20)
    assert waited(lambda: rows_of(played.location)[0].state is RunState.ABANDONED, 20)
    following.terminate()
    following.join()
    assert following.exitcode == 0
