"""Ticks over a real store, with a clock that the tests turn and children that are a simulation."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from filelock import FileLock

from itops.errors import StoreLocked, StoreUnavailable
from itops.schedule.records import Run, RunState
from itops.schedule.runs import begun
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.schedule.locks import RunLocks
from tests.tasks.schedule.played_office import BERLIN, DAY, HOUR, MINUTE, NOON, TICK, PlayedOffice, job


def states(office: PlayedOffice, job: str | None = None) -> list[RunState]:
    return [run.state for run in office.rows(job)]


def test_a_job_runs_when_it_is_due_and_once(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("daily 13:00", run="backup verify --json"))
    assert office.tick().started == ()
    assert office.tick(59 * MINUTE).started == ()
    [run] = office.tick(MINUTE).started or office.rows()
    assert office.commands == [("backup", "verify", "--json")]
    assert office.markers == {f"alborz verify {run.due_at.isoformat()} itops.yaml": 1}
    office.tick(TICK)
    office.tick(TICK)
    assert states(office) == [RunState.OK]
    assert len(office.commands) == 1


def test_the_beat_is_written_by_every_tick(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("daily 13:00"))
    for _ in range(3):
        office.tick(TICK)
        with open_reader(office.scheduled.location) as reader:
            beat = reader.watch.beat()
        assert beat is not None
        assert (beat.at, beat.host) == (office.now, "srv1")


def test_days_are_played_without_a_double_or_a_hole(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("daily 02:00"), scan=job("every 6h", run="inventory scan"))
    office.play(6 * DAY)
    assert len(office.rows("verify")) == 6
    assert len(office.rows("scan")) == 24
    assert set(states(office)) == {RunState.OK}
    assert set(office.markers.values()) == {1}


def test_a_restart_every_20_hours_for_10_days_still_runs_a_daily_job_10_times(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("daily 02:00"))
    for _ in range(12):
        office.play(20 * HOUR)
        office.die()
    assert states(office) == [RunState.OK] * 10
    assert all(later.due_at - run.due_at == DAY for run, later in pairwise(office.rows()))


@pytest.mark.parametrize(
    ("catch_up", "count", "note"),
    [("latest", 1, "coalesced 9"), ("all", 10, ""), ("none", 1, "missed 10")],
)
def test_a_sleep_of_10_days_is_made_up_for_as_the_job_says(
    tmp_path: Path, catch_up: str, count: int, note: str
) -> None:
    office = PlayedOffice(tmp_path, verify=job("daily 02:00", catch_up=catch_up))
    office.tick()
    office.now += 10 * DAY
    office.play(HOUR)
    assert [run.note for run in office.rows()] == [note] * count
    assert set(states(office)) == {RunState.SKIPPED if catch_up == "none" else RunState.OK}
    assert len(office.commands) == (0 if catch_up == "none" else count)


def test_a_clock_that_is_set_back_runs_nothing_twice_and_is_told_once(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("daily 02:00"))
    office.play(3 * DAY)
    office.tick()
    assert office.tick(-2 * DAY).clock_back == 2 * DAY
    assert office.tick(TICK).clock_back is None
    office.play(4 * DAY)
    assert set(office.markers.values()) == {1}
    assert states(office) == [RunState.OK] * 5
    assert sum("set back" in line for line in office.log) == 1


def test_the_hours_that_berlin_skips_and_repeats_run_once_a_day(tmp_path: Path) -> None:
    for name, begin in (
        ("spring", datetime(2027, 3, 26, 12, tzinfo=UTC)),
        ("autumn", datetime(2027, 10, 29, 12, tzinfo=UTC)),
    ):
        office = PlayedOffice(tmp_path / name, zone=BERLIN, calendar="gregorian", now=begin, verify=job("daily 02:30"))
        office.play(4 * DAY)
        days = [run.due_at.astimezone(BERLIN).date() for run in office.rows()]
        assert Counter(days) == {begin.date() + timedelta(days=n): 1 for n in range(1, 5)}
        assert set(office.markers.values()) == {1}


def test_thirteen_jalali_months_each_report_their_own_period(tmp_path: Path) -> None:
    office = PlayedOffice(
        tmp_path, report=job("jalali-monthly 1 08:00", run="report build --period {period}", catch_up="all")
    )
    office.play(400 * DAY)
    months = [f"1405-{month:02}" for month in (9, 10, 11, 12)] + [f"1406-{month:02}" for month in range(1, 10)]
    assert [words[-1] for words in office.commands] == months
    assert states(office) == [RunState.OK] * 13


def test_a_report_that_is_caught_up_on_is_of_the_month_it_was_due_for(tmp_path: Path) -> None:
    office = PlayedOffice(
        tmp_path, report=job("jalali-monthly 1 08:00", run="report build --period {period}", catch_up="all")
    )
    office.tick()
    office.now += 100 * DAY
    office.play(HOUR)
    assert [words[-1] for words in office.commands] == ["1405-09", "1405-10", "1405-11"]


def test_a_job_that_fails_stops_no_other_and_leaves_its_last_words(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, bad=job("every 1h"), good=job("every 1h"))
    office.tick()
    office.code, office.said = 70, "the wall is gone"
    office.tick(HOUR)
    office.code = 0
    office.play(2 * HOUR)
    bad = office.rows("bad")[0]
    assert (bad.state, bad.exit_code, bad.output) == (RunState.FAILED, 70, "the wall is gone")
    assert states(office, "bad")[1:] == states(office, "good")[1:] == [RunState.OK] * 2


def test_a_command_that_cannot_be_started_failed_and_says_why(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h", retries=1, retry_after=MINUTE))
    office.tick()
    office.refusal = FileNotFoundError(2, "No such file or directory")
    [waiting] = office.tick(HOUR).ended
    assert (waiting.state, waiting.attempt, waiting.note) == (RunState.WAITING, 2, "retry failed")
    [run] = office.tick(2 * MINUTE).ended
    assert (run.state, run.exit_code) == (RunState.FAILED, None)
    assert "No such file" in run.output


def test_a_retry_is_a_second_start_of_the_same_due_time(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h", retries=2))
    office.tick()
    office.code = 1 << 6
    office.tick(6 * HOUR)
    office.code = 0
    office.play(HOUR)
    assert [(run.state, run.attempt) for run in office.rows()] == [(RunState.OK, 2)]
    assert list(office.markers.values()) == [2]


def test_a_run_beyond_its_limit_is_stopped_with_all_it_left_behind(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h", timeout=HOUR))
    office.tick()
    office.code, office.said, office.orphans = None, "still at it", (77,)
    [run] = office.tick(6 * HOUR).started
    [child] = office.children
    child.age = HOUR - TICK
    assert office.tick(TICK).ended == ()
    child.age = HOUR
    [ended] = office.tick(TICK).ended
    assert (ended.state, ended.pid, ended.output) == (RunState.TIMEOUT, run.pid, "still at it")
    assert child.heard == ["TERM"]
    assert office.ended_orphans == [tuple(office.markers)]


def test_rows_of_a_dead_ticker_are_abandoned_and_what_it_started_is_ended_first(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h"), sure=job("every 6h", retries=1))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    office.die()
    office.code = 0
    ticked = office.tick(TICK)
    assert {(run.job, run.state) for run in ticked.abandoned} == {
        ("verify", RunState.ABANDONED),
        ("sure", RunState.WAITING),
    }
    assert set(office.ended_orphans[0]) == set(office.markers)
    office.play(HOUR)
    assert {run.job: run.state for run in office.rows()} == {"sure": RunState.OK, "verify": RunState.ABANDONED}


def test_a_row_whose_process_id_was_never_written_is_abandoned_too(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h"))

    def die(words: object, marker: str) -> None:
        raise KeyboardInterrupt

    office.tick()
    office.ticker = office.new_ticker(die)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        office.tick(6 * HOUR)
    assert [(run.state, run.pid) for run in office.rows()] == [(RunState.RUNNING, None)]
    office.die()
    [run] = office.tick(TICK).abandoned
    assert run.state is RunState.ABANDONED


def test_two_tickers_in_turn_start_nothing_twice_and_abandon_nothing_of_each_other(tmp_path: Path) -> None:
    """As cron does it: the second is started while the first still waits for what it has started."""
    office = PlayedOffice(tmp_path, slow=job("every 6h"), quick=job("every 1h"))
    office.tick()
    office.code = None
    assert {run.job for run in office.tick(6 * HOUR).started} == {"slow", "quick"}
    first, office.ticker = office.ticker, office.new_ticker()
    slow, quick = sorted(office.children, key=lambda child: child.pid)[::-1]
    quick.code = slow.code = None
    ticked = office.tick(MINUTE)
    assert (ticked.abandoned, ticked.started, ticked.ended) == ((), (), ())
    done = next(one for one in first._ours.values() if one.run.job == "quick")
    done.child.code = 0  # type: ignore[union-attr]
    assert [run.job for run in first.attend(office.now)] == ["quick"]
    office.code = 0
    ticked = office.tick(HOUR)
    assert (ticked.abandoned, [run.job for run in office.rows() if run.state is RunState.RUNNING]) == ((), ["slow"])
    assert set(office.markers.values()) == {1}
    assert len(office.rows("quick")) == 2


def test_a_tick_that_waits_stops_its_children_at_their_limit(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h", timeout=HOUR))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    assert office.ticker.attend(office.now) == ()
    office.children[0].age = HOUR
    [run] = office.ticker.attend(office.now + HOUR)
    assert run.state is RunState.TIMEOUT
    assert not office.ticker.busy


def test_who_is_asked_to_end_stops_its_children_and_says_so(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h"), sure=job("every 6h", retries=1))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    assert {(run.job, run.state) for run in office.ticker.interrupt(office.now)} == {
        ("verify", RunState.INTERRUPTED),
        ("sure", RunState.WAITING),
    }
    assert [child.heard for child in office.children] == [["TERM"], ["TERM"]]


def test_while_the_store_is_locked_there_is_no_beat_and_what_ended_is_recorded_later(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h"))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    office.children[0].code = 0
    beat_at = office.now
    with FileLock(tmp_path / "itops.lock"), pytest.raises(StoreLocked):
        office.tick(TICK)
    with open_reader(office.scheduled.location) as reader:
        beat = reader.watch.beat()
    assert beat is not None
    assert beat.at == beat_at
    assert [run.state for run in office.tick(TICK).ended] == [RunState.OK]


def test_a_store_that_others_may_read_gets_no_beat(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h"))
    office.tick()
    office.scheduled.location.database.chmod(0o644)
    with pytest.raises(StoreUnavailable):
        office.tick(TICK)


def test_a_job_that_left_the_schedule_while_it_ran_is_still_recorded(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h", retries=3), scan=job("every 1h"))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    for child in office.children:
        child.code = 2
    office.with_jobs(scan=job("every 1h"))
    office.tick(TICK)
    assert set(states(office)) == {RunState.OK}  # 2 is an answer: CRITICAL


def test_on_a_shared_database_a_second_machine_stands_back_until_the_first_is_silent(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h"))
    shared = StoreLocation(folder=tmp_path, url="postgresql://itops@db01/itops")
    office.tick()
    with open_reader(office.scheduled.location) as reader:
        beat = reader.watch.beat()
    other = office.new_ticker()
    other.host, other.scheduled = "srv2", office.scheduled
    other._stand_back(beat, office.now)  # one machine that got another name
    object.__setattr__(other.scheduled, "location", shared)
    with pytest.raises(Exception, match="srv1 looks after this schedule"):
        other._stand_back(beat, office.now + 4 * MINUTE)
    other._stand_back(beat, office.now + 6 * MINUTE)


def test_the_log_tells_each_happening_in_one_line(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, now=NOON, first=job("every 1h"), second=job("every 1h", needs=("first",)))
    office.tick()
    office.code = 70
    for _ in range(4):
        office.tick(HOUR / 2)
    lines = [line.split(" ", 1) for line in office.log]
    assert all(datetime.fromisoformat(moment).utcoffset() == timedelta() for moment, _ in lines)
    told = [text for _, text in lines]
    assert told[0] == "first is seen for the first time: nothing is made up for that was due until 2026-11-22T08:00:00Z"
    assert "first of 2026-11-22T09:00:00Z ended failed after 0 s, exit code 70" in told
    assert [text for text in told if text.startswith("second of 2026-11-22T09:00:00Z waits")] == [
        "second of 2026-11-22T09:00:00Z waits: first has not ended well"
    ]


def test_the_files_of_runs_go_with_them(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    office.tick()
    office.code = None
    [run] = office.tick(HOUR).started
    locks = RunLocks(tmp_path)
    assert locks.is_held(run)
    assert locks.hold(run) is None
    office.die()
    assert len(list((tmp_path / "runs").iterdir())) == 1
    locks.sweep()
    assert list((tmp_path / "runs").iterdir()) == []
    assert not locks.is_held(run)


def test_a_due_time_that_another_claims_in_between_is_not_started(tmp_path: Path) -> None:
    """On a shared database that can be; the moment in between is the line about the clock."""
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    for later in (timedelta(), HOUR, 3 * HOUR):  # 8:30, 9:30, and 12:30, which makes up for 10:00 and 11:00
        office.tick(later)
    of_another = Run(job="verify", due_at=NOON.replace(hour=11, minute=0), state=RunState.SKIPPED, note="of another")
    started = len(office.commands)

    def claim_it(line: str) -> None:
        with open_store(office.scheduled.location, office.now) as store:
            assert store.watch.claim(of_another)

    office.ticker.log = claim_it
    office.tick(-HOUR)
    assert len(office.commands) == started
    assert of_another in office.rows()


def test_a_run_that_another_machine_begins_in_between_is_not_begun_again(tmp_path: Path) -> None:
    """As above: here its row waits for another try, and the clock that is set back makes it ready."""
    office = PlayedOffice(tmp_path, verify=job("every 1h", retries=1))
    office.tick()
    office.code = 70
    [waits] = office.tick(HOUR).ended or office.tick(TICK).ended
    theirs = begun(waits, office.now, "srv2", 7)

    def begin_it(line: str) -> None:
        if "set back" in line:
            with open_store(office.scheduled.location, office.now) as store:
                assert store.watch.exchange(waits, theirs)

    office.ticker.log = begin_it
    office.ticker._is_elsewhere = lambda host: host != "srv1"  # type: ignore[method-assign]
    ticked = office.tick(-DAY)
    assert (ticked.started, len(office.commands)) == ((), 1)
    assert office.rows() == [theirs]
    assert not RunLocks(tmp_path).is_held(theirs)


def test_a_child_that_hangs_is_stopped_though_its_job_left_the_schedule(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h", timeout=HOUR), scan=job("daily 01:00"))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    office.with_jobs(scan=job("daily 01:00"))
    office.children[0].age = HOUR - TICK
    assert office.tick(TICK).ended == ()
    office.children[0].age = HOUR
    [ended] = office.tick(TICK).ended
    assert ended.state is RunState.TIMEOUT


def test_a_limit_that_was_raised_while_a_run_goes_on_holds_for_it(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 6h", timeout=HOUR))
    office.tick()
    office.code = None
    office.tick(6 * HOUR)
    office.with_jobs(verify=job("every 6h", timeout=2 * HOUR))
    office.children[0].age = HOUR
    assert (office.ticker.attend(office.now), office.tick(TICK).ended) == ((), ())
    office.children[0].age = 2 * HOUR
    assert [run.state for run in office.ticker.attend(office.now)] == [RunState.TIMEOUT]


def test_a_day_of_ticks_leaves_no_file_open(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    office.play(2 * HOUR)
    before = len(os.listdir("/proc/self/fd"))
    office.play(DAY)
    assert len(os.listdir("/proc/self/fd")) <= before
