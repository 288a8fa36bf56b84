"""From an inventory to a sighting. Serials, tags and UUIDs stay as they were told, in whatever letters: /TAG/.../,
00000000, `To be filled by O.E.M.`; who a computer is, is judged elsewhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from itops.assets.sightings import Drive, Readings, Screen, Sighting, Supply, Via
from itops.inventory.entities import EntityKey
from itops.sources.agents.kept import Inventory, Item
from itops.sources.agents.moments import Made
from itops.sources.agents.network import address_of, card_of, cards

MIB = 1024**2
_MB = 10**6  # of a disk: 274877 are 256 GiB, as every agent counts them
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_US_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)  # as SMBIOS has it
_PORTABLE = {
    "laptop", "notebook", "portable", "sub notebook", "hand held", "convertible", "detachable", "tablet",
}  # fmt: skip
_DESKTOP = {
    "desktop", "low profile desktop", "pizza box", "mini tower", "tower", "all in one", "space-saving", "lunch box",
    "mini pc", "stick pc",
}  # fmt: skip
_SERVER = {"rack mount chassis", "main server chassis", "blade", "multi-system chassis"}
_KINDS = {
    "printer": "printer",
    "networkequipment": "network_device",
    "networking": "network_device",
    "storage": "storage",
}
_REMOVABLE = re.compile(r"usb|removable|cd-?rom|dvd|optical|floppy|tape|card ?reader", re.IGNORECASE)
_SSD = re.compile(r"\b(?:ssd|nvme)|^nvme", re.IGNORECASE)
_HDD = re.compile(r"\bhdd\b", re.IGNORECASE)
_LEVEL = re.compile(r"(\d{1,3})\s*%?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which source it came through."""

    source: str
    site: str | None


def sighting(inventory: Inventory, made: Made, place: Place, key: EntityKey) -> Sighting:
    """The device as the agent saw it."""
    device = inventory.single("network_device")
    if device:
        return _device(inventory, device, made, place, key)
    bios, hardware = inventory.single("bios"), inventory.single("hardware")
    system = inventory.single("operatingsystem")
    vm = hardware.get("vmsystem", "").casefold()
    os_name = system.get("full_name") or system.get("name") or hardware.get("osname")
    return Sighting(
        source=place.source,
        key=key,
        seen_at=made.at,
        via=Via.AGENT,
        site=place.site,
        agent_id=inventory.id,
        address=address_of(inventory.sections.get("networks", ())),
        host_name=hardware.get("name"),
        kind=_kind(hardware, os_name or "", is_virtual=bool(vm) and vm != "physical"),
        is_virtual=vm != "physical" if vm else None,
        vendor=bios.get("smanufacturer"),
        model=bios.get("smodel"),
        serial=bios.get("ssn"),
        uuid=hardware.get("uuid"),
        asset_tag=bios.get("assettag"),
        board_vendor=bios.get("mmanufacturer"),
        board_model=bios.get("mmodel"),
        board_serial=bios.get("msn"),
        firmware=bios.get("bversion"),
        bios_on=day(bios.get("bdate", "")),
        os=os_name,
        os_version=system.get("version") or system.get("kernel_version") or hardware.get("osversion"),
        cpu=next((cpu["name"] for cpu in inventory.sections.get("cpus", ()) if "name" in cpu), None),
        cpu_count=len(inventory.sections.get("cpus", ())) or None,
        core_count=sum(
            number(cpu.get("core") or cpu.get("corecount")) or 0 for cpu in inventory.sections.get("cpus", ())
        )
        or None,
        memory_bytes=_memory(inventory, hardware),
        drives=tuple(_drives(inventory)),
        screens=tuple(_screens(inventory)),
        cards=tuple(cards(inventory.sections.get("networks", ()))),
        findings=made.findings,
        is_partial=inventory.is_partial,
    )


def _device(inventory: Inventory, device: Item, made: Made, place: Place, key: EntityKey) -> Sighting:
    """A printer or switch that an agent asked for us."""
    addresses = tuple(device.get("ips", "").split())
    card = card_of(device.get("mac", ""), addresses)
    kind = _KINDS.get((inventory.item_type or "").casefold()) or _KINDS.get(device.get("type", "").casefold())
    return Sighting(
        source=place.source,
        key=key,
        seen_at=made.at,
        via=Via.AGENT,
        site=place.site,
        agent_id=inventory.id,
        address=addresses[0] if addresses else None,
        host_name=device.get("name"),
        kind=kind,
        vendor=device.get("manufacturer"),
        model=device.get("model"),
        serial=device.get("serial"),
        description=device.get("description"),
        contact_place=device.get("location"),
        firmware=device.get("firmware"),
        cards=(card,) if card else (),
        findings=made.findings,
        is_partial=inventory.is_partial,
        readings=Readings(
            page_count=number(inventory.single("pagecounters").get("total")),
            supplies=tuple(_supplies(inventory)),
        ),
    )


def number(told: str | None) -> int | None:
    """A whole number, not negative."""
    return int(told) if told and _NUMBER.fullmatch(told) else None


def day(told: str) -> date | None:
    """2016-02-06, or 02/06/2016 with the month first; None for a day that is none."""
    if iso := _ISO_DAY.match(told):
        year, month, of_month = map(int, iso.groups())
    elif american := _US_DAY.match(told):
        month, of_month, year = map(int, american.groups())
    else:
        return None
    try:
        return date(year, month, of_month) if year > 1980 else None
    except ValueError:
        return None


def _kind(hardware: Item, os_name: str, *, is_virtual: bool) -> str | None:
    """Only what leaves no doubt: the chassis says what the box is, and no box is said of a virtual machine."""
    chassis = hardware.get("chassis_type", "").casefold()
    if is_virtual:
        return None
    if chassis in _PORTABLE:
        return "notebook"
    if chassis in _SERVER or (chassis in _DESKTOP and "server" in os_name.casefold()):
        return "server"
    return "computer" if chassis in _DESKTOP else None


def _memory(inventory: Inventory, hardware: Item) -> int | None:
    """The modules together; what the system sees of them is less, and stands in where no module is told."""
    modules = sum(number(module.get("capacity")) or 0 for module in inventory.sections.get("memories", ()))
    mebibytes = modules or number(hardware.get("memory"))
    return mebibytes * MIB if mebibytes else None


def _drives(inventory: Inventory) -> Iterator[Drive]:
    """Built-in ones: a stick that is plugged in today is no part of the computer."""
    for told in inventory.sections.get("storages", ()):
        words = " ".join(told.get(name, "") for name in ("interface", "type", "description", "name", "model"))
        size = number(told.get("disksize"))
        serial = told.get("serial") or told.get("serialnumber")
        if _REMOVABLE.search(words) or not (size or serial):
            continue
        yield Drive(
            name=told.get("name"),
            vendor=told.get("manufacturer"),
            model=told.get("model"),
            serial=serial,
            size_bytes=size * _MB if size else None,
            medium="ssd" if _SSD.search(words) else "hdd" if _HDD.search(words) else None,
        )


def _screens(inventory: Inventory) -> Iterator[Screen]:
    for told in inventory.sections.get("monitors", ()):
        model = told.get("caption") or told.get("name")
        if model or told.get("serial"):
            yield Screen(vendor=told.get("manufacturer"), model=model, serial=told.get("serial"))


def _supplies(inventory: Inventory) -> Iterator[Supply]:
    for told in inventory.sections.get("cartridges", ()):
        for name, level in sorted(told.items()):
            found = _LEVEL.fullmatch(level)
            ratio = int(found[1]) / 100 if found and int(found[1]) <= 100 else None
            yield Supply(name=name, level_ratio=ratio, state=None if found else level)
