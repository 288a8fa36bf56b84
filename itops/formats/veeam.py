"""Veeam's backup chains: the .vbm beside them tells which .vbk, .vib and .vrb they need.

What lies in those files only Veeam's own validator can judge: COMPLETE is the most that is proven here.
"""

from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.veeam_vbm import Storage, Vbm, read_vbm

_DATA = (".vbk", ".vib", ".vrb")
_MOST_SHOWN = 20
_START_BYTES = 4096  # no file of a chain begins with so many zeros: whatever stands there first, it tells what it is
_MOST_DOUBT = 0.01  # of a file's size


class VeeamVbm:
    """A lone .vbm: a table of contents without its contents."""

    name: ClassVar[str] = "veeam-vbm"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = ()  # an encrypted one has no magic: it must not be called damaged

    def recognises(self, thing: Thing) -> bool:
        """An XML whose root is BackupMeta."""
        if thing.is_folder or len(thing.files) != 1:
            return False
        head = thing.head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
        return head.startswith(b"<") and b"<BackupMeta" in head

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The whole .vbm: it is small, and its root says nothing."""
        return _identity(read_vbm(thing.file, effort))

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Nothing more: the files it names are elsewhere."""
        raise Unprovable("data-elsewhere", files=identity.facts.get("storages"))

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


class VeeamChain:
    """The folder of a job, or of one machine of it."""

    name: ClassVar[str] = "veeam-chain"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """A .vbm lies in it."""
        return thing.is_folder and bool(_vbms(thing))

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """Job, machines and newest restore point of every .vbm."""
        return _identity(_all(thing, effort))

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every file that any .vbm names is there, begins with something, and is not shorter than Veeam counted."""
        vbm = _all(thing, effort)
        files = {file.name.rpartition("/")[2].casefold(): file for file in thing.files}
        faults = [fault for storage in vbm.storages for fault in _faults(storage, files)]
        if faults:
            raise Damaged(*faults)
        doubtful = [storage.file for storage in vbm.storages if _shortfall(storage, files) > 0]
        if doubtful:
            raise Unprovable("size-differs", files=len(doubtful), first=doubtful[0])
        named = {storage.file.casefold() for storage in vbm.storages}
        unlisted = sum(name.endswith(_DATA) and name not in named for name in files)
        return _identity(vbm, unlisted_files=unlisted)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _vbms(thing: Thing) -> list[Content]:
    return [file for file in thing.files if file.name.lower().endswith(".vbm") and "/" not in file.name]


def _all(thing: Thing, effort: Effort) -> Vbm:
    """Jobs with a chain for each machine have a .vbm for each machine."""
    whole = Vbm()
    for file in _vbms(thing):
        one = read_vbm(file, effort)
        whole.jobs += [job for job in one.jobs if job not in whole.jobs]
        whole.machines += [machine for machine in one.machines if machine not in whole.machines]
        whole.storages += one.storages
        whole.points += one.points
        whole.version = one.version
        if one.newest and (whole.newest is None or one.newest > whole.newest):
            whole.newest = one.newest
    return whole


def _identity(vbm: Vbm, **more: Fact) -> Identity:
    single = vbm.machines[0] if len(vbm.machines) == 1 else None
    facts: dict[str, Fact] = {
        "job": ", ".join(vbm.jobs[:_MOST_SHOWN]),
        "machines": len(vbm.machines),
        "machine_names": ", ".join(vbm.machines[:_MOST_SHOWN]),
        "storages": len(vbm.storages),
        "full_backups": sum(storage.file.lower().endswith(".vbk") for storage in vbm.storages),
        "points": vbm.points,
        "encrypted_storages": sum(storage.is_encrypted for storage in vbm.storages),
        "vbm_version": vbm.version,
    }
    name = single or (vbm.jobs[0] if vbm.jobs else None)
    return Identity(object=name, kind=CopyKind.FULL, finished_at=vbm.newest, made_by="Veeam", facts={**facts, **more})


def _faults(storage: Storage, files: dict[str, Content]) -> list[Fault]:
    file = files.get(storage.file.casefold())
    if file is None:
        return [Fault(code="member-missing", place=storage.file)]
    if file.size_bytes == 0:
        return [Fault(code="empty", place=file.name)]
    if not file.read_at(0, _START_BYTES).strip(b"\0"):
        return [Fault(code="all-zero", place=file.name)]
    missing = _shortfall(storage, files)
    if missing > max(MIB, _MOST_DOUBT * (storage.size_bytes or 0)):
        sizes = {"missing_bytes": missing, "expected_bytes": storage.size_bytes, "size_bytes": file.size_bytes}
        return [Fault(code="cut", place=file.name, facts=sizes)]
    return []


def _shortfall(storage: Storage, files: dict[str, Content]) -> int:
    """How much shorter than Veeam counted; a little is no proof, for nobody published what exactly it counts."""
    file = files.get(storage.file.casefold())
    return 0 if file is None or storage.size_bytes is None else max(0, storage.size_bytes - file.size_bytes)
