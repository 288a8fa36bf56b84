"""Derived columns of one disk, partition, card or snapshot of a VM."""

from ipaddress import ip_address

from itops.inventory.devices import devices, guest_addresses, guest_nic
from itops.inventory.entities import Place, Value
from itops.inventory.rvtools.derived.vm import capacity_mib, network_behind
from itops.inventory.rvtools.paths import parse, walk
from itops.inventory.rvtools.row import MIB, Row, joined_text
from itops.inventory.snapshots import snapshots_of
from itops.inventory.values import dig, items, text, whole


def disk_capacity_mib(row: Row) -> Value:
    """The disk's capacity."""
    return capacity_mib(row.item)


def disk_is_raw(row: Row) -> Value:
    """Is it a raw device mapping? None when the backing does not say what it is."""
    backing = text(dig(row.item, "backing", "_type"))
    return None if backing is None else "RawDisk" in backing


def disk_guest_paths(row: Row) -> Value:
    """The guest's own names of what lies on this disk; tools report the mapping since vSphere 7.0."""
    key = row.item.get("key")
    inside = [disk for disk in items(row.entity.get("guest.disk")) if key in _mapped_keys(disk)]
    return joined_text([path for disk in inside if (path := text(disk.get("diskPath")))])


def partition_disk_keys(row: Row) -> Value:
    """The keys of the disks this partition lies on."""
    return joined_text([str(key) for key in _mapped_keys(row.item)])


def _mapped_keys(partition: dict[str, Value]) -> list[Value]:
    return [key for entry in items(partition.get("mappings")) if (key := entry.get("key")) is not None]


def controller(row: Row, path: str) -> Value:
    """A property of the controller that the device hangs on."""
    key = row.item.get("controllerKey")
    if key is None:
        return None
    found = next((device for device in devices(row.entity) if device.get("key") == key), None)
    return walk(found, parse(path).steps)


def adapter(row: Row) -> Value:
    """The model of a card: its class without the prefix."""
    return (text(row.item.get("_type")) or "").removeprefix("Virtual") or None


def nic_network(row: Row) -> Value:
    """The network behind the card."""
    return network_behind(row.item)


def nic_switch(row: Row) -> Value:
    """The switch behind the card: as resolved by the source, else through the port groups of the VM's host."""
    source, port = row.entity.source, dig(row.item, "backing", "port", "switchUuid")
    if said := text(row.item.get("switch")) or row.estate.distributed.get((source, str(port))):
        return said
    groups = row.estate.port_groups.get((source, text(row.get(Place.HOST)) or ""), {})
    return groups.get(network_behind(row.item) or "")


def nic_addresses(row: Row, version: str) -> Value:
    """The addresses the guest reports for this card, of one IP version."""
    found = guest_addresses(guest_nic(row.entity, row.item))
    return joined_text([address for address in found if _version(address) == int(version)])


def _version(address: str) -> int | None:
    try:
        return ip_address(address).version
    except ValueError:
        return None


def snapshot_file(row: Row) -> Value:
    """The file that holds the snapshot's state."""
    return text(_state_file(row).get("name"))


def snapshot_file_mib(row: Row) -> Value:
    """Its size."""
    size = whole(_state_file(row).get("size"))
    return None if size is None else size / MIB


def snapshot_total_mib(row: Row) -> Value:
    """What belongs to the snapshot: its state, its memory and the delta written since it was taken."""
    if not items(row.entity.get("layoutEx.snapshot")):
        return None
    wanted = str(row.item.get("snapshot"))
    sizes = {
        snapshot.id.removeprefix(f"{row.entity.key}/"): snapshot.size_bytes for snapshot in snapshots_of(row.entity)
    }
    size = sizes.get(wanted)
    return None if size is None else size / MIB


def _state_file(row: Row) -> dict[str, Value]:
    layout = _first(row.entity.get("layoutEx.snapshot"), row.item.get("snapshot"))
    return _first(row.entity.get("layoutEx.file"), layout.get("dataKey"))


def _first(listed: Value, key: Value) -> dict[str, Value]:
    return next((entry for entry in items(listed) if key is not None and entry.get("key") == key), {})
