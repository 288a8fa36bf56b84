"""Derived columns of hosts: use, settings, adapters, network and paths to storage."""

from itops.inventory.entities import Value
from itops.inventory.records import identifying_info
from itops.inventory.rvtools.row import MIB, Row, joined_text
from itops.inventory.values import dig, items, names, text, whole

HBA_TYPES = {
    "HostFibreChannelHba": "Fibre Channel",
    "HostFibreChannelOverEthernetHba": "FCoE",
    "HostInternetScsiHba": "iSCSI",
    "HostBlockHba": "Block",
    "HostParallelScsiHba": "Parallel SCSI",
    "HostSerialAttachedHba": "SAS",
    "HostPcieHba": "PCIe",
    "HostRdmaHba": "RDMA",
    "HostTcpHba": "TCP",
}


def host_cpu_percent(row: Row) -> Value:
    """CPU in use, of all cores."""
    used, speed = row.number("summary.quickStats.overallCpuUsage"), row.number("summary.hardware.cpuMhz")
    cores = row.number("summary.hardware.numCpuCores")
    return None if used is None or not speed or not cores else round(100 * used / (speed * cores))


def host_memory_percent(row: Row) -> Value:
    """Memory in use; the quick figure is MiB, the hardware's is bytes."""
    used, size = row.number("summary.quickStats.overallMemoryUsage"), row.number("summary.hardware.memorySize")
    return None if used is None or not size else round(100 * used * MIB / size)


def host_tally(row: Row, name: str) -> Value:
    """A sum over the running VMs of this host; None for a host whose VMs nobody listed, or told nothing."""
    tally = row.estate.tallies.get((row.entity.source, row.entity.name))
    if tally is None or (not tally.running and row.get("vm") is None):
        return None
    return getattr(tally, name) if tally.running else 0


def host_tally_per_core(row: Row, name: str) -> Value:
    """That sum for each core."""
    total, cores = whole(host_tally(row, name)), row.number("summary.hardware.numCpuCores")
    return None if total is None or not cores else total / cores


def host_option(row: Row, key: str) -> Value:
    """An advanced setting as text."""
    found = [option.get("value") for option in items(row.get("config.option")) if option.get("key") == key]
    return str(found[0]) if found and found[0] is not None else None


def host_service(row: Row, key: str) -> Value:
    """Does this service run?"""
    running = (entry.get("running") for entry in items(row.get("config.service.service")) if entry.get("key") == key)
    return next(running, None)


def host_identifier(row: Row, key: str) -> Value:
    """The first identifier of a kind; makers pad with blanks."""
    return identifying_info(row.entity, key)


def host_identifiers(row: Row, key: str) -> Value:
    """All identifiers of a kind."""
    listed = items(row.get("hardware.systemInfo.otherIdentifyingInfo"))
    found = [text(entry.get("identifierValue")) for entry in listed if dig(entry, "identifierType", "key") == key]
    return joined_text([value.strip() for value in found if value and value.strip()])


def hba_type(row: Row) -> Value:
    """What sort of adapter; the class's own name for one we do not know."""
    name = text(row.item.get("_type"))
    return HBA_TYPES.get(name, name) if name else None


def hba_world_wide_name(row: Row) -> Value:
    """The port's name on the fabric as hex pairs; an iSCSI adapter's own name."""
    number = whole(row.item.get("portWorldWideName"))
    if number is None:
        return text(row.item.get("iScsiName"))
    return _pairs(number)


def _pairs(number: int) -> str:
    digits = f"{number & 0xFFFF_FFFF_FFFF_FFFF:016x}"
    return ":".join(digits[start : start + 2] for start in range(0, 16, 2))


def pnic_switch(row: Row) -> Value:
    """The standard switch that this NIC serves, else the distributed one."""
    key = row.item.get("key")
    for path, name in (("config.network.vswitch", "name"), ("config.network.proxySwitch", "dvsName")):
        for switch in items(row.get(path)):
            if key is not None and key in names(switch.get("pnic")):
                return text(switch.get(name))
    return None


def pnic_uplink_port(row: Row) -> Value:
    """The name of the distributed switch's uplink that is bound to this NIC."""
    device = row.item.get("device")
    for switch in items(row.get("config.network.proxySwitch")):
        for bound in items(dig(switch, "spec", "backing", "pnicSpec")):
            if device is not None and bound.get("pnicDevice") == device:
                return _uplink_name(switch, bound.get("uplinkPortKey"))
    return None


def _uplink_name(switch: dict[str, Value], key: Value) -> str | None:
    ports = items(switch.get("uplinkPort"))
    return next((text(port.get("value")) for port in ports if key is not None and port.get("key") == key), None)


def vmkernel_port_group(row: Row) -> Value:
    """The adapter's port group; one on a distributed switch names only the port group's key."""
    key = dig(row.item, "spec", "distributedVirtualPort", "portgroupKey")
    return text(row.item.get("portgroup")) or row.estate.distributed.get((row.entity.source, str(key)))


def vmkernel_ipv6(row: Row) -> Value:
    """Its IPv6 addresses."""
    listed = items(dig(row.item, "spec", "ip", "ipV6Config", "ipV6Address"))
    return joined_text([address for entry in listed if (address := text(entry.get("ipAddress")))])


def vmkernel_gateway(row: Row, name: str) -> Value:
    """The default gateway of the adapter's own TCP/IP stack, else the host's."""
    stack = dig(row.item, "spec", "netStackInstanceKey")
    for instance in items(row.get("config.network.netStackInstance")):
        own = text(dig(instance, "ipRouteConfig", name))
        if own and stack is not None and instance.get("key") == stack:
            return own
    return text(row.get(f"config.network.ipRouteConfig.{name}"))


def lun_datastore(row: Row) -> Value:
    """The VMFS datastores that have an extent on this disk."""
    return joined_text(row.estate.extents.get((row.entity.source, str(row.item.get("canonicalName"))), ()))


def lun_policy(row: Row) -> Value:
    """The path selection policy."""
    return text(dig(_multipath(row), "policy", "policy"))


def lun_path(row: Row, number: str, what: str) -> Value:
    """The name or state of the nth path."""
    paths, position = items(_multipath(row).get("path")), int(number) - 1
    if position >= len(paths):
        return None
    path = paths[position]
    return text(path.get("name")) if what == "name" else text(path.get("state")) or text(path.get("pathState"))


def _multipath(row: Row) -> dict[str, Value]:
    key = row.item.get("key")
    listed = items(row.get("config.storageDevice.multipathInfo.lun"))
    return next((entry for entry in listed if key is not None and entry.get("lun") == key), {})
