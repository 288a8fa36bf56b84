"""The schedule as it is told: from the ledger in the store, the silent beat first."""

from dataclasses import replace
from datetime import datetime

import pytest

from itops.alerts.records import Key
from itops.schedule.records import Beat, Run, RunState
from itops.schedule.runs import FIRST_SIGHT
from itops.tasks.evaluation.schedule import evaluate_schedule
from itops.verdict import State
from tests.tasks.evaluation.offices import DAY, HOUR, INSTANT, MINUTE, NOW, WatchedOffice, assert_stays_until_its_moment

JOBS = (
    "schedule:\n  jobs:\n"
    "    verify: {run: backup verify, at: daily 02:00}\n"
    "    proof: {run: backup check, at: daily 04:00, needs: [verify], max_delay: 2h}\n"
)
VERIFIED = datetime(2026, 11, 21, 22, 30, tzinfo=NOW.tzinfo)  # 02:00 in Tehran
PROVED = VERIFIED + 2 * HOUR


def run(job: str, due_at: datetime, state: RunState = RunState.OK, **more: object) -> Run:
    made = Run(job=job, due_at=due_at, state=state, ended_at=due_at + HOUR)
    made = made if state is RunState.SKIPPED else replace(made, started_at=due_at + MINUTE)
    return replace(made, **more)  # type: ignore[arg-type]


def seen(job: str, due_at: datetime) -> Run:
    return run(job, due_at - 9 * DAY, RunState.SKIPPED, note=FIRST_SIGHT)


def office(tmp_path, *runs: Run, beat_at: datetime | None = NOW - MINUTE, jobs: str = JOBS) -> WatchedOffice:
    made = WatchedOffice(tmp_path, jobs)
    with made.store() as store:
        store.watch.claim_all(runs)
        if beat_at is not None:
            store.watch.write_beat(Beat(at=beat_at, pid=1, host="srv1", version="1"))
    return made


KNOWN = (seen("verify", VERIFIED), seen("proof", PROVED), seen("watch", VERIFIED))
WELL = (*KNOWN, run("verify", VERIFIED), run("proof", PROVED), run("watch", NOW - 5 * MINUTE, ended_at=NOW))


def test_an_office_where_everything_ran_is_well_job_by_job(tmp_path):
    found = office(tmp_path, *WELL).judged(evaluate_schedule)
    assert {name: one.code for name, one in found.items()} == {
        "": "schedule.beating", "verify": "schedule.well", "proof": "schedule.well", "watch": "schedule.well",
    }  # fmt: skip
    assert all(one.state is State.OK for one in found.values())
    assert found["verify"].last_good_at == VERIFIED + HOUR


def test_a_schedule_without_any_job_is_a_warning_and_not_fine(tmp_path):
    found = office(tmp_path, jobs="").judged(evaluate_schedule)
    assert [(name, one.state, one.code) for name, one in found.items()] == [("", State.WARNING, "schedule.no-jobs")]


@pytest.mark.parametrize(
    ("beat_at", "state", "code"),
    [
        pytest.param(None, State.CRITICAL, "schedule.beat-missing", id="nobody ever ticked"),
        pytest.param(NOW - HOUR, State.CRITICAL, "schedule.beat-old", id="silent for an hour"),
        pytest.param(NOW + HOUR, State.UNKNOWN, "schedule.beat-ahead", id="of the future"),
    ],
)
def test_a_beat_that_is_missing_explains_every_job(tmp_path, beat_at, state, code):
    found = office(tmp_path, *WELL, beat_at=beat_at).judged(evaluate_schedule)
    assert (found[""].state, found[""].code) == (state, code)
    assert found[""].depends_on == ()
    assert all(Key("schedule", "") in one.depends_on for name, one in found.items() if name)


def test_a_job_that_waits_for_one_that_failed_is_explained_by_it(tmp_path):
    failed = run("verify", VERIFIED, RunState.FAILED, exit_code=74)
    waiting = run("proof", PROVED, RunState.WAITING, started_at=None, ended_at=None)
    found = office(tmp_path, *KNOWN, failed, run("proof", PROVED - DAY), waiting).judged(evaluate_schedule)
    assert (found["verify"].state, found["verify"].code) == (State.CRITICAL, "schedule.failed")
    assert (found["proof"].state, found["proof"].code) == (State.CRITICAL, "schedule.needs")
    assert found["proof"].depends_on == (Key("schedule", ""), Key("schedule", "verify"))
    assert found["proof"].since == PROVED + 2 * HOUR


def test_a_job_that_nobody_who_ticks_has_seen_is_told(tmp_path):
    found = office(tmp_path).judged(evaluate_schedule)
    assert {one.code for name, one in found.items() if name} == {"schedule.unseen"}


def test_until_its_moment_each_job_stays_as_it_was_judged(tmp_path):
    made = office(tmp_path, *WELL)
    assert assert_stays_until_its_moment(made, evaluate_schedule) == 4
    until = made.judged(evaluate_schedule)[""].valid_until
    assert made.judged(evaluate_schedule, until)[""].code == "schedule.beat-old"
    assert made.judged(evaluate_schedule, until - INSTANT)[""].code == "schedule.beating"
