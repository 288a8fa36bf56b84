"""Derived columns of datastores, their files, distributed switches and licences."""

import re

from itops.inventory.entities import Place, Value
from itops.inventory.records import vlan_text
from itops.inventory.rvtools.row import Row, joined_text, mib_of
from itops.inventory.values import dig, items, names, text

_VSAN_FOLDER = re.compile(r"\[[^\]]*\] [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def datastore_address(row: Row) -> Value:
    """VMFS: the LUNs under it; NFS: server and path."""
    extents = items(row.get("info[VmfsDatastoreInfo]>vmfs.extent"))
    if extents:
        return joined_text([disk for extent in extents if (disk := text(extent.get("diskName")))])
    server, path = (text(row.get(f"info[NasDatastoreInfo]>nas.{name}")) for name in ("remoteHost", "remotePath"))
    return f"{server}:{path}" if server and path else server or path


def datastore_extent_count(row: Row) -> Value:
    """How many LUNs a VMFS datastore spans."""
    extents = row.get("info[VmfsDatastoreInfo]>vmfs.extent")
    return len(extents) if isinstance(extents, list) else None


def datastore_provisioned_mib(row: Row) -> Value:
    """What is used and what thin disks may still grow to."""
    capacity, free = row.number("summary.capacity"), row.number("summary.freeSpace")
    growth = row.number("summary.uncommitted")
    return None if capacity is None or free is None or growth is None else mib_of(capacity - free + growth)


def datastore_host_count(row: Row) -> Value:
    """How many hosts mount it."""
    listed = row.get("host")
    listed = listed if isinstance(listed, list) else row.get(Place.HOSTS)
    return len(listed) if isinstance(listed, list) else None


def datastore_hosts(row: Row) -> Value:
    """The hosts that mount it."""
    refs = [entry.get("key") for entry in items(row.get("host"))]
    return _host_names(row, refs)


def switch_hosts(row: Row) -> Value:
    """The hosts that are members of a distributed switch."""
    return _host_names(row, list(names(row.get("summary.hostMember"))))


def _host_names(row: Row, refs: list[Value]) -> str | None:
    resolved = names(row.get(Place.HOSTS))
    return joined_text(resolved or [name for ref in refs if (name := row.estate.name_of_host(row.entity.source, ref))])


def datastore_cluster_mib(row: Row, name: str) -> Value:
    """Capacity or free space of the datastore cluster above."""
    place = row.entity.source, text(row.get(Place.DATACENTER)), text(row.get(Place.DATASTORE_CLUSTER)) or ""
    sizes = row.estate.datastore_clusters.get(place)
    size = sizes[0 if name == "capacity" else 1] if sizes else None
    return mib_of(size) if isinstance(size, int) else None


def friendly_path(row: Row) -> Value:
    """Folder and file; None on vSAN, where the folder is an object's UUID and its friendly name is not known."""
    folder, path = text(row.item.get("folder")), text(row.item.get("path"))
    if not folder or not path or _VSAN_FOLDER.match(folder):
        return None
    return f"{folder}{path}" if folder.endswith(("/", " ")) else f"{folder}/{path}"


def portgroup_switch(row: Row) -> Value:
    """The distributed switch of a port group."""
    switch = row.get("config.distributedVirtualSwitch")
    return text(row.get(Place.SWITCH)) or row.estate.distributed.get((row.entity.source, str(switch)))


def portgroup_vlan(row: Row) -> Value:
    """The VLAN id, the trunk's ranges, or the private VLAN."""
    return vlan_text(row.get("config.defaultPortConfig>vlan"))


def license_labels(row: Row) -> Value:
    """The labels of a licence."""
    return joined_text([value for label in items(row.get("labels")) if (value := text(label.get("value")))])


def license_expiry(row: Row) -> Value:
    """When it ends; a perpetual licence has no such property."""
    return next((entry.get("value") for entry in _license_properties(row, "expirationDate")), None)


def license_features(row: Row) -> Value:
    """The features it turns on: each is a key with a text, or a text."""
    values = [entry.get("value") for entry in _license_properties(row, "feature")]
    return joined_text([name for value in values if (name := text(value) or text(dig(value, "value")))])


def _license_properties(row: Row, key: str) -> list[dict[str, Value]]:
    return [entry for entry in items(row.get("properties")) if entry.get("key") == key]
