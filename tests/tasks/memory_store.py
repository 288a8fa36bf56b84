"""The in-memory twin of the store, as far as a collection needs it."""

from collections.abc import Collection
from datetime import datetime
from threading import Lock
from typing import Self

from itops.errors import ItopsError, StoreUnavailable
from itops.inventory.entities import Entity, Gap, Observation
from itops.inventory.history import Scan, ScanState, ScanSummary


class MemoryScan:
    """One scan, open for reading by a test."""

    def __init__(self, observation: Observation, started_at: datetime, *, is_full: bool) -> None:
        self.observation = observation
        self.started_at = started_at
        self.ended_at: datetime | None = None
        self.state = ScanState.RUNNING
        self.entities: list[Entity] = []
        self.gaps: list[Gap] = []
        self.error: ItopsError | None = None
        self.live_sources: frozenset[str] = frozenset()
        self._is_full = is_full

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self.state is ScanState.RUNNING:
            self.state = ScanState.ABANDONED

    def add(self, entity: Entity) -> None:
        if self._is_full:
            raise StoreUnavailable("the disk is full", remedy="make room")
        self.entities.append(entity)

    def gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def finish(self, ended_at: datetime, live_sources: Collection[str]) -> ScanSummary:
        self.state, self.ended_at, self.live_sources = ScanState.COMPLETE, ended_at, frozenset(live_sources)
        counts = {
            kind: sum(entity.kind is kind for entity in self.entities) for kind in {e.kind for e in self.entities}
        }
        scan = Scan(
            id=1,
            source=self.observation.source,
            observed_at=self.observation.observed_at,
            started_at=self.started_at,
            ended_at=ended_at,
            state=self.state,
            entity_counts=counts,
            gap_count=len(self.gaps),
            problem=None,
            remedy=None,
        )
        return ScanSummary(scan=scan, new=len(self.entities), changed=0, unchanged=0, ended=0)

    def fail(self, ended_at: datetime, error: ItopsError) -> None:
        self.state, self.ended_at, self.error = ScanState.FAILED, ended_at, error


class MemoryStore:
    """Remembers every scan; `is_full` makes it a store that cannot be written."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.scans: list[MemoryScan] = []
        self._is_full = is_full
        self._lock = Lock()

    def begin_scan(self, observation: Observation, started_at: datetime) -> MemoryScan:
        scan = MemoryScan(observation, started_at, is_full=self._is_full)
        with self._lock:
            self.scans.append(scan)
        return scan

    def already_loaded(self, source: str, fingerprint: str) -> bool:
        return any(
            (scan.observation.source, scan.observation.fingerprint) == (source, fingerprint)
            and scan.state is ScanState.COMPLETE
            for scan in self.scans
        )

    def scan_of(self, source: str) -> MemoryScan:
        (found,) = (scan for scan in self.scans if scan.observation.source == source)
        return found
