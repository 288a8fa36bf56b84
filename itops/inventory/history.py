"""What the store remembers: scans, revisions of entities, gaps and the answers of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from itops.inventory.entities import Entity, Gap, Kind


class ScanState(StrEnum):
    """How a scan ended. Only a COMPLETE one ends rows of the history."""

    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"  # it said why
    ABANDONED = "abandoned"  # the process died; found by the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One look at one source, as it was recorded."""

    id: int
    source: str
    observed_at: datetime
    started_at: datetime
    ended_at: datetime | None
    state: ScanState
    entity_counts: Mapping[Kind, int]
    gap_count: int
    problem: str | None  # of a failed scan
    remedy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSummary:
    """What a finished scan changed in the history, in rows."""

    scan: Scan
    new: int
    changed: int
    unchanged: int
    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """When a source was last tried and last seen whole; never is None, and that is a state of its own."""

    source: str
    last_attempt: Scan | None
    last_complete: Scan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An entity as it was from `valid_from` until `valid_to` (exclusive; None: still)."""

    entity: Entity
    valid_from: datetime
    valid_to: datetime | None
    ended_by: int | None  # the scan that did not see it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedGap:
    """A gap and the scan that met it."""

    gap: Gap
    scan_id: int
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person said a VM is for; asked once, remembered until it is said otherwise."""

    vm_id: str
    role: str
    answered_by: str
    answered_at: datetime
