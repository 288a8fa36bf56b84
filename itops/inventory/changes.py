"""What changed in a period: added, removed, renamed, moved, resized, upgraded; before -> after.

Judged by identity across sources. A VM that is registered anew through another source, with another moref, on the
same physical host has not changed. A name that another instance UUID took over is one removed and one added. A VM
that did not tell its identity (inaccessible, orphaned) may be any that was there: it is never added nor removed.

Changes are net: of a fact that changed several times the first and the last value are told, and the evidence counts
the steps; what ended as it began is not told (`itops inventory history` shows every step). `at` is when the new state
was first observed: it came about at some moment since the scan before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from itops.inventory.entities import Entity, EntityKey, Kind, Place, Value
from itops.inventory.facts import SPOKEN_FOR_BY, Action, action_of
from itops.inventory.history import Revision
from itops.inventory.merge import host_uuid, is_same_host
from itops.inventory.records import vm_created_at
from itops.inventory.timelines import Line, Track, lines_of
from itops.inventory.values import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened to one thing. `field`, `before` and `after` are None where a whole thing came or went."""

    kind: Kind
    id: EntityKey
    name: str  # the last known one
    action: Action
    at: datetime
    field: str | None = None
    before: Value = None
    after: Value = None
    evidence: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Since when somebody looks: at each host (hardware UUID), each server (instance UUID) and each source (name).

    What appears where nobody looked before is discovered, not added.
    """

    hosts: Mapping[str, datetime]
    servers: Mapping[str, datetime]
    sources: Mapping[str, datetime]

    def was_watched(self, thing: Entity, at: datetime) -> bool:
        """Had somebody looked, before `at`, where this thing now is?"""
        host, server = host_uuid(thing), text(thing.get(Place.SERVER_UUID))
        if thing.kind is Kind.VM and host:
            since = self.hosts.get(host)
        elif server:
            since = self.servers.get(server)
        else:
            since = self.sources.get(thing.source)
        return since is not None and since < at


def changes_between(
    groups: Iterable[Sequence[Revision]], begin: datetime, end: datetime, coverage: Coverage
) -> list[Change]:
    """The changes in [begin, end), oldest first.

    `groups`: per thing (kind and key) its revisions of all sources, as `Reader.touched` gives them.
    """
    lines = [line for group in groups for line in lines_of(group, begin, end)]
    found = [change for line in lines for change in _judge(line, (begin, end), coverage)]
    return sorted(found, key=lambda change: (change.at, change.kind, change.name.casefold(), change.id, change.action))


def _judge(line: Line, period: tuple[datetime, datetime], coverage: Coverage) -> Iterator[Change]:
    if line.born_at is not None:
        action = _birth(line, line.born_at, period, coverage)
        yield _change(line, action, line.born_at, evidence=_birth_evidence(line))
    if not is_same_host(line.home, line.place):
        yield _moved(line)
    changed = {name: track for name, track in line.tracks.items() if track.first != track.last}
    for name, track in changed.items():
        if SPOKEN_FOR_BY.get(name) not in changed:
            yield _altered(line, name, track)
    if line.died_at is not None and not _is_nobody(line.last):
        evidence = _place(line.last) | ({} if line.ended_by is None else {"ended_by_scan": line.ended_by})
        yield _change(line, Action.REMOVED, line.died_at, evidence=evidence)


def _birth(line: Line, born_at: datetime, period: tuple[datetime, datetime], coverage: Coverage) -> Action:
    """Added where somebody had looked before or its own birth date proves it; else it was merely discovered."""
    if _is_nobody(line.first):
        return Action.DISCOVERED
    if line.beside is not None or coverage.was_watched(line.first, born_at):
        return Action.ADDED
    created_at = vm_created_at(line.first)
    return Action.ADDED if created_at and period[0] <= created_at < period[1] else Action.DISCOVERED


def _is_nobody(thing: Entity) -> bool:
    """Is this a VM without an identity? What it was before, or will be again, is told under that identity."""
    return thing.kind is Kind.VM and thing.key == f"{thing.source}:{thing.ref}"


def _birth_evidence(line: Line) -> dict[str, Value]:
    evidence = _place(line.first)
    if vm_created_at(line.first):
        evidence["created_at"] = line.first.get("config.createDate")
    if line.beside is not None:
        evidence["copy_of_host"] = text(line.beside.get(Place.HOST)) or host_uuid(line.beside)
    return evidence


def _moved(line: Line) -> Change:
    evidence: dict[str, Value] = {}
    if line.absent is not None:
        left, back = (at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in line.absent)
        evidence |= {"absent_from": left, "absent_until": back}
    before, after = _place(line.home), _place(line.place)
    for name in ("source", "cluster", "datacenter"):
        if before.get(name) != after.get(name):
            evidence |= {f"{name}_before": before.get(name), f"{name}_after": after.get(name)}
    return _change(
        line,
        Action.MOVED,
        line.moved_at,
        field="host",
        before=before.get("host") or host_uuid(line.home),
        after=after.get("host") or host_uuid(line.place),
        evidence=evidence,
    )


def _altered(line: Line, name: str, track: Track) -> Change:
    shown = "guest_os" if name == "guest_os_configured" else name
    action = action_of(line.last.kind, name)
    return _change(
        line,
        action,
        track.at,
        field=shown,
        before=track.first,
        after=track.last,
        evidence={"source": line.last.source, "steps": track.steps},
    )


def _change(
    line: Line,
    action: Action,
    at: datetime,
    *,
    evidence: Mapping[str, Value],
    field: str | None = None,
    before: Value = None,
    after: Value = None,
) -> Change:
    known_name = line.tracks.get("name")
    return Change(
        kind=line.last.kind,
        id=line.last.key,
        name=str(known_name.last) if known_name else line.last.name,
        action=action,
        at=at,
        field=field,
        before=before,
        after=after,
        evidence=evidence,
    )


def _place(view: Entity) -> dict[str, Value]:
    """Where a view shows the thing, as far as it says."""
    places = {"host": Place.HOST, "cluster": Place.CLUSTER, "datacenter": Place.DATACENTER}
    said = {name: text(view.get(path)) for name, path in places.items()}
    return {"source": view.source, **{name: value for name, value in said.items() if value}}
