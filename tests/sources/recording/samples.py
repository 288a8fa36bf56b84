"""Entities, gaps and observations made up for the tests of recordings and of scans."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Observation, Properties, Seen

NOW = datetime(2026, 10, 23, 6, 30, tzinfo=UTC)
GAP = Gap(
    source="vc01",
    subject="host esx03",
    code="permission.missing",
    problem="the account may not read host esx03",
    remedy="give it the role Read-only on the root, propagated",
    hides=frozenset({Kind.VM, Kind.HOST}),
)


def vm(number: int, *, source: str = "vc01", properties: Properties | None = None) -> Entity:
    return Entity(
        kind=Kind.VM,
        key=EntityKey(f"50000000-0000-4000-8000-{number:012x}"),
        ref=f"vm-{number}",
        source=source,
        seen_at=NOW,
        properties={"name": f"srv-{number}", "config.hardware.numCPU": 2} if properties is None else properties,
    )


def observation(seen: Iterable[Seen], *, source: str = "vc01", observed_at: datetime = NOW) -> Observation:
    return Observation(source=source, observed_at=observed_at, seen=iter(seen))


def broken_after(seen: Iterable[Seen], error: BaseException) -> Iterator[Seen]:
    yield from seen
    raise error
