"""Rows of the store as the records of `itops.inventory.history`."""

import json
from collections.abc import Sequence

from itops.inventory.entities import Gap, Kind
from itops.inventory.history import Answer, RecordedGap, Scan, ScanState
from itops.store.connections import Row
from itops.store.moments import from_micros, maybe_from_micros
from itops.store.records import Range, Sample


def scan_of(row: Row) -> Scan:
    """A row of sql.SCANS."""
    scan_id, source, observed_at, started_at, ended_at, state, counts, gap_count, problem, remedy = row
    return Scan(
        id=scan_id,
        source=source,
        observed_at=from_micros(observed_at),
        started_at=from_micros(started_at),
        ended_at=maybe_from_micros(ended_at),
        state=ScanState(state),
        entity_counts={Kind(kind): count for kind, count in json.loads(counts).items()},
        gap_count=gap_count,
        problem=problem,
        remedy=remedy,
    )


def gap_of(row: Row) -> RecordedGap:
    """A row of sql.GAPS_OF_SCAN."""
    source, subject, code, problem, remedy, hides, scan_id, observed_at = row
    gap = Gap(
        source=source,
        subject=subject,
        code=code,
        problem=problem,
        remedy=remedy,
        hides=frozenset(map(Kind, json.loads(hides))),
    )
    return RecordedGap(gap=gap, scan_id=scan_id, observed_at=from_micros(observed_at))


def answer_of(row: Row) -> Answer:
    """A row of sql.ANSWERS."""
    vm_id, role, answered_by, answered_at = row
    return Answer(vm_id=vm_id, role=role, answered_by=answered_by, answered_at=from_micros(answered_at))


def sample_of_scan(row: Row) -> Sample:
    """A row of sql.SAMPLES."""
    source, moment, *numbers = row
    ranges = [None if n is None else Range(lowest=n, mean=float(n), highest=n) for n in numbers]
    return _sample(source, moment, ranges, is_month=False)


def sample_of_month(row: Row) -> Sample:
    """A row of sql.SAMPLE_MONTHS: count, lowest, sum and highest of each number."""
    source, moment, *parts = row
    ranges = [_range(*parts[place : place + 4]) for place in range(0, len(parts), 4)]
    return _sample(source, moment, ranges, is_month=True)


def _range(count: int, lowest: int, total: int, highest: int) -> Range | None:
    return Range(lowest=lowest, mean=int(total) / int(count), highest=highest) if count else None


def _sample(source: str, moment: int, ranges: Sequence[Range | None], *, is_month: bool) -> Sample:
    storage, cpu, memory = ranges
    return Sample(
        source=source,
        begin_at=from_micros(moment),
        is_month=is_month,
        storage_used_bytes=storage,
        cpu_mhz=cpu,
        memory_mib=memory,
    )
