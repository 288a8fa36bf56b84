"""One thing seen through several sources is one thing; the same VM on two physical hosts is a VM and its copy.

Identity is the entity's key. What a lone host and the vCenter above it both show is told apart by the physical host
(`at.host_uuid`), never by source, name or moref.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from itops.inventory.entities import Entity, Kind, Place
from itops.inventory.values import text

_LOST = ("disconnected", "notResponding")
"""What vCenter tells of such a host, and of the VMs on it, is what it last knew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing with every view of it."""

    views: tuple[Entity, ...]  # the preferred one first
    is_copy: bool  # the same identity is also seen on another physical host

    @property
    def entity(self) -> Entity:
        """The view to show."""
        return self.views[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where it was seen, the preferred source first."""
        return tuple(dict.fromkeys(view.source for view in self.views))


def merged(entities: Iterable[Entity]) -> list[Thing]:
    """The things behind `entities`, by name; the order in which they come makes no difference."""
    views: dict[tuple[Kind, str], list[Entity]] = defaultdict(list)
    for entity in entities:
        views[entity.kind, entity.key].append(entity)
    things = [thing for same in views.values() for thing in _things(same)]
    return sorted(things, key=lambda thing: _shown_order(thing.entity))


def _shown_order(entity: Entity) -> tuple[str, ...]:
    return (entity.kind.value, entity.name.casefold(), entity.name, entity.key, entity.source, entity.ref)


def _things(same: Sequence[Entity]) -> list[Thing]:
    groups = by_host(same)
    return [Thing(views=group, is_copy=len(groups) > 1) for group in groups]


def by_host(same: Sequence[Entity]) -> list[tuple[Entity, ...]]:
    """Views of one key, grouped by the physical host they show; kinds other than VMs have no host and one group.

    A view that does not say its host joins the others: nothing proves that it is a copy.
    """
    if len(same) == 1 or same[0].kind is not Kind.VM:
        return [by_preference(same)]
    uuids = _uuids_by_host_name(same)
    groups: dict[str, list[Entity]] = defaultdict(list)
    for view in same:
        groups[_host_label(view, uuids)].append(view)
    homeless = groups.pop("", [])
    if not groups:
        return [by_preference(homeless)]
    groups[min(groups)].extend(homeless)
    return [by_preference(groups[label]) for label in sorted(groups)]


def _uuids_by_host_name(views: Iterable[Entity]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for view in views:
        uuid, name = host_uuid(view), text(view.get(Place.HOST))
        if uuid and name:
            found[name.casefold()].add(uuid)
    return found


def _host_label(view: Entity, uuids: dict[str, set[str]]) -> str:
    """The host's UUID; its name where no view knows the UUID behind that name; "" when nothing is said."""
    if uuid := host_uuid(view):
        return f"uuid {uuid}"
    name = (text(view.get(Place.HOST)) or "").casefold()
    known = uuids.get(name, set())
    if len(known) == 1:
        return f"uuid {next(iter(known))}"
    return f"name {name}" if name else ""


def host_uuid(view: Entity) -> str | None:
    """The hardware UUID of the physical host that a view shows, lower case."""
    uuid = text(view.get(Place.HOST_UUID))
    return uuid.lower() if uuid else None


def says_host(view: Entity) -> bool:
    """Does this view say on which host the thing is?"""
    return host_uuid(view) is not None or text(view.get(Place.HOST)) is not None


def is_same_host(one: Entity, other: Entity) -> bool:
    """Do two views show one physical host? Yes, too, when either does not say: unknown is not different."""
    uuids = host_uuid(one), host_uuid(other)
    if all(uuids):
        return uuids[0] == uuids[1]
    hosts = text(one.get(Place.HOST)), text(other.get(Place.HOST))
    return hosts[0] is None or hosts[1] is None or hosts[0].casefold() == hosts[1].casefold()


def by_preference(views: Sequence[Entity]) -> tuple[Entity, ...]:
    """The view of a vCenter first (it knows cluster and datacenter), then the newest; last of all the view of a server
    that says itself that it lost the thing. Each source has one view."""
    return tuple(views) if len(views) == 1 else tuple(sorted(views, key=_preference, reverse=True))


def _preference(view: Entity) -> tuple[bool, bool, bool, float, str, str]:
    is_reached = text(view.get("runtime.connectionState")) not in _LOST
    has_server = text(view.get(Place.SERVER_UUID)) is not None
    has_cluster = text(view.get(Place.CLUSTER)) is not None
    return is_reached, has_server, has_cluster, view.seen_at.timestamp(), view.source, view.ref
