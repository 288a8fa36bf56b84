"""The export of a Hyper-V machine: its configuration, every disk that names, every checkpoint's chain of parents."""

import re
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.any_disk import Disks, disks_of, examine_disks
from itops.formats.hyperv_vmcx import Machine, read_machine

_CONFIGURATION = re.compile(r"(?:.*/)?(Virtual Machines|Snapshots)/[0-9A-F-]{36}\.(vmcx|xml|exp)", re.IGNORECASE)
_MOST_CONFIGURATIONS = 10_000


class HyperVExport:
    """The folder that Export-VM made, or the folder above it."""

    name: ClassVar[str] = "hyperv-export"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """A configuration, named by its GUID, in a folder `Virtual Machines`."""
        return thing.is_folder and any(_kind(file) == "virtual machines" for file in thing.files)

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The machine's name, from its configuration."""
        return _identity(thing, _machines(thing, effort, "virtual machines"), Disks())

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every disk a configuration or a checkpoint names is there and whole, and so is every parent."""
        machines = _machines(thing, effort, "virtual machines")
        checkpoints = _machines(thing, effort, "snapshots")
        files = disks_of(thing)
        there = {file.name.rpartition("/")[2].casefold() for file in files}
        named = dict.fromkeys(disk for machine in (*machines, *checkpoints) for disk in machine.disks)
        missing = [Fault(code="member-missing", place=disk) for disk in named if disk.casefold() not in there]
        disks = examine_disks(files, effort, walk=True)
        known = {fault.place for fault in missing}
        disks.faults = [fault for fault in disks.faults if fault.code != "member-missing" or fault.place not in known]
        disks.raise_any(*missing)
        return _identity(thing, machines, disks)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _kind(file: Content) -> str | None:
    """Which folder of the export a configuration lies in."""
    match = _CONFIGURATION.fullmatch(file.name)
    return match[1].lower() if match else None


def _machines(thing: Thing, effort: Effort, kind: str) -> list[Machine]:
    files = [file for file in thing.files if _kind(file) == kind]
    if len(files) > _MOST_CONFIGURATIONS:
        raise Unprovable("too-many-members", most=_MOST_CONFIGURATIONS)
    if kind == "virtual machines" and all(file.name.lower().endswith(".exp") for file in files):
        raise Unprovable("version-unknown", version="exp")  # 2008: a WMI document of another shape
    found = [read_machine(file, effort) for file in files if not file.name.lower().endswith(".exp")]
    if kind == "virtual machines" and not any(machine.name for machine in found):
        raise damaged("structure-damaged", files[0].name)
    return found


def _identity(thing: Thing, machines: list[Machine], disks: Disks) -> Identity:
    names = [machine.name for machine in machines if machine.name]
    facts: dict[str, Fact] = {
        "machines": len(machines),
        "machine_names": ", ".join(names[:20]),
        "disks": len(disks_of(thing)),
        "checkpoints": sum(_kind(file) == "snapshots" for file in thing.files),
    }
    if disks.identities:
        facts["virtual_size_bytes"] = disks.virtual_size_bytes
    name = names[0] if len(names) == 1 else None
    return Identity(object=name, kind=CopyKind.FULL, made_by="Hyper-V", facts=facts)
