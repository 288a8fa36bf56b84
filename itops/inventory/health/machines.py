"""Rules 31, 32, 33, 35 and 49: the state of a VM as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Kind, Place
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import days_between, hardware_level
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import text
from itops.verdict import State

VERSION = "config.version"
TRACKING = "config.changeTrackingEnabled"
CONNECTION = "runtime.connectionState"
POWER = "runtime.powerState"

HARDWARE_OLD = Code(name="vm.hardware-old", state=State.WARNING)
OFF_LONG = Code(name="vm.off-long", state=State.OK)
NOT_CONNECTED = Code(name="vm.not-connected", state=State.CRITICAL)
TRACKING_OFF = Code(name="vm.change-tracking-off", state=State.OK)
SEEN_TWICE = Code(name="vm.seen-twice", state=State.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareVersion(Policy):
    """vCheck's 8, the only default there is; raise it to what the oldest host can run."""

    min_hardware_version: int = 8


def old_hardware(policy: HardwareVersion, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Virtual hardware that newer hosts will one day refuse."""
    for vm in estate.owned:
        level = hardware_level(vm.get(VERSION))
        if level is not None and level < policy.min_hardware_version:
            yield HARDWARE_OLD.about(vm, version=text(vm.get(VERSION)), wanted=f"vmx-{policy.min_hardware_version}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoweredOff(Policy):
    """vCheck's week, the only default there is. It is advice: a cold stand-by is off on purpose."""

    max_off_days: float = 7


def long_off(policy: PoweredOff, estate: Estate, now: datetime) -> Iterator[Finding]:
    """A VM that is off and forgotten keeps its disks."""
    since = estate.powered_off_since or {}
    for vm in estate.servers:
        off_at = since.get(vm.key)
        if off_at is None or vm.get(POWER) != "poweredOff":
            continue
        age = days_between(off_at, now)
        if age > policy.max_off_days:
            yield OFF_LONG.about(vm, off_days=int(age))


# A VM on a lost host is unknown, not broken: the host's own finding says what happened.
_CONNECTION_STATE = {
    "disconnected": State.UNKNOWN,
    "inaccessible": State.CRITICAL,
    "orphaned": State.CRITICAL,
    "invalid": State.CRITICAL,
}


def connections(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A VM that vSphere lost: its host, its files or its configuration."""
    for vm in estate.vms:
        connection = text(vm.get(CONNECTION)) or ""
        if connection in _CONNECTION_STATE:
            yield NOT_CONNECTED.about(vm, _CONNECTION_STATE[connection], connection=connection)


def change_tracking(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Without changed-block tracking each incremental backup reads the whole disk."""
    for vm in estate.servers:
        if vm.get(TRACKING) is False:
            yield TRACKING_OFF.about(vm)


def copies(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Two VMs with one identity: a copied folder, a restore registered beside the original, a move in the middle."""
    for group in estate.copies:
        places = ", ".join(sorted(f"{text(vm.get(Place.HOST)) or '?'} ({vm.source})" for vm in group))
        yield SEEN_TWICE.about(group[0], places=places, copy_count=len(group))


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=31,
        key="hardware-version",
        area="vm",
        policy=HardwareVersion(),
        codes=(HARDWARE_OLD,),
        needs=(Need(Kind.VM, (VERSION,)),),
        reads=paths(Kind.VM, VERSION),
        find=old_hardware,
    ),
    Rule(
        number=32,
        key="powered-off",
        area="vm",
        policy=PoweredOff(),
        codes=(OFF_LONG,),
        needs=(Need(Kind.VM, (POWER,)),),
        reads=paths(Kind.VM, POWER),
        find=long_off,
        needs_history=True,
    ),
    Rule(
        number=33,
        key="vm-connection",
        area="vm",
        policy=Policy(),
        codes=(NOT_CONNECTED,),
        needs=(Need(Kind.VM, (CONNECTION,)),),
        reads=paths(Kind.VM, CONNECTION),
        find=connections,
    ),
    Rule(
        number=35,
        key="change-tracking",
        area="vm",
        policy=Policy(),
        codes=(TRACKING_OFF,),
        needs=(Need(Kind.VM, (TRACKING,)),),
        reads=paths(Kind.VM, TRACKING),
        find=change_tracking,
    ),
    Rule(
        number=49,
        key="seen-twice",
        area="vm",
        policy=Policy(),
        codes=(SEEN_TWICE,),
        needs=(Need(Kind.VM, ("runtime.host", Place.HOST, Place.HOST_UUID)),),
        reads=paths(Kind.VM, "runtime.host", Place.HOST, Place.HOST_UUID),
        find=copies,
    ),
)
