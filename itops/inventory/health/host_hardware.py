"""Rules 19 and 42: the ways from a host to its storage and to the network."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.hosts import needed
from itops.inventory.health.reading import words
from itops.inventory.health.rule import AnyRule, Policy, Rule, paths
from itops.inventory.values import dig, items, text
from itops.verdict import State

MULTIPATH = "config.storageDevice.multipathInfo.lun"
LUNS = "config.storageDevice.scsiLun"
ADAPTERS = "config.storageDevice.hostBusAdapter"
PNICS = "config.network.pnic"
VSWITCHES = "config.network.vswitch"
PROXY_SWITCHES = "config.network.proxySwitch"
# Paths over a fabric; a disk inside the host has one path and always will.
_FABRICS = ("FibreChannel", "InternetScsi")

PATH_DEAD = Code(name="storage.path-dead", state=State.WARNING)
PATH_SINGLE = Code(name="storage.path-single", state=State.WARNING)
PATH_POLICY = Code(name="storage.path-policy", state=State.OK)
LUN_STATE = Code(name="storage.lun-state", state=State.CRITICAL)
NIC_DOWN = Code(name="host.nic-down", state=State.WARNING)
ADAPTER_DOWN = Code(name="host.adapter-down", state=State.WARNING)
SINGLE_UPLINK = Code(name="host.single-uplink", state=State.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipath(Policy):
    """vCheck's three: no dead path, at least two, round robin. The last is advice: the array's maker has the say."""

    min_paths: int = 2
    wanted_policies: tuple[str, ...] = ("VMW_PSP_RR",)


# quiesced and timeout are left out: a path fails over in that moment. `off` is what RVTools calls it.
_LUN_STATES = {
    "degraded": State.WARNING,
    "off": State.WARNING,
    "error": State.CRITICAL,
    "lostCommunication": State.CRITICAL,
}


def multipath(policy: Multipath, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Paths that are dead or too few, and LUNs that are not well."""
    for host in estate.answering_hosts:
        called = {text(device.get("key")): text(device.get("canonicalName")) for device in items(host.get(LUNS))}
        for lun in items(host.get(MULTIPATH)):
            name = called.get(text(lun.get("lun"))) or text(lun.get("id")) or text(lun.get("key")) or "?"
            yield from _judge_paths(policy, host, lun, name)
        for device in items(host.get(LUNS)):
            state = next((state for state in words(device.get("operationalState")) if state in _LUN_STATES), None)
            if state:
                name = text(device.get("canonicalName")) or text(device.get("displayName")) or "?"
                yield LUN_STATE.about(host, _LUN_STATES[state], lun=name, lun_state=state)


def _judge_paths(policy: Multipath, host: Entity, lun: dict[str, Value], name: str) -> Iterator[Finding]:
    routes = items(lun.get("path"))
    dead = [route for route in routes if "dead" in (route.get("state"), route.get("pathState"))]
    if dead:
        state = State.CRITICAL if len(dead) == len(routes) else State.WARNING
        yield PATH_DEAD.about(host, state, lun=name, dead_count=len(dead), path_count=len(routes))
    if not any(_is_fabric(route) for route in routes):
        return
    if len(routes) < policy.min_paths:
        yield PATH_SINGLE.about(host, lun=name, path_count=len(routes), wanted_count=policy.min_paths)
    chosen = text(dig(lun, "policy", "policy"))
    if len(routes) > 1 and chosen and policy.wanted_policies and chosen not in policy.wanted_policies:
        yield PATH_POLICY.about(host, lun=name, policy=chosen, wanted=", ".join(policy.wanted_policies))


def _is_fabric(route: dict[str, Value]) -> bool:
    signs = (text(route.get("adapter")) or "", text(dig(route, "transport", "_type")) or "")
    return any(fabric in sign for fabric in _FABRICS for sign in signs)


def links(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Uplinks without a link, adapters that are down, switches that hang on one cable.

    An idle card that no switch uses is no fault; a switch without any uplink is internal on purpose.
    """
    for host in estate.answering_hosts:
        cards = {text(card.get("key")): card for card in items(host.get(PNICS))}
        for switch in (*items(host.get(VSWITCHES)), *items(host.get(PROXY_SWITCHES))):
            name = text(switch.get("name")) or text(switch.get("dvsName")) or "?"
            uplinks = words(switch.get("pnic"))
            if len(uplinks) == 1:
                yield SINGLE_UPLINK.about(host, switch=name)
            for key in uplinks:
                if key in cards and not cards[key].get("linkSpeed"):
                    yield NIC_DOWN.about(host, nic=text(cards[key].get("device")) or key, switch=name)
        for adapter in items(host.get(ADAPTERS)):
            status = text(adapter.get("status"))
            if status in ("offline", "fault"):
                yield ADAPTER_DOWN.about(host, adapter=text(adapter.get("device")) or "?", status=status)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=19,
        key="multipath",
        area="storage",
        policy=Multipath(),
        codes=(PATH_DEAD, PATH_SINGLE, PATH_POLICY, LUN_STATE),
        needs=(
            *needed(MULTIPATH, codes=(PATH_DEAD, PATH_SINGLE, PATH_POLICY)),
            *needed(LUNS, codes=(LUN_STATE,)),
        ),
        reads=paths(Kind.HOST, MULTIPATH, LUNS),
        find=multipath,
    ),
    Rule(
        number=42,
        key="host-links",
        area="host",
        policy=Policy(),
        codes=(NIC_DOWN, ADAPTER_DOWN, SINGLE_UPLINK),
        needs=(
            *needed(PNICS, codes=(NIC_DOWN,)),
            *needed(VSWITCHES, PROXY_SWITCHES, codes=(NIC_DOWN, SINGLE_UPLINK)),
            *needed(ADAPTERS, codes=(ADAPTER_DOWN,)),
        ),
        reads=paths(Kind.HOST, PNICS, VSWITCHES, PROXY_SWITCHES, ADAPTERS),
        find=links,
    ),
)
