"""Which facts of a thing make a change worth telling, and what such a change is called.

Fields carry the names of the typed records (docs/reference/json.md). A fact that is None was not said, and what was
not said is never compared: a VM whose tools sleep has not lost its operating system. Sizes are compared in whole MiB:
a workbook holds no more, and 128 GiB less a few pages, read live, is not another memory.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from itops.inventory.devices import disks_of
from itops.inventory.entities import Entity, Kind, Place, Value
from itops.inventory.merge import is_same_host
from itops.inventory.records import RECORD_OF
from itops.inventory.values import MIB, text, whole


class Action(StrEnum):
    """What happened to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    DISCOVERED = "discovered"  # it was there before anybody looked
    RENAMED = "renamed"
    MOVED = "moved"
    RESIZED = "resized"
    UPGRADED = "upgraded"
    RECONFIGURED = "reconfigured"  # power, template, maintenance


_PLACES = {"cluster": Action.MOVED, "datacenter": Action.MOVED}
_FIELDS: Mapping[Kind, Mapping[str, Action]] = {
    Kind.VM: {
        **_PLACES,
        "cpu_count": Action.RESIZED,
        "memory_bytes": Action.RESIZED,
        "disk_capacity_bytes": Action.RESIZED,
        "disk_count": Action.RESIZED,
        "hardware_version": Action.UPGRADED,
        "power_state": Action.RECONFIGURED,
        "is_template": Action.RECONFIGURED,
    },
    Kind.HOST: {
        **_PLACES,
        "cpu_core_count": Action.RESIZED,
        "memory_bytes": Action.RESIZED,
        "product_version": Action.UPGRADED,
        "product_build": Action.UPGRADED,
        "is_in_maintenance": Action.RECONFIGURED,
    },
    Kind.CLUSTER: {
        "datacenter": Action.MOVED,
        "is_ha_enabled": Action.RECONFIGURED,
        "is_drs_enabled": Action.RECONFIGURED,
    },
    Kind.DATASTORE: {"datacenter": Action.MOVED, "capacity_bytes": Action.RESIZED},
    Kind.LICENSE: {"edition": Action.UPGRADED, "total_count": Action.RESIZED},
}


def _tools_version(vm: Entity) -> str | None:
    """The number of the installed tools; 0 is what a server says when it does not know."""
    version = whole(vm.get("config.tools.toolsVersion")) or text(vm.get("guest.toolsVersion"))
    return None if version in {None, "0"} else str(version)


_GUEST: Mapping[str, Callable[[Entity], Value]] = {
    "guest_os": lambda vm: text(vm.get("guest.guestFullName")),
    "guest_os_configured": lambda vm: text(vm.get("config.guestFullName")),
    "tools_version": _tools_version,
}
_NAMELESS = ("inaccessible", "invalid")  # such a VM's name is a path, not what people call it

SPOKEN_FOR_BY = {"guest_os_configured": "guest_os", "product_build": "product_version"}
"""Fields that say nothing more once the other one has changed, too."""


def facts_of(entity: Entity) -> dict[str, Value]:
    """What is compared of a thing, by field; what it did not say is left out."""
    facts: dict[str, Value] = {"name": _name(entity)}
    record = RECORD_OF[entity.kind](entity) if entity.kind in _FIELDS else None
    for field in _FIELDS.get(entity.kind, {}):
        facts[field] = _in_mib(getattr(record, field)) if field.endswith("_bytes") else getattr(record, field)
    if entity.kind is Kind.VM:
        # Disk by disk, as a workbook has them: the halves of two disks would make a whole.
        disks = [size for disk in disks_of(entity) if (size := _in_mib(disk.capacity_bytes)) is not None]
        facts["disk_capacity_bytes"] = sum(disks) if disks else facts["disk_capacity_bytes"]
        facts |= {field: read(entity) for field, read in _GUEST.items()}
    return {field: value for field, value in facts.items() if value is not None}


def _in_mib(size_bytes: int | None) -> int | None:
    return None if size_bytes is None else round(size_bytes / MIB) * MIB


def _name(entity: Entity) -> str | None:
    """The name people gave; never the moref that stands in for one."""
    if entity.get("runtime.connectionState") in _NAMELESS:
        return None
    return text(entity.get("name"))


def action_of(kind: Kind, field: str) -> Action:
    """What a change of this field is called."""
    if field == "name":
        return Action.RENAMED
    return _FIELDS.get(kind, {}).get(field, Action.UPGRADED)


def told_apart_by_source(kind: Kind) -> frozenset[str]:
    """Fields that two sources name differently for one and the same thing: never compared across sources.

    A lone host knows no cluster, and vCenter may list a host by its address where the host itself says its name.
    """
    return frozenset({"cluster", "datacenter"} if kind is Kind.VM else {"cluster", "datacenter", "name"})


def differing_facts(before: Entity, after: Entity) -> Iterator[tuple[str, Value, Value]]:
    """The facts that two views of one thing tell differently, as (field, before, after); the host of a VM included."""
    if not is_same_host(before, after):
        yield "host", before.get(Place.HOST), after.get(Place.HOST)
    apart = told_apart_by_source(after.kind) if before.source != after.source else frozenset()
    old, new = facts_of(before), facts_of(after)
    for field in (field for field in new if field in old and field not in apart):
        if old[field] != new[field]:
            yield field, old[field], new[field]
