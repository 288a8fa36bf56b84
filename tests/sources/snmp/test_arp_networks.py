"""Devices that nobody but a router's ARP table knows: the computers of county offices."""

from itops.assets.devices import join
from itops.assets.policy import AssetPolicy
from itops.assets.sightings import NetworkCard, Sighting, Via, sighting_of
from itops.inventory.entities import Entity, Gap, Kind, Seen
from itops.sources.addresses import Addresses
from itops.sources.snmp.client import Value
from tests.sources.snmp.devices import LASER, ROUTER, Device, interface, system
from tests.sources.snmp.memory import MemoryClient
from tests.sources.snmp.test_observe import gaps, look

GATEWAY = "10.20.0.1"
ARP, ARP_TYPE = "1.3.6.1.2.1.4.22.1.2", "1.3.6.1.2.1.4.22.1.4"
NEW_ARP, NEW_ARP_TYPE = "1.3.6.1.2.1.4.35.1.4", "1.3.6.1.2.1.4.35.1.6"
DYNAMIC, INVALID, STATIC, LOCAL = 3, 2, 4, 5


def entry(address: str, mac: str, kind: int | None = DYNAMIC) -> Device:
    row: Device = {f"{ARP}.2.{address}": bytes.fromhex(mac)}
    return row if kind is None else {**row, f"{ARP_TYPE}.2.{address}": kind}


def router(*entries: Device, name: str = "gw-county", mac: str = "744d28aa0001", address: str = GATEWAY) -> Device:
    whole: dict[str, Value] = {
        **system("RouterOS RB4011iGS+", "1.3.6.1.4.1.14988.1", name),
        **interface(2, "bridge", mac, address=address),
        "1.3.6.1.2.1.4.1.0": 1,
    }
    for one in entries:
        whole |= one
    return whole


def met(seen: list[Seen]) -> dict[str, Sighting]:
    """What was met and did not answer, by address."""
    told = [sighting_of(thing) for thing in seen if isinstance(thing, Entity)]
    return {str(one.address): one for one in told if one.via is Via.SWEEP}


def look_at(*devices: tuple[str, Device], networks: tuple[str, ...] = ("10.20.0.0/24",), **more: str) -> list[Seen]:
    there = {address: MemoryClient(device) for address, device in devices}
    return look(there, *there, arp_networks=tuple(map(Addresses, networks)), **more)


def test_by_default_only_the_router_itself_is_a_device() -> None:
    seen = look({GATEWAY: MemoryClient(ROUTER)}, GATEWAY)
    assert [thing.key for thing in seen if isinstance(thing, Entity)] == [f"net/{GATEWAY}"]


def test_whoever_a_router_met_in_a_named_network_is_something_that_answers_there() -> None:
    seen = look_at((GATEWAY, router(entry("10.20.0.15", "001122aa0015"))), site="fardis")
    found = met(seen)["10.20.0.15"]
    assert (found.key, found.site, found.kind) == ("net/arp/10.20.0.15", "fardis", None)
    assert found.cards == (NetworkCard(mac="001122aa0015", addresses=("10.20.0.15",)),)
    assert gaps(seen) == []


def test_addresses_of_other_networks_are_left_alone() -> None:
    seen = look_at((GATEWAY, router(entry("10.99.0.15", "001122aa0015"))))
    assert met(seen) == {}


def test_who_answers_snmp_is_not_seen_a_second_time_under_any_address() -> None:
    gateway = router(entry("10.20.0.31", "3c5282aa0001"), entry("10.20.0.32", "3c5282aa0001"))
    seen = look_at((GATEWAY, gateway), ("10.20.0.31", LASER))
    assert met(seen) == {}


def test_a_router_s_own_addresses_and_what_was_never_answered_are_nobody() -> None:
    gateway = router(
        entry("10.20.0.16", "000000000000"), entry("10.20.0.17", "744d28aa0001"), entry("10.20.0.18", "01005e000001")
    )
    assert met(look_at((GATEWAY, gateway))) == {}


def test_entries_written_by_hand_and_dead_ones_prove_nothing() -> None:
    kinds = {"10.20.0.2": INVALID, "10.20.0.3": STATIC, "10.20.0.4": LOCAL, "10.20.0.5": DYNAMIC, "10.20.0.6": None}
    entries = [entry(address, f"0011220000{index:02}", kind) for index, (address, kind) in enumerate(kinds.items())]
    assert sorted(met(look_at((GATEWAY, router(*entries))))) == ["10.20.0.5", "10.20.0.6"]


def test_the_newer_table_is_as_good() -> None:
    index = "2.1.4.10.20.0"
    gateway = router(
        {f"{NEW_ARP}.{index}.5": bytes.fromhex("001122000005"), f"{NEW_ARP_TYPE}.{index}.5": DYNAMIC},
        {f"{NEW_ARP}.{index}.6": bytes.fromhex("001122000006"), f"{NEW_ARP_TYPE}.{index}.6": LOCAL},
    )
    assert sorted(met(look_at((GATEWAY, gateway)))) == ["10.20.0.5"]


def test_two_routers_that_say_the_same_tell_of_one_device() -> None:
    routers = [
        (f"10.20.0.{last}", router(entry("10.20.0.15", "001122aa0015"), name=f"gw{last}", mac=f"744d28aa000{last}"))
        for last in (2, 1)
    ]
    found = met(look_at(*routers))
    assert [(address, [card.mac for card in one.cards]) for address, one in found.items()] == [
        ("10.20.0.15", ["001122aa0015"])
    ]


def test_where_two_routers_contradict_each_other_no_mac_is_believed() -> None:
    routers = [
        (f"10.20.0.{last}", router(entry("10.20.0.15", f"001122aa001{last}"), mac=f"744d28aa000{last}"))
        for last in (1, 2)
    ]
    assert met(look_at(*routers))["10.20.0.15"].cards == ()


def test_a_mac_at_more_addresses_than_a_device_has_answers_for_others() -> None:
    entries = [entry(f"10.20.0.{last}", "001122aa0015") for last in range(100, 120)]
    seen = look_at((GATEWAY, router(*entries, entry("10.20.0.9", "001122aa0009"))))
    assert sorted(met(seen)) == ["10.20.0.9"]
    (gap,) = [thing for thing in seen if isinstance(thing, Gap)]
    assert (gap.code, gap.subject, gap.hides) == ("sweep.answered-for", "20 addresses", {Kind.DEVICE})
    assert "001122aa0015" in gap.problem


def test_a_printer_that_sleeps_today_stays_the_printer_it_was_yesterday() -> None:
    """What its router still knows of it is kept beside what it said itself, not in its place."""
    gateway = router(entry("10.20.0.31", "3c5282aa0001"))
    awake, asleep = look_at((GATEWAY, gateway), ("10.20.0.31", LASER)), look_at((GATEWAY, gateway))
    kept = {thing.key: thing for thing in [*awake, *asleep] if isinstance(thing, Entity)}
    devices = join(map(sighting_of, kept.values()), AssetPolicy())
    (printer,) = [device for device in devices if "10.20.0.31" in device.addresses]
    assert printer.serial == "VNC0000123"
    assert len(printer.sightings) == 2
