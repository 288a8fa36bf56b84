"""What of the schedule is late, failed or silent; and that silence is never good news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.schedule.due import jitter_of
from itops.schedule.lateness import CODES, Standing, judge_beat, judge_schedule
from itops.schedule.planning import JobMemory, TickFacts, plan_tick
from itops.schedule.policy import JobPolicy, SchedulePolicy, When
from itops.schedule.records import Beat, Run, RunState
from itops.schedule.runs import FIRST_SIGHT
from itops.verdict import State

TEHRAN = ZoneInfo("Asia/Tehran")
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Tehran, 1 Azar 1405
TODAY = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # 02:00 in Tehran, when the daily job was due
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def job(written: str = "daily 02:00", **more: object) -> JobPolicy:
    return JobPolicy(run="backup verify", at=When.from_setting(written, Path()), **more)


def beat(at: datetime = NOON) -> Beat:
    return Beat(at=at, pid=1, host="srv1", version="1")


def row(days_ago: int = 0, state: RunState = RunState.OK, **more: object) -> Run:
    """A run of the daily job, begun a minute after its due time; unless it was skipped or waits."""
    due_at = TODAY - days_ago * DAY
    run = Run(job="verify", due_at=due_at, state=state)
    if state not in (RunState.SKIPPED, RunState.WAITING):
        run = replace(run, started_at=due_at + MINUTE)
    return replace(run, ended_at=due_at + HOUR if state.is_over else None, **more)


FIRST = row(9, RunState.SKIPPED, note=FIRST_SIGHT)


def facts(*rows: Run, beat_at: datetime | None = NOON) -> TickFacts:
    jobs = {run.job for run in rows}
    return TickFacts(
        office="alborz",
        zone=TEHRAN,
        calendar="jalali",
        memory={name: JobMemory.of(run for run in rows if run.job == name) for name in jobs},
        open=tuple(run for run in rows if not run.state.is_over),
        beat=beat(beat_at) if beat_at else None,
    )


def judged(*rows: Run, policy: JobPolicy | None = None, now: datetime = NOON, **others: JobPolicy) -> Standing:
    """The standing of the job `verify`."""
    standings = judge_schedule(SchedulePolicy(jobs={"verify": policy or job(), **others}), facts(*rows), now)
    return next(standing for standing in standings if standing.job == "verify")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([], "schedule.unseen", id="nobody who ticks knows it"),
        pytest.param([row(0, RunState.SKIPPED, note=FIRST_SIGHT)], "schedule.not-yet-due", id="just seen"),
        pytest.param([row(1, RunState.SKIPPED, note=FIRST_SIGHT)], "schedule.waiting", id="due for the first time"),
        pytest.param([row(2, RunState.SKIPPED, note=FIRST_SIGHT)], "schedule.never-ran", id="due, and never ran"),
        pytest.param(
            [row(1, RunState.SKIPPED, note=FIRST_SIGHT), row(0, RunState.RUNNING)],
            "schedule.running",
            id="the first run",
        ),
        pytest.param([row(0)], "schedule.well", id="ran well"),
        pytest.param([row(1)], "schedule.well", id="due again, and there is time left"),
        pytest.param([row(2)], "schedule.late", id="no run began in time"),
        pytest.param([row(2), row(0, RunState.WAITING)], "schedule.late", id="what waits has not begun"),
        pytest.param(
            [row(2), row(1, RunState.SKIPPED, note="superseded"), row(0, RunState.WAITING)],
            "schedule.late",
            id="each is superseded",
        ),
        pytest.param([row(2), row(0, RunState.RUNNING)], "schedule.well", id="began late, and runs"),
        pytest.param([row(1), row(0, RunState.FAILED)], "schedule.failed", id="failed"),
        pytest.param([row(1, RunState.FAILED), row(0)], "schedule.well", id="failed and made good"),
        pytest.param(
            [row(1, RunState.FAILED), row(0, RunState.RUNNING)], "schedule.failed", id="failed, and begun anew"
        ),
        pytest.param(
            [row(1, RunState.FAILED), row(0, RunState.SKIPPED, note="superseded")],
            "schedule.failed",
            id="a skipped run makes nothing good",
        ),
        pytest.param([row(0, RunState.TIMEOUT)], "schedule.timeout", id="stopped at its limit"),
        pytest.param([row(0, RunState.ABANDONED)], "schedule.abandoned", id="nobody knows how it ended"),
        pytest.param([row(0, RunState.INTERRUPTED)], "schedule.interrupted", id="the daemon was asked to end"),
        pytest.param([row(1), row(0, RunState.SKIPPED, note="missed 1")], "schedule.missed", id="passed on purpose"),
        pytest.param(
            [row(1), row(0, RunState.SKIPPED, note="window, too-late")], "schedule.missed", id="held back for too long"
        ),
        pytest.param(
            [row(0, RunState.WAITING, attempt=2, started_at=TODAY)], "schedule.retrying", id="waits for another try"
        ),
        pytest.param(
            [row(0, RunState.RUNNING, attempt=2, started_at=NOON)], "schedule.retrying", id="another try runs"
        ),
        pytest.param([row(5, RunState.RUNNING)], "schedule.overrunning", id="nobody stopped it"),
    ],
)
def test_a_job_is_judged_by_what_became_of_its_last_due_times(rows, code):
    assert judged(*rows, policy=job(timeout=2 * DAY)).code == code


@pytest.mark.parametrize(
    ("age", "code", "state"),
    [
        pytest.param(timedelta(), "schedule.beating", State.OK, id="now"),
        pytest.param(5 * MINUTE - INSTANT, "schedule.beating", State.OK, id="just in time"),
        pytest.param(5 * MINUTE, "schedule.beat-old", State.CRITICAL, id="nobody ticks"),
        pytest.param(-2 * MINUTE, "schedule.beating", State.OK, id="clocks that nearly agree"),
        pytest.param(-2 * MINUTE - INSTANT, "schedule.beat-ahead", State.UNKNOWN, id="of the future"),
    ],
)
def test_a_beat_is_good_for_as_long_as_the_policy_says(age, code, state):
    standing = judge_beat(SchedulePolicy(), beat(NOON - age), NOON)
    assert (standing.code, standing.state) == (code, state)


def test_nobody_who_ever_ticked_is_a_disaster():
    first, *_ = judge_schedule(SchedulePolicy(jobs={"verify": job()}), facts(row(), beat_at=None), NOON)
    assert (first.job, first.code, first.state) == ("", "schedule.beat-missing", State.CRITICAL)


def test_a_schedule_without_jobs_is_not_well():
    (only,) = judge_schedule(SchedulePolicy(), facts(), NOON)
    assert (only.code, only.state) == ("schedule.no-jobs", State.WARNING)


def test_every_job_has_a_standing_of_its_own_behind_the_beat():
    policy = SchedulePolicy(jobs={"verify": job(), "scan": job(), "upload": job()})
    standings = judge_schedule(policy, facts(row(), replace(row(2), job="scan")), NOON)
    assert [(standing.job, standing.code) for standing in standings] == [
        ("", "schedule.beating"),
        ("scan", "schedule.late"),
        ("upload", "schedule.unseen"),
        ("verify", "schedule.well"),
    ]


def test_a_job_is_late_at_the_moment_its_delay_is_used_up():
    due_at, limit = TODAY + DAY, 3 * HOUR
    policy = job(max_delay=limit)
    assert judged(row(0), policy=policy, now=due_at + limit - INSTANT).code == "schedule.well"
    late = judged(row(0), policy=policy, now=due_at + limit)
    assert (late.code, late.since) == ("schedule.late", due_at + limit)
    assert late.facts == {
        "job": "verify",
        "due_at": due_at.isoformat(),
        "late_at": (due_at + limit).isoformat(),
    }


def test_jitter_makes_nothing_late():
    spread = 10 * HOUR
    limit = jitter_of("alborz", "verify", spread) + HOUR
    policy = job(max_delay=HOUR, jitter=spread)
    assert judged(row(0), policy=policy, now=TODAY + DAY + limit - INSTANT).code == "schedule.well"
    assert judged(row(0), policy=policy, now=TODAY + DAY + limit).code == "schedule.late"


def test_a_job_that_waits_for_another_says_for_which():
    failed = replace(row(0, RunState.FAILED), job="scan")
    scans = [replace(row(5), job="scan"), failed]
    policy = job("daily 02:05", needs=("scan",))
    waiting = row(0, RunState.WAITING, due_at=TODAY + 5 * MINUTE)
    late = judged(row(3), waiting, *scans, policy=policy, scan=job())
    assert (late.code, late.facts["needed"]) == ("schedule.needs", "scan")
    good = replace(failed, state=RunState.OK)
    assert judged(row(3), waiting, scans[0], good, policy=policy, scan=job()).code == "schedule.late"


def test_what_a_late_job_needed_is_asked_of_its_own_due_time():
    scans = [replace(one, job="scan") for one in (row(2), row(1, RunState.FAILED))]
    assert judged(row(3), *scans, policy=job("daily 02:05", needs=("scan",)), scan=job()).code == "schedule.late"


def test_a_job_that_was_never_due_is_judged_anew_when_it_is():
    standing = judged(row(0, RunState.SKIPPED, note=FIRST_SIGHT))
    assert (standing.code, standing.valid_until) == ("schedule.not-yet-due", TODAY + DAY)


@pytest.mark.parametrize("minutes", [0, 1])
def test_a_run_is_too_long_when_nobody_stopped_it_for_as_long_as_a_beat_may_take(minutes):
    started_at = NOON - 4 * HOUR - (4 + minutes) * MINUTE
    standing = judged(row(1), row(0, RunState.RUNNING, started_at=started_at))
    assert standing.code == ("schedule.overrunning" if minutes else "schedule.well")


def test_a_standing_tells_when_a_run_last_ended_well():
    standing = judged(row(4), row(0, RunState.FAILED, exit_code=70))
    assert standing.last_good_at == row(4).ended_at
    assert standing.since == row(0).ended_at
    assert (standing.facts["exit_code"], standing.facts["ended_at"]) == (70, (TODAY + HOUR).isoformat())


def test_rows_of_the_future_do_not_make_a_job_well():
    """The gatherer hands over rows due no later than now alone; one of a clock that was ahead still waits."""
    ahead = row(-300, RunState.WAITING)
    known = facts(row(2))
    standing = judge_schedule(SchedulePolicy(jobs={"verify": job()}), replace(known, open=(ahead,)), NOON)[1]
    assert standing.code == "schedule.late"


rows = st.lists(
    st.builds(
        row,
        st.integers(0, 6),
        st.sampled_from(tuple(RunState)),
        attempt=st.integers(1, 3),
        note=st.sampled_from(("", "superseded", "missed 2", "coalesced 3, window", "needs scan", "retry failed")),
    ),
    unique_by=lambda run: run.due_at,
    max_size=7,
)
policies = st.builds(
    job,
    st.sampled_from(("daily 02:00", "every 4h", "weekly friday 02:00", "monthly 1 08:00")),
    max_delay=st.sampled_from((HOUR, 26 * HOUR, 5 * DAY)),
    timeout=st.sampled_from((HOUR, 2 * DAY)),
    jitter=st.sampled_from((timedelta(), 3 * HOUR)),
    catch_up=st.sampled_from(("latest", "all", "none")),
    needs=st.sampled_from(((), ("scan",))),
)


@given(kept=rows, policy=policies, waited=st.floats(0, 1), beaten=st.integers(-10, 10))
def test_a_judgement_holds_until_it_says_so_and_every_code_is_known(kept, policy, waited, beaten):
    schedule = SchedulePolicy(jobs={"verify": policy, "scan": job()})
    known = facts(*kept, beat_at=NOON - beaten * MINUTE)
    for standing in judge_schedule(schedule, known, NOON):
        assert standing.state is CODES[standing.code]
        until = standing.valid_until or NOON + 400 * DAY
        assert until > NOON
        later = min(NOON + (until - NOON) * waited, until - INSTANT)
        again = next(one for one in judge_schedule(schedule, known, later) if one.job == standing.job)
        assert (again.code, again.since) == (standing.code, standing.since)


@given(kept=rows, policy=policies, days=st.integers(40, 100))
def test_silence_is_never_good_news(kept, policy, days):
    known = facts(*kept, FIRST)
    alone = SchedulePolicy(jobs={"verify": replace(policy, needs=())})
    standings = judge_schedule(alone, known, NOON + days * DAY)
    assert all(standing.state is State.CRITICAL for standing in standings)


@given(kept=rows, policy=policies)
def test_a_plan_can_be_made_of_whatever_the_ledger_holds(kept, policy):
    plan = plan_tick(SchedulePolicy(jobs={"verify": policy, "scan": job()}), facts(*kept), NOON)
    rows_of = {(run.job, run.due_at) for run in kept}
    assert not any((run.job, run.due_at) in rows_of for run in plan.claim)
    assert all(run.state is RunState.WAITING for run in plan.start)


@pytest.mark.parametrize(
    ("minutes_ago", "code"),
    [(0, "schedule.not-yet-due"), (4, "schedule.not-yet-due"), (5, "schedule.unseen"), (-1, "schedule.unseen")],
)
def test_a_job_that_was_written_down_just_now_is_given_the_time_of_a_beat(minutes_ago, code):
    policy = SchedulePolicy(jobs={"verify": job()})
    known = replace(facts(), settings_at=NOON - timedelta(minutes=minutes_ago))
    _, standing = judge_schedule(policy, known, NOON)
    assert standing.code == code
    if code == "schedule.not-yet-due":
        assert standing.valid_until == NOON + timedelta(minutes=5 - minutes_ago)
        assert standing.facts["due_at"]
