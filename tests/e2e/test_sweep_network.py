"""A sweep of a real network: namespaces of this kernel with real ARP, a router, a router that answers for others.

Building networks needs root and a kernel that lets it; elsewhere these tests are skipped, and tests/sources/sweep plays
the kernel instead.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

SWEEP = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from itops.assets.sightings import sighting_of
from itops.inventory.entities import Entity
from itops.sources.addresses import Addresses
from itops.sources.sweep import SweepSettings, SweepSource

asked = json.loads(sys.argv[1])
addresses = tuple(Addresses.from_setting(entry, Path()) for entry in asked["addresses"])
source = SweepSource("net", SweepSettings(addresses=addresses, ports=tuple(asked["ports"])))
[observation] = source.observe(datetime(2026, 11, 1, tzinfo=UTC))
seen = list(observation.seen)
sightings = [sighting_of(thing) for thing in seen if isinstance(thing, Entity)]
print(json.dumps({
    "answering": {each.address: [card.mac for card in each.cards] for each in sightings},
    "gaps": [[gap.code, gap.subject] for gap in seen if not isinstance(gap, Entity)],
}))
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30)


@pytest.fixture(scope="module", autouse=True)
def _namespaces() -> None:
    """Some containers let root make no network of its own."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("needs root and the program ip")
    name = f"itops{os.getpid()}-try"
    try:
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
    except subprocess.CalledProcessError as refused:
        pytest.skip(f"this machine lets nobody make a network: {refused.stderr.decode().strip()}")
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=30)


@dataclass
class Network:
    """A namespace for the one who sweeps, joined by a cable to one with devices; more can be plugged in."""

    here: str
    there: str
    spaces: list[str] = field(default_factory=list)

    def build(self) -> None:
        for space in (self.here, self.there):
            self.space(space)
        ip("link", "add", "near", "netns", self.here, "type", "veth", "peer", "name", "far", "netns", self.there)
        ip("-n", self.here, "addr", "add", "10.77.0.1/24", "dev", "near")
        ip("-n", self.here, "link", "set", "near", "up")
        ip("-n", self.there, "link", "set", "far", "up")
        self.setting("all/arp_ignore", "1")  # each interface answers only for its own address

    def space(self, name: str) -> None:
        ip("netns", "add", name)
        self.spaces.append(name)
        ip("-n", name, "link", "set", "lo", "up")

    def setting(self, name: str, value: str) -> None:
        """A setting of IPv4 in the devices' namespace."""
        command = ["ip", "netns", "exec", self.there, "sh", "-c", f"echo {value} > /proc/sys/net/ipv4/conf/{name}"]
        subprocess.run(command, check=True, timeout=30)

    def device(self, address: str) -> str:
        """Plug in a device with a MAC of its own, which is returned."""
        number = address.rpartition(".")[2]
        mac = f"00:00:5e:00:53:{int(number):02x}"
        name = f"dev{number}"
        ip(
            "-n",
            self.there,
            "link",
            "add",
            "link",
            "far",
            "name",
            name,
            "address",
            mac,
            "type",
            "macvlan",
            "mode",
            "bridge",
        )
        ip("-n", self.there, "addr", "add", f"{address}/24", "dev", name)
        ip("-n", self.there, "link", "set", name, "up")
        return mac.replace(":", "")

    def remembered(self, address: str, mac: str) -> None:
        """Let the kernel remember a neighbour from long ago."""
        colons = ":".join(mac[at : at + 2] for at in range(0, 12, 2))
        ip("-n", self.here, "neigh", "replace", address, "lladdr", colons, "dev", "near", "nud", "stale")

    def sweep(self, *addresses: str, ports: Sequence[int] = (), environment: dict[str, str] | None = None) -> dict:
        asked = json.dumps({"addresses": addresses, "ports": list(ports)})
        ip_program = str(shutil.which("ip"))
        ended = subprocess.run(
            [ip_program, "netns", "exec", self.here, sys.executable, "-c", SWEEP, asked],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parents[2],
            env={**os.environ, **(environment or {})},
        )
        return json.loads(ended.stdout)


@pytest.fixture
def network() -> Iterator[Network]:
    built = Network(f"itops{os.getpid()}-here", f"itops{os.getpid()}-there")
    try:
        built.build()
        yield built
    finally:
        for space in built.spaces:
            ip("netns", "del", space)


def test_devices_are_found_with_their_macs_and_the_rest_is_one_gap(network):
    macs = {f"10.77.0.{n}": [network.device(f"10.77.0.{n}")] for n in (2, 60, 200, 254)}
    seen = network.sweep("10.77.0.0/24")
    assert seen["answering"] == {"10.77.0.1": []} | macs  # of itself a machine has no neighbour
    assert seen["gaps"] == [["sweep.silent", "249 addresses"]]


def test_a_machine_without_the_program_ip_finds_the_same(network, tmp_path):
    mac = network.device("10.77.0.60")
    seen = network.sweep("10.77.0.0/24", environment={"PATH": str(tmp_path)})
    assert seen["answering"] == {"10.77.0.1": [], "10.77.0.60": [mac]}


@pytest.mark.parametrize("has_ip", [True, False])
def test_what_the_kernel_remembers_is_not_taken_for_an_answer(network, tmp_path, has_ip):
    alive, replaced = network.device("10.77.0.60"), network.device("10.77.0.61")
    network.remembered("10.77.0.60", alive)
    network.remembered("10.77.0.61", "00005e0053f1")  # another device has that address now
    network.remembered("10.77.0.62", "00005e0053f2")  # switched off
    environment = {} if has_ip else {"PATH": str(tmp_path)}
    seen = network.sweep("10.77.0.60-70", environment=environment)
    assert seen["answering"] == {"10.77.0.60": [alive], "10.77.0.61": [replaced]}
    assert seen["gaps"] == [["sweep.silent", "9 addresses"]]


def test_a_router_that_answers_for_others_is_not_taken_for_devices(network):
    network.setting("all/arp_ignore", "0")
    network.setting("far/proxy_arp", "1")
    network.setting("all/forwarding", "1")
    network.setting("../neigh/far/proxy_delay", "0")
    ip("-n", network.there, "addr", "add", "10.77.0.2/24", "dev", "far")
    ip("-n", network.there, "link", "add", "inner", "type", "veth", "peer", "name", "outer")
    ip("-n", network.there, "link", "set", "inner", "up")
    ip("-n", network.there, "route", "add", "10.77.0.128/25", "dev", "inner")
    seen = network.sweep("10.77.0.2", "10.77.0.128/26")
    assert seen["answering"].keys() == {"10.77.0.2"}
    assert ["sweep.answered-for", "62 addresses"] in seen["gaps"]


def test_behind_a_router_who_refuses_is_seen_and_the_rest_is_said_to_be_behind_it(network):
    network.setting("all/forwarding", "1")
    ip("-n", network.there, "addr", "add", "10.77.0.2/24", "dev", "far")
    county = f"{network.here}-county"
    network.space(county)
    ip("link", "add", "wan", "netns", network.there, "type", "veth", "peer", "name", "lan", "netns", county)
    for space, cable, address in ((network.there, "wan", "10.78.0.1/24"), (county, "lan", "10.78.0.5/24")):
        ip("-n", space, "addr", "add", address, "dev", cable)
        ip("-n", space, "link", "set", cable, "up")
    ip("-n", county, "route", "add", "default", "via", "10.78.0.1")
    ip("-n", network.here, "route", "add", "10.78.0.0/24", "via", "10.77.0.2")
    seen = network.sweep("10.78.0.0/28")
    assert seen["answering"] == {"10.78.0.1": [], "10.78.0.5": []}
    assert seen["gaps"] == [["sweep.behind-router", "12 addresses"]]
    with_ports = network.sweep("10.78.0.4-6", ports=[22])
    assert with_ports["answering"].keys() == {"10.78.0.5"}
    assert with_ports["gaps"] == [["sweep.silent", "2 addresses"]]
