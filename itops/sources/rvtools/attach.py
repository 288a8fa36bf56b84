"""What a row of an item sheet becomes: a device of its VM, an adapter of its host, a file of its datastore.

Called once a row is read; `item` holds what its columns said, `row.*` keys are notes of the derived columns that only
make sense together.
"""

from collections.abc import Callable
from typing import Any

from itops.inventory.entities import Value
from itops.sources.rvtools.controllers import DEVICES, hang_on_controller
from itops.sources.rvtools.drafts import Draft

Item = dict[str, Value]
NETWORK = "config.network"
STORAGE = "config.storageDevice"


def _disk(vm: Draft, item: Item) -> None:
    item["_type"] = "VirtualDisk"
    if isinstance(item.get("key"), str):
        item["key"] = int(str(item["key"])) if str(item["key"]).isdecimal() and len(str(item["key"])) < 19 else None
    hang_on_controller(vm, item, default="")
    vm.add(DEVICES, item)


def _card(vm: Draft, item: Item) -> None:
    addresses = item.pop("row.addresses", None)
    item.setdefault("_type", "VirtualEthernetCard")
    item.setdefault("macAddress", None)
    vm.add(DEVICES, item)
    if addresses and item["macAddress"]:
        told = {"macAddress": item["macAddress"], "network": item.get("network"), "ipAddress": addresses}
        vm.add("guest.net", told)


def _cdrom(vm: Draft, item: Item) -> None:
    vm.add(DEVICES, {"_type": "VirtualCdrom", **item})


def _usb(vm: Draft, item: Item) -> None:
    item["_type"] = "VirtualUSB"
    hang_on_controller(vm, item, default="usb")
    vm.add(DEVICES, item)


def _partition(vm: Draft, item: Item) -> None:
    if item.get("diskPath") or item.get("capacity") is not None:
        vm.add("guest.disk", item)


def _snapshot(vm: Draft, item: Item) -> None:
    """A flat list: a workbook does not say whose child a snapshot is. Its moref is unknown: name and time stand in."""
    file, size, total = (item.pop(f"row.{name}", None) for name in ("file", "file_bytes", "total_bytes"))
    ref = f"{item.get('createTime') or 'unknown time'} {item.get('name') or ''}".strip()
    item["snapshot"] = ref
    vm.add("snapshot.rootSnapshotList", item)
    if size is None and total is None:
        return
    files = vm.list_at("layoutEx.file")
    layout: Item = {"key": ref, "dataKey": len(files) + 1, "disk": []}
    kept = size if isinstance(size, int) else total
    files.append({"key": len(files) + 1, "name": file, "type": "snapshotData", "size": kept})
    if isinstance(total, int) and isinstance(size, int) and total > size:
        layout["memoryKey"] = len(files) + 1
        files.append({"key": len(files) + 1, "name": None, "type": "snapshotMemory", "size": total - size})
    vm.add("layoutEx.snapshot", layout)


def _adapter(host: Draft, item: Item) -> None:
    host.add(f"{STORAGE}.hostBusAdapter", {"key": item.get("device"), **item})


def _standard_switch(host: Draft, item: Item) -> None:
    host.add(f"{NETWORK}.vswitch", {"key": item.get("name"), "pnic": [], **item})


def _port_group(host: Draft, item: Item) -> None:
    host.add(f"{NETWORK}.portgroup", item)


def _physical_nic(host: Draft, item: Item) -> None:
    """The NIC, and its place in the switch that its row names: a standard one of the host, else a distributed one."""
    name, uplink, device = item.pop("row.switch", None), item.pop("row.uplink", None), item.get("device")
    item["key"] = device
    host.add(f"{NETWORK}.pnic", item)
    if not name:
        return
    switch = _named(host, f"{NETWORK}.vswitch", "name", name)
    if switch is None:
        switch = _named(host, f"{NETWORK}.proxySwitch", "dvsName", name)
        if switch is None:
            switch = host.add(f"{NETWORK}.proxySwitch", {"dvsName": name, "pnic": [], "uplinkPort": []})
            switch["spec"] = {"backing": {"pnicSpec": []}}
        if uplink:
            _list(switch, "uplinkPort").append({"key": uplink, "value": uplink})
            backing: Any = switch["spec"]
            backing["backing"]["pnicSpec"].append({"pnicDevice": device, "uplinkPortKey": uplink})
    _list(switch, "pnic").append(device)


def _vmkernel(host: Draft, item: Item) -> None:
    """The adapter with a TCP/IP stack of its own for its gateways: a sheet does not say which ones share a stack."""
    names = ("defaultGateway", "ipV6DefaultGateway")
    gateways: Item = {name: said for name in names if (said := item.pop(f"row.{name}", None)) is not None}
    host.add(f"{NETWORK}.vnic", item)
    if gateways:
        key = f"stack of {item.get('device')}"
        spec = item.setdefault("spec", {})
        if isinstance(spec, dict):
            spec["netStackInstanceKey"] = key
        host.add(f"{NETWORK}.netStackInstance", {"key": key, "ipRouteConfig": gateways})


def _lun(host: Draft, item: Item) -> None:
    said: Any = item.pop("row.multipath", None) or {}
    key = item.get("canonicalName")
    host.add(f"{STORAGE}.scsiLun", {"_type": "HostScsiDisk", "key": key, **item})
    policy, paths = said.pop("policy", None), [said[number] for number in sorted(said)]
    if policy or paths:
        entry: Item = {"key": key, "lun": key, "path": paths}
        host.add(f"{STORAGE}.multipathInfo.lun", {**entry, "policy": policy} if policy else entry)


def _file(datastore: Draft, item: Item) -> None:
    datastore.add("at.files", item)


def _named(host: Draft, key: str, field: str, name: Value) -> Item | None:
    listed = host.properties.get(key)
    found = (entry for entry in listed if isinstance(entry, dict)) if isinstance(listed, list) else iter(())
    return next((entry for entry in found if entry.get(field) == name), None)


def _list(item: Item, key: str) -> list[Value]:
    found = item.setdefault(key, [])
    assert isinstance(found, list)
    return found


ATTACH: dict[str, Callable[[Draft, Item], None]] = {
    "vDisk": _disk,
    "vPartition": _partition,
    "vNetwork": _card,
    "vCD": _cdrom,
    "vUSB": _usb,
    "vSnapshot": _snapshot,
    "vHBA": _adapter,
    "vSwitch": _standard_switch,
    "vPort": _port_group,
    "vNIC": _physical_nic,
    "vSC_VMK": _vmkernel,
    "vMultiPath": _lun,
    "vFileInfo": _file,
}
