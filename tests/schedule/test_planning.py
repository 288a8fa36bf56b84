"""What a tick does. The ledger and the processes are a simulation: dictionaries, and clocks that the tests turn."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.dates import Hours
from itops.schedule.due import INSTANT, due_times, jitter_of
from itops.schedule.planning import JobMemory, TickFacts, TickPlan, abandoned, plan_tick
from itops.schedule.policy import JobPolicy, SchedulePolicy, When
from itops.schedule.records import Beat, Run, RunState
from itops.schedule.runs import FIRST_SIGHT, begun, coalesced, ended, state_of_exit

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Tehran, 1 Azar 1405
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHT = Hours(begin=time(20), until=time(6))
Row = tuple[str, datetime]


class KilledError(Exception):
    """The simulated kill -9."""


class Office:
    """A simulated office: a ledger that outlives everything, a daemon that dies, children that take their time."""

    def __init__(self, *, zone: ZoneInfo = TEHRAN, now: datetime = NOON, **jobs: JobPolicy) -> None:
        self.policy = SchedulePolicy(jobs=jobs, parallel=2)
        self.zone, self.now = zone, now
        self.rows: dict[Row, Run] = {}
        self.beat: Beat | None = None
        self.children: dict[int, tuple[Row, timedelta]] = {}  # pid -> row, how long it has run
        self.takes: dict[str, timedelta] = {}
        self.exits: dict[str, list[int]] = {}  # of the next runs of a job; 0 when there are none left
        self.starts: Counter[Row] = Counter()
        self.stops: list[Row] = []
        self.pids = iter(range(1, 1_000_000))

    def facts(self) -> TickFacts:
        past: dict[str, list[Run]] = {}
        for run in self.rows.values():
            if run.due_at <= self.now:
                past.setdefault(run.job, []).append(run)
        return TickFacts(
            office="alborz",
            zone=self.zone,
            calendar="jalali",
            memory={job: JobMemory.of(rows) for job, rows in past.items()},
            open=tuple(run for run in self.rows.values() if not run.state.is_over),
            beat=self.beat,
            host="srv1",
            children={pid: ran for pid, (_, ran) in self.children.items()},
        )

    def plan(self) -> TickPlan:
        return plan_tick(self.policy, self.facts(), self.now)

    def wait(self, span: timedelta) -> None:
        self.now += span
        self.children = {pid: (row, ran + span) for pid, (row, ran) in self.children.items()}

    def tick(self, lives_for: int = 1_000_000) -> None:
        """A tick; after so many steps whoever does it is killed, and its children with it."""
        for number, _ in enumerate(self._steps()):
            if number == lives_for:
                self.children = {}
                raise KilledError

    def _steps(self) -> Iterator[None]:
        """The steps of a tick; after each yield the next write."""
        for pid, (row, ran) in tuple(self.children.items()):
            if ran >= self.takes.get(row[0], 10 * MINUTE):
                yield
                self._end(pid)
        plan = self.plan()
        yield
        self.beat = Beat(at=self.now, pid=1, host="srv1", version="1")
        for run in plan.claim:
            yield
            assert (run.job, run.due_at) not in self.rows, "a due time was claimed twice"
            self._write(run)
        for run in plan.change:
            yield
            self._write(run)
        for run in plan.stop:
            yield
            self._stop(run)
        for run in plan.start:
            yield
            self._write(begun(run, self.now, "srv1"))
            yield
            self._start(run)

    def _write(self, run: Run) -> None:
        self.rows[run.job, run.due_at] = run

    def _end(self, pid: int) -> None:
        row, _ = self.children.pop(pid)
        job = self.policy.jobs[row[0]]
        code = self.exits[row[0]].pop(0) if self.exits.get(row[0]) else 0
        self._write(ended(job, self.rows[row], state_of_exit(job, code), self.now, exit_code=code, output="cut"))

    def _stop(self, run: Run) -> None:
        assert run.pid is not None
        del self.children[run.pid]
        self.stops.append((run.job, run.due_at))
        self._write(ended(self.policy.jobs[run.job], run, RunState.TIMEOUT, self.now, output="cut"))

    def _start(self, run: Run) -> None:
        pid = next(self.pids)
        row = run.job, run.due_at
        self.children[pid] = row, timedelta()
        self.starts[row] += 1
        self._write(begun(run, self.now, "srv1", pid))

    def boot(self) -> None:
        """The daemon starts: nothing that runs is its own."""
        self.children = {}
        for run in abandoned(self.policy, self.facts(), self.now):
            self._write(run)

    def live(self, span: timedelta, step: timedelta = 5 * MINUTE) -> None:
        """Ticks at each step for so long."""
        until = self.now + span
        self.tick()
        while self.now < until:
            self.wait(min(step, until - self.now))
            self.tick()

    def of(self, job: str) -> list[Run]:
        """The rows of a job without its first sight, oldest first."""
        rows = (run for run in self.rows.values() if run.job == job and run.note != FIRST_SIGHT)
        return sorted(rows, key=lambda run: run.due_at)

    def states(self, job: str) -> list[str]:
        return [run.state for run in self.of(job)]


def job(written: str = "daily 02:00", run: str = "backup verify", **more: object) -> JobPolicy:
    return JobPolicy(run=run, at=When.from_setting(written, Path()), **more)


def tehran(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TEHRAN).astimezone(UTC)


# First sight


def test_nothing_from_before_the_first_sight_is_made_up():
    office = Office(verify=job(catch_up="all"))
    office.live(HOUR)
    assert office.starts == Counter()
    (first,) = office.rows.values()
    assert (first.due_at, first.state, first.note) == (tehran(2026, 11, 22, 2), RunState.SKIPPED, FIRST_SIGHT)
    assert office.facts().memory["verify"].known_since == NOON


def test_the_first_due_time_after_the_first_sight_is_not_lost_though_nobody_ticked():
    office = Office(verify=job())
    office.tick()
    office.wait(DAY)
    office.boot()
    office.live(HOUR)
    assert list(office.starts) == [("verify", tehran(2026, 11, 23, 2))]


def test_what_is_due_at_the_very_moment_of_the_first_sight_runs():
    office = Office(verify=job("daily 12:00"))
    office.live(HOUR)
    assert list(office.starts) == [("verify", NOON)]


def test_a_first_sight_that_is_no_longer_kept_tells_nothing():
    run = Run(job="verify", due_at=NOON, state=RunState.OK, started_at=NOON, ended_at=NOON)
    assert JobMemory.of([run]).known_since is None


# Downtime


def test_a_daemon_that_restarts_every_20_hours_runs_a_daily_job_ten_times_in_ten_days():
    office = Office(verify=job())
    for _ in range(12):
        office.boot()
        office.live(20 * HOUR, 20 * MINUTE)
    assert [run.due_at for run in office.of("verify")] == [
        tehran(2026, 11, 23 + day, 2) if day < 8 else tehran(2026, 12, day - 7, 2) for day in range(10)
    ]
    assert set(office.states("verify")) == {"ok"}
    assert set(office.starts.values()) == {1}


def test_every_four_hours_stays_so_across_restarts():
    office = Office(scan=job("every 4h"))
    for hours in (1, 3, 7, 5, 6, 2):
        office.boot()
        office.live(hours * HOUR, 7 * MINUTE)
    due = [run.due_at for run in office.of("scan")]
    assert due == [datetime(2026, 11, 22, 12, tzinfo=UTC) + number * 4 * HOUR for number in range(6)]
    assert office.states("scan") == ["ok"] * 6


@pytest.mark.parametrize(
    ("catch_up", "states", "notes"),
    [
        ("latest", ["ok"], ["coalesced 9"]),
        ("all", ["ok"] * 10, [""] * 10),
        ("none", ["skipped"], ["missed 10"]),
    ],
)
def test_after_ten_days_of_sleep_each_job_makes_up_for_it_in_its_way(catch_up, states, notes):
    office = Office(verify=job(catch_up=catch_up))
    office.tick()
    office.wait(10 * DAY)
    office.boot()
    office.live(4 * HOUR)
    assert office.states("verify") == states
    assert [run.note for run in office.of("verify")] == notes
    assert office.of("verify")[-1].due_at == tehran(2026, 12, 2, 2)


def test_what_is_made_up_for_runs_oldest_first_and_one_after_the_other():
    office = Office(report=job("monthly 1 08:00", "report build --period {period}", catch_up="all"))
    office.tick()
    office.wait(100 * DAY)
    office.live(2 * HOUR, MINUTE)
    runs = office.of("report")
    assert [run.due_at for run in runs] == [tehran(2026, 12, 22, 8), tehran(2027, 1, 21, 8), tehran(2027, 2, 20, 8)]
    assert all(earlier.ended_at <= later.started_at for earlier, later in pairwise(runs))


def test_years_of_minutes_are_claimed_in_bounded_ticks():
    office = Office(scan=job("every 1m", catch_up="all"), verify=job("every 1m"))
    office.tick()
    office.wait(900 * DAY)
    plan = office.plan()
    assert [run.job for run in plan.claim].count("scan") == 100
    assert plan.next_at == office.now
    assert coalesced(next(run for run in plan.claim if run.job == "verify")) == 900 * 24 * 60  # and the one at noon


def test_of_years_of_minutes_no_more_than_a_hundred_rows_wait_and_all_have_their_turn():
    office = Office(scan=job("every 1m", catch_up="all"))
    office.takes["scan"] = MINUTE / 2
    office.tick()
    office.wait(4 * HOUR)
    for _ in range(1000):
        office.wait(MINUTE / 2)
        office.tick()
        assert sum(run.state == "waiting" for run in office.of("scan")) <= 100
    due = [run.due_at for run in office.of("scan")]
    assert due == [due[0] + number * MINUTE for number in range(len(due))]
    assert office.now - due[-1] < MINUTE
    assert set(office.states("scan")[:-1]) == {"ok"}


def test_jobs_with_years_to_make_up_for_keep_nobody_else_waiting():
    office = Office(
        **{name: job("every 1h", catch_up="all") for name in ("one", "two", "three")}, verify=job("daily 13:00")
    )
    office.tick()
    office.wait(300 * DAY)
    office.live(50 * MINUTE)
    assert office.states("verify") == ["ok"]
    assert all(office.states(name).count("ok") > 1 for name in ("one", "two", "three"))


@pytest.mark.parametrize(
    ("late", "beaten_before", "states"),
    [
        pytest.param(timedelta(seconds=20), None, ["running"], id="within a tick"),
        pytest.param(timedelta(seconds=21), None, ["skipped"], id="later, and nobody had ticked"),
        pytest.param(MINUTE, timedelta(), ["running"], id="ticks are a minute apart"),
        pytest.param(4 * MINUTE, MINUTE, ["running"], id="the beat was five minutes ago"),
        pytest.param(4 * MINUTE, MINUTE + INSTANT, ["skipped"], id="the beat was longer ago"),
        pytest.param(MINUTE, -INSTANT, ["skipped"], id="somebody had ticked after it, and had left it"),
    ],
)
def test_what_is_never_made_up_for_runs_only_when_somebody_ticked_at_its_time(late, beaten_before, states):
    office = Office(scan=job("daily 14:00", catch_up="none"))
    office.tick()
    due_at = tehran(2026, 11, 22, 14)
    office.now = due_at + late
    office.beat = None if beaten_before is None else Beat(at=due_at - beaten_before, pid=1, host="srv1", version="1")
    office.tick()
    assert office.states("scan") == states


# Clocks


@pytest.mark.parametrize("catch_up", ["latest", "all", "none"])
def test_a_clock_that_goes_back_a_day_runs_nothing_twice_and_loses_nothing(catch_up):
    office = Office(verify=job(catch_up=catch_up), scan=job("every 4h", catch_up=catch_up))
    office.live(3 * DAY)
    office.now -= DAY
    assert office.plan().clock_back == DAY
    office.live(3 * DAY)
    assert set(office.starts.values()) == {1}
    for name in ("verify", "scan"):
        at = office.policy.jobs[name].at
        assert [run.due_at for run in office.of(name)] == list(
            due_times(at, TEHRAN, "jalali", NOON, office.now + INSTANT)
        )
        assert set(office.states(name)) == {"ok"}


def test_a_clock_that_was_corrected_by_a_minute_was_not_set_back():
    office = Office(verify=job())
    office.tick()
    office.now -= MINUTE
    assert office.plan().clock_back is None


def test_a_clock_that_was_years_ahead_for_a_while_holds_nothing_back():
    office = Office(verify=job())
    office.live(DAY)
    office.now += 3000 * DAY
    office.live(HOUR)
    office.now -= 3000 * DAY
    office.live(3 * DAY)
    assert office.states("verify") == ["ok"] * 5
    assert set(office.starts.values()) == {1}


def test_what_a_clock_that_was_ahead_had_claimed_waits_for_its_time():
    office = Office(report=job("monthly 1 08:00", "report build --period {period}", catch_up="all", window=NIGHT))
    office.tick()
    office.now += 65 * DAY
    office.tick()
    assert office.states("report") == ["waiting", "waiting"]
    office.now -= 40 * DAY
    office.policy = replace(office.policy, jobs={"report": job("monthly 1 08:00", catch_up="all")})
    plan = office.plan()
    assert (plan.start, [(held.run.due_at, held.why) for held in plan.held]) == (
        (),
        [(tehran(2026, 12, 22, 8), "not-before"), (tehran(2027, 1, 21, 8), "behind")],
    )
    assert plan.next_at == tehran(2026, 12, 22, 8)
    office.live(60 * DAY)
    assert all(run.started_at - run.due_at < HOUR for run in office.of("report"))
    assert office.states("report") == ["ok", "ok"]


def test_a_row_of_the_future_takes_the_place_of_no_run_that_is_due():
    office = Office(verify=job("daily 13:00", window=NIGHT))
    office.live(DAY)
    office.now += 10 * DAY
    office.tick()
    office.now -= 10 * DAY
    office.policy = replace(office.policy, jobs={"verify": job("daily 13:00")})
    office.live(3 * HOUR)
    assert office.of("verify")[1].state == "ok"
    assert office.of("verify")[-1].state == "waiting"


def test_a_retry_does_not_wait_for_a_clock_that_was_set_back():
    office = Office(verify=job("daily 14:00", retries=1))
    office.exits["verify"] = [70]
    office.live(2 * HOUR + 11 * MINUTE)
    assert office.states("verify") == ["waiting"]
    office.now -= DAY
    office.live(HOUR)
    assert office.states("verify") == ["ok"]


@pytest.mark.parametrize(
    ("begin", "local"),
    [
        pytest.param(datetime(2026, 3, 27, 12, tzinfo=UTC), ["28 02:30", "29 03:00", "30 02:30"], id="spring"),
        pytest.param(datetime(2026, 10, 23, 12, tzinfo=UTC), ["24 02:30", "25 02:30", "26 02:30"], id="autumn"),
    ],
)
def test_a_nightly_job_in_berlin_runs_once_a_night_when_the_clocks_change(begin, local):
    office = Office(zone=BERLIN, now=begin, verify=job("daily 02:30"))
    office.live(3 * DAY)
    runs = office.of("verify")
    assert [f"{run.due_at.astimezone(BERLIN):%d %H:%M}" for run in runs] == local
    assert all(run.started_at - run.due_at < 5 * MINUTE for run in runs)
    assert set(office.starts.values()) == {1}


# What holds a run back


def test_a_run_waits_for_its_window_and_says_so():
    office = Office(verify=job("daily 14:00", window=NIGHT))
    office.live(3 * HOUR)
    (run,) = office.of("verify")
    assert (run.state, run.note) == ("waiting", "window")
    assert [held.why for held in office.plan().held] == ["window"]
    assert office.plan().next_at == tehran(2026, 11, 22, 20)
    office.live(6 * HOUR)
    (run,) = office.of("verify")
    assert (run.state, run.started_at) == ("ok", tehran(2026, 11, 22, 20))


def test_a_report_waits_until_what_it_needs_has_ended_well():
    office = Office(
        verify=job("daily 02:00", retries=1, retry_after=HOUR),
        report=job("daily 02:05", "report build", needs=("verify",)),
    )
    office.exits["verify"] = [70]
    office.live(14 * HOUR + 15 * MINUTE)
    assert (office.states("verify"), office.states("report")) == (["waiting"], ["waiting"])
    assert office.of("report")[0].note == "needs verify"
    office.live(2 * HOUR)
    (verify,), (report,) = office.of("verify"), office.of("report")
    assert verify.ended_at <= report.started_at
    assert report.state == "ok"


def test_what_failed_is_made_good_by_a_later_run_of_the_same_job():
    office = Office(
        verify=job("every 1h"), report=job("daily 13:35", "report build", needs=("verify",), catch_up="all")
    )
    office.exits["verify"] = [70]
    office.live(HOUR + 50 * MINUTE)  # verify was due at 12:30 and 13:30 in Tehran
    assert office.states("verify") == ["failed", "ok"]
    assert office.states("report") == ["ok"]
    assert office.of("report")[0].started_at >= tehran(2026, 11, 22, 13, 30)


def test_a_run_that_needs_a_job_which_was_never_due_yet_waits_for_nothing():
    office = Office(verify=job("monthly 20 02:00"), report=job("daily 14:00", "report build", needs=("verify",)))
    office.live(3 * HOUR)
    assert office.states("report") == ["ok"]


def test_a_job_that_is_due_together_with_what_it_needs_waits_for_it():
    office = Office(report=job("daily 14:00", "report build", needs=("verify",)), verify=job("daily 14:00"))
    office.live(2 * HOUR)
    assert (office.states("verify"), office.states("report")) == (["running"], ["waiting"])
    office.live(HOUR)
    assert office.of("verify")[0].ended_at <= office.of("report")[0].started_at


def test_no_more_run_together_than_may_and_the_oldest_begin():
    office = Office(**{name: job(f"daily 13:0{number}") for number, name in enumerate("dcba")})
    office.tick()
    office.wait(2 * HOUR)
    office.tick()
    assert [
        (run.job, run.state) for run in sorted(office.rows.values(), key=lambda run: run.job) if not run.state.is_over
    ] == [
        ("a", "waiting"),
        ("b", "waiting"),
        ("c", "running"),
        ("d", "running"),
    ]
    assert [(held.run.job, held.why) for held in office.plan().held] == [("b", "busy"), ("a", "busy")]


def test_a_job_never_runs_beside_itself_and_the_newest_makes_up_for_the_rest():
    office = Office(scan=job("every 10m"))
    office.takes["scan"] = 35 * MINUTE
    office.live(90 * MINUTE, MINUTE)
    runs = [run for run in office.of("scan") if run.started_at]
    assert all(earlier.ended_at <= later.started_at for earlier, later in pairwise(runs) if earlier.ended_at)
    assert [coalesced(run) for run in runs] == [0, 2, 3]
    assert sum(1 + coalesced(run) for run in runs) == len(
        [run for run in office.of("scan") if run.due_at <= runs[-1].due_at]
    )
    assert {run.note.rpartition(", ")[2] for run in office.of("scan") if run.state == "skipped"} == {"superseded"}


def test_a_run_that_waits_makes_up_for_what_waited_and_for_what_was_missed():
    office = Office(scan=job("daily 13:00", window=NIGHT))
    office.live(2 * HOUR)
    assert office.states("scan") == ["waiting"]
    office.wait(3 * DAY)
    office.tick()
    assert [(run.state, run.note) for run in office.of("scan")] == [
        ("skipped", "window, superseded"),
        ("waiting", "coalesced 3, window"),
    ]


def test_a_run_that_waits_tells_the_last_thing_that_it_waits_for():
    office = Office(
        verify=job("daily 13:00"), report=job("daily 19:00", "report build", needs=("verify",), window=NIGHT)
    )
    office.exits["verify"] = [70]
    office.live(7 * HOUR + 30 * MINUTE)
    assert [run.note for run in office.of("report")] == ["window"]
    office.live(HOUR)
    assert [run.note for run in office.of("report")] == ["needs verify"]


def test_each_missed_one_of_a_slow_job_is_still_made_up_for():
    office = Office(scan=job("every 10m", catch_up="all"))
    office.takes["scan"] = 35 * MINUTE
    office.live(90 * MINUTE, MINUTE)
    assert office.states("scan") == ["ok", "ok", "running"] + ["waiting"] * (len(office.of("scan")) - 3)
    assert [held.why for held in office.plan().held][:2] == ["running", "behind"]


def test_jitter_delays_each_run_by_the_same_and_starves_none():
    spread = 40 * MINUTE
    jitter = jitter_of("alborz", "beat", spread)
    assert jitter > 10 * MINUTE, "the jitter of this test should be longer than the job's gap"
    office = Office(beat=job("every 10m", jitter=spread))
    office.takes["beat"] = MINUTE
    office.live(4 * HOUR, timedelta(seconds=20))
    begun_runs = [run for run in office.of("beat") if run.started_at]
    assert all(timedelta() <= run.started_at - run.due_at - jitter < MINUTE for run in begun_runs)
    assert len(begun_runs) == (4 * HOUR - jitter) // (10 * MINUTE) + 1
    assert {run.state for run in office.of("beat")} == {"ok", "waiting"}


def test_a_run_that_is_never_made_up_for_gives_up_when_it_is_too_late():
    office = Office(scan=job("daily 13:00", catch_up="none", window=NIGHT, max_delay=2 * HOUR))
    office.live(2 * HOUR)
    assert office.plan().next_at == tehran(2026, 11, 22, 15)
    office.live(2 * HOUR)
    (run,) = office.of("scan")
    assert (run.state, run.note, run.ended_at) == ("skipped", "window, too-late", tehran(2026, 11, 22, 15))


# What goes wrong


def test_a_run_beyond_its_limit_is_stopped_by_the_clock_that_nobody_sets():
    office = Office(verify=job("daily 13:00", timeout=HOUR))
    office.takes["verify"] = 5 * HOUR
    office.live(90 * MINUTE)
    office.now += 9 * HOUR  # the wall clock alone
    office.tick()
    assert office.states("verify") == ["running"]
    office.live(35 * MINUTE)
    assert office.stops == [("verify", tehran(2026, 11, 22, 13))]
    assert office.states("verify") == ["timeout"]
    assert office.of("verify")[0].output == "cut"


@pytest.mark.parametrize(("ran", "is_stopped"), [(HOUR - INSTANT, False), (HOUR, True)])
def test_a_run_is_stopped_at_its_limit_and_not_before(ran, is_stopped):
    policy = SchedulePolicy(jobs={"verify": job(timeout=HOUR)})
    facts = TickFacts(
        office="alborz", zone=TEHRAN, calendar="jalali", open=(running(),), host="srv1", children={7: ran}
    )
    assert plan_tick(policy, facts, NOON).stop == ((running(),) if is_stopped else ())


def test_a_failed_run_is_tried_again_after_doubled_waits_of_an_hour_at_most():
    office = Office(verify=job("daily 13:00", retries=5, retry_after=20 * MINUTE))
    office.takes["verify"] = MINUTE
    office.exits["verify"] = [70, 70, 70, 70]
    begun_at = []
    for _ in range(6 * 60):
        office.wait(MINUTE)
        office.tick()
        begun_at += [run.started_at for run in office.of("verify") if run.state == "running"]
    waits = [(later - earlier) // MINUTE - 1 for earlier, later in pairwise(sorted(set(begun_at)))]
    assert waits == [20, 40, 60, 60]
    (run,) = office.of("verify")
    assert (run.state, run.attempt, run.exit_code, run.output) == ("ok", 5, 0, "")


def test_a_first_wait_of_more_than_an_hour_stays_what_it_is():
    run = Run(job="verify", due_at=NOON, state=RunState.RUNNING, attempt=3, started_at=NOON)
    tried = ended(job(retries=9, retry_after=3 * HOUR), run, RunState.FAILED, NOON)
    assert tried.not_before == NOON + 3 * HOUR


def test_a_run_that_failed_as_often_as_it_may_has_failed():
    office = Office(verify=job("daily 13:00", retries=1))
    office.exits["verify"] = [70, 71]
    office.live(3 * HOUR)
    (run,) = office.of("verify")
    assert (run.state, run.attempt, run.exit_code, run.note, run.output) == ("failed", 2, 71, "retry failed", "cut")


def test_a_retry_that_a_newer_run_overtakes_has_failed_and_was_not_skipped():
    office = Office(scan=job("every 1h", retries=3, retry_after=HOUR))
    office.exits["scan"] = [70]
    office.live(2 * HOUR)
    first, second, *_ = office.of("scan")
    assert (first.state, first.exit_code, first.note) == ("failed", 70, "retry failed, superseded")
    assert (second.state, second.note) == ("ok", "")


@pytest.mark.parametrize(("code", "state"), [(0, "ok"), (3, "ok"), (64, "failed"), (-9, "failed")])
def test_an_exit_code_that_is_an_answer_is_no_failure(code, state):
    assert state_of_exit(job(), code) == state


@pytest.mark.parametrize(
    ("retries", "state", "not_before"), [(0, RunState.INTERRUPTED, None), (1, RunState.WAITING, NOON)]
)
def test_what_we_interrupted_ourselves_begins_again_at_once_where_it_may(retries, state, not_before):
    run = Run(job="verify", due_at=NOON, state=RunState.RUNNING, started_at=NOON)
    stopped = ended(job(retries=retries), run, RunState.INTERRUPTED, NOON)
    assert (stopped.state, stopped.not_before) == (state, not_before)


def running(**more: object) -> Run:
    row = Run(job="verify", due_at=NOON, state=RunState.RUNNING, started_at=NOON, pid=7, host="srv1")
    return replace(row, **more)


@pytest.mark.parametrize(
    ("run", "is_ours"),
    [
        pytest.param(running(), True, id="our child"),
        pytest.param(running(pid=8), False, id="another process"),
        pytest.param(running(host="srv2"), False, id="the same number on another host"),
        pytest.param(running(pid=None), False, id="killed before it was there"),
    ],
)
def test_a_run_that_is_nobodys_child_any_more_is_abandoned(run, is_ours):
    policy = SchedulePolicy(jobs={"verify": job()})
    facts = TickFacts(office="alborz", zone=TEHRAN, calendar="jalali", open=(run,), host="srv1", children={7: MINUTE})
    found = abandoned(policy, facts, NOON + HOUR)
    assert found == (() if is_ours else (replace(run, state=RunState.ABANDONED, ended_at=NOON + HOUR),))


def test_a_killed_run_is_abandoned_and_one_that_may_be_tried_again_is():
    office = Office(verify=job("daily 13:00"), scan=job("daily 13:00", retries=1))
    office.live(HOUR + 3 * MINUTE)
    office.boot()
    assert (office.states("verify"), office.states("scan")) == (["abandoned"], ["waiting"])
    office.live(HOUR)
    assert (office.states("verify"), office.states("scan")) == (["abandoned"], ["ok"])
    assert office.starts[("verify", tehran(2026, 11, 22, 13))] == 1
    assert office.starts[("scan", tehran(2026, 11, 22, 13))] == 2


def test_what_waits_of_a_job_that_is_gone_is_given_up():
    office = Office(verify=job("daily 13:00", window=NIGHT))
    office.live(2 * HOUR)
    office.policy = SchedulePolicy(jobs={})
    office.tick()
    assert [(run.state, run.note) for run in office.of("verify")] == [("skipped", "window, no-such-job")]
    assert office.plan() == TickPlan()


def test_a_schedule_without_jobs_plans_nothing():
    assert Office().plan() == TickPlan()


def test_a_plan_names_what_happens_next():
    office = Office(verify=job("daily 13:00", timeout=30 * MINUTE), scan=job("daily 23:00"))
    office.takes["verify"] = HOUR
    office.tick()
    assert office.plan().next_at == tehran(2026, 11, 22, 13)
    office.wait(HOUR)
    office.tick()
    office.wait(MINUTE)
    assert office.plan().next_at == tehran(2026, 11, 22, 13, 30)


# Whatever happens

minutes = st.integers(1, 60 * 20).map(lambda number: number * MINUTE)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), minutes),
        st.tuples(st.just("tick"), st.integers(0, 12)),
        st.tuples(st.just("tick"), st.just(1_000_000)),
        st.tuples(st.just("kill"), st.none()),
        st.tuples(st.just("back"), minutes),
    ),
    max_size=30,
)
times = st.sampled_from(
    ("daily 02:00", "every 4h", "every 50m", "weekly tuesday 13:15", "jalali-monthly 2 08:00", "daily 14:30")
)
jobs = st.fixed_dictionaries(
    {
        "retries": st.integers(0, 2),
        "window": st.sampled_from((None, NIGHT)),
        "jitter": st.sampled_from((timedelta(), 70 * MINUTE)),
        "timeout": st.sampled_from((5 * MINUTE, 4 * HOUR)),
    }
)


def endure(office: Office, happenings: list[tuple[str, object]]) -> datetime:
    """Lives through everything, starting anew after each kill; the latest moment that anybody saw."""
    latest = office.now
    office.tick()
    for what, how in happenings:
        if what == "wait":
            office.wait(how)
        elif what == "back":
            office.now = max(NOON, office.now - how)
        elif what == "kill":
            office.boot()
        else:
            try:
                office.tick(how)
            except KilledError:
                office.boot()
        latest = max(latest, office.now)
    return latest


def settle(office: Office, latest: datetime) -> None:
    """Quiet times, short runs and no windows, until everything that was due by then is over."""
    unhindered = {name: replace(policy, window=None) for name, policy in office.policy.jobs.items()}
    office.policy, office.takes = replace(office.policy, jobs=unhindered), dict.fromkeys(unhindered, MINUTE)
    office.tick()
    while office.now < latest or any(not run.state.is_over for run in office.rows.values() if run.due_at <= latest):
        office.wait(31 * MINUTE)
        office.tick()


@settings(max_examples=100)
@given(
    happenings=actions,
    written=st.lists(times, min_size=2, max_size=3),
    settings_of=st.lists(jobs, min_size=3, max_size=3),
    exits=st.lists(st.sampled_from((0, 0, 70)), max_size=30),
    takes=st.lists(st.sampled_from((MINUTE, 45 * MINUTE, 3 * HOUR)), min_size=3, max_size=3),
)
def test_nothing_that_happens_loses_a_due_time_of_a_job_that_makes_up_for_all_or_runs_one_twice(
    happenings, written, settings_of, exits, takes
):
    office = Office(
        **{f"job{place}": job(text, catch_up="all", **settings_of[place]) for place, text in enumerate(written)}
    )
    office.exits = {name: list(exits) for name in office.policy.jobs}
    office.takes = dict(zip(office.policy.jobs, takes, strict=False))
    latest = endure(office, happenings)
    settle(office, latest)
    nothing_was_lost_or_doubled(office, latest)


@pytest.mark.parametrize("seed", range(8))
def test_forty_kills_in_mid_tick_lose_nothing_and_double_nothing(seed):
    chance = Random(seed)
    office = Office(report=job("every 50m", catch_up="all", retries=seed % 3), verify=job("every 4h", catch_up="all"))
    office.exits = {"report": [chance.choice((0, 70)) for _ in range(100)]}
    happenings: list[tuple[str, object]] = []
    for _ in range(40):
        happenings += [("wait", chance.randint(1, 120) * MINUTE), ("tick", 1_000_000), ("wait", 3 * MINUTE)]
        happenings += [("wait", chance.randint(1, 90) * MINUTE), ("tick", chance.randint(0, 8)), ("kill", None)]
    latest = endure(office, happenings)
    settle(office, latest)
    nothing_was_lost_or_doubled(office, latest)
    assert office.states("verify").count("abandoned") > 3
    assert len(office.of("report")) > 60


def nothing_was_lost_or_doubled(office: Office, latest: datetime) -> None:
    """Each due time of each job has one row, and its command was begun no more often than its tries allow."""
    for name, policy in office.policy.jobs.items():
        rows = {run.due_at: run for run in office.of(name) if run.due_at <= latest}
        assert sorted(rows) == list(due_times(policy.at, TEHRAN, "jalali", NOON, latest + INSTANT))
        assert all(run.started_at is not None and run.state is not RunState.SKIPPED for run in rows.values())
        assert all(office.starts[name, due_at] <= run.attempt <= policy.retries + 1 for due_at, run in rows.items())


@settings(max_examples=150)
@given(
    happenings=actions,
    written=st.lists(st.tuples(times, st.sampled_from(("latest", "all", "none"))), min_size=2, max_size=3),
    settings_of=st.lists(jobs, min_size=3, max_size=3),
    is_needed=st.booleans(),
    part=st.floats(0, 0.999),
)
def test_until_the_next_moment_of_a_plan_there_is_nothing_to_do(happenings, written, settings_of, is_needed, part):
    made = {
        f"job{place}": job(text, catch_up=catch_up, **settings_of[place])
        for place, (text, catch_up) in enumerate(written)
    }
    if is_needed:
        made["job0"] = replace(made["job0"], needs=("job1",))
    office = Office(**made)
    endure(office, happenings)
    office.takes = dict.fromkeys(made, 1000 * DAY)  # no child ends meanwhile
    next_at = office.plan().next_at
    office.tick()
    if next_at > office.now:
        office.wait((next_at - office.now) * part)
        plan = office.plan()
        assert (plan.claim, plan.change, plan.stop, plan.start) == ((), (), (), ())


@settings(max_examples=100)
@given(happenings=actions, written=times, settings_of=jobs)
def test_a_job_that_makes_up_with_the_latest_runs_that_or_a_newer_one_soon(happenings, written, settings_of):
    office = Office(verify=job(written, **settings_of))
    latest = endure(office, happenings)
    due = list(due_times(office.policy.jobs["verify"].at, TEHRAN, "jalali", NOON, latest + INSTANT))
    settle(office, latest)
    begun_rows = [run for run in office.of("verify") if run.started_at is not None]
    assert not due or begun_rows[-1].due_at >= due[-1]
    assert all(office.starts["verify", run.due_at] <= run.attempt for run in begun_rows)
