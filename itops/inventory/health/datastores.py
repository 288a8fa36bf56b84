"""Rules 10, 11, 12: space on datastores. What an inaccessible one says of itself is old, so it gets no numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind, Place
from itops.inventory.health.estate import Estate, is_on
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import amount, number, ratio
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import text
from itops.verdict import State

ACCESSIBLE = "summary.accessible"
CAPACITY = "summary.capacity"
FREE = "summary.freeSpace"
UNCOMMITTED = "summary.uncommitted"
TYPE = "summary.type"

FREE_LOW = Code(name="datastore.free-low", state=State.WARNING)
INACCESSIBLE = Code(name="datastore.inaccessible", state=State.UNKNOWN)
OVERCOMMITTED = Code(name="datastore.overcommitted", state=State.WARNING)
CROWDED = Code(name="datastore.crowded", state=State.OK)


def readable(estate: Estate) -> Iterator[Entity]:
    """The datastores whose numbers are of today."""
    for datastore in estate.by_kind[Kind.DATASTORE]:
        if datastore.get(ACCESSIBLE) is not False:
            yield datastore


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSpace(Policy):
    """15 %: RVTools and vCheck agree. 5 % is ours: one snapshot can eat that in a night."""

    free_ratio: float = 0.15
    critical_free_ratio: float = 0.05


def free_space(policy: FreeSpace, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A datastore that runs full stops every VM on it."""
    for datastore in estate.by_kind[Kind.DATASTORE]:
        if datastore.get(ACCESSIBLE) is False:
            yield INACCESSIBLE.about(datastore)
            continue
        free = ratio(datastore.get(FREE), datastore.get(CAPACITY))
        if free is not None and free < max(policy.free_ratio, policy.critical_free_ratio):
            state = State.CRITICAL if free < policy.critical_free_ratio else State.WARNING
            yield FREE_LOW.about(
                datastore,
                state,
                free_ratio=free,
                free_bytes=amount(datastore.get(FREE)),
                capacity_bytes=amount(datastore.get(CAPACITY)),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overcommitment(Policy):
    """vCheck's 50 % over: promises of one and a half times the capacity."""

    promised_ratio: float = 1.5


def overcommitment(policy: Overcommitment, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Thin disks were promised more than there is. A server that does not tell `uncommitted` promised nothing more."""
    for datastore in readable(estate):
        capacity, free = number(datastore.get(CAPACITY)), number(datastore.get(FREE))
        if capacity is None or free is None:
            continue
        promised = capacity - free + amount(datastore.get(UNCOMMITTED))
        share = ratio(promised, capacity)
        if share is not None and share > policy.promised_ratio:
            yield OVERCOMMITTED.about(
                datastore, promised_ratio=share, promised_bytes=int(promised), capacity_bytes=int(capacity)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowding(Policy):
    """vCheck's 5 dates from small LUNs with whole-LUN locks and RVTools leaves the number to its user; 30 is past
    what one queue serves well. It is advice. A vSAN or vVol datastore is one for the whole cluster: not counted."""

    max_running_vms: int = 30


def crowding(policy: Crowding, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Too many running VMs share one queue, and would fall with one datastore."""
    for datastore in readable(estate):
        if (text(datastore.get(TYPE)) or "").casefold() in ("vsan", "vsand", "vvol"):
            continue
        count = sum(1 for vm in estate.vms_by_datastore.get(datastore.key, ()) if is_on(vm))
        if count > policy.max_running_vms:
            yield CROWDED.about(datastore, running_vm_count=count)


def _needed(*names: str, codes: tuple[str, ...] = ()) -> tuple[Need, ...]:
    """All of these paths must have been seen on a datastore; every source has datastores."""
    return tuple(Need(Kind.DATASTORE, (name,), is_always_there=True, codes=codes) for name in names)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=10,
        key="datastore-space",
        area="datastore",
        policy=FreeSpace(),
        codes=(FREE_LOW, INACCESSIBLE),
        needs=(
            *_needed(FREE, CAPACITY, codes=(FREE_LOW.name,)),
            *_needed(ACCESSIBLE, codes=(INACCESSIBLE.name,)),
        ),
        reads=paths(Kind.DATASTORE, ACCESSIBLE, FREE, CAPACITY),
        find=free_space,
    ),
    Rule(
        number=11,
        key="datastore-overcommitted",
        area="datastore",
        policy=Overcommitment(),
        codes=(OVERCOMMITTED,),
        needs=_needed(FREE, CAPACITY, UNCOMMITTED),
        reads=paths(Kind.DATASTORE, ACCESSIBLE, FREE, CAPACITY, UNCOMMITTED),
        find=overcommitment,
    ),
    Rule(
        number=12,
        key="datastore-crowded",
        area="datastore",
        policy=Crowding(),
        codes=(CROWDED,),
        needs=(Need(Kind.VM, ("datastore", Place.DATASTORES)), Need(Kind.VM, ("runtime.powerState",))),
        reads=(
            *paths(Kind.DATASTORE, ACCESSIBLE, TYPE),
            *paths(Kind.VM, "datastore", Place.DATASTORES, "runtime.powerState"),
        ),
        find=crowding,
    ),
)
