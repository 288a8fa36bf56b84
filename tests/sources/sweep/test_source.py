"""The sweep source on loopback, where every address is this machine's and refuses a byte itself."""

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from itops.assets.sightings import Via, sighting_of
from itops.config.scalars import parse_duration
from itops.errors import SourceUnavailable
from itops.inventory.entities import Kind
from itops.sources.addresses import Addresses
from itops.sources.silence import Silence
from itops.sources.sweep import SweepSettings, SweepSource, gaps
from itops.sources.sweep.knocking import knock
from itops.sources.sweep.settings import MOST_ADDRESSES
from itops.sources.sweep.sweeping import Swept
from itops.sources.sweep.touching import UdpTouch
from tests.contracts.source_contract import MakeSource, SourceContract, entities, looks
from tests.contracts.source_contract import gaps as gaps_of

SECOND = parse_duration("1s")


def addresses(*entries: str) -> tuple[Addresses, ...]:
    return tuple(Addresses.from_setting(entry, Path()) for entry in entries)


def source(*entries: str, **more) -> SweepSource:
    return SweepSource("net", SweepSettings(addresses=addresses(*entries), **more))


class TestContract(SourceContract):
    @pytest.fixture
    def make_source(self) -> MakeSource:
        return lambda name: SweepSource(name, SweepSettings(addresses=addresses("127.0.9.1-3")))

    @pytest.fixture
    def make_broken(self) -> MakeSource:
        return lambda name: SweepSource(name, SweepSettings(addresses=addresses("no..name")))


def test_who_answers_is_a_sighting_with_its_address_and_no_guess():
    [look] = looks(source("127.0.9.1", site="head-office"))
    [entity] = entities(look)
    seen = sighting_of(entity)
    assert (entity.kind, seen.key, seen.via, seen.address, seen.site) == (
        Kind.DEVICE,
        "net/127.0.9.1",
        Via.SWEEP,
        "127.0.9.1",
        "head-office",
    )
    assert (seen.vendor, seen.kind, seen.host_name, seen.cards) == (None, None, None, ())


def test_a_name_is_looked_up_and_one_that_nobody_knows_is_a_gap():
    [look] = looks(source("localhost", "no..name", "127.0.0.1"))
    assert [entity.key for entity in entities(look)] == ["net/127.0.0.1"]
    assert [(gap.subject, gap.code) for gap in gaps_of(look)] == [("no..name", "dns.unknown")]


def test_an_address_to_which_nothing_can_be_sent_is_a_gap_beside_the_others():
    [look] = looks(source("127.0.9.1", "255.255.255.255"))
    assert len(entities(look)) == 1
    assert [gap.code for gap in gaps_of(look)] == ["sweep.unreachable"]


def test_when_nothing_at_all_can_be_sent_the_source_is_unavailable():
    with pytest.raises(SourceUnavailable, match="none of the addresses of net"):
        looks(source("255.255.255.255"))


def test_left_out_addresses_are_not_touched():
    [look] = looks(source("127.0.9.0/29", without=addresses("127.0.9.2-5")))
    assert [entity.ref for entity in entities(look)] == ["127.0.9.1", "127.0.9.6"]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        pytest.param({"addresses": ()}, "nothing is left to ask", id="no address"),
        pytest.param(
            {"addresses": addresses("127.0.9.1"), "without": addresses("127.0.9.0/24")},
            "nothing is left to ask",
            id="none left",
        ),
        pytest.param(
            {"addresses": addresses(*(f"10.{n}.0.0/20" for n in range(MOST_ADDRESSES // 4094 + 1)))},
            "at most 16,384",
            id="too many",
        ),
        pytest.param({"addresses": addresses("127.0.9.1"), "ports": (0,)}, "1 to 65535", id="no port"),
        pytest.param({"addresses": addresses("127.0.9.1"), "ports": tuple(range(1, 18))}, "at most 16", id="a scan"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(more, problem):
    with pytest.raises(ValueError, match=problem):
        SweepSettings(**more)


def test_the_touch_hears_who_refuses_and_who_answers():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.9.9", 0))
        heard, unsent = UdpTouch().touch(["127.0.9.1", "127.0.9.2", "255.255.255.255"], 1.0)
    assert heard == {"127.0.9.1", "127.0.9.2"}
    assert list(unsent) == ["255.255.255.255"]


def test_two_hundred_refusals_at_once_are_all_heard():
    many = [f"127.0.9.{n}" for n in range(1, 255)]
    assert UdpTouch().touch(many, 5.0) == (set(many), {})


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """More than 1,024 are open, as when other sources of the same process look around at the same time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with ExitStack() as open_now:
        open_now.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1100):
            open_now.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        yield


@pytest.mark.usefixtures("many_descriptors")
def test_a_touch_works_beside_very_many_open_descriptors():
    assert UdpTouch().touch(["127.0.9.1"], 5.0) == ({"127.0.9.1"}, {})


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.9.7", 0)) as server:
        yield server.getsockname()[1]


def test_an_open_port_and_a_closed_one_both_prove_a_device(listener):
    found = knock(["127.0.9.7", "127.0.9.8"], [listener], seconds=SECOND / timedelta(seconds=1), parallel=4)
    assert found == {"127.0.9.7", "127.0.9.8"}


def test_an_address_that_leads_nowhere_proves_none():
    assert knock(["255.255.255.255"], [80, 443], seconds=1, parallel=1) == set()


def test_unused_addresses_of_a_network_are_one_gap_and_a_named_device_has_its_own():
    swept = Swept(silent=("10.1.0.5", *(f"10.1.1.{n}" for n in range(230))), elsewhere=("10.9.0.1",))
    silence = Silence("net", ["10.1.0.5", "10.1.1.0-229", "10.9.0.0/31"])
    found = list(gaps.of_sweep("net", swept, silence, has_ports=False))
    assert [(gap.subject, gap.code) for gap in found] == [
        ("10.1.0.5", "device.silent"),
        ("230 addresses", "sweep.silent"),
        ("1 address", "sweep.behind-router"),
    ]
    assert found[1].problem == "230 of 232 swept addresses did not answer: 10.1.1.0, 10.1.1.1, 10.1.1.2 and 227 more"


def test_with_ports_nobody_is_told_to_give_ports():
    found = list(gaps.of_sweep("net", Swept(elsewhere=("10.9.0.1",)), Silence("net", ["10.9.0.0/30"]), has_ports=True))
    assert [gap.code for gap in found] == ["sweep.silent"]


@pytest.mark.parametrize(
    ("swept", "code"),
    [
        (Swept(answered_for={"020000000001": ("10.1.0.1",)}), "sweep.answered-for"),
        (Swept(answered_for={"": ("10.1.0.1",)}), "sweep.answered-for"),
        (Swept(unsent={"10.1.0.1": "no route"}), "sweep.unreachable"),
        (Swept(no_table=SourceUnavailable("no table", remedy="install ip")), "neighbours.unreadable"),
    ],
)
def test_every_gap_hides_devices(swept, code):
    [gap] = gaps.of_sweep("net", swept, Silence("net", ["10.1.0.0/30"]), has_ports=False)
    assert gap.code == code
    assert gap.hides == {Kind.DEVICE}
