"""What one collector saw of one device: a sighting. Several sightings of one device are joined in `devices`.

A sighting travels and is kept as an Entity of Kind.DEVICE: `properties_of` and `sighting_of` are the one border. Its
key is the source and the address (or an agent's own id): who *answered where*, not who the device is. Every field is
what the device said, cleaned of padding and control characters and nothing else; junk is judged in `identity`.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum

from itops.documents import from_plain, to_plain
from itops.inventory.entities import Entity, EntityKey, Kind, Properties


class Via(StrEnum):
    """How a device was asked, the best witness of what it is first."""

    REDFISH = "redfish"
    IPMI = "ipmi"
    VSPHERE = "vsphere"
    AGENT = "agent"
    SSH = "ssh"
    SNMP_VENDOR = "snmp_vendor"  # the maker's own OIDs answered
    SNMP = "snmp"
    SWEEP = "sweep"  # something answers there, nothing more is known


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCard:
    """One network interface. `medium`: ethernet, wifi, bluetooth, usb, dock, virtual, bmc or None where not told."""

    mac: str | None = None  # as 12 lower-case hex digits
    name: str | None = None
    medium: str | None = None
    is_permanent: bool | None = None  # burnt in, as far as the device says
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """One disk inside a device."""

    name: str | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    size_bytes: int | None = None
    medium: str | None = None  # ssd, hdd


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One monitor."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A device behind a port (LLDP, forwarding table) or beside it (ARP): what a switch or router knows of others."""

    mac: str | None = None
    address: str | None = None
    port: str | None = None
    name: str | None = None
    told_by: str = "lldp"  # lldp, fdb, arp


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A consumable of a printer. `level_ratio` 0 to 1; None where the device does not measure it."""

    name: str
    level_ratio: float | None = None
    state: str | None = None  # "some left" (-3), "unknown" (-2), "unlimited" (-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsReading:
    """What a UPS says of itself now."""

    battery_state: str | None = None  # normal, low, depleted, unknown
    charge_ratio: float | None = None
    runtime_seconds: int | None = None
    load_ratio: float | None = None
    temperature_celsius: float | None = None
    needs_new_battery: bool | None = None
    is_on_battery: bool | None = None
    last_test: str | None = None  # passed, warning, failed, aborted, running, none


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What moves by itself: kept beside the history, the newest only."""

    told_at: datetime | None = (
        None  # by the device, where that was not when it was read: an inventory that lay in a file
    )
    uptime_seconds: int | None = None
    page_count: int | None = None
    supplies: tuple[Supply, ...] = ()
    ups: UpsReading | None = None
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One device as one collector saw it."""

    source: str
    key: EntityKey
    seen_at: datetime  # aware, UTC
    via: Via
    address: str | None = None  # where it answered
    host_name: str | None = None  # as it calls itself: host name, sysName
    site: str | None = None  # of the source, as itops.yaml says
    kind: str | None = None  # an AssetKind's value, where the device itself leaves no doubt
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    uuid: str | None = None
    asset_tag: str | None = None  # from BIOS, FRU or agent
    board_vendor: str | None = None
    board_model: str | None = None
    board_serial: str | None = None
    slot: str | None = None  # of a blade or node in a chassis: part of its identity
    is_virtual: bool | None = None
    agent_id: str | None = None
    cards: tuple[NetworkCard, ...] = ()
    description: str | None = None
    contact_place: str | None = None  # sysLocation: what somebody once typed into the device
    os: str | None = None
    os_version: str | None = None
    firmware: str | None = None
    bios_on: date | None = None
    made_on: date | None = None  # a FRU's board date: the true age of a server
    cpu: str | None = None
    cpu_count: int | None = None  # sockets
    core_count: int | None = None
    memory_bytes: int | None = None
    drives: tuple[Drive, ...] = ()
    screens: tuple[Screen, ...] = ()
    battery_replaced_on: date | None = None
    battery_due_on: date | None = None  # what the UPS itself recommends
    findings: tuple[str, ...] = ()  # codes of what was noticed while asking: "ssh.sha1-only"
    is_partial: bool = False  # an agent's partial file: updates what it carries, clears nothing
    readings: Readings = field(default_factory=Readings)


_OWN = ("source", "key", "seen_at")


def entity_of(sighting: Sighting, ref: str) -> Entity:
    """As it is kept; `ref` is what the source itself calls it."""
    properties = to_plain(sighting)
    assert isinstance(properties, dict)
    for name in _OWN:
        properties.pop(name, None)
    return Entity(
        kind=Kind.DEVICE,
        key=sighting.key,
        ref=ref,
        source=sighting.source,
        seen_at=sighting.seen_at,
        properties={"name": sighting.host_name or sighting.address or ref, **properties},
    )


def sighting_of(entity: Entity) -> Sighting:
    """As it was seen."""
    known = {spec.name for spec in fields(Sighting)} - set(_OWN)
    plain: Properties = {name: value for name, value in entity.properties.items() if name in known}
    sighting: Sighting = from_plain(
        Sighting, {**plain, "source": entity.source, "key": entity.key, "seen_at": entity.seen_at.isoformat()}
    )
    told_at = sighting.readings.told_at
    return sighting if told_at is None else replace(sighting, seen_at=told_at)
