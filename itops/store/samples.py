"""Three narrow numbers of each VM and scan, and their months once they are old.

A number here costs bytes where a revision costs a document: this is what lets usage have a history at all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeGuard

from sqlalchemy import BigInteger, Select, cast, delete, exists, func, insert, literal, select
from sqlalchemy.engine import Connection

from itops.inventory.entities import Entity, Kind, Value
from itops.store.schema import SAMPLE, SAMPLE_MONTH, SCAN
from itops.store.types import UtcMicros

METRICS = ("storage_used_bytes", "cpu_mhz", "memory_mib")
_PATHS = ("summary.storage.committed", "summary.quickStats.overallCpuUsage", "summary.quickStats.guestMemoryUsage")
_LARGEST = 2**53  # so that a month of them can still be summed in 64 bits
_NONE: tuple[int | None, ...] = ()


def numbers_of(entity: Entity) -> tuple[int | None, ...]:
    """The numbers to keep of an entity, in the order of METRICS; empty for one that has no history of usage."""
    if entity.kind is not Kind.VM:
        return _NONE
    values = tuple(entity.properties.get(path) for path in _PATHS)
    numbers = tuple(value if _is_countable(value) else None for value in values)
    return numbers if any(number is not None for number in numbers) else _NONE


def _is_countable(value: Value) -> TypeGuard[int]:
    """A number that a column can hold; nothing is that large, so a larger one is a server's mistake."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST


def condense(connection: Connection, before: datetime) -> int:
    """Fold the samples of every whole month (UTC) before `before` into one row a VM; how many samples went."""
    has_samples = exists().where(SAMPLE.c.scan_id == SCAN.c.id)
    oldest = connection.execute(select(func.min(SCAN.c.observed_at)).where(has_samples)).scalar()
    if oldest is None:
        return 0
    return sum(_condense(connection, begin, end) for begin, end in _months(oldest, before))


def _condense(connection: Connection, begin: datetime, end: datetime) -> int:
    scans = select(SCAN.c.id).where(SCAN.c.observed_at >= begin, SCAN.c.observed_at < end)
    folded = _folded(begin).where(SAMPLE.c.scan_id.in_(scans)).group_by(SAMPLE.c.latest_id)
    names = [column.name for column in SAMPLE_MONTH.columns]
    connection.execute(insert(SAMPLE_MONTH).from_select(names, folded))
    return connection.execute(delete(SAMPLE).where(SAMPLE.c.scan_id.in_(scans))).rowcount


def _folded(month: datetime) -> Select[Any]:
    numbers = [
        cast(function(SAMPLE.c[metric]), BigInteger)
        for metric in METRICS
        for function in (func.count, func.min, func.sum, func.max)
    ]
    return select(SAMPLE.c.latest_id, literal(month, UtcMicros), *numbers)


def _months(oldest: datetime, before: datetime) -> Iterator[tuple[datetime, datetime]]:
    begin = datetime(oldest.year, oldest.month, 1, tzinfo=UTC)
    while (end := _month_after(begin)) <= before:
        yield begin, end
        begin = end


def _month_after(month: datetime) -> datetime:
    return datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
