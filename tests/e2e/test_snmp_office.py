"""The snmp source against the simulation of a whole office, and of each way in which its devices misbehave."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from itops import clock
from itops.assets.sightings import Sighting, Via, sighting_of
from itops.demo.devices.answering import Fault
from itops.demo.devices.office import HEAD_OFFICE, OFFICE, SAVOJBOLAGH, office_devices
from itops.demo.devices.simulator import Simulator
from itops.inventory.entities import Entity, Gap, Seen
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp import SnmpSettings, SnmpSource
from itops.sources.snmp.client import MakeLibrary
from itops.sources.snmp.gufo_client import GufoLibrary
from itops.sources.snmp.pysnmp_client import PysnmpLibrary

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
BOTH = pytest.mark.parametrize("library", [GufoLibrary, PysnmpLibrary])
SWITCH, PRINTER, UPS = "127.0.10.2", "127.0.10.21", "127.0.10.31"


def look(port: int, library: MakeLibrary, *addresses: str, **more: Any) -> list[Seen]:
    settings = SnmpSettings(
        addresses=tuple(map(Addresses, addresses)),
        community=Secret("public"),
        port=port,
        retries=0,
        device_timeout=timedelta(seconds=20),
        **more,
    )
    (observation,) = SnmpSource("net", settings, library).observe(clock.now())
    return list(observation.seen)


def sightings(seen: list[Seen]) -> dict[str, Sighting]:
    return {thing.key: sighting_of(thing) for thing in seen if isinstance(thing, Entity)}


def test_both_libraries_see_the_same_office_whole() -> None:
    with Simulator(office_devices()) as devices:
        one, other = (sightings(look(devices.port, library, *OFFICE)) for library in (GufoLibrary, PysnmpLibrary))
    assert one.keys() == other.keys() == {f"net/{address}" for address in OFFICE}
    assert [key for key in one if replace(one[key], seen_at=other[key].seen_at) != other[key]] == []
    kinds = [each.kind for each in one.values()]
    assert (kinds.count("printer"), kinds.count("ups"), kinds.count("network_device")) == (4, 4, 7)
    assert all(each.serial for each in one.values() if each.kind == "printer")
    assert one["net/127.0.10.1"].readings.neighbours


def test_a_swept_office_has_one_gap_for_its_unused_addresses() -> None:
    with Simulator(office_devices()) as devices:
        seen = look(devices.port, GufoLibrary, HEAD_OFFICE)
    assert len(sightings(seen)) == 14
    assert [(thing.code, thing.subject) for thing in seen if isinstance(thing, Gap)] == [
        ("sweep.silent", "240 addresses")
    ]


def test_computers_of_a_county_office_stand_in_the_table_of_its_router_alone() -> None:
    with Simulator(office_devices()) as devices:
        without = sightings(look(devices.port, GufoLibrary, SAVOJBOLAGH))
        seen = look(devices.port, GufoLibrary, SAVOJBOLAGH, arp_networks=(Addresses(SAVOJBOLAGH),))
    found = sightings(seen)
    met = {key: each for key, each in found.items() if key not in without}
    assert len(without) == 3
    assert met.keys() == {"net/arp/127.0.11.101", "net/arp/127.0.11.102"}
    assert all(each.via is Via.SWEEP and each.cards[0].mac for each in met.values())


FEW = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120))
from itops.sources.snmp.gufo_client import GufoLibrary
from tests.e2e.test_snmp_office import HEAD_OFFICE, look, sightings
print(len(sightings(look(int(sys.argv[1]), GufoLibrary, HEAD_OFFICE))))
"""


def test_where_few_descriptors_may_be_open_nobody_seems_silent_for_that() -> None:
    with Simulator(office_devices()) as devices:
        command = [sys.executable, "-c", FEW, str(devices.port)]
        child = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120)
    assert child.stdout.strip() == "14"


@BOTH
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SLOW])
def test_one_device_that_misbehaves_holds_up_nobody(library: MakeLibrary, fault: Fault) -> None:
    with Simulator(office_devices(), faults={SWITCH: fault}) as devices:
        seen = look(devices.port, library, SWITCH, PRINTER, UPS)
    found = sightings(seen)
    assert found[f"net/{PRINTER}"].kind == "printer"
    assert found[f"net/{UPS}"].kind == "ups"
    told = [thing for thing in seen if isinstance(thing, Gap)]
    assert all(gap.subject == SWITCH and gap.remedy for gap in told)
    is_whole = fault is Fault.TWICE
    assert bool(told) != is_whole
    if is_whole:
        assert found[f"net/{SWITCH}"].serial
