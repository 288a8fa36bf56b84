"""From the tree of a controller to sightings: one a system, since a chassis may hold several under one serial."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from itops.assets.sightings import Drive, NetworkCard, Sighting, Via
from itops.inventory.entities import EntityKey
from itops.sources.macs import mac
from itops.sources.redfish.tree import Node, Tree
from itops.sources.redfish.values import count, date_in, gib, node, nodes, text

_TO_HOST = re.compile(r"usb|rndis|to\s?host|to\s?manager|host\s?(?:ethernet\s)?interface|virtual nic", re.IGNORECASE)
_IN_A_CHASSIS = {"Blade", "Sled", "Module", "Component", "Zone"}
_MOST_ADDRESSES = 16
_MOST_MANAGERS = 4
_MOST_DRIVES = 64
_DRIVE_MEDIA = {"SSD": "ssd", "HDD": "hdd"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which controller was asked, and when."""

    source: str
    address: str
    site: str | None
    seen_at: datetime


def sightings(tree: Tree, root: Node, place: Place) -> list[Sighting]:
    """Every system of the controller; where it has none (a power shelf), its chassis."""
    systems = list(tree.members(root.get("Systems")))
    if not systems:
        return [_chassis(held, place) for held in tree.members(root.get("Chassis"))][:1]
    if len(systems) == 1:
        managers = _managers(tree, systems[0]) or list(tree.members(root.get("Managers")))
        sighting = _with_managers(tree, _system(tree, systems[0], place), managers)
        return [replace(sighting, drives=tuple(_drives(tree, systems[0])))]
    return [_one_of_several(tree, system, systems, place) for system in systems]


def _one_of_several(tree: Tree, system: Node, systems: list[Node], place: Place) -> Sighting:
    """A node: its place is part of who it is, and a controller that it shares with others is nobody's own."""
    shared = [held for other in systems if other is not system for held in _managers(tree, other)]
    own = [held for held in _managers(tree, system) if held not in shared]
    sighting = _with_managers(tree, _system(tree, system, place), own)
    drives = tuple(_drives(tree, system))
    return replace(
        sighting, drives=drives, key=EntityKey(f"{sighting.key}/{_id(system)}"), slot=sighting.slot or _id(system)
    )


def _with_managers(tree: Tree, sighting: Sighting, managers: list[Node]) -> Sighting:
    bmc = [card for manager in managers for card in _cards(tree, manager, own_medium="bmc")]
    return replace(sighting, cards=(*sighting.cards, *bmc), description=_manager(managers))


def _managers(tree: Tree, system: Node) -> list[Node]:
    links = nodes(node(system.get("Links")).get("ManagedBy"))[:_MOST_MANAGERS]
    return [held for link in links if (held := tree.at(link))]


def _id(system: Node) -> str:
    return text(system.get("Id")) or str(system.get("@odata.id", ""))[-60:]


def _system(tree: Tree, system: Node, place: Place) -> Sighting:
    chassis = _own_chassis(tree, system)
    processors, memory = node(system.get("ProcessorSummary")), node(system.get("MemorySummary"))
    bios = text(system.get("BiosVersion"))
    is_virtual = system.get("SystemType") == "Virtual"
    return Sighting(
        source=place.source,
        key=EntityKey(f"{place.source}/{place.address}"),
        seen_at=place.seen_at,
        via=Via.REDFISH,
        address=place.address,
        site=place.site,
        kind=None if is_virtual else "server",
        is_virtual=is_virtual,
        host_name=text(system.get("HostName")),
        vendor=text(system.get("Manufacturer")) or text(chassis.get("Manufacturer")),
        model=text(system.get("Model")) or text(chassis.get("Model")),
        serial=text(system.get("SerialNumber")) or text(chassis.get("SerialNumber")),
        uuid=text(system.get("UUID")),
        asset_tag=text(system.get("AssetTag")) or text(chassis.get("AssetTag")),
        slot=_slot(chassis),
        firmware=bios,
        bios_on=date_in(bios),
        cpu=text(processors.get("Model")),
        cpu_count=count(processors.get("Count")),
        core_count=count(processors.get("CoreCount")),
        memory_bytes=gib(memory.get("TotalSystemMemoryGiB")),
        cards=tuple(_cards(tree, system, own_medium="ethernet")),
        contact_place=_place(chassis),
    )


def _chassis(chassis: Node, place: Place) -> Sighting:
    return Sighting(
        source=place.source,
        key=EntityKey(f"{place.source}/{place.address}"),
        seen_at=place.seen_at,
        via=Via.REDFISH,
        address=place.address,
        site=place.site,
        vendor=text(chassis.get("Manufacturer")),
        model=text(chassis.get("Model")),
        serial=text(chassis.get("SerialNumber")),
        uuid=text(chassis.get("UUID")),
        asset_tag=text(chassis.get("AssetTag")),
        contact_place=_place(chassis),
        is_virtual=False,
    )


def _place(chassis: Node) -> str | None:
    """Where it stands, as somebody once typed it in: building, room, row, rack."""
    location = node(chassis.get("Location"))
    address, placement = node(location.get("PostalAddress")), node(location.get("Placement"))
    told = [text(address.get(key)) for key in ("Building", "Room")]
    told += [f"{key.lower()} {found}" for key in ("Row", "Rack") if (found := text(placement.get(key)))]
    return ", ".join(filter(None, told)) or text(location.get("Info"))


def _own_chassis(tree: Tree, system: Node) -> Node:
    """The chassis the system is in; of several the first, which is the innermost in all that were looked at."""
    return next((held for link in nodes(node(system.get("Links")).get("Chassis"))[:1] if (held := tree.at(link))), {})


def _slot(chassis: Node) -> str | None:
    """Where a blade or sled sits, as its chassis calls the place."""
    if chassis.get("ChassisType") not in _IN_A_CHASSIS:
        return None
    part = node(node(chassis.get("Location")).get("PartLocation"))
    ordinal = part.get("LocationOrdinalValue")
    kind = text(part.get("LocationType")) or "Slot"
    told = f"{kind} {ordinal}" if isinstance(ordinal, int) and not isinstance(ordinal, bool) else None
    return text(part.get("ServiceLabel")) or told or text(chassis.get("Id"))


def _manager(managers: list[Node]) -> str | None:
    """What the controller is and runs, for people: iLO 5 v2.55."""
    for manager in managers:
        words = (text(manager.get("Model")) or text(manager.get("Name")), text(manager.get("FirmwareVersion")))
        if told := " ".join(filter(None, words)):
            return told
    return None


def _drives(tree: Tree, system: Node) -> Iterator[Drive]:
    """Read last: slow, and of all that is told what is missed least."""
    links = [link for storage in tree.members(system.get("Storage")) for link in nodes(storage.get("Drives"))]
    for told in filter(None, map(tree.at, links[:_MOST_DRIVES])):
        size = told.get("CapacityBytes")
        drive = Drive(
            name=text(told.get("Name")) or text(told.get("Id")),
            vendor=text(told.get("Manufacturer")),
            model=text(told.get("Model")),
            serial=text(told.get("SerialNumber")),
            size_bytes=size if isinstance(size, int) and not isinstance(size, bool) and 0 < size < 1 << 60 else None,
            medium=_DRIVE_MEDIA.get(str(told.get("MediaType"))),
        )
        if drive.serial or drive.size_bytes:
            yield drive


def _cards(tree: Tree, owner: Node, *, own_medium: str) -> Iterator[NetworkCard]:
    for told in tree.members(owner.get("EthernetInterfaces")):
        medium = _medium(told, own_medium)
        permanent = mac(told.get("PermanentMACAddress"))
        card = NetworkCard(
            mac=permanent or mac(told.get("MACAddress")),
            name=text(told.get("Id")) or text(told.get("Name")),
            medium=medium,
            is_permanent=permanent is not None and medium == own_medium,
            addresses=tuple(_addresses(told)),
        )
        if card.mac or card.addresses:
            yield card


def _medium(told: Node, own_medium: str) -> str:
    """A VLAN repeats the MAC of its port; the USB port between server and controller has a made-up one."""
    links = node(told.get("Links"))
    names = " ".join(filter(None, (text(told.get(key)) for key in ("Id", "Name", "Description"))))
    if links.get("HostInterface") or _TO_HOST.search(names):
        return "usb"
    is_virtual = told.get("EthernetInterfaceType") == "Virtual" or nodes(links.get("RelatedInterfaces"))
    return "virtual" if is_virtual else own_medium


def _addresses(told: Node) -> Iterator[str]:
    listed: list[Any] = [*nodes(told.get("IPv4Addresses")), *nodes(told.get("IPv6Addresses"))]
    for held in listed[:_MOST_ADDRESSES]:
        address = text(held.get("Address"))
        if address and address not in {"0.0.0.0", "::"}:  # noqa: S104  "none" in the words of a controller
            yield address
