"""Look at several sources at once and keep what each of them shows; one that fails leaves the others whole."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Protocol, Self

from itops.errors import ItopsError, SourceUnavailable, StoreLocked, StoreUnavailable
from itops.inventory.entities import Entity, Gap, Observation, Seen, Source
from itops.inventory.history import ScanSummary

_TELL_EVERY = 50  # things seen
_WAKE_SECONDS = 0.5  # a plain wait for ever would be deaf to Ctrl-C on Windows


class ScanWriter(Protocol):
    """Takes one observation; see `itops.store`."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, *failure: object) -> None:
        """Without `finish` or `fail` before, the scan is abandoned."""
        ...

    def add(self, entity: Entity) -> None:
        """Keep one entity."""
        ...

    def gap(self, gap: Gap) -> None:
        """Keep one gap."""
        ...

    def finish(self, ended_at: datetime, live_sources: Collection[str]) -> ScanSummary:
        """The observation is whole."""
        ...

    def fail(self, ended_at: datetime, error: ItopsError) -> None:
        """The observation broke."""
        ...


class ScanStore(Protocol):
    """What a collection needs of the store; its methods are called from several threads."""

    def begin_scan(self, observation: Observation, started_at: datetime) -> ScanWriter:
        """A writer for one observation."""
        ...

    def already_loaded(self, source: str, fingerprint: str) -> bool:
        """Was this file scanned to its end before?"""
        ...


class LookState(StrEnum):
    """How a look at one observation ended."""

    COMPLETE = "complete"
    FAILED = "failed"
    SKIPPED = "skipped"  # the same file was loaded before


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One observation of one source, and what came of it."""

    source: str
    observed_at: datetime
    state: LookState
    seconds: float
    gaps: tuple[Gap, ...] = ()
    summary: ScanSummary | None = None  # of a complete one
    error: ItopsError | None = None  # of a failed one


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a look has come; `look` is there when it has ended."""

    source: str
    entity_count: int
    gap_count: int
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOutcome:
    """Every look, by source in the order they were given, each source's oldest first."""

    looks: tuple[Look, ...]

    @property
    def failures(self) -> tuple[Look, ...]:
        """The looks that failed."""
        return tuple(look for look in self.looks if look.state is LookState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many sources at once, and how long Ctrl-C waits for them to say good-bye."""

    parallel: int = 8
    farewell_seconds: float = 5.0


_LIMITS = Limits()


def collect(
    sources: Sequence[Source],
    store: ScanStore,
    *,
    live_sources: Collection[str],
    now: datetime,
    clock: Callable[[], datetime],
    on_progress: Callable[[Progress], None] = lambda progress: None,
    limits: Limits = _LIMITS,
) -> CollectOutcome:
    """Scan every source into `store`, each in a thread of its own; a failed source is in the outcome, recorded.

    `live_sources`: all configured live sources, also those that are not scanned now; what is not among them any more
    gives way to what replaced it. `on_progress` is called from the threads. Whatever is not an ItopsError is raised
    as it is once the others have ended, as is a store that fails; KeyboardInterrupt stops all of them, and their
    scans are recorded as failed (of one that does not stop in time: found abandoned by the next itops).
    """
    collector = _Collector(store, frozenset(live_sources), now, clock, on_progress)
    places = Semaphore(limits.parallel)
    ended: SimpleQueue[str] = SimpleQueue()
    looks: dict[str, list[Look]] = {source.name: [] for source in sources}
    troubles: list[BaseException] = []

    def look_at(source: Source) -> None:
        try:
            with places:
                looks[source.name].extend(collector.looks_at(source))
        except BaseException as trouble:  # noqa: BLE001  kept for the caller's thread, which raises it
            troubles.append(trouble)
        finally:
            ended.put(source.name)

    # Daemons: one that hangs in a read must not keep a stopped itops alive.
    threads = [Thread(target=look_at, args=(source,), name=f"scan-{source.name}", daemon=True) for source in sources]
    _run(threads, ended, collector.stop, limits.farewell_seconds)
    _raise(troubles)
    return CollectOutcome(looks=tuple(look for source in sources for look in looks[source.name]))


def _run(threads: Sequence[Thread], ended: "SimpleQueue[str]", stop: Event, farewell_seconds: float) -> None:
    try:
        for thread in threads:
            thread.start()
        _wait(ended, len(threads))
    except BaseException:  # Ctrl-C may come while they are still being started
        stop.set()
        for thread in threads:
            if thread.is_alive():
                thread.join(farewell_seconds)
        raise


def _wait(ended: "SimpleQueue[str]", count: int) -> None:
    while count:
        try:
            ended.get(timeout=_WAKE_SECONDS)
            count -= 1
        except Empty:
            continue


def _raise(troubles: list[BaseException]) -> None:
    """The first bug, else the first trouble with the store; the others are noted on it, none is lost."""
    if not troubles:
        return
    first, *others = sorted(troubles, key=lambda trouble: isinstance(trouble, ItopsError))
    for other in others:
        first.add_note(f"and in another source: {type(other).__name__}: {other}")
    raise first


class _Collector:
    """What the looks of one collection share."""

    def __init__(
        self,
        store: ScanStore,
        live_sources: frozenset[str],
        now: datetime,
        clock: Callable[[], datetime],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.stop = Event()
        self._store = store
        self._live_sources = live_sources
        self._now = now
        self._clock = clock
        self._on_progress = on_progress

    def looks_at(self, source: Source) -> Iterator[Look]:
        """One look for each observation; one more, failed, when the source cannot even list them."""
        try:
            for observation in source.observe(self._now):
                yield self._told(self._look(observation))
                if self.stop.is_set():
                    return
        except (StoreUnavailable, StoreLocked):
            raise  # not the source's fault, and nothing can be recorded
        except ItopsError as error:
            unseen = Observation(source=source.name, observed_at=self._now, seen=_broken(error))
            yield self._told(self._look(unseen))

    def _told(self, look: Look) -> Look:
        counts = look.summary.scan.entity_counts if look.summary else {}
        total = sum(counts.values())
        self._on_progress(Progress(source=look.source, entity_count=total, gap_count=len(look.gaps), look=look))
        return look

    def _look(self, observation: Observation) -> Look:
        source, fingerprint, started_at = observation.source, observation.fingerprint, self._clock()
        look = Look(source=source, observed_at=observation.observed_at, state=LookState.SKIPPED, seconds=0.0)
        if fingerprint is not None and self._store.already_loaded(source, fingerprint):
            return look
        gaps: list[Gap] = []
        with self._store.begin_scan(observation, started_at) as writer, _closing(observation.seen):
            error = self._fill(writer, observation, gaps)
            summary = writer.finish(self._clock(), self._live_sources) if error is None else None
        return replace(
            look,
            state=LookState.COMPLETE if error is None else LookState.FAILED,
            seconds=(self._clock() - started_at).total_seconds(),
            gaps=tuple(gaps),
            summary=summary,
            error=error,
        )

    def _fill(self, writer: ScanWriter, observation: Observation, gaps: list[Gap]) -> ItopsError | None:
        """Hand over everything seen, gaps also to `gaps`; the error that ended it early, which is then recorded."""
        source = observation.source
        try:
            for count, seen in enumerate(self._until_stopped(observation), start=1):
                if isinstance(seen, Gap):
                    gaps.append(seen)
                    writer.gap(seen)
                else:
                    writer.add(seen)
                if count % _TELL_EVERY == 0:
                    self._on_progress(Progress(source=source, entity_count=count - len(gaps), gap_count=len(gaps)))
        except (StoreUnavailable, StoreLocked) as error:
            writer.fail(self._clock(), error)
            raise
        except ItopsError as error:
            writer.fail(self._clock(), error)
            return error
        except Exception as bug:
            writer.fail(self._clock(), _itops_failed(bug))
            raise
        return None

    def _until_stopped(self, observation: Observation) -> Iterator[Seen]:
        for seen in observation.seen:
            if self.stop.is_set():
                raise SourceUnavailable("the scan was stopped by hand", remedy="run `itops inventory scan` again")
            yield seen


def _itops_failed(bug: Exception) -> ItopsError:
    # Only the sort of failure: its text could hold anything, and the store is kept for ever.
    return SourceUnavailable(
        f"itops itself failed while it looked ({type(bug).__name__})",
        remedy="report the traceback that this scan printed",
    )


def _broken(error: ItopsError) -> Iterator[Seen]:
    yield from ()
    raise error


@contextmanager
def _closing(seen: Iterator[Seen]) -> Iterator[None]:
    """Let the source say good-bye (log out, close its file) however the look ended."""
    try:
        yield
    finally:
        close = getattr(seen, "close", None)
        if close is not None:
            close()
