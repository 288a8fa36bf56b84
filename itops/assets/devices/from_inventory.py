"""Hosts and virtual machines of the inventory as sightings: the register knows them as servers, too."""

from collections.abc import Iterable, Iterator

from itops.assets.identity import good_uuid, junk_rules, normal_mac
from itops.assets.records import AssetKind
from itops.assets.sightings import NetworkCard, Sighting, Via, sighting_of
from itops.inventory.devices import nics_of
from itops.inventory.entities import Entity, Kind, Place, Value
from itops.inventory.records import host_of, vm_of
from itops.inventory.values import dig, items, moment, text


def sightings_of(entities: Iterable[Entity]) -> Iterator[Sighting]:
    """Everything that may be an asset: devices, hosts, virtual machines; templates and the rest are none."""
    for entity in entities:
        if entity.kind is Kind.DEVICE:
            yield sighting_of(entity)
        elif entity.kind is Kind.HOST:
            yield sighting_of_host(entity)
        elif entity.kind is Kind.VM and not vm_of(entity).is_template:
            yield sighting_of_vm(entity)


def sighting_of_host(entity: Entity) -> Sighting:
    """An ESXi host. One that runs inside a virtual machine says so by its maker."""
    host = host_of(entity)
    released = moment(entity.get("hardware.biosInfo.releaseDate"))
    is_nested = bool(junk_rules().virtual_machines.fullmatch((host.vendor or "").lower()))
    return Sighting(
        source=host.source,
        key=entity.key,
        seen_at=host.seen_at,
        via=Via.VSPHERE,
        address=_first(_vnic_addresses(entity)),
        host_name=host.name,
        kind=AssetKind.VIRTUAL_SERVER if is_nested else AssetKind.SERVER,
        vendor=host.vendor,
        model=host.model,
        serial=host.serial_number,
        uuid=text(entity.get("hardware.systemInfo.uuid")),
        is_virtual=is_nested,
        cards=tuple(_card(card.get("mac"), card.get("device")) for card in items(entity.get("config.network.pnic"))),
        os=text(entity.get("config.product.fullName")) or "VMware ESXi",
        os_version=host.product_version,
        firmware=text(entity.get("hardware.biosInfo.biosVersion")),
        bios_on=released.date() if released else None,
        cpu=host.cpu_model,
        core_count=host.cpu_core_count,
        memory_bytes=host.memory_bytes,
    )


def sighting_of_vm(entity: Entity) -> Sighting:
    """A virtual machine: `uuid` is its instance UUID, `serial` what its guest reads from its BIOS UUID, `slot` the host
    that runs it (the same instance on two hosts is a machine and its copy), `description` its name in vSphere."""
    vm = vm_of(entity)
    return Sighting(
        source=vm.source,
        key=entity.key,
        seen_at=vm.seen_at,
        via=Via.VSPHERE,
        address=_first(vm.ip_addresses),
        host_name=vm.guest_host_name or vm.name,
        kind=AssetKind.VIRTUAL_SERVER,
        serial=_guest_serial(vm.bios_uuid),
        uuid=vm.instance_uuid or vm.id,
        slot=text(entity.get(Place.HOST_UUID)),
        is_virtual=True,
        cards=tuple(_card(nic.mac_address, nic.label) for nic in nics_of(entity)),
        description=vm.name,
        os=vm.guest_os,
        cpu_count=vm.cpu_count,
        memory_bytes=vm.memory_bytes,
    )


def _guest_serial(bios_uuid: str | None) -> str | None:
    """The serial that VMware gives a guest: its BIOS UUID, written as bytes."""
    found = good_uuid(bios_uuid)
    if found is None:
        return None
    digits = found.replace("-", "")
    return f"VMware-{digits[:16]}-{digits[16:]}"


def _card(mac: Value, name: Value) -> NetworkCard:
    return NetworkCard(mac=normal_mac(text(mac)), name=text(name))


def _vnic_addresses(entity: Entity) -> tuple[str, ...]:
    cards = items(entity.get("config.network.vnic"))
    return tuple(found for card in cards if (found := text(dig(card, "spec", "ip", "ipAddress"))))


def _first(found: tuple[str, ...]) -> str | None:
    return found[0] if found else None
