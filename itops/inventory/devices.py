"""The virtual devices of a VM, and the addresses its guest reports for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface

from itops.inventory.entities import Entity, Value
from itops.inventory.values import KIB, dig, items, names, scaled, text, truth, whole

ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  the default route, not an address to listen on


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One virtual disk. Source: config.hardware.device[VirtualDisk]."""

    key: int | None
    label: str | None
    capacity_bytes: int | None
    path: str | None
    is_thin: bool | None
    mode: str | None  # persistent, independent_persistent, independent_nonpersistent ...
    sharing: str | None
    has_parent: bool  # the backing stands on another file: a delta or a linked clone


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """One virtual network card. Source: config.hardware.device[VirtualEthernetCard] and guest.net."""

    label: str | None
    adapter: str | None  # Vmxnet3, E1000 ...
    mac_address: str | None
    network: str | None
    is_connected: bool | None
    ip_addresses: tuple[str, ...]


def devices(entity: Entity, *types: str) -> Iterator[dict[str, Value]]:
    """The virtual devices of a VM whose class is one of `types`; all of them when none is named."""
    for device in items(entity.get("config.hardware.device")):
        if not types or device.get("_type") in types:
            yield device


def is_nic(device: dict[str, Value]) -> bool:
    """Is this device a network card? Only cards have a MAC address in the API."""
    return "macAddress" in device or "addressType" in device


def disks_of(entity: Entity) -> tuple[Disk, ...]:
    """The virtual disks of a VM, in device order."""
    return tuple(_disk(device) for device in devices(entity, "VirtualDisk"))


def _disk(device: dict[str, Value]) -> Disk:
    capacity = whole(device.get("capacityInBytes"))
    return Disk(
        key=whole(device.get("key")),
        label=text(dig(device, "deviceInfo", "label")),
        capacity_bytes=capacity or scaled(device.get("capacityInKB"), KIB),
        path=text(dig(device, "backing", "fileName")),
        is_thin=truth(dig(device, "backing", "thinProvisioned")),
        mode=text(dig(device, "backing", "diskMode")),
        sharing=text(dig(device, "backing", "sharing")),
        has_parent=dig(device, "backing", "parent") is not None,
    )


def nics_of(entity: Entity) -> tuple[Nic, ...]:
    """The network cards of a VM with the addresses its guest reports for each."""
    return tuple(_nic(device, guest_nic(entity, device)) for device in devices(entity) if is_nic(device))


def guest_nic(entity: Entity, device: dict[str, Value]) -> dict[str, Value]:
    """The guest.net entry of a card: same device key, else same MAC; adapters inside the guest (key -1) never."""
    reported = [entry for entry in items(entity.get("guest.net")) if entry.get("deviceConfigId") != -1]
    for field, wanted in (("deviceConfigId", device.get("key")), ("macAddress", device.get("macAddress"))):
        for entry in reported:
            if wanted is not None and entry.get(field) == wanted:
                return entry
    return {}


def guest_addresses(entry: dict[str, Value]) -> tuple[str, ...]:
    """The addresses of one guest.net entry: ipConfig when there is one, else the flat list."""
    configured = [text(item.get("ipAddress")) for item in items(dig(entry, "ipConfig", "ipAddress"))]
    return tuple(address for address in configured if address) or names(entry.get("ipAddress"))


def _nic(device: dict[str, Value], reported: dict[str, Value]) -> Nic:
    return Nic(
        label=text(dig(device, "deviceInfo", "label")),
        adapter=(text(device.get("_type")) or "").removeprefix("Virtual") or None,
        mac_address=text(device.get("macAddress")),
        network=text(device.get("network")),
        is_connected=truth(dig(device, "connectable", "connected")),
        ip_addresses=guest_addresses(reported),
    )


def ip_addresses_of(entity: Entity) -> tuple[str, ...]:
    """The VM's addresses, the primary first; adapters that live only inside the guest are left out.

    Primary is the one in the subnet of the guest's default gateway; else guest.ipAddress, which moves when Docker or a
    VPN comes up; else the first. Link-local addresses are nobody's address.
    """
    found: list[str] = []
    subnets: dict[str, str] = {}
    for entry in items(entity.get("guest.net")):
        if entry.get("deviceConfigId") == -1:
            continue
        found += guest_addresses(entry)
        for item in items(dig(entry, "ipConfig", "ipAddress")):
            subnets[str(item.get("ipAddress"))] = f"{item.get('ipAddress')}/{item.get('prefixLength')}"
    reported = text(entity.get("guest.ipAddress"))
    usable = [address for address in dict.fromkeys(found or ([reported] if reported else [])) if _is_usable(address)]
    primary = _beside_gateway(usable, subnets, _gateways(entity)) or (reported if reported in usable else None)
    return tuple(sorted(usable, key=lambda address: address != primary)) if primary else tuple(usable)


def _is_usable(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_link_local or parsed.is_loopback or parsed.is_unspecified)


def _gateways(entity: Entity) -> list[str]:
    routes = [
        route
        for stack in items(entity.get("guest.ipStack"))
        for route in items(dig(stack, "ipRouteConfig", "ipRoute"))
        if route.get("network") in ANYWHERE and route.get("prefixLength") == 0
    ]
    return [gateway for route in routes if (gateway := text(dig(route, "gateway", "ipAddress")))]


def _beside_gateway(usable: Sequence[str], subnets: dict[str, str], gateways: Sequence[str]) -> str | None:
    for address in usable:
        try:
            network = ip_interface(subnets.get(address, address)).network
            if any(ip_address(gateway) in network for gateway in gateways):
                return address
        except ValueError:
            continue
    return None
