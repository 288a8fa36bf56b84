"""One source that fails leaves the others whole, and everything that happened is written down."""

import signal
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from threading import Event

import pytest

from itops.errors import ItopsError, SourceUnavailable, StoreLocked, StoreUnavailable
from itops.inventory.entities import Kind, Observation, Seen
from itops.inventory.history import ScanState
from itops.sources.recording import RecordingSettings, RecordingSource
from itops.sources.recording.file import write_recording
from itops.tasks.collect_inventory import CollectOutcome, Limits, LookState, Progress, collect
from tests.sources.recording.samples import GAP, NOW, broken_after, observation, vm
from tests.tasks.memory_store import MemoryStore

PATIENCE_SECONDS = 10.0  # of a test that waits for another thread; far more than it needs
REFUSED = SourceUnavailable("vc02 refused the login", remedy="correct the password")


class FakeSource:
    """Gives the observations it was made with."""

    def __init__(self, name: str, *observations: Callable[[], Iterable[Seen]] | ItopsError) -> None:
        self.name = name
        self._observations = observations

    def observe(self, now: datetime) -> Iterator[Observation]:
        for seen in self._observations:
            if isinstance(seen, ItopsError):
                raise seen
            yield observation(seen(), source=self.name, observed_at=now)


def ticking() -> Callable[[], datetime]:
    ticks = count()
    return lambda: NOW + timedelta(seconds=next(ticks))


def scan(store: MemoryStore, *sources: FakeSource | RecordingSource, **given: object) -> CollectOutcome:
    return collect(sources, store, live_sources={"vc01"}, now=NOW, clock=ticking(), **given)  # type: ignore[arg-type]


def vms(source: str, number: int) -> Callable[[], Iterable[Seen]]:
    return lambda: [vm(index, source=source) for index in range(number)]


def test_everything_seen_reaches_the_store_and_the_outcome():
    store = MemoryStore()
    outcome = scan(store, FakeSource("vc01", lambda: [vm(1), GAP, vm(2)]))
    kept = store.scan_of("vc01")
    assert (kept.entities, kept.gaps, kept.state) == ([vm(1), vm(2)], [GAP], ScanState.COMPLETE)
    assert kept.live_sources == {"vc01"}
    (look,) = outcome.looks
    assert (look.state, look.gaps, look.observed_at) == (LookState.COMPLETE, (GAP,), NOW)
    assert look.summary is not None
    assert look.summary.scan.entity_counts == {Kind.VM: 2}
    assert look.seconds > 0


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(FakeSource("vc02", REFUSED), id="refuses before anything is seen"),
        pytest.param(FakeSource("vc02", lambda: broken_after([], REFUSED)), id="refuses at the first thing"),
        pytest.param(FakeSource("vc02", lambda: broken_after([vm(1), GAP, vm(2)], REFUSED)), id="breaks in the middle"),
    ],
)
def test_a_source_that_fails_is_recorded_and_leaves_the_others_whole(broken):
    store = MemoryStore()
    outcome = scan(store, FakeSource("vc01", vms("vc01", 3)), broken, FakeSource("vc03", vms("vc03", 2)))
    assert [look.state for look in outcome.looks] == [LookState.COMPLETE, LookState.FAILED, LookState.COMPLETE]
    assert [look.source for look in outcome.failures] == ["vc02"]
    assert outcome.failures[0].error is REFUSED
    failed = store.scan_of("vc02")
    assert (failed.state, failed.error) == (ScanState.FAILED, REFUSED)
    assert failed.ended_at is not None
    assert [len(store.scan_of(name).entities) for name in ("vc01", "vc03")] == [3, 2]


def test_a_bug_in_one_source_is_raised_as_it_is_after_the_others_were_kept():
    store = MemoryStore()
    bug = KeyError("a secret in the text of a bug")
    with pytest.raises(KeyError) as raised:
        scan(store, FakeSource("vc02", lambda: broken_after([vm(1)], bug)), FakeSource("vc01", vms("vc01", 3)))
    assert raised.value is bug
    assert store.scan_of("vc01").state is ScanState.COMPLETE
    failed = store.scan_of("vc02")
    assert failed.state is ScanState.FAILED
    assert failed.error is not None
    assert "KeyError" in failed.error.problem
    assert "secret" not in failed.error.problem


def test_of_two_bugs_none_is_lost():
    with pytest.raises((KeyError, ValueError)) as raised:
        scan(
            MemoryStore(),
            FakeSource("vc01", lambda: broken_after([], KeyError("one"))),
            FakeSource("vc02", lambda: broken_after([], ValueError("two"))),
        )
    told = f"{raised.value!r} {raised.value.__notes__}"
    assert "one" in told
    assert "two" in told


def test_a_store_that_fails_is_not_taken_for_a_source_that_fails():
    store = MemoryStore(is_full=True)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        scan(store, FakeSource("vc01", vms("vc01", 1)))
    assert store.scan_of("vc01").state is ScanState.FAILED


def test_a_locked_store_is_said_and_not_recorded_as_the_sources_fault():
    class LockedStore(MemoryStore):
        def begin_scan(self, observation, started_at):
            raise StoreLocked("another itops is writing", remedy="wait for it")

    with pytest.raises(StoreLocked):
        scan(LockedStore(), FakeSource("vc01", vms("vc01", 1)))


def test_sources_are_looked_at_at_once_each_waiting_for_the_other():
    met = [Event(), Event()]

    def meeting(mine: int) -> Iterator[Seen]:
        met[mine].set()
        assert met[1 - mine].wait(PATIENCE_SECONDS), "the other source was never looked at"
        yield vm(mine)

    outcome = scan(MemoryStore(), FakeSource("vc01", lambda: meeting(0)), FakeSource("vc02", lambda: meeting(1)))
    assert outcome.failures == ()


def test_no_more_sources_are_looked_at_at_once_than_allowed():
    busy: list[str] = []

    def alone(name: str) -> Iterator[Seen]:
        busy.append(name)
        yield vm(1, source=name)
        assert busy == [name]
        busy.remove(name)

    names = ("vc01", "vc02", "vc03")
    sources = [FakeSource(name, lambda name=name: alone(name)) for name in names]
    outcome = scan(MemoryStore(), *sources, limits=Limits(parallel=1))
    assert len(outcome.looks) == 3


def test_a_file_that_was_loaded_before_is_skipped_and_said(tmp_path):
    for number, day in ((1, 0), (2, 1)):
        write_recording(
            observation([vm(number)], observed_at=NOW + timedelta(days=day)),
            tmp_path / f"{number}.itops",
            itops_version="0.1.0",
        )
    store = MemoryStore()
    first = RecordingSource("old", RecordingSettings(path=tmp_path / "1.itops"))
    both = RecordingSource("old", RecordingSettings(path=tmp_path))
    scan(store, first)
    outcome = scan(store, both)
    assert [look.state for look in outcome.looks] == [LookState.SKIPPED, LookState.COMPLETE]
    assert [scan.entities[0].ref for scan in store.scans] == ["vm-1", "vm-2"]


def test_a_damaged_file_leaves_the_other_files_of_its_folder_whole(tmp_path):
    write_recording(observation([vm(1)]), tmp_path / "a.itops", itops_version="0.1.0")
    content = (tmp_path / "a.itops").read_bytes()
    (tmp_path / "b.itops").write_bytes(content[:-9])
    (tmp_path / "c.itops").write_bytes(b"not one at all")
    store = MemoryStore()
    outcome = scan(store, RecordingSource("old", RecordingSettings(path=tmp_path)))
    assert sorted(look.state for look in outcome.looks) == ["complete", "failed", "failed"]
    assert [scan.state for scan in store.scans].count(ScanState.FAILED) == 2


def test_progress_is_told_on_the_way_and_at_the_end():
    told: list[Progress] = []
    scan(MemoryStore(), FakeSource("vc01", vms("vc01", 120)), on_progress=told.append)
    assert [progress.entity_count for progress in told] == [50, 100, 120]
    assert [progress.look is not None for progress in told] == [False, False, True]


def test_a_stream_is_closed_however_the_look_ends():
    closed: list[str] = []

    def stream(name: str, error: BaseException | None) -> Iterator[Seen]:
        try:
            yield vm(1, source=name)
            if error:
                raise error
        finally:
            closed.append(name)

    scan(MemoryStore(), FakeSource("vc01", lambda: stream("vc01", None)), FakeSource("x", lambda: stream("x", REFUSED)))
    with pytest.raises(StoreUnavailable):
        scan(MemoryStore(is_full=True), FakeSource("y", lambda: stream("y", None)))
    assert sorted(closed) == ["vc01", "x", "y"]


def test_ctrl_c_stops_every_source_and_records_their_scans_as_failed():
    first_seen, closed = Event(), Event()

    def endless() -> Iterator[Seen]:
        try:
            for number in count():
                yield vm(number, source="vc01")
                if number == 3:
                    first_seen.set()
                elif number > 3:
                    closed.wait(0.01)  # a slow server, not a busy loop
        finally:
            closed.set()

    def interrupting() -> Iterator[Seen]:
        assert first_seen.wait(PATIENCE_SECONDS)
        signal.raise_signal(signal.SIGINT)
        yield vm(1, source="vc02")

    store = MemoryStore()
    with pytest.raises(KeyboardInterrupt):
        scan(store, FakeSource("vc01", endless), FakeSource("vc02", interrupting))
    assert closed.is_set()
    stopped = store.scan_of("vc01")
    assert stopped.state is ScanState.FAILED
    assert stopped.error is not None
    assert "stopped by hand" in stopped.error.problem


def test_ctrl_c_does_not_wait_for_ever_for_a_source_that_hangs():
    released = Event()

    def hanging() -> Iterator[Seen]:
        signal.raise_signal(signal.SIGINT)
        released.wait(PATIENCE_SECONDS)
        yield vm(1)

    store = MemoryStore()
    try:
        with pytest.raises(KeyboardInterrupt):
            scan(store, FakeSource("vc01", hanging), limits=Limits(farewell_seconds=0.05))
        assert store.scan_of("vc01").state is ScanState.RUNNING  # the next itops will find it abandoned
    finally:
        released.set()
