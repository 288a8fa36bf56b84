"""Rules 8, 9, 16, 17, 18: the guest inside a VM, and what people call it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import folder_of, number, ratio, split_path
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import items, text
from itops.verdict import State

TOOLS = ("guest.toolsStatus", "guest.toolsVersionStatus2", "guest.toolsRunningStatus")
VMX = "config.files.vmPathName"
_OLD_TOOLS = frozenset(
    {"guestToolsNeedUpgrade", "guestToolsTooOld", "guestToolsSupportedOld", "guestToolsBlacklisted", "toolsOld"}
)
_OBJECT_FOLDER = re.compile(
    r"(?:rfc4122\.|naa\.)?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I
)
_NETBIOS_LENGTH = 15  # Windows cuts its own name there

TOOLS_MISSING = Code(name="tools.not-installed", state=State.WARNING)
TOOLS_STOPPED = Code(name="tools.not-running", state=State.WARNING)
TOOLS_OLD = Code(name="tools.old", state=State.WARNING)
DISK_FULL = Code(name="guest.disk-full", state=State.WARNING)
FOLDER_NAME = Code(name="vm.folder-name", state=State.OK)
GUEST_NAME = Code(name="vm.guest-name", state=State.OK)
GUEST_OS = Code(name="vm.guest-os", state=State.WARNING)


def tools(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Running VMs only: the tools of a VM that is off never run."""
    for vm in estate.running:
        status, version, running = (text(vm.get(path)) for path in TOOLS)
        if "toolsNotInstalled" in (status, version) or version == "guestToolsNotInstalled":
            yield TOOLS_MISSING.about(vm)
        elif running == "guestToolsNotRunning" or status == "toolsNotRunning":
            yield TOOLS_STOPPED.about(vm)
        elif not _OLD_TOOLS.isdisjoint((status, version)):
            yield TOOLS_OLD.about(vm, status=version if version in _OLD_TOOLS else status)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestDisks(Policy):
    """A share as in RVTools, not vCheck's 1024 MB, which is nothing on a disk of today. /storage/archive of the
    vCenter appliance is full by design (RVTools leaves it out too), and so is every mounted snap package."""

    free_ratio: float = 0.10
    critical_free_ratio: float = 0.03
    excluded_paths: tuple[str, ...] = ("/storage/archive", "/snap/")


def full_guest_disks(policy: GuestDisks, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A partition inside a guest runs out of space."""
    for vm in estate.running:
        for disk in items(vm.get("guest.disk")):
            path = text(disk.get("diskPath")) or "?"
            free = ratio(disk.get("freeSpace"), disk.get("capacity"))
            is_low = free is not None and free < max(policy.free_ratio, policy.critical_free_ratio)
            if free is None or not is_low or path.startswith(policy.excluded_paths):
                continue
            state = State.CRITICAL if free < policy.critical_free_ratio else State.WARNING
            yield DISK_FULL.about(vm, state, disk=path, free_ratio=free, free_bytes=number(disk.get("freeSpace")) or 0)


def folder_names(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """The VM was renamed and its folder was not, so nobody finds its files. Letter case matters.

    On vSAN and vVols the folder is an object id, never a name; a name with a character that vSphere escapes cannot be
    a folder's.
    """
    for vm in estate.owned:
        place = vmx_folder(vm)
        if place is None:
            continue
        folder = place[1]
        last = folder.rpartition("/")[2]
        if last != vm.name and not _OBJECT_FOLDER.fullmatch(last) and not set(vm.name) & set("/\\%"):
            yield FOLDER_NAME.about(vm, folder=folder)


def vmx_folder(vm: Entity) -> tuple[str, str] | None:
    """Datastore name and folder of a VM's configuration file."""
    place = split_path(vm.get(VMX))
    folder = folder_of(place[1]) if place else None
    return (place[0], folder) if place and folder is not None else None


def guest_names(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """The VM is called other than its guest calls itself; domain suffix and letter case do not count."""
    for vm in estate.servers:
        host_name = text(vm.get("guest.hostName"))
        if host_name and not _same_name(vm.name, host_name):
            yield GUEST_NAME.about(vm, guest_name=host_name)


def _same_name(name: str, host_name: str) -> bool:
    own, guest = name.casefold(), host_name.casefold()
    short, guest_short = own.partition(".")[0], guest.partition(".")[0]
    return own == guest or guest_short in (own, short, short[:_NETBIOS_LENGTH])


def guest_systems(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """The guest runs another system than the VM is configured for: wrong virtual hardware and drivers."""
    for vm in estate.servers:
        configured, running = text(vm.get("config.guestId")), text(vm.get("guest.guestId"))
        if configured and running and configured != running:
            yield GUEST_OS.about(vm, configured=configured, running=running)


def _needed(*names: str) -> tuple[Need, ...]:
    return (Need(Kind.VM, names),)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=8,
        key="tools",
        area="tools",
        policy=Policy(),
        codes=(TOOLS_MISSING, TOOLS_STOPPED, TOOLS_OLD),
        needs=_needed(*TOOLS),
        reads=paths(Kind.VM, *TOOLS),
        find=tools,
    ),
    Rule(
        number=9,
        key="guest-disk",
        area="guest_disk",
        policy=GuestDisks(),
        codes=(DISK_FULL,),
        needs=_needed("guest.disk"),
        reads=paths(Kind.VM, "guest.disk"),
        find=full_guest_disks,
    ),
    Rule(
        number=16,
        key="folder-name",
        area="vm",
        policy=Policy(),
        codes=(FOLDER_NAME,),
        needs=_needed(VMX),
        reads=paths(Kind.VM, VMX),
        find=folder_names,
    ),
    Rule(
        number=17,
        key="guest-name",
        area="vm",
        policy=Policy(),
        codes=(GUEST_NAME,),
        needs=_needed("guest.hostName"),
        reads=paths(Kind.VM, "guest.hostName"),
        find=guest_names,
    ),
    Rule(
        number=18,
        key="guest-os",
        area="vm",
        policy=Policy(),
        codes=(GUEST_OS,),
        needs=_needed("guest.guestId"),
        reads=paths(Kind.VM, "config.guestId", "guest.guestId"),
        find=guest_systems,
    ),
)
