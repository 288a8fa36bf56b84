"""`itops schedule list`: how each job stands, and what one that is due waits for."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from io import StringIO
from pathlib import Path

import pytest

from itops.cli.schedule import schedule
from itops.cli.schedule_list import EXAMPLE
from itops.cli.schedule_run import say
from itops.cli.setting import load_settings
from itops.schedule.records import Beat, Run, RunState
from itops.store import StoreLocation, open_reader, open_store
from tests.cli.test_changes import Ran, run

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # 1 Azar 1405, 10:00 in Tehran
OFFICE = "office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}\nsources: {vc01: {type: rvtools, path: x}}\n"
JOBS = """\
schedule:
  parallel: 1
  jobs:
    zeta:   {run: inventory scan, at: "daily 02:00"}
    verify: {run: backup verify, at: "daily 08:00", needs: [zeta]}
    night:  {run: backup scan, at: "daily 09:00", window: "22:00-05:00"}
    long:   {run: backup drill, at: every 1h, timeout: 5h}
    busy:   {run: inventory gaps, at: "daily 09:30"}
"""


def office_of(folder: Path, jobs: str) -> Path:
    (folder / "itops.yaml").write_text(OFFICE + jobs, encoding="utf-8")
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return office_of(tmp_path, JOBS)


def record(folder: Path, runs: Iterable[Run], beat_at: datetime | None = NOW) -> None:
    with open_store(StoreLocation(folder=folder / "state"), NOW) as store:
        store.watch.claim_all(list(runs))
        if beat_at is not None:
            store.watch.write_beat(Beat(at=beat_at, pid=1, host="watch01", version="0.1.0"))


def due(job: str, hour: float, state: RunState, *, day: int = 22, **more: object) -> Run:
    """`hour` of the office's clocks."""
    moment = datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour - 3.5)
    told: dict[str, object] = {"started_at": moment, "ended_at": moment + timedelta(minutes=5), **more}
    return Run(job=job, due_at=moment, state=state, **told)  # type: ignore[arg-type]


def waiting(job: str, hour: float, **more: object) -> Run:
    return due(job, hour, RunState.WAITING, started_at=None, ended_at=None, **more)


def ask(folder: Path, *words: str, now: datetime = NOW) -> Ran:
    return run(folder, schedule, "list", *words, now=now)


def by_job(ran: Ran) -> dict[str, dict[str, object]]:
    return {row["job"]: row for row in ran.data["jobs"]}


DAY_BEFORE = [
    due("zeta", 2, RunState.OK, day=21),
    due("verify", 8, RunState.OK, day=21),
    due("night", 9, RunState.OK, day=21),
    due("busy", 9.5, RunState.OK, day=21),
    due("watch", 9.9, RunState.OK, day=22),
]
STUCK = [
    *DAY_BEFORE,
    due("zeta", 2, RunState.FAILED, exit_code=69, output="trace\nerror:  vc01 refused"),
    waiting("verify", 8),
    waiting("night", 9),
    waiting("busy", 9.5),
    due("long", 6, RunState.RUNNING, ended_at=None, pid=7, host="watch01"),
    waiting("long", 9),
    waiting("long", 10),
]


def test_jobs_stand_in_the_order_of_itops_yaml_and_the_watch_comes_last(office):
    record(office, STUCK)
    ran = ask(office, "--output", "json")
    assert [row["job"] for row in ran.data["jobs"]] == ["zeta", "verify", "night", "long", "busy", "watch"]
    assert [row["at"] for row in ran.data["jobs"]][:4] == ["daily 02:00", "daily 08:00", "daily 09:00", "every 1h"]
    assert ran.data["beat"]["code"] == "schedule.beating"


@pytest.mark.parametrize(
    ("job", "code", "sentence"),
    [
        ("zeta", None, None),
        ("verify", "needs", "zeta has not ended well"),
        ("night", "window", "its window opens 1405-09-01 22:00"),
        ("long", "running", "its run before is not over"),
        ("busy", "busy", "as many jobs run as may: 1"),
    ],
)
def test_what_waits_says_for_what(office, job, code, sentence):
    record(office, STUCK)
    row = by_job(ask(office, "--output", "json"))[job]
    assert (row["why_not"], row["why_not_message"]) == (code, sentence)


def test_of_several_runs_that_wait_the_one_that_can_start_first_is_told(office):
    record(office, STUCK)
    row = by_job(ask(office, "--output", "json"))["long"]
    assert (row["waiting_due_at"], row["waiting_count"]) == ("2026-11-22T06:30:00Z", 2)


def test_a_retry_tells_when_it_may_begin(office):
    retry = due("zeta", 2, RunState.WAITING, attempt=2, not_before=NOW + timedelta(minutes=20), note="retry failed")
    record(office, [*DAY_BEFORE, retry])
    row = by_job(ask(office, "--output", "json"))["zeta"]
    assert (row["code"], row["why_not_message"]) == ("schedule.retrying", "it may begin 1405-09-01 10:20")


@pytest.mark.parametrize(
    ("beat_at", "code"), [(NOW, "next-tick"), (NOW - timedelta(hours=1), "nobody-ticks"), (None, "nobody-ticks")]
)
def test_a_run_that_nothing_holds_waits_for_whoever_ticks(office, beat_at, code):
    record(office, DAY_BEFORE, beat_at)
    row = by_job(ask(office, "--output", "json"))["zeta"]
    assert (row["why_not"], row["waiting_due_at"]) == (code, "2026-11-21T22:30:00Z")


def test_the_last_run_is_told_with_its_end_and_how_long_it_took(office):
    record(office, STUCK)
    row = by_job(ask(office, "--output", "json"))["zeta"]
    assert (row["last_state"], row["last_exit_code"], row["last_seconds"]) == ("failed", 69, 300)
    assert (row["last_due_at"], row["next_due_at"]) == ("2026-11-21T22:30:00Z", "2026-11-22T22:30:00Z")
    assert row["message"] == "zeta failed 1405-09-01 02:05 with exit code 69"


@pytest.mark.parametrize(
    ("runs", "beat_at", "code"),
    [
        pytest.param([due("zeta", 2, RunState.OK)], NOW, 0, id="well"),
        pytest.param([due("zeta", 2, RunState.INTERRUPTED)], NOW, 1, id="interrupted"),
        pytest.param([due("zeta", 2, RunState.FAILED)], NOW, 2, id="failed"),
        pytest.param([due("zeta", 2, RunState.OK)], NOW - timedelta(hours=1), 2, id="nobody ticks"),
        pytest.param([due("zeta", 2, RunState.OK)], NOW + timedelta(hours=1), 3, id="a beat of the future"),
    ],
)
def test_the_exit_code_is_the_worst_verdict(tmp_path, runs, beat_at, code):
    office_of(tmp_path, 'schedule: {jobs: {zeta: {run: doctor, at: "daily 02:00"}}}\n')
    record(tmp_path, [*runs, due("watch", 10, RunState.OK)], beat_at)
    assert ask(tmp_path).code == code


def test_a_table_begins_with_whether_anybody_ticks_and_ends_with_the_verdict(office):
    record(office, STUCK, NOW - timedelta(minutes=30))
    ran = ask(office)
    notes = ran.stderr.splitlines()
    assert notes[0].startswith("note: no beat for 30 minutes; last 1405-09-01 09:30 on watch01")
    assert notes[-1] == "note: verdict: CRITICAL"
    assert "as many jobs run as may: 1" in ran.stdout


def test_looking_claims_nothing(office):
    record(office, DAY_BEFORE)
    ask(office)
    assert len(open_reader(StoreLocation(folder=office / "state")).watch.runs()) == len(DAY_BEFORE)


def test_before_anything_ran_every_job_is_told_and_nobody_ticks(office):
    ran = ask(office, "--output", "json")
    assert ran.code == 2
    assert ran.data["beat"]["code"] == "schedule.beat-missing"
    assert {row["code"] for row in ran.data["jobs"]} == {"schedule.unseen"}
    assert not list((office / "state").glob("*.sqlite*"))


def test_csv_has_a_line_for_each_job(office):
    lines = ask(office, "--output", "csv").stdout.splitlines()
    assert lines[0].startswith("job,run,at,state,code,message,")
    assert lines[1].startswith("zeta,inventory scan,daily 02:00,WARNING,schedule.unseen,")
    assert len(lines) == 7


def test_without_a_schedule_it_says_what_to_write_and_that_is_accepted(tmp_path):
    ran = ask(office_of(tmp_path, ""))
    assert (ran.code, ran.stdout) == (1, "")
    assert EXAMPLE in ran.stderr
    taken = load_settings(office_of(tmp_path, EXAMPLE) / "itops.yaml")
    assert {"scan", "verify"} < set(taken.schedule.jobs)


def test_of_a_run_whose_end_nobody_saw_nobody_tells_how_long_it_took(office):
    record(office, [*DAY_BEFORE, due("zeta", 2, RunState.ABANDONED)])
    row = by_job(ask(office, "--output", "json"))["zeta"]
    assert (row["last_state"], row["last_seconds"]) == ("abandoned", None)


@pytest.mark.parametrize(("beat_at", "is_told"), [(None, True), (NOW - timedelta(hours=1), True), (NOW, False)])
def test_where_nobody_ticks_it_says_what_to_do(office, beat_at, is_told):
    record(office, DAY_BEFORE, beat_at)
    assert ("let somebody tick" in ask(office).stderr) is is_told


def test_a_job_that_nobody_has_looked_at_yet_is_named(office):
    assert by_job(ask(office, "--output", "json"))["zeta"]["message"] == (
        "zeta is in itops.yaml, and nobody who ticks has looked at it yet"
    )


class FullDisk(StringIO):
    def write(self, text: str) -> int:
        raise OSError(ENOSPC, "No space left on device")


def test_a_log_that_nobody_takes_stops_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", FullDisk())
    say("2026-11-22T08:00:00Z started verify")
