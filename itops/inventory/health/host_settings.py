"""Rules 21, 22, 23, 41: time, doors and logs of an ESXi host."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.hosts import needed
from itops.inventory.health.reading import words
from itops.inventory.health.rule import AnyRule, Policy, Rule, paths
from itops.inventory.values import items, text, truth
from itops.verdict import State

NTP_SERVERS = "config.dateTimeInfo.ntpConfig.server"
TIME_ZONE = "config.dateTimeInfo.timeZone.name"
SERVICES = "config.service.service"
OPTIONS = "config.option"
LOCKDOWN = "config.lockdownMode"
LOG_HOST = "Syslog.global.logHost"
SCRATCH = "ScratchConfig.CurrentScratchLocation"
_TIME_DAEMONS = ("ntpd", "chronyd", "ptpd")  # which one runs depends on the build

NTP_MISSING = Code(name="ntp.missing", state=State.WARNING)
NTP_STOPPED = Code(name="ntp.stopped", state=State.WARNING)
SHELL_ON = Code(name="host.shell-enabled", state=State.WARNING)
SSH_ON = Code(name="host.ssh-enabled", state=State.WARNING)
SYSLOG_MISSING = Code(name="host.syslog-missing", state=State.WARNING)
LOCKDOWN_OFF = Code(name="host.lockdown-off", state=State.OK)
SCRATCH_VOLATILE = Code(name="host.scratch-volatile", state=State.WARNING)


def time_servers(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """No time server is set. A host that told nothing of its date settings is not judged by their absence."""
    for host in estate.answering_hosts:
        servers = host.get(NTP_SERVERS)
        was_asked = servers is not None or host.get(TIME_ZONE) is not None
        if was_asked and not any(server.strip() for server in words(servers)):
            yield NTP_MISSING.about(host)


def time_services(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A time daemon is installed and none runs."""
    for host in estate.answering_hosts:
        daemons = [service for service in items(host.get(SERVICES)) if service.get("key") in _TIME_DAEMONS]
        if daemons and not any(truth(service.get("running")) for service in daemons):
            yield NTP_STOPPED.about(host, service=text(daemons[0].get("key")), policy=text(daemons[0].get("policy")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors(Policy):
    """All three tools report both. An office that lives with SSH says so here, once."""

    is_shell_allowed: bool = False
    is_ssh_allowed: bool = False


def doors(policy: Doors, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """ESXi Shell and SSH: running now, or started with the host."""
    watched = (("TSM", SHELL_ON, policy.is_shell_allowed), ("TSM-SSH", SSH_ON, policy.is_ssh_allowed))
    for host in estate.answering_hosts:
        for service in items(host.get(SERVICES)):
            for key, code, is_allowed in watched:
                is_open = truth(service.get("running")) or service.get("policy") == "on"
                if service.get("key") == key and is_open and not is_allowed:
                    yield code.about(host, policy=text(service.get("policy")))


def _option(host: Entity, key: str) -> Value:
    for option in items(host.get(OPTIONS)):
        if option.get("key") == key:
            return option.get("value")
    return None


def logs(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Where the logs of a host go: after a crash the host itself has none to show."""
    for host in estate.answering_hosts:
        if host.get(LOCKDOWN) == "lockdownDisabled":
            yield LOCKDOWN_OFF.about(host)
        if not items(host.get(OPTIONS)):
            continue
        if not (text(_option(host, LOG_HOST)) or "").strip():
            yield SYSLOG_MISSING.about(host)
        scratch = text(_option(host, SCRATCH))
        if scratch and scratch.startswith("/tmp"):  # noqa: S108  ESXi keeps it in memory; we only read its name
            yield SCRATCH_VOLATILE.about(host, location=scratch)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=21,
        key="ntp-server",
        area="host",
        policy=Policy(),
        codes=(NTP_MISSING,),
        needs=needed(NTP_SERVERS, TIME_ZONE),
        reads=paths(Kind.HOST, NTP_SERVERS, TIME_ZONE),
        find=time_servers,
    ),
    Rule(
        number=22,
        key="ntp-service",
        area="host",
        policy=Policy(),
        codes=(NTP_STOPPED,),
        needs=needed(SERVICES),
        reads=paths(Kind.HOST, SERVICES),
        find=time_services,
    ),
    Rule(
        number=23,
        key="host-doors",
        area="host",
        policy=Doors(),
        codes=(SHELL_ON, SSH_ON),
        needs=needed(SERVICES),
        reads=paths(Kind.HOST, SERVICES),
        find=doors,
    ),
    Rule(
        number=41,
        key="host-logs",
        area="host",
        policy=Policy(),
        codes=(SYSLOG_MISSING, LOCKDOWN_OFF, SCRATCH_VOLATILE),
        needs=(*needed(OPTIONS, codes=(SYSLOG_MISSING, SCRATCH_VOLATILE)), *needed(LOCKDOWN, codes=(LOCKDOWN_OFF,))),
        reads=paths(Kind.HOST, OPTIONS, LOCKDOWN),
        find=logs,
    ),
)
