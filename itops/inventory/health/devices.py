"""Rules 1, 2, 25, 34, 36: the virtual devices of a VM."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.devices import devices, disks_of
from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import dig, text, truth
from itops.verdict import State

DEVICES = "config.hardware.device"
GIB = 1024**3
_NEEDS = (Need(Kind.VM, (DEVICES,)),)
_READS = paths(Kind.VM, DEVICES)

CDROM = Code(name="vm.cdrom-connected", state=State.WARNING)
FLOPPY = Code(name="vm.floppy-connected", state=State.WARNING)
DISK_LAYOUT = Code(name="vm.disk-layout", state=State.OK)
NONPERSISTENT = Code(name="disk.nonpersistent", state=State.WARNING)
MULTI_WRITER = Code(name="disk.multi-writer", state=State.WARNING)
BUS_SHARING = Code(name="controller.bus-sharing", state=State.WARNING)
UNWANTED = Code(name="vm.unwanted-device", state=State.OK)


def _label(device: dict[str, Value]) -> str | None:
    return text(dig(device, "deviceInfo", "label")) or text(device.get("_type"))


def _connected(vm: Entity, device_type: str, code: Code) -> Iterator[Finding]:
    for device in devices(vm, device_type):
        if truth(dig(device, "connectable", "connected")):
            yield code.about(vm, device=_label(device), medium=text(dig(device, "backing", "fileName")))


def connected_cdroms(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A connected CD-ROM ties the VM to a host or an ISO file and stops a vMotion."""
    for vm in estate.vms:
        yield from _connected(vm, "VirtualCdrom", CDROM)


def connected_floppies(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A connected floppy does the same, and nobody needs it."""
    for vm in estate.vms:
        yield from _connected(vm, "VirtualFloppy", FLOPPY)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskLayout(Policy):
    """RVTools' own three numbers; no other tool has the rule."""

    many_disks: int = 3
    large_bytes: int = 750 * GIB
    wanted_adapters: int = 2


def disk_layouts(policy: DiskLayout, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Many large disks share one queue unless they are spread over paravirtual adapters."""
    for vm in estate.running:
        disks = disks_of(vm)
        total = sum(disk.capacity_bytes or 0 for disk in disks)
        adapters = sum(1 for _ in devices(vm, "ParaVirtualSCSIController"))
        if len(disks) > policy.many_disks and total > policy.large_bytes and adapters < policy.wanted_adapters:
            yield DISK_LAYOUT.about(vm, disk_count=len(disks), total_bytes=total, adapter_count=adapters)


def special_disks(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Disks that forget at power-off, and disks that more than one VM may write: backup and vMotion differ there."""
    for vm in estate.owned:
        for disk in disks_of(vm):
            if disk.mode in ("independent_nonpersistent", "nonpersistent"):
                yield NONPERSISTENT.about(vm, disk=disk.label, mode=disk.mode)
            if disk.sharing == "sharingMultiWriter":
                yield MULTI_WRITER.about(vm, disk=disk.label)
        for device in devices(vm):
            shared = device.get("sharedBus")
            if isinstance(shared, str) and shared in ("virtualSharing", "physicalSharing"):
                yield BUS_SHARING.about(vm, device=_label(device), sharing=shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwantedDevices(Policy):
    """vCheck's list, without USB controllers: every Windows VM has one by default."""

    unwanted_devices: tuple[str, ...] = (
        "VirtualUSB",
        "VirtualSerialPort",
        "VirtualParallelPort",
        "VirtualSoundCard",
        "VirtualHdAudioCard",
        "VirtualEnsoniq1371",
        "VirtualSoundBlaster16",
    )


def unwanted_devices(policy: UnwantedDevices, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Hardware that a server does not use and that ties it to a host."""
    for vm in estate.owned:
        for device in devices(vm, *policy.unwanted_devices) if policy.unwanted_devices else ():
            yield UNWANTED.about(vm, device=_label(device), device_type=text(device.get("_type")))


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=1,
        key="cdrom-connected",
        area="vm",
        policy=Policy(),
        codes=(CDROM,),
        needs=_NEEDS,
        reads=_READS,
        find=connected_cdroms,
    ),
    Rule(
        number=2,
        key="floppy-connected",
        area="vm",
        policy=Policy(),
        codes=(FLOPPY,),
        needs=_NEEDS,
        reads=_READS,
        find=connected_floppies,
    ),
    Rule(
        number=25,
        key="disk-layout",
        area="vm",
        policy=DiskLayout(),
        codes=(DISK_LAYOUT,),
        needs=_NEEDS,
        reads=_READS,
        find=disk_layouts,
    ),
    Rule(
        number=34,
        key="special-disks",
        area="vm",
        policy=Policy(),
        codes=(NONPERSISTENT, MULTI_WRITER, BUS_SHARING),
        needs=_NEEDS,
        reads=_READS,
        find=special_disks,
    ),
    Rule(
        number=36,
        key="unwanted-devices",
        area="vm",
        policy=UnwantedDevices(),
        codes=(UNWANTED,),
        needs=_NEEDS,
        reads=_READS,
        find=unwanted_devices,
    ),
)
