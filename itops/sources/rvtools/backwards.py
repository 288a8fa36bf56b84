"""The derived columns read backwards: what a cell says about the properties it was made from.

One function for each derivation whose cell still tells something; the others (counts, shares of other things) are left
out, they are derived again when they are wanted. `target` is the entity, `item` what the row is about within it.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from itops.inventory.entities import Place, Value
from itops.inventory.rvtools.derived.host import HBA_TYPES
from itops.inventory.rvtools.paths import parse, put
from itops.inventory.rvtools.row import MIB
from itops.sources.rvtools.controllers import controller_of, device_of
from itops.sources.rvtools.drafts import Draft

Item: TypeAlias = dict[str, Value]
_HEX_PAIRS = re.compile(r"(?:[0-9a-fA-F]{2}:){7}[0-9a-fA-F]{2}")
_NFS = re.compile(r"([^\s:]+):?\s*(/.*)")
_RANGE = re.compile(r"(\d+)\s*-\s*(\d+)")
_HBA_CLASSES = {shown: name for name, shown in HBA_TYPES.items()}


def _texts(value: Any) -> list[Value]:
    return [part.strip() for part in str(value).split(",") if part.strip()]


def _set(target: Draft, item: Item, path: str, value: Value) -> None:
    parsed = parse(path)
    if parsed.is_of_item:
        put(item, parsed.steps, value)
    else:
        target.set(path, value)


def _mib(target: Draft, item: Item, value: Any, path: str) -> None:
    _set(target, item, path, round(value * MIB))


def _percent_text(target: Draft, item: Item, value: Any, path: str) -> None:
    digits = str(value).strip().removesuffix("%").strip()
    if digits.isdecimal():
        target.set(path, int(digits))


def _counted(target: Draft, item: Item, value: Any, path: str) -> None:
    target.set(path, value)


def _joined(target: Draft, item: Item, value: Any, path: str) -> None:
    target.set(path, _texts(value))


def _total_disk_mib(target: Draft, item: Item, value: Any) -> None:
    target.set("at.disk_capacity_bytes", round(value * MIB))


def _enable_uuid(target: Draft, item: Item, value: Any) -> None:
    target.add("config.extraConfig", {"key": "disk.EnableUUID", "value": value})


def _network(target: Draft, item: Item, value: Any, number: str) -> None:
    target.properties.setdefault(f"row.network.{number}", value)  # a card of its own only where vNetwork is missing


def _video_card(target: Draft, item: Item, value: Any, name: str) -> None:
    device_of(target, "VirtualMachineVideoCard")[name] = value


def _ha_setting(target: Draft, item: Item, value: Any, name: str) -> None:
    said = target.properties.setdefault("row.ha", {})
    assert isinstance(said, dict)
    said[name] = value


def _ha_vm_monitoring(target: Draft, item: Item, value: Any) -> None:
    _ha_setting(target, item, value, "vmMonitoring")


def _hardware_version(target: Draft, item: Item, value: Any) -> None:
    target.set("config.version", f"vmx-{value:02d}")


def _srm_placeholder(target: Draft, item: Item, value: Any) -> None:
    if str(value).strip().lower() in ("true", "yes", "1"):
        target.set("config.managedBy.extensionKey", "com.vmware.vcDr")
        target.set("config.managedBy.type", "placeholderVm")


def _server(target: Draft, item: Item, value: Any) -> None:
    target.set(Place.SERVER, value)


def _server_uuid(target: Draft, item: Item, value: Any) -> None:
    target.set(Place.SERVER_UUID, value)


def _about(target: Draft, item: Item, value: Any, name: str) -> None:
    target.properties.setdefault(f"row.about.{name}", value)


def _disk_capacity_mib(target: Draft, item: Item, value: Any) -> None:
    item["capacityInKB"], item["capacityInBytes"] = round(value * 1024), round(value * MIB)


def _disk_is_raw(target: Draft, item: Item, value: Any) -> None:
    name = "VirtualDiskRawDiskMappingVer1BackingInfo" if value else "VirtualDiskFlatVer2BackingInfo"
    put(item, (("backing", ""), ("_type", "")), name)


def _controller(target: Draft, item: Item, value: Any, path: str) -> None:
    put(controller_of(item), parse(path).steps, value)


def _partition_disk_keys(target: Draft, item: Item, value: Any) -> None:
    item["mappings"] = [{"key": int(key)} for key in map(str, _texts(value)) if key.isdecimal() and len(key) < 19]


def _adapter(target: Draft, item: Item, value: Any) -> None:
    item["_type"] = value if str(value).startswith("Virtual") else f"Virtual{value}"


def _nic_network(target: Draft, item: Item, value: Any) -> None:
    item["network"] = value


def _nic_switch(target: Draft, item: Item, value: Any) -> None:
    item["switch"] = value


def _nic_addresses(target: Draft, item: Item, value: Any, version: str) -> None:
    found = item.setdefault("row.addresses", [])
    assert isinstance(found, list)
    found += _texts(value)


def _snapshot_file(target: Draft, item: Item, value: Any) -> None:
    item["row.file"] = value


def _snapshot_file_mib(target: Draft, item: Item, value: Any) -> None:
    item["row.file_bytes"] = round(value * MIB)


def _snapshot_total_mib(target: Draft, item: Item, value: Any) -> None:
    item["row.total_bytes"] = round(value * MIB)


def _host_option(target: Draft, item: Item, value: Any, key: str) -> None:
    number: Value = int(value) if str(value).isdecimal() and len(str(value)) < 19 else value
    target.add("config.option", {"key": key, "value": number})


def _host_service(target: Draft, item: Item, value: Any, key: str) -> None:
    target.add("config.service.service", {"key": key, "running": value})


def _host_identifier(target: Draft, item: Item, value: Any, key: str) -> None:
    entry: Item = {"identifierType": {"key": key}, "identifierValue": value}
    target.add("hardware.systemInfo.otherIdentifyingInfo", entry)


def _hba_type(target: Draft, item: Item, value: Any) -> None:
    item["_type"] = _HBA_CLASSES.get(value, value)


def _hba_world_wide_name(target: Draft, item: Item, value: Any) -> None:
    if _HEX_PAIRS.fullmatch(str(value)):
        item["portWorldWideName"] = int(str(value).replace(":", ""), 16)
    else:
        item["iScsiName"] = value


def _pnic_switch(target: Draft, item: Item, value: Any) -> None:
    item["row.switch"] = value


def _pnic_uplink_port(target: Draft, item: Item, value: Any) -> None:
    item["row.uplink"] = value


def _vmkernel_port_group(target: Draft, item: Item, value: Any) -> None:
    item["portgroup"] = value


def _vmkernel_ipv6(target: Draft, item: Item, value: Any) -> None:
    addresses: list[Value] = [{"ipAddress": address} for address in _texts(value)]
    put(item, (("spec", ""), ("ip", ""), ("ipV6Config", ""), ("ipV6Address", "")), addresses)


def _vmkernel_gateway(target: Draft, item: Item, value: Any, name: str) -> None:
    item[f"row.{name}"] = value


def _hosts(target: Draft, item: Item, value: Any) -> None:
    target.set(Place.HOSTS, _texts(value))


def _pool_path(target: Draft, item: Item, value: Any) -> None:
    target.set(Place.RESOURCE_POOL, value)


def _portgroup_switch(target: Draft, item: Item, value: Any) -> None:
    target.set(Place.SWITCH, value)


def _portgroup_vlan(target: Draft, item: Item, value: Any) -> None:
    text = str(value).strip()
    ranges: list[Value] = [{"start": int(low), "end": int(high)} for low, high in _RANGE.findall(text)[:4096]]
    vlan: Item | None = None
    if text.isdecimal() and len(text) < 6:
        vlan = {"_type": "VmwareDistributedVirtualSwitchVlanIdSpec", "vlanId": int(text)}
    elif ranges:
        vlan = {"_type": "VmwareDistributedVirtualSwitchTrunkVlanSpec", "vlanId": ranges}
    if vlan is not None:
        target.set("config.defaultPortConfig>vlan", vlan)


def _datastore_address(target: Draft, item: Item, value: Any) -> None:
    target.properties["row.address"] = value


def _datastore_cluster_mib(target: Draft, item: Item, value: Any, name: str) -> None:
    target.properties[f"row.cluster_{name}"] = round(value * MIB)


def _lun_policy(target: Draft, item: Item, value: Any) -> None:
    put(item, (("row.multipath", ""), ("policy", ""), ("policy", "")), value)


def _lun_path(target: Draft, item: Item, value: Any, number: str, what: str) -> None:
    put(item, (("row.multipath", ""), (number, ""), (what, "")), value)


def _license_labels(target: Draft, item: Item, value: Any) -> None:
    target.set("labels", [{"key": "", "value": label} for label in _texts(value)])


def _license_expiry(target: Draft, item: Item, value: Any) -> None:
    target.properties["row.expires"] = value


def _license_features(target: Draft, item: Item, value: Any) -> None:
    for name in _texts(value):
        target.add("properties", {"key": "feature", "value": name})


def datastore_nfs(address: str) -> Item | None:
    """Server and path of an NFS datastore's address; None when it is none."""
    found = _NFS.fullmatch(address.strip())
    return {"remoteHost": found[1], "remotePath": found[2]} if found else None


BACKWARDS: dict[str, Callable[..., None]] = {
    "mib": _mib,
    "percent_text": _percent_text,
    "nic_count": _counted,
    "disk_count": _counted,
    "joined": _joined,
    "total_disk_mib": _total_disk_mib,
    "enable_uuid": _enable_uuid,
    "network": _network,
    "video_card": _video_card,
    "ha_setting": _ha_setting,
    "ha_vm_monitoring": _ha_vm_monitoring,
    "hardware_version": _hardware_version,
    "srm_placeholder": _srm_placeholder,
    "server": _server,
    "server_uuid": _server_uuid,
    "about": _about,
    "disk_capacity_mib": _disk_capacity_mib,
    "disk_is_raw": _disk_is_raw,
    "controller": _controller,
    "partition_disk_keys": _partition_disk_keys,
    "adapter": _adapter,
    "nic_network": _nic_network,
    "nic_switch": _nic_switch,
    "nic_addresses": _nic_addresses,
    "snapshot_file": _snapshot_file,
    "snapshot_file_mib": _snapshot_file_mib,
    "snapshot_total_mib": _snapshot_total_mib,
    "host_option": _host_option,
    "host_service": _host_service,
    "host_identifier": _host_identifier,
    "host_identifiers": _host_identifier,
    "hba_type": _hba_type,
    "hba_world_wide_name": _hba_world_wide_name,
    "pnic_switch": _pnic_switch,
    "pnic_uplink_port": _pnic_uplink_port,
    "vmkernel_port_group": _vmkernel_port_group,
    "vmkernel_ipv6": _vmkernel_ipv6,
    "vmkernel_gateway": _vmkernel_gateway,
    "switch_hosts": _hosts,
    "datastore_hosts": _hosts,
    "pool_path": _pool_path,
    "portgroup_switch": _portgroup_switch,
    "portgroup_vlan": _portgroup_vlan,
    "datastore_address": _datastore_address,
    "datastore_cluster_mib": _datastore_cluster_mib,
    "lun_policy": _lun_policy,
    "lun_path": _lun_path,
    "license_labels": _license_labels,
    "license_expiry": _license_expiry,
    "license_features": _license_features,
}
