"""Derived columns of a whole VM."""

import re

from itops.inventory.devices import devices, is_nic
from itops.inventory.entities import Place, Value
from itops.inventory.rvtools.estate import HighAvailability
from itops.inventory.rvtools.row import MIB, Row, joined_text, mib_of
from itops.inventory.values import dig, items, text, truth, whole

_OLD_TOOLS = {"guestToolsNeedUpgrade", "guestToolsSupportedOld", "guestToolsTooOld"}
_AS_THE_CLUSTER = {"clusterRestartPriority", "clusterIsolationResponse"}  # an override that overrides nothing
KIB_IN_MIB = 1024


def srm_placeholder(row: Row) -> Value:
    """Is this the stand-in that Site Recovery keeps for a VM of another site? False for a VM nobody manages."""
    if row.get("config.uuid") is None and row.get("config.managedBy.type") is None:
        return None  # no config at all: an orphaned VM
    manager = text(row.get("config.managedBy.extensionKey")) or ""
    return manager.startswith("com.vmware.vcDr") and row.get("config.managedBy.type") == "placeholderVm"


def hardware_version(row: Row) -> Value:
    """The digits of vmx-19."""
    found = re.search(r"vmx-0*(\d+)", text(row.get("config.version")) or "")
    return int(found[1]) if found else None


def sockets(row: Row) -> Value:
    """CPUs by cores per socket; None where the host decides at power-on (autoCoresPerSocket) or says 0."""
    cpus, cores = whole(row.get("config.hardware.numCPU")), whole(row.get("config.hardware.numCoresPerSocket"))
    if cpus is None or not cores or row.get("config.hardware.autoCoresPerSocket") is True:
        return None
    return cpus // cores


def nic_count(row: Row, path: str) -> Value:
    """Cards as vCenter counts them; a lone ESXi leaves that out, so its devices are counted."""
    return _counted(row, path, sum(map(is_nic, devices(row.entity))))


def disk_count(row: Row, path: str) -> Value:
    """Disks as vCenter counts them, else the devices."""
    return _counted(row, path, sum(1 for _ in devices(row.entity, "VirtualDisk")))


def _counted(row: Row, path: str, devices_found: int) -> Value:
    said = whole(row.get(path))
    return devices_found if said is None and row.get("config.hardware.device") is not None else said


def total_disk_mib(row: Row) -> Value:
    """The capacity of all disks together."""
    sizes = [size for disk in devices(row.entity, "VirtualDisk") if (size := capacity_mib(disk)) is not None]
    said = whole(row.get("at.disk_capacity_bytes"))
    if not sizes and (said is not None or row.get("config.hardware.device") is None):
        return mib_of(said)
    return sum(sizes)


def capacity_mib(disk: dict[str, Value]) -> int | None:
    """A disk's capacity: exact bytes where the server gives them, else KiB."""
    size_bytes, size_kib = whole(disk.get("capacityInBytes")), whole(disk.get("capacityInKB"))
    if size_bytes:
        return round(size_bytes / MIB)
    return None if size_kib is None else round(size_kib / KIB_IN_MIB)


def enable_uuid(row: Row) -> Value:
    """disk.EnableUUID as it was written in the VM's settings (any case), else the flag that means the same."""
    for option in items(row.get("config.extraConfig")):
        if str(option.get("key")).lower() == "disk.enableuuid":
            return text(option.get("value"))
    flag = truth(row.get("config.flags.diskUuidEnabled"))
    return None if flag is None else str(flag).upper()


def network(row: Row, number: str) -> Value:
    """The network behind the nth card."""
    cards = [device for device in devices(row.entity) if is_nic(device)]
    position = int(number) - 1
    return network_behind(cards[position]) if position < len(cards) else None


def network_behind(card: dict[str, Value]) -> str | None:
    """The network of a card: the name its source resolved, else the one a standard backing carries."""
    return text(card.get("network")) or text(dig(card, "backing", "deviceName"))


def video_card(row: Row, name: str) -> Value:
    """A setting of the video card."""
    return next((card.get(name) for card in devices(row.entity, "VirtualMachineVideoCard")), None)


def tools_upgradeable(row: Row) -> Value:
    """Do the running tools want an upgrade? None when the guest says nothing."""
    state, running = (text(row.get(f"guest.{name}")) for name in ("toolsVersionStatus2", "toolsRunningStatus"))
    if state is None or running is None:
        return None
    return running == "guestToolsRunning" and state in _OLD_TOOLS


def ha_setting(row: Row, name: str) -> Value:
    """A restart setting: the VM's own override, else the cluster's default; None where HA is off."""
    cluster = _high_availability(row)
    if cluster is None or not cluster.is_enabled:
        return None
    own = text(cluster.overrides.get(row.entity.ref, {}).get(name))
    return own if own and own not in _AS_THE_CLUSTER else text(cluster.defaults.get(name))


def ha_vm_monitoring(row: Row) -> Value:
    """VM monitoring: the VM's own, else the cluster's."""
    cluster = _high_availability(row)
    if cluster is None or not cluster.is_enabled:
        return None
    own = dig(cluster.overrides.get(row.entity.ref, {}), "vmToolsMonitoringSettings")
    is_as_cluster = dig(own, "clusterSettings") is True
    return (None if is_as_cluster else text(dig(own, "vmMonitoring"))) or cluster.monitoring


def _high_availability(row: Row) -> HighAvailability | None:
    place = row.entity.source, text(row.get(Place.DATACENTER)), text(row.get(Place.CLUSTER)) or ""
    return row.estate.high_availability.get(place)


def cluster_rule_kinds(row: Row) -> Value:
    """The kinds of the cluster rules that name this VM."""
    return joined_text([kind for kind, _ in row.estate.rules.get((row.entity.source, row.entity.ref), ())])


def cluster_rule_names(row: Row) -> Value:
    """The names of those rules."""
    return joined_text([name for _, name in row.estate.rules.get((row.entity.source, row.entity.ref), ())])
