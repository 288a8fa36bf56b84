"""The folder of a VMware machine: every disk its .vmx names, every extent a disk names, every parent of a snapshot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.tables import SECTOR
from itops.formats.disks.vmdk import walk_sparse
from itops.formats.disks.vmdk_layout import (
    DESCRIPTOR_START,
    MAGIC,
    MOST_DESCRIPTOR,
    Descriptor,
    Extent,
    embedded_descriptor,
    parse_descriptor,
    read_header,
)
from itops.formats.exact import exactly, text

_MOST_DISKS = 1024
_PLAIN = {"FLAT", "VMFS"}
_ELSEWHERE = {"ZERO", "VMFSRDM", "VMFSRAW"}  # no file, or a whole LUN
_VMX_SETTING = re.compile(r'^\s*([\w.:]+)\s*=\s*"(.*)"\s*$')


@dataclass(slots=True, kw_only=True)
class Machine:
    """What the folder tells of itself. `descriptors` by the path of the file that holds each."""

    settings: Mapping[str, str]
    descriptors: dict[str, Descriptor] = field(default_factory=dict)
    grains: int = 0
    limits: list[Unprovable] = field(default_factory=list)


class VmdkFolder:
    """A folder copied from a datastore."""

    name: ClassVar[str] = "vmdk-folder"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """A disk's descriptor, or a .vmx beside a sparse disk; not an OVF, whose manifest tells more."""
        if not thing.is_folder or any(file.name.lower().endswith(".ovf") for file in thing.files):
            return False
        has_vmx = any(file.name.lower().endswith(".vmx") and "/" not in file.name for file in thing.files)
        heads = (file.read_at(0, len(DESCRIPTOR_START)) for file in _disks(thing)[:64] if "/" not in file.name)
        return any(head == DESCRIPTOR_START or (has_vmx and head[:4] == MAGIC) for head in heads)

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The machine's name from its .vmx, and its disks."""
        return _identity(thing, _machine(thing, effort))

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every disk, extent and parent is there, of its size, and every sparse extent is whole."""
        machine = _machine(thing, effort)
        faults = [*_missing_disks(thing, machine)]
        for path, descriptor in machine.descriptors.items():
            for extent in descriptor.extents:
                faults += _extent_faults(thing, effort, machine, path, extent)
            faults += _parent_faults(thing, machine, path, descriptor)
        if faults:
            raise Damaged(*faults)
        if machine.limits:
            raise machine.limits[0]
        return _identity(thing, machine)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _disks(thing: Thing) -> list[Content]:
    return [file for file in thing.files if file.name.lower().endswith(".vmdk")]


def _machine(thing: Thing, effort: Effort) -> Machine:
    machine = Machine(settings=_vmx(thing))
    for disk in _disks(thing):
        effort.tick()
        if len(machine.descriptors) >= _MOST_DISKS:
            raise Unprovable("too-many-members", most=_MOST_DISKS)
        if descriptor := _descriptor(disk):
            machine.descriptors[disk.name] = descriptor
    if not machine.descriptors:
        raise damaged("header-damaged", "descriptor")
    return machine


def _descriptor(disk: Content) -> Descriptor | None:
    head = disk.read_at(0, SECTOR)
    try:
        if head.startswith(DESCRIPTOR_START) and disk.size_bytes <= MOST_DESCRIPTOR:
            return parse_descriptor(exactly(disk, 0, disk.size_bytes, disk.name))
        if head.startswith(MAGIC) and len(head) == SECTOR:
            return embedded_descriptor(disk, read_header(head))
    except Damaged as damage:
        raise _placed(damage, disk.name) from damage
    return None


def _placed(damage: Damaged, name: str) -> Damaged:
    """The same faults, with the file they are in."""
    places = (f"{name}: {fault.place}" if fault.place not in {"", name} else name for fault in damage.faults)
    return Damaged(
        *(
            Fault(code=fault.code, place=place, facts=fault.facts)
            for fault, place in zip(damage.faults, places, strict=True)
        )
    )


def _vmx(thing: Thing) -> dict[str, str]:
    """The settings of the machine; {} when only its disks were copied."""
    file = next((file for file in thing.files if file.name.lower().endswith(".vmx") and "/" not in file.name), None)
    if file is None:
        return {}
    if file.size_bytes > MIB:
        raise damaged("header-damaged", file.name, size_bytes=file.size_bytes)
    found = map(_VMX_SETTING.match, text(exactly(file, 0, file.size_bytes, file.name)).splitlines())
    settings = {match[1]: match[2] for match in found if match}
    if not settings:
        raise damaged("header-damaged", file.name)
    return settings


def _identity(thing: Thing, machine: Machine) -> Identity:
    tops = [disk for path, disk in machine.descriptors.items() if not _is_parent(machine, path)]
    facts: dict[str, Fact] = {
        "disks": len(tops),
        "virtual_size_bytes": sum(disk.capacity_bytes for disk in tops),
        "snapshots": sum(disk.parent is not None for disk in machine.descriptors.values()),
        "files": len(thing.files),
    }
    if machine.grains:
        facts["grains"] = machine.grains
    return Identity(object=machine.settings.get("displayName"), kind=CopyKind.FULL, facts=facts)


def _is_parent(machine: Machine, path: str) -> bool:
    return any(other.parent and _beside(at, other.parent) == path for at, other in machine.descriptors.items())


def _beside(path: str, name: str) -> str:
    """Where a file named in `path` lies: in the same folder, whatever datastore its name tells."""
    folder, slash, _ = path.rpartition("/")
    return folder + slash + re.split(r"[/\\]", name)[-1]


def _missing_disks(thing: Thing, machine: Machine) -> list[Fault]:
    """Disks that the .vmx names."""
    names = [value for key, value in machine.settings.items() if key.endswith(".fileName") and ".vmdk" in value.lower()]
    return [
        Fault(code="member-missing", place=_beside("", name)) for name in names if not thing.member(_beside("", name))
    ]


def _extent_faults(thing: Thing, effort: Effort, machine: Machine, path: str, extent: Extent) -> list[Fault]:
    if extent.kind in _ELSEWHERE:
        if extent.kind != "ZERO":
            machine.limits.append(Unprovable("data-elsewhere", files=1))
        return []
    descriptor_is_extent = extent.kind == "SPARSE" and thing.member(path) is not None and _is_sparse(thing, path)
    name = path if descriptor_is_extent else _beside(path, extent.file)
    file = thing.member(name)
    if file is None:
        return [Fault(code="member-missing", place=name)]
    if extent.kind in _PLAIN:
        return _size_faults(file, (extent.offset + extent.sectors) * SECTOR)
    if extent.kind != "SPARSE":  # VMFSSPARSE, SESPARSE: deltas whose tables are not public
        machine.limits.append(Unprovable("structure-unknown"))
        return [] if file.size_bytes else [Fault(code="empty", place=name)]
    try:
        machine.grains += walk_sparse(file, effort)[0].count
    except Damaged as damage:
        return list(_placed(damage, name).faults)
    except Unprovable as unprovable:
        if unprovable.limit.code == "out-of-time":
            raise
        machine.limits.append(unprovable)
    return []


def _is_sparse(thing: Thing, path: str) -> bool:
    """The descriptor of a monolithic disk lies inside it, and still names it as it was once called."""
    file = thing.member(path)
    return file is not None and file.read_at(0, 4) == MAGIC


def _size_faults(file: Content, expected: int) -> list[Fault]:
    difference = file.size_bytes - expected
    if difference == 0:
        return []
    facts: dict[str, Fact] = {"expected_bytes": expected, "size_bytes": file.size_bytes}
    if difference < 0:
        return [Fault(code="cut", place=file.name, facts={"missing_bytes": -difference, **facts})]
    return [Fault(code="junk-appended", place=file.name, facts={"extra_bytes": difference, **facts})]


def _parent_faults(thing: Thing, machine: Machine, path: str, descriptor: Descriptor) -> list[Fault]:
    """A snapshot without its parent, or upon a parent that has changed since, is worth nothing."""
    if descriptor.parent is None:
        return []
    name = _beside(path, descriptor.parent)
    parent = machine.descriptors.get(name)
    if parent is None:
        return [Fault(code="member-missing", place=name)]
    if parent.settings["CID"].lower() != descriptor.settings["parentCID"].lower():
        return [Fault(code="parent-changed", place=path, facts={"parent": name})]
    return []
