"""Rules 13, 24, 38, 39, 40: an ESXi host as a whole. Rules about its settings: host_settings.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.estate import Estate, is_on
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import amount, day_of, days_between, number, ratio
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import dig, items, moment, text
from itops.verdict import State

CORES = "summary.hardware.numCpuCores"
VM_CPUS = "config.hardware.numCPU"
NOT_AFTER = "certificateInfo.notAfter"
CONNECTION = "runtime.connectionState"
MAINTENANCE = "runtime.inMaintenanceMode"
REBOOT = "summary.rebootRequired"
POWER = "runtime.powerState"
BOOT = "runtime.bootTime"
SENSORS = "runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo"
HARDWARE = "runtime.healthSystemRuntime.hardwareStatusInfo"

CPU_RATIO = Code(name="host.cpu-overcommitted", state=State.OK)
CERTIFICATE_EXPIRING = Code(name="certificate.expiring", state=State.WARNING)
CERTIFICATE_EXPIRED = Code(name="certificate.expired", state=State.CRITICAL)
NOT_CONNECTED = Code(name="host.not-connected", state=State.CRITICAL)
IN_MAINTENANCE = Code(name="host.maintenance", state=State.WARNING)
REBOOT_REQUIRED = Code(name="host.reboot-required", state=State.WARNING)
UP_LONG = Code(name="host.up-long", state=State.WARNING)
SENSOR = Code(name="host.sensor", state=State.WARNING)


def needed(*names: str, codes: tuple[Code, ...] = ()) -> tuple[Need, ...]:
    """One of these paths must have been seen on a host; every source has hosts."""
    return (Need(Kind.HOST, names, is_always_there=True, codes=tuple(code.name for code in codes)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuRatio(Policy):
    """RVTools leaves the number to its user; four is what mixed servers usually stand. It is advice: `vm.cpu-ready`
    tells when it really hurts."""

    max_vcpus_per_core: float = 4


def cpu_ratios(policy: CpuRatio, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Virtual processors of running VMs for each core of their host; agents count, they run too."""
    for host in estate.answering_hosts:
        running = (vm for vm in estate.vms_by_host.get(host.key, ()) if is_on(vm))
        vcpus = sum(amount(vm.get(VM_CPUS)) for vm in running)
        per_core = ratio(vcpus, host.get(CORES))
        if per_core is not None and per_core > policy.max_vcpus_per_core:
            yield CPU_RATIO.about(
                host, vcpu_count=vcpus, core_count=amount(host.get(CORES)), vcpus_per_core=round(per_core, 1)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates(Policy):
    """RVTools' 90 days against vCheck's 60: a quarter leaves time to order one."""

    min_valid_days: float = 90


def certificates(policy: Certificates, estate: Estate, now: datetime) -> Iterator[Finding]:
    """The certificate that a host shows to vCenter and to us."""
    for host in estate.answering_hosts:
        expires = moment(host.get(NOT_AFTER))
        if expires is None:
            continue
        left = days_between(now, expires)
        if left <= 0:
            yield CERTIFICATE_EXPIRED.about(host, expires_on=day_of(expires, now), expired_days=int(-left))
        elif left < policy.min_valid_days:
            yield CERTIFICATE_EXPIRING.about(host, expires_on=day_of(expires, now), left_days=int(left))


def availability(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Hosts that do not serve, or soon must stop. One in stand-by sleeps on purpose (power management)."""
    for host in estate.hosts:
        connection = text(host.get(CONNECTION))
        if connection in ("disconnected", "notResponding"):
            if host.get(POWER) != "standBy":
                yield NOT_CONNECTED.about(host, connection=connection)
            continue
        if host.get(MAINTENANCE) is True:
            yield IN_MAINTENANCE.about(host)
        if host.get(REBOOT) is True:
            yield REBOOT_REQUIRED.about(host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime(Policy):
    """AsBuiltReport's first level, nine months: no patch of the hypervisor in all that time."""

    max_up_days: float = 275


def uptimes(policy: Uptime, estate: Estate, now: datetime) -> Iterator[Finding]:
    """A host that runs for very long was not patched, and nobody knows that it still boots."""
    for host in estate.answering_hosts:
        boot = moment(host.get(BOOT))
        if boot is not None and (age := days_between(boot, now)) > policy.max_up_days:
            yield UP_LONG.about(host, up_days=int(age))


_SENSOR_STATE = {"yellow": State.WARNING, "red": State.CRITICAL}


def sensors(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Fans, power supplies, temperatures, memory and disks that the host itself reports as not well."""
    for host in estate.answering_hosts:
        seen: set[str] = set()
        for name, state, reading in _sensors(host):
            if state in _SENSOR_STATE and name not in seen:
                seen.add(name)
                yield SENSOR.about(host, _SENSOR_STATE[state], sensor=name, colour=state, reading=reading)


def _sensors(host: Entity) -> Iterator[tuple[str, str, str | None]]:
    for sensor in items(host.get(SENSORS)):
        yield _name(sensor), _colour(dig(sensor, "healthState", "key")), _reading(sensor)
    for part in ("cpuStatusInfo", "memoryStatusInfo", "storageStatusInfo"):
        for element in items(dig(host.get(HARDWARE), part)):
            yield _name(element), _colour(dig(element, "status", "key")), None


def _name(element: dict[str, Value]) -> str:
    return text(element.get("name")) or "?"


def _colour(value: Value) -> str:
    return (text(value) or "").casefold()


def _reading(sensor: dict[str, Value]) -> str | None:
    """The reading in its unit: the API gives 4200 with modifier -2 for 42."""
    current, modifier = number(sensor.get("currentReading")), number(sensor.get("unitModifier")) or 0
    if current is None or not -18 <= modifier <= 18:
        return None
    return f"{current * 10 ** int(modifier):g} {text(sensor.get('baseUnits')) or ''}".strip()


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=13,
        key="cpu-ratio",
        area="host",
        policy=CpuRatio(),
        codes=(CPU_RATIO,),
        needs=(*needed(CORES), Need(Kind.VM, (VM_CPUS,))),
        reads=(*paths(Kind.HOST, CORES), *paths(Kind.VM, VM_CPUS)),
        find=cpu_ratios,
    ),
    Rule(
        number=24,
        key="certificate",
        area="certificate",
        policy=Certificates(),
        codes=(CERTIFICATE_EXPIRING, CERTIFICATE_EXPIRED),
        needs=needed(NOT_AFTER),
        reads=paths(Kind.HOST, NOT_AFTER),
        find=certificates,
    ),
    Rule(
        number=38,
        key="host-availability",
        area="host",
        policy=Policy(),
        codes=(NOT_CONNECTED, IN_MAINTENANCE, REBOOT_REQUIRED),
        needs=(
            *needed(CONNECTION, codes=(NOT_CONNECTED,)),
            *needed(MAINTENANCE, codes=(IN_MAINTENANCE,)),
            *needed(REBOOT, codes=(REBOOT_REQUIRED,)),
        ),
        reads=paths(Kind.HOST, CONNECTION, MAINTENANCE, REBOOT, POWER),
        find=availability,
    ),
    Rule(
        number=39,
        key="host-uptime",
        area="host",
        policy=Uptime(),
        codes=(UP_LONG,),
        needs=needed(BOOT),
        reads=paths(Kind.HOST, BOOT),
        find=uptimes,
    ),
    Rule(
        number=40,
        key="sensors",
        area="host",
        policy=Policy(),
        codes=(SENSOR,),
        needs=needed(SENSORS, HARDWARE),
        reads=paths(Kind.HOST, SENSORS, HARDWARE),
        find=sensors,
    ),
)
