"""Devices and witnesses as a plan shows them, and what a new entry for a device would hold."""

import re

from itops.assets.devices import Device
from itops.assets.identity import good_uuid
from itops.assets.reconciliation.plan import Evidence, NewAsset, SeenDevice
from itops.assets.reconciliation.values import told_values
from itops.assets.records import AssetKind, Register
from itops.assets.sightings import Sighting, Via

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._-]+")


def evidence_of(sighting: Sighting) -> Evidence:
    """A witness."""
    return Evidence(source=sighting.source, via=sighting.via, seen_at=sighting.seen_at, address=sighting.address)


def seen_device(device: Device) -> SeenDevice:
    """A device in a few words."""
    told = {name: found[0] if (found := device.told(name)) else None for name in ("vendor", "model", "host_name")}
    kind = guessed_kind(device)
    return SeenDevice(
        key=device.key,
        addresses=device.addresses,
        sources=device.sources,
        kind=None if kind is AssetKind.OTHER else kind.value,
        site=device.site,
        serial=device.serial,
        macs=tuple(sorted(device.burnt_macs)),
        **told,
    )


def label_of(device: Device) -> str:
    """The device in an item's id: its serial, UUID, MAC or address, with nothing that a shell would take apart."""
    return _NOT_IN_IDS.sub("-", device.key.split("/", 1)[1]).strip("-") or "device"


def guessed_kind(device: Device) -> AssetKind:
    """What it says it is; else what only such a thing tells; else OTHER."""
    if device.kind is not None:
        return device.kind
    if any(one.readings.ups or one.battery_replaced_on or one.battery_due_on for one in device.sightings):
        return AssetKind.UPS
    if any(one.readings.supplies or one.readings.page_count is not None for one in device.sightings):
        return AssetKind.PRINTER
    if any(one.via in {Via.REDFISH, Via.IPMI, Via.VSPHERE} for one in device.sightings):
        return AssetKind.SERVER
    if any(one.via is Via.AGENT for one in device.sightings):
        return AssetKind.COMPUTER
    return AssetKind.OTHER


def new_asset(device: Device, asset_id: str, register: Register) -> NewAsset:
    """The entry that a device would become; where it has no serial, a pin by which the next scan knows it."""
    told = {one.field: one.value for one in told_values(device)}
    site = device.site or (next(iter(register.sites)) if len(register.sites) == 1 else None)
    site = site if site in register.sites else None
    name = told.get("host_name") or " ".join(filter(None, (told.get("vendor"), told.get("model")))) or asset_id
    fields: dict[str, str | None] = {
        "kind": guessed_kind(device).value,
        "name": name,
        **{field: told.get(field) for field in ("serial", "vendor", "model", "host_name")},
        "site": site,
        "vm.uuid": told.get("vm.uuid"),
        **({} if "serial" in told or "vm.uuid" in told else pin_of(device)),
    }
    return NewAsset(
        id=f"new.{label_of(device)}",
        asset_id=asset_id,
        fields={field: value for field, value in fields.items() if value},
        missing=() if site else ("site",),
        device=seen_device(device),
        evidence=evidence_of(device.newest),
    )


def pin_of(device: Device) -> dict[str, str]:
    """By what a person may pin it where no serial can stand in its entry: the best that it tells."""
    uuid = device.told("uuid")
    if uuid and good_uuid(uuid[0]):
        return {"match.uuid": str(good_uuid(uuid[0]))}
    serial = device.told("serial")
    if serial:
        return {"match.serial": str(serial[0])}
    if device.macs and not device.is_virtual:
        mac = min(device.macs)
        return {"match.mac": ":".join(mac[index : index + 2] for index in range(0, 12, 2))}
    agent = device.told("agent_id")
    if agent:
        return {"match.agent_id": str(agent[0])}
    return {"match.ip": device.addresses[0]} if device.addresses else {}


def counted(name: str) -> list[tuple[int, str]]:
    """A key under which PC-9 comes before PC-10."""
    return [(len(part), part) if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]
