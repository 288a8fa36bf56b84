"""Rule 43: port groups that let a VM listen to or speak as others, and switches that run out of ports."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.devices import devices
from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.devices import DEVICES
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import number
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import dig, items, text, whole
from itops.verdict import State

PORTGROUPS = "config.network.portgroup"
VSWITCHES = "config.network.vswitch"
DEFAULTS = "config.defaultPortConfig"
PORTS = ("config.numPorts", "config.autoExpand", "config.type", "config.uplink", "key")

PROMISCUOUS = Code(name="portgroup.promiscuous", state=State.WARNING)
FORGED = Code(name="portgroup.forged-address", state=State.OK)
PORTS_LOW = Code(name="portgroup.ports-low", state=State.WARNING)
SWITCH_PORTS_LOW = Code(name="switch.ports-low", state=State.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports(Policy):
    """vCheck's two numbers."""

    min_free_switch_ports: int = 5
    min_free_ports: int = 10


def networks(policy: Ports, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Standard port groups belong to a host, distributed ones stand for themselves."""
    for host in estate.answering_hosts:
        for group in items(host.get(PORTGROUPS)):
            security = dig(group, "computedPolicy", "security") or dig(group, "spec", "policy", "security")
            yield from _security(host, text(dig(group, "spec", "name")) or text(group.get("key")) or "?", security)
        for switch in items(host.get(VSWITCHES)):
            free = whole(switch.get("numPortsAvailable"))
            if free is not None and free < policy.min_free_switch_ports:
                yield SWITCH_PORTS_LOW.about(host, switch=text(switch.get("name")) or "?", free_count=free)
    used = _used_ports(estate)
    for distributed in estate.by_kind[Kind.PORTGROUP]:
        if not _is_uplink(distributed):
            yield from _security(distributed, distributed.name, dig(distributed.get(DEFAULTS), "securityPolicy"))
            yield from _few_ports(policy, distributed, used)


def _allows(value: Value) -> bool:
    """A standard switch says True, a distributed one {"value": True}."""
    return value is True or dig(value, "value") is True


def _security(entity: Entity, portgroup: str, security: Value) -> Iterator[Finding]:
    if _allows(dig(security, "allowPromiscuous")):
        yield PROMISCUOUS.about(entity, portgroup=portgroup)
    forged = [name for name in ("forgedTransmits", "macChanges") if _allows(dig(security, name))]
    if forged:
        yield FORGED.about(entity, portgroup=portgroup, allowed=", ".join(forged))


def _is_uplink(group: Entity) -> bool:
    return group.get("config.uplink") is True or "-DVUplinks-" in group.name


def _few_ports(policy: Ports, group: Entity, used: Counter[tuple[str, str]]) -> Iterator[Finding]:
    count, expands, binding, _, key = (group.get(path) for path in PORTS)
    total = number(count)
    if total is None or expands is not False or binding == "ephemeral":
        return  # it grows by itself, as every newer one does
    free = int(total) - used[group.source, text(key) or group.ref]
    if free < policy.min_free_ports:
        yield PORTS_LOW.about(group, free_count=max(free, 0), port_count=int(total))


def _used_ports(estate: Estate) -> Counter[tuple[str, str]]:
    """Network cards of VMs, connected or not, by source and port group: each holds a port."""
    if not any(group.get("config.autoExpand") is False for group in estate.by_kind[Kind.PORTGROUP]):
        return Counter()
    keys = (
        (vm.source, text(dig(device, "backing", "port", "portgroupKey"))) for vm in estate.vms for device in devices(vm)
    )
    return Counter((source, key) for source, key in keys if key)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=43,
        key="networks",
        area="network",
        policy=Ports(),
        codes=(PROMISCUOUS, FORGED, PORTS_LOW, SWITCH_PORTS_LOW),
        needs=(
            Need(Kind.HOST, (PORTGROUPS,), is_always_there=True, codes=(PROMISCUOUS.name, FORGED.name)),
            Need(Kind.HOST, (VSWITCHES,), is_always_there=True, codes=(SWITCH_PORTS_LOW.name,)),
            Need(Kind.PORTGROUP, ("config.autoExpand",), codes=(PORTS_LOW.name,)),
        ),
        reads=(
            *paths(Kind.HOST, PORTGROUPS, VSWITCHES),
            *paths(Kind.PORTGROUP, DEFAULTS, *PORTS),
            *paths(Kind.VM, DEVICES),
        ),
        find=networks,
    ),
)
