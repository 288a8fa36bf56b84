"""A small fictional office for tests of the store: things to see, and one call that scans them."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Observation, Seen, Value
from itops.inventory.history import ScanSummary
from itops.store import StoreLocation, open_reader, open_store
from itops.store.writing import Store

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
EVERYWHERE = ("vc01", "esx01", "esx02")


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def vm(key: str, *, source: str = "vc01", host: str | None = None, ref: str | None = None, **more: Value) -> Entity:
    properties: dict[str, Value] = {"name": key.upper(), **_paths(more)}
    if host is not None:
        properties["at.host_uuid"] = host
    return _entity(Kind.VM, key, ref or f"vm-{key}", source, properties)


def host(key: str, *, source: str = "vc01") -> Entity:
    return _entity(Kind.HOST, key, f"host-{key}", source, {"name": f"{key}.example.ir"})


def datastore(key: str, *, source: str = "vc01") -> Entity:
    return _entity(Kind.DATASTORE, key, f"datastore-{key}", source, {"name": key})


def gap(*hides: Kind, source: str = "vc01") -> Gap:
    return Gap(
        source=source,
        subject="all VMs",
        code="permission.missing",
        problem="itops-ro may not read them",
        remedy="give it the Read-only role",
        hides=frozenset(hides),
    )


def _entity(kind: Kind, key: str, ref: str, source: str, properties: dict[str, Value]) -> Entity:
    return Entity(kind=kind, key=EntityKey(key), ref=ref, source=source, seen_at=NOW, properties=properties)


def _paths(more: dict[str, Value]) -> dict[str, Value]:
    """`config__hardware__numCPU=2` is `config.hardware.numCPU`."""
    return {name.replace("__", "."): value for name, value in more.items()}


def observation(source: str, at: datetime, fingerprint: str | None = None) -> Observation:
    return Observation(source=source, observed_at=at, seen=iter(()), fingerprint=fingerprint)


def scan(
    store: Store,
    source: str,
    at: datetime,
    seen: Iterable[Seen],
    *,
    live: Collection[str] = EVERYWHERE,
    fingerprint: str | None = None,
) -> ScanSummary:
    with store.begin_scan(observation(source, at, fingerprint), at) as writer:
        for item in seen:
            if isinstance(item, Gap):
                writer.gap(item)
            else:
                writer.add(item)
        return writer.finish(at + timedelta(minutes=1), live)


def scan_once(
    location: StoreLocation, source: str, at: datetime, seen: Iterable[Seen], *, live: Collection[str] = EVERYWHERE
) -> ScanSummary:
    with open_store(location, at) as store:
        return scan(store, source, at, seen, live=live)


def keys(location: StoreLocation, kind: Kind = Kind.VM, **where: object) -> list[str]:
    with open_reader(location) as reader:
        return sorted(entity.key for entity in reader.entities(kind, **where))  # type: ignore[arg-type]


def life(location: StoreLocation, key: str, kind: Kind = Kind.VM) -> list[tuple[str, int, int | None]]:
    """The rows of a thing: source, and the days on which each begins and ends."""
    with open_reader(location) as reader:
        return [
            (
                revision.entity.source,
                (revision.valid_from - NOW).days,
                None if revision.valid_to is None else (revision.valid_to - NOW).days,
            )
            for revision in reader.history(kind, EntityKey(key))
        ]


def everything(location: StoreLocation, kinds: Iterable[Kind]) -> Iterator[tuple[object, ...]]:
    """All a reader can tell of the history, without the numbers of scans: they tell the order of loading."""
    with open_reader(location) as reader:
        scans = {found.id: (found.source, found.observed_at) for found in reader.scans()}
        for kind in kinds:
            for revisions in reader.touched(day(-1000), day(1000), [kind]):
                for revision in revisions:
                    entity, ended_by = revision.entity, revision.ended_by
                    yield (
                        *(kind, entity.key, entity.source, entity.ref, entity.seen_at, repr(sorted(entity.properties))),
                        *(repr(entity.properties), revision.valid_from, revision.valid_to),
                        None if ended_by is None else scans[ended_by],
                    )
            yield from ((entity.key, entity.source, repr(entity.properties)) for entity in reader.entities(kind))
