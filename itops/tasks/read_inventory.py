"""Read the inventory: list things, look one up, tell its history, and say what was not seen.

Every function is handed a Reader and, where it matters, the time; none writes. What is returned are records; the
doors turn them into rows.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from itops.inventory.devices import Disk, Nic, disks_of, nics_of
from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Place, Value
from itops.inventory.facts import differing_facts
from itops.inventory.freshness import Freshness, SourceReport, freshness_gap, not_yet_seen_gap, source_reports
from itops.inventory.history import RecordedGap, Revision, Scan, ScanState
from itops.inventory.merge import Thing, merged
from itops.inventory.reading import Reader
from itops.inventory.records import RECORD_OF
from itops.inventory.roles.evidence import RoleVerdict
from itops.inventory.roles.judge import has_role, judge_all
from itops.inventory.roles.probed import ProbeResult
from itops.inventory.roles.rules import RoleRules
from itops.inventory.snapshots import Snapshot, snapshots_of
from itops.inventory.values import text

SNAPSHOT = "snapshot"
"""Not a kind of entity: snapshots are part of their VMs."""
LISTED = (*(kind.value for kind in Kind), SNAPSHOT)
"""The words of `itops inventory list --kind`."""

Roles: TypeAlias = tuple[RoleVerdict, ...]
RoleJudge: TypeAlias = Callable[[Iterable[Entity]], Iterator[tuple[Entity, Roles]]]
"""Gives every VM with its roles, in the order they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A thing of a kind that has no typed record: resource pools, switches, datacenters, endpoints."""

    id: str
    source: str
    name: str
    kind: str
    datacenter: str | None
    cluster: str | None
    folder: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a listing: the typed record, where the thing was seen, and its roles (of VMs)."""

    record: Any  # one of the typed records of itops.inventory.records, or Other
    sources: tuple[str, ...]
    is_copy: bool = False
    roles: Roles = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All about one thing."""

    kind: Kind
    entry: Entry
    views: tuple[Entity, ...]
    disks: tuple[Disk, ...]
    nics: tuple[Nic, ...]
    snapshots: tuple[Snapshot, ...]
    first_seen_at: datetime
    gone_at: datetime | None  # None: it is still there


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One revision of a thing and what it changed: facts as (field, before, after), and all property paths."""

    revision: Revision
    facts: tuple[tuple[str, Value, Value], ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A gap and when the scan that met it looked; None where no scan ever did."""

    gap: Gap
    observed_at: datetime | None


def role_judge(reader: Reader, rules: RoleRules, probes: Sequence[ProbeResult] = ()) -> RoleJudge:
    """How this office's VMs get their roles: declared, answered by people, probed, betrayed by guest and name."""
    answers = reader.answers()
    return lambda entities: judge_all(entities, answers, probes, rules)


def list_things(
    reader: Reader, kind: Kind, judge: RoleJudge, *, source: str | None = None, as_of: datetime | None = None
) -> list[Entry]:
    """Every thing of one kind, by name, each once however many sources see it."""
    things = merged(reader.entities(kind, as_of=as_of, source=source))
    roles = [found for _, found in judge(thing.entity for thing in things)] if kind is Kind.VM else [()] * len(things)
    return [_entry(thing, held) for thing, held in zip(things, roles, strict=True)]


def each_once(look: Callable[[Kind], Iterable[Entity]]) -> Callable[[Kind], Iterator[Entity]]:
    """`look`, but with each thing once, however many sources see it: streams, in the order in which `look` gives them.

    The first stream of a kind counts before it begins, so that only what is seen more than once is held back until it
    is whole; later streams of that kind know already.
    """

    @cache
    def repeated(kind: Kind) -> Mapping[EntityKey, int]:
        counts = Counter(entity.key for entity in look(kind))
        return {key: count for key, count in counts.items() if count > 1}

    def once(kind: Kind) -> Iterator[Entity]:
        counts = repeated(kind)
        held: dict[str, list[Entity]] = defaultdict(list)
        for entity in look(kind):
            if entity.key not in counts:
                yield entity
                continue
            held[entity.key].append(entity)
            if len(held[entity.key]) == counts[entity.key]:
                yield from (thing.entity for thing in merged(held.pop(entity.key)))

    return once


def with_role(entries: Iterable[Entry], role: str) -> list[Entry]:
    """The VMs that hold a role, or one that implies it."""
    return [entry for entry in entries if has_role(entry.roles, role)]


def list_snapshots(reader: Reader, *, source: str | None = None, as_of: datetime | None = None) -> list[Entry]:
    """Every snapshot of every VM, parents before children."""
    things = merged(reader.entities(Kind.VM, as_of=as_of, source=source))
    return [
        Entry(record=snapshot, sources=thing.sources, is_copy=thing.is_copy)
        for thing in things
        for snapshot in snapshots_of(thing.entity)
    ]


def _entry(thing: Thing, roles: Roles) -> Entry:
    return Entry(record=record_of(thing.entity), sources=thing.sources, is_copy=thing.is_copy, roles=roles)


def record_of(entity: Entity) -> Any:
    """The typed record of an entity; kinds without one get the few fields all things have."""
    if entity.kind in RECORD_OF:
        return RECORD_OF[entity.kind](entity)
    return Other(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        kind=entity.kind.value,
        datacenter=text(entity.get(Place.DATACENTER)),
        cluster=text(entity.get(Place.CLUSTER)),
        folder=text(entity.get(Place.FOLDER)) or text(entity.get(Place.RESOURCE_POOL)),
        seen_at=entity.seen_at,
    )


def look_up(reader: Reader, wanted: str, judge: RoleJudge) -> list[Dossier]:
    """All about every thing of that name, key or ref; what is gone as it was last known."""
    return [dossier for kind, key in _found(reader, wanted) for dossier in _dossiers(reader.history(kind, key), judge)]


def _found(reader: Reader, wanted: str) -> list[tuple[Kind, EntityKey]]:
    return sorted({(entity.kind, entity.key) for entity in reader.find(wanted)})


def _dossiers(revisions: Sequence[Revision], judge: RoleJudge) -> Iterator[Dossier]:
    current = [revision for revision in revisions if revision.valid_to is None]
    gone_at = None if current else max(r.valid_to for r in revisions if r.valid_to)
    shown = current or [revision for revision in revisions if revision.valid_to == gone_at]
    for thing in merged(revision.entity for revision in shown):
        entity = thing.entity
        is_vm = entity.kind is Kind.VM
        roles = next(iter(judge([entity])))[1] if is_vm else ()
        yield Dossier(
            kind=entity.kind,
            entry=_entry(thing, roles),
            views=thing.views,
            disks=disks_of(entity),
            nics=nics_of(entity),
            snapshots=snapshots_of(entity),
            first_seen_at=min(revision.valid_from for revision in revisions),
            gone_at=gone_at,
        )


def tell_history(reader: Reader, wanted: str) -> list[Step]:
    """Every revision of every thing of that name, key or ref, oldest first; what each source changed, step by step."""
    return [step for kind, key in _found(reader, wanted) for step in _steps(reader.history(kind, key))]


def _steps(revisions: Sequence[Revision]) -> Iterator[Step]:
    """Each revision is compared with the one before it of the same source, the first of a source with any other's."""
    last_of: dict[str, Entity] = {}
    last: Entity | None = None
    for revision in sorted(revisions, key=lambda one: (one.valid_from, one.entity.source)):
        entity = revision.entity
        earlier = last_of.get(entity.source)
        known = earlier or last
        yield Step(
            revision=revision,
            facts=() if known is None else tuple(differing_facts(known, entity)),
            paths=() if earlier is None else _differing_paths(earlier, entity),
        )
        last_of[entity.source] = last = entity


def _differing_paths(before: Entity, after: Entity) -> tuple[str, ...]:
    paths = before.properties.keys() | after.properties.keys()
    return tuple(sorted(path for path in paths if before.get(path) != after.get(path)))


def source_states(reader: Reader | None, limits: Mapping[str, timedelta], now: datetime) -> list[SourceReport]:
    """How fresh each source is; `limits` names the configured ones and when each is stale. No reader: never scanned."""
    return source_reports(reader.last_scans() if reader else (), limits, now)


def holes(
    reader: Reader | None, reports: Iterable[SourceReport], *, source: str | None = None, as_of: datetime | None = None
) -> list[Hole]:
    """What a listing must confess: sources that are not fresh, then what the scans behind it could not see.

    Of a look into the past only the gaps of the scans of that time count. No reader: there was no scan yet.
    """
    chosen = [report for report in reports if source in {None, report.source}]
    if as_of is not None and reader:
        return [hole for report in chosen for hole in _past_holes(reader, report, as_of)]
    confessed = [
        Hole(gap=gap, observed_at=report.last_attempt.observed_at if report.last_attempt else None)
        for report in chosen
        if (gap := freshness_gap(report))
    ]
    met = reader.gaps() if reader else []
    return confessed + [_hole(gap) for gap in met if source in {None, gap.gap.source}]


def _hole(recorded: RecordedGap) -> Hole:
    return Hole(gap=recorded.gap, observed_at=recorded.observed_at)


def _past_holes(reader: Reader, report: SourceReport, as_of: datetime) -> list[Hole]:
    scan = _last_complete(reader.scans(report.source), as_of)
    if scan is not None:
        return [_hole(gap) for gap in reader.gaps(scan.id)]
    return [] if report.state is Freshness.RETIRED else [Hole(gap=not_yet_seen_gap(report.source), observed_at=None)]


def _last_complete(scans: Iterable[Scan], as_of: datetime) -> Scan | None:
    complete = (scan for scan in scans if scan.state is ScanState.COMPLETE and scan.observed_at <= as_of)
    return max(complete, key=lambda scan: scan.observed_at, default=None)


def unseen(entries: Iterable[Entry], reports: Iterable[SourceReport]) -> list[Hole]:
    """One hole for each source whose newest complete scan did not see everything that is listed."""
    newest = {report.source: report.last_complete.observed_at for report in reports if report.last_complete}
    found: dict[str, list[str]] = {}
    for entry in entries:
        record = entry.record
        if record.seen_at < newest.get(record.source, record.seen_at):
            found.setdefault(record.source, []).append(record.name)
    return [Hole(gap=_unseen_gap(source, names), observed_at=newest[source]) for source, names in sorted(found.items())]


def _unseen_gap(source: str, names: Sequence[str]) -> Gap:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return Gap(
        source=source,
        subject=f"{', '.join(names[:3])}{more}",
        code="thing.unseen",
        problem=f"the newest scan of {source} could not see {len(names)} of those listed: shown as last known",
        remedy=f"run `itops inventory gaps --source {source}` to see why",
    )
