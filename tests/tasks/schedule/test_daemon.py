"""The daemon and the single tick, in one process: whoever would sleep does the next thing of the test instead."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from itops.errors import ConfigInvalid, StoreUnavailable
from itops.schedule.records import RunState
from itops.sd_notify import Notifier
from itops.tasks.schedule.daemon import Daemon, Pulse
from itops.tasks.schedule.locks import AlreadyTicking, turn
from itops.tasks.schedule.once import LOOKS_A_TICK, tick_once
from itops.tasks.schedule.underway import Scheduled
from tests.tasks.schedule.played_office import HOUR, MINUTE, TICK, PlayedOffice, job

AT_ONCE = timedelta(microseconds=1)
Step = Callable[[], object]


class Heard(Notifier):
    """Remembers what systemd would be told."""

    def __init__(self) -> None:
        super().__init__(None)
        self.said: list[str] = []

    def tell(self, **assignments: str | int) -> bool:
        self.said += [key for key in assignments if key != "STATUS"]
        return True


class Played:
    """A daemon over a played office; ticks at every turn of its loop."""

    def __init__(self, folder: Path, **jobs: object) -> None:
        self.office = PlayedOffice(folder / "state", **(jobs or {"verify": job("every 1h")}))  # type: ignore[arg-type]
        self.config = folder / "itops.yaml"
        self.config.write_text("one")
        policy = replace(self.office.scheduled.policy, tick=AT_ONCE)
        self.office.scheduled = replace(self.office.scheduled, policy=policy, config=self.config)
        self.office.ticker.scheduled = self.office.scheduled
        self.heard = Heard()
        self.loaded: Scheduled | Exception = self.office.scheduled
        self.daemon = Daemon(
            ticker=self.office.ticker, load=self._load, clock=lambda: self.office.now, notifier=self.heard
        )

    def run(self, *steps: Step) -> None:
        """Each step is what happens while the daemon sleeps; then it is asked to end."""
        left = iter(steps)

        def wait(span: timedelta) -> bool:
            step = next(left, None)
            if step is not None:
                step()
            return step is None

        self.daemon.run(wait)

    def told(self) -> list[str]:
        return [line.split(" ", 1)[1] for line in self.office.log]

    def _load(self) -> Scheduled:
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded

    def later(self, span: timedelta) -> Step:
        def step() -> None:
            self.office.now += span

        return step

    def rewrite(self, text: str, loaded: Scheduled | Exception) -> Step:
        def step() -> None:
            self.config.write_text(text)
            self.loaded = loaded

        return step


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    return Played(tmp_path)


def test_systemd_hears_of_every_committed_beat(played: Played) -> None:
    played.run(played.later(TICK), played.later(TICK))
    assert played.heard.said == ["READY", "WATCHDOG", "WATCHDOG", "WATCHDOG", "STOPPING"]


def test_while_the_store_is_locked_the_watchdog_is_not_fed_and_the_log_says_so_once(played: Played) -> None:
    lock = FileLock(played.office.scheduled.location.folder / "itops.lock")
    played.run(lock.acquire, played.later(TICK), lock.release)
    assert played.heard.said == ["READY", "WATCHDOG", "WATCHDOG", "STOPPING"]
    problems = [text for text in played.told() if text.startswith("no tick: another itops is writing")]
    assert len(problems) == 1
    assert played.told().index("ticking again") > played.told().index(problems[0])


def test_a_store_that_cannot_be_used_at_the_start_makes_nobody_ready(played: Played) -> None:
    folder = played.office.scheduled.location.folder
    folder.mkdir()
    (folder / "itops.db").mkdir()
    played.run(played.later(TICK))
    assert played.heard.said == ["STOPPING"]


def test_a_mistake_of_ours_ends_the_process(played: Played) -> None:
    def broken(words: object, marker: str) -> None:
        raise ValueError(marker)

    played.office.ticker.launch = broken  # type: ignore[assignment]
    with pytest.raises(ValueError, match="alborz verify"):
        played.run(played.later(HOUR), played.later(TICK))
    with turn(played.office.scheduled.location.folder, 0):
        pass  # others may go on


def test_a_changed_itops_yaml_is_taken(played: Played) -> None:
    old = played.office.scheduled
    new = replace(old, policy=replace(old.policy, jobs={"scan": job("every 1h", run="inventory scan")}))
    played.run(played.later(TICK), played.rewrite("two", new), played.later(HOUR))
    assert "the configuration changed and is taken" in played.told()
    assert [run.job for run in played.office.rows()] == ["scan"]


def test_a_mistake_in_itops_yaml_is_told_once_for_each_change_and_the_old_one_goes_on(played: Played) -> None:
    wrong = ConfigInvalid("itops.yaml:3 office.id\nitops.yaml:4 office.zone", remedy="correct it")
    played.run(played.rewrite("two", wrong), played.later(HOUR), played.rewrite("three", wrong), played.later(HOUR))
    refused = [text for text in played.told() if "not taken" in text]
    told = "the configuration changed and is not taken: itops.yaml:3 office.id; itops.yaml:4 office.zone; correct it"
    assert refused == [told] * 2
    assert len(played.office.rows("verify")) == 2


def test_an_itops_yaml_that_was_not_taken_is_taken_when_what_it_names_is_mended(played: Played) -> None:
    wrong = ConfigInvalid("itops.yaml:9 channels.mail.password_file: there is no such file", remedy="write it")
    new = replace(played.office.scheduled, office="elburz")

    def mend() -> None:
        played.loaded = new

    played.run(played.rewrite("two", wrong), played.later(TICK), played.later(TICK), mend, played.later(TICK))
    assert sum("not taken" in text for text in played.told()) == 1
    assert "the configuration changed and is taken" in played.told()
    assert played.office.ticker.scheduled.office == "elburz"


def test_what_has_ended_is_written_down_at_once_and_what_waited_for_it_begins(tmp_path: Path) -> None:
    played = Played(tmp_path, first=job("every 1h"), second=job("every 1h", needs=("first",)))
    office = played.office
    office.tick()
    office.ticker.scheduled = replace(
        office.scheduled, policy=replace(office.scheduled.policy, tick=5 * MINUTE, beat_within=HOUR)
    )
    office.now += HOUR
    ended_at = office.now + MINUTE
    office.code = None

    def end_the_first() -> None:
        office.now = ended_at
        office.children[0].code = 0

    def look() -> None:
        first, second = office.rows("first")[0], office.rows("second")[0]
        assert (first.state, first.ended_at) == (RunState.OK, ended_at)
        assert (second.state, second.started_at) == (RunState.RUNNING, ended_at)

    played.run(end_the_first, look)


def test_an_itops_yaml_that_is_gone_is_told_and_the_old_one_goes_on(played: Played) -> None:
    def remove() -> None:
        played.config.unlink()
        played.loaded = ConfigInvalid("there is no itops.yaml", remedy="write one")

    played.run(remove, played.later(HOUR))
    assert len(played.office.rows("verify")) == 1
    assert sum("there is no itops.yaml" in text for text in played.told()) == 1


def test_another_state_folder_needs_a_restart(played: Played, tmp_path: Path) -> None:
    old = played.office.scheduled
    new = replace(old, location=replace(old.location, folder=tmp_path / "elsewhere"))
    played.run(played.rewrite("two", new), played.later(TICK))
    assert any("needs a restart" in text for text in played.told())
    assert not (tmp_path / "elsewhere").exists()


def test_a_second_daemon_of_the_same_state_folder_is_refused(played: Played) -> None:
    with turn(played.office.scheduled.location.folder, 0), pytest.raises(AlreadyTicking) as refused:
        played.run()
    assert refused.value.exit_code == 75


def test_who_is_asked_to_end_leaves_no_run_open(played: Played) -> None:
    played.office.code = None
    played.run(played.later(HOUR))
    assert [run.state for run in played.office.rows()] == [RunState.INTERRUPTED]
    assert played.told()[-1] == "ended"


def test_a_wall_clock_that_is_set_back_a_day_stops_the_pulse_for_two_intervals_at_most() -> None:
    beats: list[float] = []
    elapsed = [0.0]
    pulse = Pulse(lambda: beats.append(elapsed[0]), MINUTE, monotonic=lambda: elapsed[0])
    assert pulse.beat(at_once=True) <= MINUTE
    assert beats == [0]
    [due] = pulse._scheduler.jobs
    assert due.next_run is not None
    due.next_run += timedelta(days=1)
    for seconds in (60.0, 119.0, 121.0):
        elapsed[0] = seconds
        assert timedelta() <= pulse.beat() <= MINUTE
    assert beats == [0, 121]


def test_a_pulse_that_is_not_due_does_nothing() -> None:
    beats: list[int] = []
    pulse = Pulse(lambda: beats.append(1), HOUR)
    pulse.beat()
    assert beats == []
    pulse.change(AT_ONCE)
    pulse.beat()
    assert beats == [1]


def test_a_single_tick_waits_for_what_it_started_and_lets_others_have_their_turn(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    office.tick()
    office.now += HOUR
    office.code = None
    looks: list[int] = []

    def wait(span: timedelta) -> bool:
        with turn(tmp_path, 0):
            looks.append(office.ticker.busy)
        office.children[0].code = 0 if len(looks) == 3 else None
        return False

    tick_once(office.ticker, lambda: office.now, wait)
    assert looks == [1, 1, 1]
    assert [run.state for run in office.rows()] == [RunState.OK]


def test_a_single_tick_that_is_asked_to_end_stops_what_it_started(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    office.tick()
    office.now += HOUR
    office.code = None
    tick_once(office.ticker, lambda: office.now, lambda span: True)
    assert [run.state for run in office.rows()] == [RunState.INTERRUPTED]


def test_a_single_tick_beside_a_daemon_has_nothing_to_do(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    with turn(tmp_path, 0), pytest.raises(AlreadyTicking):
        tick_once(office.ticker, lambda: office.now, lambda span: False)
    assert not (tmp_path / "itops.db").exists()


def test_a_single_tick_writes_down_how_a_run_ended_as_soon_as_the_store_lets_it(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    office.tick()
    office.now += HOUR
    office.code = None
    lock = FileLock(tmp_path / "itops.lock")
    waits = iter([lambda: (lock.acquire(), setattr(office.children[0], "code", 0)), lock.release])

    def wait(span: timedelta) -> bool:
        next(waits)()
        return False

    tick_once(office.ticker, lambda: office.now, wait)
    assert [run.state for run in office.rows()] == [RunState.OK]
    assert sum("not written down yet" in line for line in office.log) == 1


@pytest.mark.parametrize("is_changed", [False, True], ids=["as it was read", "changed since"])
def test_a_single_tick_that_waits_ticks_again_every_minute_by_the_itops_yaml_it_has_read(
    tmp_path: Path, is_changed: bool
) -> None:
    office = PlayedOffice(tmp_path / "state", slow=job("every 12h"), quick=job("every 1h"))
    config = tmp_path / "itops.yaml"
    config.write_text("one")
    office.scheduled = office.ticker.scheduled = replace(office.scheduled, config=config)
    office.tick()
    office.now += 12 * HOUR
    office.code = None
    looks: list[int] = []

    def wait(span: timedelta) -> bool:
        looks.append(1)
        office.children[1].code = 0
        if len(looks) == 1:
            office.now += HOUR
            config.write_text("two" if is_changed else "one")
        if len(looks) == 2 * LOOKS_A_TICK + 1:
            for child in office.children:
                child.code = 0
        return False

    tick_once(office.ticker, lambda: office.now, wait)
    assert [run.state for run in office.rows()] == [RunState.OK] * (2 if is_changed else 3)
    assert len(office.rows("quick")) == (1 if is_changed else 2)


def test_a_single_tick_that_waits_leaves_the_schedule_to_a_daemon_that_has_come(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, slow=job("every 12h"), quick=job("every 1h"))
    office.tick()
    office.now += 12 * HOUR
    office.code = None
    daemon = FileLock(tmp_path / "schedule.lock")
    looks: list[int] = []

    def wait(span: timedelta) -> bool:
        looks.append(1)
        if len(looks) == 1:
            daemon.acquire()
            office.now += HOUR
        if len(looks) == LOOKS_A_TICK:
            for child in office.children:
                child.code = 0
        return False

    tick_once(office.ticker, lambda: office.now, wait)
    assert len(office.rows("quick")) == 1
    assert len(looks) == LOOKS_A_TICK


def test_a_single_tick_whose_store_is_out_of_use_keeps_its_other_children_running(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, first=job("every 1h"), second=job("every 1h"))
    office.tick()
    office.now += HOUR
    office.code = None
    database = office.scheduled.location.database
    waits: list[timedelta] = []

    def wait(span: timedelta) -> bool:
        waits.append(span)
        if len(waits) == 1:
            database.chmod(0o644)
            office.children[0].code = 0
        if len(waits) == 100:
            office.children[1].code = 0
            database.chmod(0o600)
        return False

    tick_once(office.ticker, lambda: office.now, wait)
    assert [run.state for run in office.rows()] == [RunState.OK] * 2
    assert waits[0] < waits[50]


def test_a_single_tick_whose_store_stays_out_of_use_gives_up_when_nothing_runs(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path, verify=job("every 1h"))
    office.tick()
    office.now += HOUR
    office.code = None

    def wait(span: timedelta) -> bool:
        office.scheduled.location.database.chmod(0o644)
        office.children[0].code = 0
        return False

    with pytest.raises(StoreUnavailable):
        tick_once(office.ticker, lambda: office.now, wait)
