"""From answers to sightings: who a device is, and what it says of itself."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.sightings import Neighbour, NetworkCard, Sighting, Supply, UpsReading, Via, entity_of, sighting_of
from itops.sources.snmp.client import Answers, Value
from itops.sources.snmp.makers import table
from itops.sources.snmp.questions import maker_of
from itops.sources.snmp.readers import entity, printer, system
from itops.sources.snmp.sighting import Frame, sightings_of
from tests.sources.snmp import devices
from tests.sources.snmp.devices import ENTITY, NET_SNMP, PRINTER, PRIVATE, UPS_MIB
from tests.sources.snmp.test_values import ANY_VALUE

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
FRAME = Frame(source="net", name="10.1.0.5", address="10.1.0.5", site="head-office", seen_at=NOW)


def seen(answers: Answers) -> Sighting:
    return sightings_of(answers, FRAME)[0]


def test_an_apc_says_who_it_is_and_both_of_its_battery_dates() -> None:
    apc = seen(devices.APC)
    assert (apc.kind, apc.vendor, apc.model, apc.serial) == ("ups", "APC", "Smart-UPS 3000 RM", "AS0000111222")
    assert (apc.via, apc.firmware) == (Via.SNMP_VENDOR, "UPS 08.3 / MCU 14.0")
    # The date it recommends lies years back while its flag says that all is well: both are facts, neither is judged.
    assert (apc.battery_replaced_on, apc.battery_due_on) == (date(2023, 11, 22), date(2021, 5, 1))
    assert apc.readings.ups == UpsReading(
        battery_state="normal",
        charge_ratio=1.0,
        runtime_seconds=2280,  # hundredths of a second; UPS-MIB beside it says 65535 minutes
        load_ratio=0.34,
        temperature_celsius=27,
        needs_new_battery=False,
        is_on_battery=False,
        last_test="passed",
    )
    assert apc.cards == (NetworkCard(mac="00c0b7aa0001", name="eth0", medium="ethernet", addresses=("10.1.0.5",)),)
    assert (apc.site, apc.address, apc.key) == ("head-office", "10.1.0.5", "net/10.1.0.5")


def test_a_ups_whose_agent_calls_itself_net_snmp_is_found_by_its_own_oids() -> None:
    socomec = seen(devices.SOCOMEC)
    assert (socomec.kind, socomec.vendor, socomec.serial) == ("ups", "Socomec", "P0000777001")
    reading = socomec.readings.ups
    assert reading
    assert (reading.runtime_seconds, reading.temperature_celsius) == (42 * 60, 25.3)
    # The Linux and the memory are those of the card.
    assert (socomec.os, socomec.memory_bytes) == (None, None)


def test_a_ups_that_knows_only_the_standard_is_a_ups() -> None:
    generex = seen(devices.GENEREX)
    assert (generex.kind, generex.vendor, generex.model) == ("ups", "Riello", "Sentinel Dual 10000")
    assert (generex.via, generex.serial, generex.firmware) == (Via.SNMP, None, "SWM034-04-01")
    assert generex.readings.ups == UpsReading(
        battery_state="low",
        charge_ratio=0.41,
        runtime_seconds=420,
        load_ratio=0.72,  # of the phase that carries most
        temperature_celsius=None,  # -273
        needs_new_battery=True,  # by its alarms
        is_on_battery=True,
        last_test="failed",
    )


@pytest.mark.parametrize(
    ("said", "runtime", "charge", "temperature"),
    [
        ({"2.3.0": 65_535, "2.4.0": -1, "2.7.0": -273}, None, None, None),
        ({"2.3.0": -1, "2.4.0": 101, "2.7.0": 65_535}, None, None, None),
        ({"2.3.0": b"", "2.4.0": b"", "2.7.0": b""}, None, None, None),
        ({"2.3.0": b"12", "2.4.0": b"55 %", "2.7.0": b"21"}, 720, 0.55, 21),
        ({"2.3.0": 0, "2.4.0": 0, "2.7.0": 0}, 0, 0.0, 0),
    ],
)
def test_numbers_that_mean_unknown_are_not_readings(
    said: dict[str, Value], runtime: int | None, charge: float | None, temperature: float | None
) -> None:
    answers = {
        UPS_MIB + "1.1.0": b"Riello",
        UPS_MIB + "2.1.0": 2,
        **{UPS_MIB + oid: value for oid, value in said.items()},
    }
    reading = seen(answers).readings.ups
    assert reading
    assert (reading.runtime_seconds, reading.charge_ratio, reading.temperature_celsius) == (
        runtime,
        charge,
        temperature,
    )


def test_each_maker_counts_its_runtime_in_its_own_unit() -> None:
    runtimes = {}
    for maker in table().makers:
        if maker.ups.runtime:
            answers: dict[str, Value] = {system.OBJECT_ID: maker.match[0], maker.ups.runtime.oid: 6_000}
            reading = seen(answers).readings.ups
            assert reading
            runtimes[maker.match[0].removeprefix(PRIVATE)] = reading.runtime_seconds
    assert runtimes == {"318": 60, "705": 6_000, "534": 6_000, "3808": 60, "4555": 360_000}


def test_the_serial_of_an_eaton_stands_in_its_name() -> None:
    answers = devices.system("Eaton", PRIVATE + "534.1") | {
        UPS_MIB + "1.1.0": b"EATON",
        UPS_MIB + "1.5.0": b"ID: GA00K00123, Msg: 9PX",
    }
    assert seen(answers).serial == "GA00K00123"


def test_a_printer_tells_serial_pages_and_only_the_levels_it_measures() -> None:
    laser = seen(devices.LASER)
    assert (laser.kind, laser.vendor, laser.model, laser.serial) == (
        "printer",
        "HP",
        "HP LaserJet Pro M404dn",
        "VNC0000123",
    )
    assert laser.readings.page_count == 48_211
    assert laser.readings.supplies == (
        Supply(name="Black Cartridge HP CF259A", level_ratio=0.37),
        Supply(name="Drum", state="some left"),
        Supply(name="Waste", state="unknown"),
        Supply(name="Staples", state="unlimited"),
    )


@pytest.mark.parametrize(
    ("level", "capacity", "supply"),
    [
        (50, 200, Supply(name="t", level_ratio=0.25)),
        (0, 200, Supply(name="t", level_ratio=0.0)),
        (210, 200, Supply(name="t", level_ratio=1.0)),
        (50, -2, Supply(name="t", state="unknown")),
        (50, 0, Supply(name="t", state="unknown")),
        (-3, 200, Supply(name="t", state="some left")),
        (-9, 200, Supply(name="t", state="unknown")),
        (None, None, Supply(name="t", state="unknown")),
    ],
)
def test_a_percentage_needs_a_level_and_a_capacity(level: Value, capacity: Value, supply: Supply) -> None:
    answers = {PRINTER + "11.1.1.6.1.1": b"t", PRINTER + "11.1.1.9.1.1": level, PRINTER + "11.1.1.8.1.1": capacity}
    assert printer.supplies(answers) == (supply,)


def test_a_printer_that_answers_no_serial_is_known_by_its_description_or_its_cable() -> None:
    samsung = devices.system("Samsung ML-0000 Series OS 1.04;S/N Z0000AAA", PRIVATE + "236.11.5.1")
    found = seen(samsung | {PRINTER + "5.1.1.1.1": 1})
    assert (found.kind, found.model, found.serial) == ("printer", "Samsung ML-0000 Series", "Z0000AAA")
    hp = devices.system("HP ETHERNET", PRIVATE + "11.2.3.9.1") | {
        PRIVATE + "11.2.3.9.1.1.7.0": b"MFG:Hewlett-Packard;CMD:PCL;MDL:HP LaserJet 400;SN:PHG0000001;"
    }
    assert (seen(hp).model, seen(hp).serial) == ("HP LaserJet 400", "PHG0000001")


def test_the_usb_controllers_of_a_mikrotik_are_not_its_serial() -> None:
    router = seen(devices.ROUTER)
    assert (router.vendor, router.model, router.serial) == ("MikroTik", "RB4011iGS+", "B8000A111222")
    assert (router.kind, router.firmware) == ("network_device", "7.12.1")
    without = {oid: value for oid, value in devices.ROUTER.items() if "14988.1.1.7" not in oid}
    assert seen(without).serial is None


def test_a_router_knows_who_is_behind_it_and_does_not_count_itself() -> None:
    router = seen(devices.ROUTER)
    assert router.readings.neighbours == (
        Neighbour(mac="001122aa0015", address="10.20.0.15", port="bridge", told_by="arp"),
    )
    # One MAC on a port and on a bridge is one card, named for the port, with the addresses of both.
    assert router.cards == (
        NetworkCard(mac="744d28aa0001", name="ether1", medium="ethernet", addresses=("192.168.88.1", "10.20.0.1")),
    )


def test_a_stack_is_as_many_devices_as_it_has_chassis_and_no_transceiver_is_one() -> None:
    first, second = sightings_of(devices.STACK, FRAME)
    assert [(each.serial, each.model, each.vendor) for each in (first, second)] == [
        ("2100000001", "S5720-28P", "Huawei"),
        ("2100000002", "S5720-52P", "Huawei"),
    ]
    assert first.key != second.key
    assert (first.kind, second.kind) == ("network_device", "network_device")
    assert (second.address, second.cards, second.host_name) == (None, (), None)  # all that is the stack's
    assert second.description == "member 2 of the stack sw-core"
    assert (first.contact_place, second.contact_place) == ("rack 1", "rack 1")


def test_a_switch_tells_which_port_its_neighbours_are_behind() -> None:
    assert seen(devices.STACK).readings.neighbours == (
        Neighbour(mac="744d28aa0001", address="10.20.0.1", port="GE0/0/1", name="gw-county", told_by="lldp"),
        Neighbour(mac="001122aa0015", port="GE0/0/1", told_by="fdb"),
    )


def test_a_chassis_inside_another_and_one_without_a_serial_make_no_stack() -> None:
    answers = devices.chassis(1, "OUTER001") | devices.chassis(2, "INNER001", inside=1) | devices.chassis(3, "N/A")
    assert [box.serial for box in entity.chassis(answers)] == ["OUTER001"]
    assert [box.serial for box in entity.chassis(devices.chassis(3, "N/A"))] == ["N/A"]
    assert entity.chassis(devices.chassis(9, "XCVR0001", kind=10)) == ()
    assert [
        box.serial for box in entity.chassis(devices.chassis(1, "") | devices.chassis(2, "INNER001", inside=1))
    ] == ["INNER001"]


def test_a_member_without_a_good_serial_is_not_replaced_by_another_member() -> None:
    stack = devices.chassis(1, "", kind=11)
    boxes = devices.chassis(10, "N/A", inside=1) | devices.chassis(20, "GOOD0001", inside=1)
    assert [box.serial for box in entity.chassis(stack | boxes)] == ["N/A", "GOOD0001"]
    assert [box.serial for box in entity.chassis(boxes)] == ["GOOD0001"]  # no stack: two views of one box
    twice = devices.chassis(10, "GOOD0001") | devices.chassis(20, "GOOD0001")
    assert len(entity.chassis(twice)) == 1


def test_a_management_controller_is_not_the_network_of_its_server() -> None:
    idrac = devices.system("iDRAC", PRIVATE + "674.10892.5") | {
        PRIVATE + "674.10892.5.1.3.2.0": b"ABC0XY1",
        PRIVATE + "674.10892.5.1.3.12.0": b"PowerEdge R740",
        "1.3.6.1.2.1.25.2.2.0": 512_000,
        **devices.interface(1, "eth0", "d09466aa0001"),
    }
    found = seen(idrac)
    assert (found.kind, found.serial, found.memory_bytes) == ("server", "ABC0XY1", None)
    assert [card.medium for card in found.cards] == ["bmc"]


def test_the_maker_of_a_hypervisor_is_not_the_maker_of_the_machine() -> None:
    esxi = devices.system("VMware ESXi 7.0.3", PRIVATE + "6876.4.1", "esx01") | {
        **devices.chassis(1, "CZ00000001"),
        ENTITY + "12.1": b"HPE",
        PRIVATE + "6876.1.1.0": b"VMware ESXi",
        PRIVATE + "6876.1.2.0": b"7.0.3",
        PRIVATE + "6876.1.4.0": b"21313628",
    }
    found = seen(esxi)
    assert (found.vendor, found.serial, found.model) == ("HPE", "CZ00000001", "a box")
    assert (found.os, found.os_version) == ("VMware ESXi", "7.0.3 build 21313628")


@pytest.mark.parametrize(
    ("description", "os"),
    [
        ("Linux printsrv 6.1.0-13-amd64 #1 SMP Debian x86_64", ("Linux", "6.1.0-13-amd64")),
        (
            "Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 20348 Multiprocessor Free)",
            ("Windows", "6.3.20348"),
        ),
        ("Some appliance", (None, None)),
    ],
)
def test_the_operating_system_is_read_where_it_is_said(description: str, os: tuple[str | None, str | None]) -> None:
    found = seen(devices.system(description, NET_SNMP))
    assert (found.os, found.os_version) == os


def test_the_quotes_of_net_snmp_are_not_part_of_the_place() -> None:
    found = seen(devices.system("x", NET_SNMP, name='"printsrv"', place='"server room"'))
    assert (found.host_name, found.contact_place) == ("printsrv", "server room")


def test_virtual_and_foreign_cards_are_told_apart() -> None:
    answers = (
        devices.interface(1, "Intel(R) Ethernet Connection I219-LM", "a4bb6daa0001")
        | devices.interface(2, "docker0", "0242c0aa0001")
        | devices.interface(3, "Bluetooth Device (Personal Area Network)", "a4bb6daa0003")
        | devices.interface(4, "Realtek USB GbE Family Controller", "00e04caa0004")
        | devices.interface(5, "Hyper-V Virtual Ethernet Adapter", "00155daa0005")
        | devices.interface(6, "ether", "000000000000")
    )
    cards = {card.mac: (card.medium, card.is_permanent) for card in seen(answers).cards}
    assert cards == {
        "a4bb6daa0001": ("ethernet", None),
        "0242c0aa0001": ("virtual", False),
        "a4bb6daa0003": ("bluetooth", None),
        "00e04caa0004": ("usb", None),
        "00155daa0005": ("virtual", False),
    }


def test_a_device_that_says_next_to_nothing_is_still_seen() -> None:
    assert (seen(devices.BARE).host_name, seen(devices.BARE).kind, seen(devices.BARE).via) == ("thing", None, Via.SNMP)
    assert seen({}).serial is None


@pytest.mark.parametrize("name", devices.ALL)
def test_every_sighting_comes_back_from_the_store_as_it_was(name: str) -> None:
    for found in sightings_of(devices.ALL[name], FRAME):
        assert sighting_of(entity_of(found, ref="x")) == found


_OIDS = st.sampled_from(sorted({oid for device in devices.ALL.values() for oid in device}))


@given(st.dictionaries(_OIDS, ANY_VALUE, max_size=60))
def test_no_answer_however_mad_breaks_a_reader(answers: dict[str, Value]) -> None:
    for found in sightings_of(answers, FRAME):
        assert sighting_of(entity_of(found, ref="x")) == found
    entity.questions(answers)
    maker_of(answers)


@given(st.sampled_from(["apc", "socomec", "laser", "stack"]), st.data())
def test_a_device_that_says_less_is_not_taken_for_another(name: str, data: st.DataObject) -> None:
    whole = devices.ALL[name]
    left_out = data.draw(st.sets(st.sampled_from(sorted(whole))))
    part = seen({oid: value for oid, value in whole.items() if oid not in left_out})
    assert part.serial in {None, *(found.serial for found in sightings_of(whole, FRAME))}
