"""Rules 26, 28, 29, 30, 37: what a VM may use of its host's processors and memory, and what it uses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Kind
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import amount, number, ratio
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import MIB
from itops.verdict import State

CPU_HOT_ADD = "config.cpuHotAddEnabled"
MEMORY_HOT_ADD = "config.memoryHotAddEnabled"
NUMA = (
    "config.hardware.numCPU",
    "config.hardware.numCoresPerSocket",
    "config.numaInfo.vnumaOnCpuHotaddExposed",
    CPU_HOT_ADD,
    MEMORY_HOT_ADD,
)
ALLOCATION = (
    "config.cpuAllocation.limit",
    "config.memoryAllocation.limit",
    "config.cpuAllocation.reservation",
    "config.memoryAllocation.reservation",
)
PRESSURE = ("summary.quickStats.swappedMemory", "summary.quickStats.balloonedMemory")
READY = "summary.quickStats.overallCpuReadiness"
USAGE = "summary.quickStats.overallCpuUsage"
CEILING = "runtime.maxCpuUsage"

VNUMA = Code(name="vm.numa-hidden", state=State.OK)
CPU_LIMIT = Code(name="vm.cpu-limit", state=State.WARNING)
MEMORY_LIMIT = Code(name="vm.memory-limit", state=State.WARNING)
RESERVATION = Code(name="vm.reservation", state=State.OK)
SWAPPED = Code(name="vm.swapped", state=State.WARNING)
BALLOONED = Code(name="vm.ballooned", state=State.WARNING)
CPU_READY = Code(name="vm.cpu-ready", state=State.WARNING)
CPU_BUSY = Code(name="vm.cpu-busy", state=State.OK)
HOT_ADD = Code(name="vm.hot-add", state=State.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenNuma(Policy):
    """RVTools' own number; no other tool has the rule."""

    numa_cores: int = 4


def hidden_numa(policy: HiddenNuma, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A wide VM that does not see which memory is near: CPU hot add hides it, and so does one core per socket."""
    for vm in estate.running:
        count, per_socket, exposed, cpu_hot_add, memory_hot_add = (vm.get(path) for path in NUMA)
        cores = amount(count)
        if cores < policy.numa_cores or exposed is True:
            continue
        if cpu_hot_add is True or memory_hot_add is True or number(per_socket) == 1:
            yield VNUMA.about(vm, core_count=cores)


def allocations(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A forgotten limit (-1 is none) slows a VM on an idle host; a reservation takes from all others."""
    for vm in estate.servers:
        cpu_limit, memory_limit, cpu_reserved, memory_reserved = (vm.get(path) for path in ALLOCATION)
        cpu, memory = number(cpu_limit), number(memory_limit)
        if cpu is not None and cpu >= 0:
            yield CPU_LIMIT.about(vm, limit_mhz=int(cpu))
        if memory is not None and memory >= 0:
            yield MEMORY_LIMIT.about(vm, limit_bytes=int(memory) * MIB)
        if amount(cpu_reserved) or amount(memory_reserved):
            yield RESERVATION.about(vm, reserved_mhz=amount(cpu_reserved), reserved_bytes=amount(memory_reserved) * MIB)


def memory_pressure(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """The host took memory from the VM: it has too little for all. vCheck reports any amount, and so do we."""
    for vm in estate.running:
        swapped, ballooned = (amount(vm.get(path)) for path in PRESSURE)
        if swapped:
            yield SWAPPED.about(vm, swapped_bytes=swapped * MIB)
        if ballooned:
            yield BALLOONED.about(vm, ballooned_bytes=ballooned * MIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuPressure(Policy):
    """vCheck's two numbers. Use is advice only: one look is not a trend."""

    ready_ratio: float = 0.10
    busy_ratio: float = 0.75


def cpu_pressure(policy: CpuPressure, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """The VM waits for a processor, or uses nearly all it has."""
    for vm in estate.running:
        ready = ratio(vm.get(READY), 100)  # the API says percent
        if ready is not None and ready > policy.ready_ratio:
            yield CPU_READY.about(vm, ready_ratio=ready)
        busy = ratio(vm.get(USAGE), vm.get(CEILING))
        if busy is not None and busy > policy.busy_ratio:
            yield CPU_BUSY.about(vm, busy_ratio=busy)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotAdd(Policy):
    """No tool has a default to copy. False, the vendor's own default for a new VM: CPU hot add hides vNUMA."""

    is_hot_add_wanted: bool = False


def hot_add(policy: HotAdd, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Hot add of processors or memory is set other than the office wants it."""
    for vm in estate.servers:
        cpu, memory = vm.get(CPU_HOT_ADD), vm.get(MEMORY_HOT_ADD)
        if (not policy.is_hot_add_wanted) in (cpu, memory):
            yield HOT_ADD.about(vm, cpu=_on_off(cpu), memory=_on_off(memory))


def _on_off(value: object) -> str | None:
    return {True: "on", False: "off"}.get(value) if isinstance(value, bool) else None


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=26,
        key="numa-hidden",
        area="vm",
        policy=HiddenNuma(),
        codes=(VNUMA,),
        needs=(Need(Kind.VM, ("config.hardware.numCPU",)), Need(Kind.VM, NUMA[1:])),
        reads=paths(Kind.VM, *NUMA),
        find=hidden_numa,
    ),
    Rule(
        number=28,
        key="allocation",
        area="vm",
        policy=Policy(),
        codes=(CPU_LIMIT, MEMORY_LIMIT, RESERVATION),
        needs=(Need(Kind.VM, ALLOCATION),),
        reads=paths(Kind.VM, *ALLOCATION),
        find=allocations,
    ),
    Rule(
        number=29,
        key="memory-pressure",
        area="vm",
        policy=Policy(),
        codes=(SWAPPED, BALLOONED),
        needs=(
            Need(Kind.VM, PRESSURE[:1], codes=(SWAPPED.name,)),
            Need(Kind.VM, PRESSURE[1:], codes=(BALLOONED.name,)),
        ),
        reads=paths(Kind.VM, *PRESSURE),
        find=memory_pressure,
    ),
    Rule(
        number=30,
        key="cpu-pressure",
        area="vm",
        policy=CpuPressure(),
        codes=(CPU_READY, CPU_BUSY),
        needs=(
            Need(Kind.VM, (READY,), codes=(CPU_READY.name,)),  # 7.0 and later
            Need(Kind.VM, (USAGE,), codes=(CPU_BUSY.name,)),
            Need(Kind.VM, (CEILING,), codes=(CPU_BUSY.name,)),
        ),
        reads=paths(Kind.VM, READY, USAGE, CEILING),
        find=cpu_pressure,
    ),
    Rule(
        number=37,
        key="hot-add",
        area="vm",
        policy=HotAdd(),
        codes=(HOT_ADD,),
        needs=(Need(Kind.VM, (CPU_HOT_ADD, MEMORY_HOT_ADD)),),
        reads=paths(Kind.VM, CPU_HOT_ADD, MEMORY_HOT_ADD),
        find=hot_add,
    ),
)
