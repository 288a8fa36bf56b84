"""Rules 14, 15, 27: files on datastores that belong to nobody we see. A question, never a delete button.

They need the datastores searched, which sources do only when asked to (`at.files`). Known to look like zombies and left
out: change-tracking maps, replication and digest files, snapshot folders of arrays, content libraries, first-class
disks, vCLS, and whatever lies beside the configuration or a disk of a VM whose own file list we could not read.
Datastores of two datacenters may have one name: a path that fits both is taken for used on both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.devices import devices
from itops.inventory.entities import Entity, EntityKey, Kind, Place, Value
from itops.inventory.health.datastores import readable
from itops.inventory.health.devices import DEVICES
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.guests import VMX, vmx_folder
from itops.inventory.health.reading import amount, folder_of, split_path
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.health.snapshots import FILES
from itops.inventory.values import dig, items, text
from itops.verdict import State

SEARCH_FAILED_GAP = "datastore.search"
"""Gap codes that start so tell of a datastore that could not be searched; the gap's subject ends with its name."""
_DISK_PARTS = ("-flat.vmdk", "-delta.vmdk", "-rdm.vmdk", "-rdmp.vmdk")

ZOMBIE_DISK = Code(name="zombie.disk", state=State.WARNING)
ZOMBIE_VM = Code(name="zombie.vm", state=State.WARNING)
SEARCH_FAILED = Code(name="datastore.search-failed", state=State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZombieDisks(Policy):
    """Parts of a path, in lower case, that make a disk no zombie: RVTools' exclusions, first-class disks added."""

    excluded_parts: tuple[str, ...] = (
        "-ctk.vmdk",
        "_replica",
        "_sesparse",
        "-sesparse",
        "hbrdisk.rdid",
        "-digest",
        ".snapshot/",
        "contentlib-",
        "vcls-",
        "fcd/",
        "catalog/",
    )


@dataclass(frozen=True, slots=True)
class Registered:
    """Files and folders, as (datastore key, path), that registered VMs use."""

    files: frozenset[tuple[str, str]]
    unread_folders: frozenset[tuple[str, str]]  # of VMs whose file list was not seen


def registered(estate: Estate) -> Registered:
    """Of every source, placeholders and templates too: two vCenters may share one datastore."""
    files: set[tuple[str, str]] = set()
    unread: set[tuple[str, str]] = set()
    if not any(datastore.get(Place.FILES) for datastore in estate.by_kind[Kind.DATASTORE]):
        return Registered(frozenset(), frozenset())
    for vm in estate.entities:
        if vm.kind is not Kind.VM:
            continue
        listed = items(vm.get(FILES))
        own = [vm.get(VMX), *(dig(device, "backing", "fileName") for device in devices(vm))]
        places = list(_places(estate, vm, own))
        files.update(places, _places(estate, vm, [file.get("name") for file in listed]))
        if not listed:
            unread.update((key, folder) for key, path in places if (folder := folder_of(path)) is not None)
            if vmx_folder(vm) is None:
                unread.update((key, vm.name) for key in _maybe_on(estate, vm))
    return Registered(frozenset(files), frozenset(unread))


def _maybe_on(estate: Estate, vm: Entity) -> Collection[str]:
    """The datastores it uses; all when nothing is known of its place."""
    return estate.datastore_ids(vm) or [datastore.key for datastore in estate.by_kind[Kind.DATASTORE]]


def _places(estate: Estate, vm: Entity, paths: Iterable[Value]) -> Iterator[tuple[str, str]]:
    for place in filter(None, map(split_path, paths)):
        for key in estate.datastores_called(vm, place[0]):
            yield key, place[1]


def _found_files(datastore: Entity) -> Iterator[tuple[str, Mapping[str, Value]]]:
    for file in items(datastore.get(Place.FILES)):
        # A source gives the name below its folder; a workbook may hold the whole path.
        folder, path = text(file.get("folder")) or "", text(file.get("path")) or ""
        place = split_path(path if path.startswith("[") else folder + path)
        if place:
            yield place[1], file


def _is_in(folders: frozenset[tuple[str, str]], datastore: EntityKey, path: str) -> bool:
    folder = folder_of(path)
    while folder is not None:
        if (datastore, folder) in folders:
            return True
        folder = folder_of(folder)
    return False


def zombie_disks(policy: ZombieDisks, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A virtual disk that no VM we see uses. The part that holds the data goes with its descriptor."""
    known = registered(estate)
    for datastore in readable(estate):
        sizes = {path: amount(file.get("size")) for path, file in _found_files(datastore)}
        for path in sizes:
            lower = path.casefold()
            if not lower.endswith(".vmdk") or lower.endswith(_DISK_PARTS):
                continue
            if any(part in lower for part in policy.excluded_parts if part):
                continue
            if (datastore.key, path) in known.files or _is_in(known.unread_folders, datastore.key, path):
                continue
            stem = path[: -len(".vmdk")]
            size = sum(sizes.get(name, 0) for name in (path, *(stem + part for part in _DISK_PARTS)))
            yield ZOMBIE_DISK.about(datastore, path=f"[{datastore.name}] {path}", size_bytes=size)


def zombie_vms(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A VM or template that lies on a datastore and is registered nowhere that we see."""
    known = registered(estate)
    for datastore in readable(estate):
        for path, _file in _found_files(datastore):
            if not path.casefold().endswith((".vmx", ".vmtx")) or ".snapshot/" in path:
                continue
            if (datastore.key, path) not in known.files and not _is_in(known.unread_folders, datastore.key, path):
                yield ZOMBIE_VM.about(datastore, path=f"[{datastore.name}] {path}")


def failed_searches(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A datastore that could not be searched: zombies there stay unseen."""
    for gap in estate.gaps:
        if not gap.code.startswith(SEARCH_FAILED_GAP):
            continue
        name = gap.subject.removeprefix("datastore ")
        datastore = estate.by_name(Kind.DATASTORE, gap.source, name)
        yield Finding(
            code=SEARCH_FAILED.name,
            state=SEARCH_FAILED.state,
            subject_kind=Kind.DATASTORE,
            subject=name,
            subject_id=datastore.key if datastore else f"{gap.source}:{name}",
            source=gap.source,
            data={"problem": gap.problem},
        )


_SEARCHED = Need(Kind.DATASTORE, (Place.FILES,), is_always_there=True)
_USED = paths(Kind.VM, FILES, DEVICES, VMX, "datastore", Place.DATASTORES)
_FOUND = paths(Kind.DATASTORE, Place.FILES, "summary.accessible")

RULES: tuple[AnyRule, ...] = (
    Rule(
        number=14,
        key="zombie-disk",
        area="zombie",
        policy=ZombieDisks(),
        codes=(ZOMBIE_DISK,),
        needs=(_SEARCHED, Need(Kind.VM, (FILES,), is_always_there=True)),
        reads=(*_FOUND, *_USED),
        find=zombie_disks,
    ),
    Rule(
        number=15,
        key="zombie-vm",
        area="zombie",
        policy=Policy(),
        codes=(ZOMBIE_VM,),
        needs=(_SEARCHED, Need(Kind.VM, (VMX,), is_always_there=True)),
        reads=(*_FOUND, *_USED),
        find=zombie_vms,
    ),
    Rule(
        number=27,
        key="datastore-search",
        area="datastore",
        policy=Policy(),
        codes=(SEARCH_FAILED,),
        needs=(),
        reads=(),
        find=failed_searches,
    ),
)
