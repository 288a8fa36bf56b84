"""Rules 3 to 7: snapshots. A snapshot is not a backup: it grows, slows its VM and fills the datastore."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.devices import disks_of
from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.devices import DEVICES
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import amount, days_between, ratio
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.snapshots import snapshots_of
from itops.inventory.values import items, whole
from itops.verdict import State

TREE = "snapshot.rootSnapshotList"
CHAINS = "layoutEx.disk"
FILES = "layoutEx.file"
SNAPSHOT_FILES = "layoutEx.snapshot"
# A VM without snapshots has no tree; its file layout shows that the source looked.
_NEEDS = (Need(Kind.VM, (TREE, FILES)),)
_READS = paths(Kind.VM, TREE, FILES, SNAPSHOT_FILES, CHAINS)

PRESENT = Code(name="snapshot.present", state=State.OK)
OLD = Code(name="snapshot.old", state=State.WARNING)
LARGE = Code(name="snapshot.large", state=State.WARNING)
MANY = Code(name="snapshot.many", state=State.WARNING)
PHANTOM = Code(name="disk.phantom-delta", state=State.WARNING)
CONSOLIDATION = Code(name="vm.consolidation-needed", state=State.WARNING)
LEFTOVER = Code(name="snapshot.backup-leftover", state=State.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotAge(Policy):
    """14 days: vCheck's default and AsBuiltReport's second level."""

    max_age_days: float = 14


def old_snapshots(policy: SnapshotAge, estate: Estate, now: datetime) -> Iterator[Finding]:
    """Every snapshot is told, as RVTools does; an old one is a warning."""
    for vm in estate.owned:
        for snapshot in snapshots_of(vm):
            age = None if snapshot.created_at is None else days_between(snapshot.created_at, now)
            code = OLD if age is not None and age > policy.max_age_days else PRESENT
            yield code.about(vm, snapshot=snapshot.name, age_days=None if age is None else int(age))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSize(Policy):
    """No two tools agree. A quarter of the VM's disks is what a week of change seldom reaches; three in a chain is the
    most that the vendor's snapshot advice allows."""

    large_ratio: float = 0.25
    many_snapshots: int = 3


def large_snapshots(policy: SnapshotSize, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """What the snapshots of a VM cost in space, and how many it carries."""
    for vm in estate.owned:
        count = len(snapshots_of(vm))
        if not count:
            continue
        if count > policy.many_snapshots:
            yield MANY.about(vm, snapshot_count=count)
        used = delta_bytes(vm)
        capacity = sum(disk.capacity_bytes or 0 for disk in disks_of(vm))
        share = ratio(used, capacity)
        if share is not None and share > policy.large_ratio:
            yield LARGE.about(vm, snapshot_bytes=used, capacity_bytes=capacity, used_ratio=share)


def delta_bytes(vm: Entity) -> int:
    """Bytes that would be free without the snapshots: every disk file above the base, and their memory and state.

    Other than the size of one snapshot this counts the delta that the VM writes now, which belongs to no snapshot.
    """
    sizes = {whole(file.get("key")): amount(file.get("size")) for file in items(vm.get(FILES))}
    wanted: set[int | None] = set()
    for disk in items(vm.get(CHAINS)):
        for unit in items(disk.get("chain"))[1:]:
            wanted.update(_keys(unit.get("fileKey")))
    for layout in items(vm.get(SNAPSHOT_FILES)):
        wanted.update((whole(layout.get("dataKey")), whole(layout.get("memoryKey"))))
    return sum(sizes.get(key, 0) for key in wanted - {None})


def _keys(value: Value) -> list[int | None]:
    return [whole(key) for key in value] if isinstance(value, list) else [whole(value)]


def phantom_deltas(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A disk on a delta file though no snapshot is known: it grows and nobody sees it. Linked clones look the same."""
    for vm in estate.owned:
        if items(vm.get(TREE)):
            continue
        chains = sum(1 for disk in items(vm.get(CHAINS)) if len(items(disk.get("chain"))) > 1)
        deltas = max(chains, sum(1 for disk in disks_of(vm) if disk.has_parent))
        if deltas:
            yield PHANTOM.about(vm, disk_count=deltas)


def consolidation(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A snapshot was removed and its files stayed."""
    for vm in estate.owned:
        if vm.get("runtime.consolidationNeeded") is True:
            yield CONSOLIDATION.about(vm)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupLeftovers(Policy):
    """vCheck's names. A day, because the snapshot of a backup that runs now is no leftover."""

    leftover_names: tuple[str, ...] = ("VCB", "Consolidate", "veeam", "NBU_SNAPSHOT", "GX_BACKUP", "RUBRIK")
    leftover_age_days: float = 1


def backup_leftovers(policy: BackupLeftovers, estate: Estate, now: datetime) -> Iterator[Finding]:
    """A backup program made the snapshot and did not take it away."""
    patterns = tuple(name.casefold() for name in policy.leftover_names if name)
    for vm in estate.owned:
        for snapshot in snapshots_of(vm):
            if not any(pattern in snapshot.name.casefold() for pattern in patterns):
                continue
            age = None if snapshot.created_at is None else days_between(snapshot.created_at, now)
            if age is None or age > policy.leftover_age_days:
                yield LEFTOVER.about(vm, snapshot=snapshot.name, age_days=None if age is None else int(age))


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=3,
        key="snapshot-age",
        area="snapshot",
        policy=SnapshotAge(),
        codes=(PRESENT, OLD),
        needs=_NEEDS,
        reads=_READS,
        find=old_snapshots,
    ),
    Rule(
        number=4,
        key="snapshot-size",
        area="snapshot",
        policy=SnapshotSize(),
        codes=(LARGE, MANY),
        needs=(Need(Kind.VM, (FILES,)), Need(Kind.VM, (DEVICES,), codes=(LARGE.name,))),
        reads=(*_READS, *paths(Kind.VM, DEVICES)),
        find=large_snapshots,
    ),
    Rule(
        number=5,
        key="phantom-delta",
        area="snapshot",
        policy=Policy(),
        codes=(PHANTOM,),
        needs=(Need(Kind.VM, (CHAINS, DEVICES)), *_NEEDS),
        reads=paths(Kind.VM, TREE, FILES, CHAINS, DEVICES),
        find=phantom_deltas,
    ),
    Rule(
        number=6,
        key="consolidation",
        area="snapshot",
        policy=Policy(),
        codes=(CONSOLIDATION,),
        needs=(Need(Kind.VM, ("runtime.consolidationNeeded",)),),
        reads=paths(Kind.VM, "runtime.consolidationNeeded"),
        find=consolidation,
    ),
    Rule(
        number=7,
        key="backup-leftover",
        area="snapshot",
        policy=BackupLeftovers(),
        codes=(LEFTOVER,),
        needs=_NEEDS,
        reads=_READS,
        find=backup_leftovers,
    ),
)
