"""The disks inside a folder that is one backup: each judged by its own format, and children against their parents."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import Damaged, Effort, Unprovable
from itops.formats.disks.vhd import Vhd
from itops.formats.disks.vhdx import Vhdx

DISK_SUFFIXES = (".vhdx", ".avhdx", ".vhd", ".avhd")
_FORMATS = (Vhdx(), Vhd())
_ENDED = {"out-of-time"}  # limits of the whole examination, not of one disk


@dataclass(slots=True, kw_only=True)
class Disks:
    """What was found. `identities` by file name."""

    identities: dict[str, Identity] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    limits: list[Unprovable] = field(default_factory=list)

    @property
    def virtual_size_bytes(self) -> int:
        """Of the disks that are nobody's child: a checkpoint's disk is the same disk once more."""
        tops = (one for one in self.identities.values() if one.kind is not CopyKind.DIFFERENTIAL)
        return sum(int(one.facts.get("virtual_size_bytes") or 0) for one in tops)

    def raise_any(self, *more: Fault) -> None:
        """Damaged for any fault, else the first limit."""
        if faults := (*more, *self.faults):
            raise Damaged(*faults)
        if self.limits:
            raise self.limits[0]


def disks_of(thing: Thing) -> list[Content]:
    """The disk files of a folder."""
    return [file for file in thing.files if file.name.lower().endswith(DISK_SUFFIXES)]


def examine_disks(files: Iterable[Content], effort: Effort, *, walk: bool) -> Disks:
    """Identify or walk each; what is wrong with one does not hide the others."""
    disks = Disks()
    for file in files:
        effort.tick()
        try:
            _one(disks, file, effort, walk=walk)
        except Damaged as damage:
            disks.faults += [placed(fault, file.name) for fault in damage.faults]
        except Unprovable as unprovable:
            if unprovable.limit.code in _ENDED:
                raise
            disks.limits.append(unprovable)
    if walk:
        disks.faults += _orphans(disks)
    return disks


def placed(fault: Fault, name: str) -> Fault:
    """The fault, with the file it is in."""
    return Fault(code=fault.code, place=f"{name}: {fault.place}" if fault.place else name, facts=fault.facts)


def _one(disks: Disks, file: Content, effort: Effort, *, walk: bool) -> None:
    """One that cannot be walked to its end is still known by what its header told."""
    thing = Thing(path=file.name, files=(file,), head=file.read_at(0, 4096))
    if not file.size_bytes:
        raise Damaged(Fault(code="empty"))
    if not thing.head.strip(b"\0"):
        raise Damaged(Fault(code="all-zero"))
    for format in _FORMATS:  # noqa: A001  the field's word
        if format.recognises(thing):
            identity = disks.identities[file.name] = format.identify(thing, effort)
            if walk:
                disks.identities[file.name] = format.walk(thing, effort, identity)
            return
    raise Damaged(Fault(code="not-its-format", facts={"promised": file.name.rpartition(".")[2].lower()}))


def _orphans(disks: Disks) -> list[Fault]:
    """Children whose parent is not here, or was written to since the child was made."""
    by_name = {name.rpartition("/")[2].casefold(): one for name, one in disks.identities.items()}
    return [
        fault
        for name, child in disks.identities.items()
        if child.kind is CopyKind.DIFFERENTIAL
        for fault in _orphaned(name, child, by_name, disks)
    ]


def _orphaned(name: str, child: Identity, by_name: dict[str, Identity], disks: Disks) -> list[Fault]:
    told = str(child.facts.get("parent") or "").replace("\\", "/").rpartition("/")[2]
    parent = by_name.get(told.casefold())
    if parent is None:
        is_broken = any(told and told.casefold() in fault.place.casefold() for fault in disks.faults)
        is_limited = bool(disks.limits)  # it may be the one that could not be judged
        return [] if is_broken or is_limited else [Fault(code="member-missing", place=told or f"{name}: parent")]
    wanted, there = child.facts.get("parent_data_write_id"), parent.facts.get("data_write_id")
    if wanted and there and wanted != there:
        return [Fault(code="parent-changed", place=name, facts={"parent": told})]
    return []
