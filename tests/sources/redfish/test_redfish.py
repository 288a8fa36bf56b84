"""What a management controller (a simulation, over real TLS) tells, and what becomes of it."""

import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.sightings import Drive, Sighting, Via, sighting_of
from itops.config.settings import Plugins, load
from itops.errors import ConfigInvalid, SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind
from itops.plugins import Registry
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.redfish import RedfishSource, Settings, values
from itops.sources.redfish.https import MOST_BYTES
from itops.tls import Trust
from tests.contracts.source_contract import MakeSource, SourceContract
from tests.e2e.tls_server import Reply, TlsServer
from tests.sources.redfish.controller import (
    PASSWORD,
    SESSIONS,
    USER,
    Controller,
    Tree,
    link,
    nic,
    rack_server,
    serving,
    told,
    twin,
)

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HOST = "127.0.0.1"


def source(server: TlsServer, **more: Any) -> RedfishSource:
    settings = {
        "addresses": (Addresses(HOST),),
        "username": USER,
        "password": Secret(PASSWORD),
        "port": server.port,
        "tls": Trust(pin=server.identity.pin),
        "timeout": timedelta(seconds=5),
        **more,
    }
    return RedfishSource("bmc", Settings(**settings))


def seen(looked_at: RedfishSource) -> tuple[list[Sighting], list[Gap]]:
    """What was seen; at least one controller tells something."""
    (observation,) = looked_at.observe(NOW)
    things = list(observation.seen)
    entities = [thing for thing in things if isinstance(thing, Entity)]
    return [sighting_of(entity) for entity in entities], [thing for thing in things if isinstance(thing, Gap)]


def looked(controller: Controller, **more: Any) -> tuple[list[Sighting], list[Gap]]:
    with serving(controller) as server:
        return seen(source(server, **more))


def gaps_of(looked_at: RedfishSource) -> list[Gap]:
    """All that is told of controllers of which none shows anything."""
    things: list[Any] = []
    (observation,) = looked_at.observe(NOW)
    with pytest.raises(SourceUnavailable):
        deque(map(things.append, observation.seen))
    return things


class TestContract(SourceContract):
    @pytest.fixture
    def make_source(self) -> Iterator[MakeSource]:
        with serving(Controller(rack_server())) as server:
            yield lambda name: RedfishSource(name, source(server)._settings)

    @pytest.fixture
    def make_broken(self) -> Iterator[MakeSource]:
        with serving(Controller(rack_server())) as server:
            settings = source(server, password=Secret("wrong"))._settings
            yield lambda name: RedfishSource(name, settings)


def test_a_server_is_described_by_its_controller():
    (sighting,), gaps = looked(Controller(rack_server()), site="head-office")
    assert (gaps, sighting.is_partial) == ([], False)
    assert (sighting.key, sighting.via, sighting.address) == ("bmc/127.0.0.1", Via.REDFISH, HOST)
    assert (sighting.vendor, sighting.model, sighting.serial) == ("Contoso", "R100 Gen2", "SRV0001")
    assert (sighting.asset_tag, sighting.host_name, sighting.site) == ("T-100", "db01", "head-office")
    assert (sighting.firmware, sighting.bios_on) == ("U30 v2.12 (07/22/2019)", date(2019, 7, 22))
    assert (sighting.cpu, sighting.cpu_count, sighting.core_count) == ("Example CPU 4", 2, 20)
    assert sighting.memory_bytes == 64 * 1024**3
    assert (sighting.kind, sighting.is_virtual, sighting.slot) == ("server", False, None)
    assert sighting.description == "BMC 5 2.55"


def test_only_burnt_in_addresses_of_real_ports_are_permanent():
    (sighting,), _ = looked(Controller(rack_server()))
    told_cards = {card.name: (card.mac, card.medium, card.is_permanent) for card in sighting.cards}
    assert told_cards == {
        "1": ("12446a3b0411", "ethernet", True),
        "VLAN7": ("12446a3b0411", "virtual", False),
        "ToManager": ("aabbccddeefe", "usb", False),
        "eth0": ("23118a33cfea", "bmc", True),
        "usb0": ("0a0000000001", "usb", False),
    }


def with_drives(*told: dict[str, Any]) -> Controller:
    tree = Tree()
    system = tree.system(SerialNumber="SRV0001", Storage=link("/redfish/v1/Systems/1/Storage"))
    paths = [f"{system}/Storage/1/Drives/{number}" for number in range(len(told))]
    tree.nodes |= dict(zip(paths, told, strict=True))
    tree.add(f"{system}/Storage", "1", {"Drives": [link(path) for path in paths]})
    return Controller(tree)


def test_the_drives_inside_are_told_and_empty_bays_are_not():
    drive = {"Name": "Bay 1", "Manufacturer": "WD", "Model": "Gold ", "SerialNumber": "WD-1", "MediaType": "HDD"}
    controller = with_drives({**drive, "CapacityBytes": 4000787030016}, {"Name": "Bay 2", "CapacityBytes": None})
    (sighting,), _ = looked(controller)
    assert sighting.drives == (
        Drive(name="Bay 1", vendor="WD", model="Gold", serial="WD-1", size_bytes=4000787030016, medium="hdd"),
    )


def test_drives_without_end_are_read_within_bounds():
    controller = with_drives(*({"SerialNumber": f"S{number}"} for number in range(1000)))
    (sighting,), _ = looked(controller)
    assert len(sighting.drives) == 64


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({"PostalAddress": {"Building": "Head office", "Room": "2.14"}}, "Head office, 2.14"),
        ({"Placement": {"Row": "A", "Rack": "7"}, "Info": "x"}, "row A, rack 7"),
        ({"Info": " cellar "}, "cellar"),
        ({"Placement": [], "Info": 7}, None),
        (None, None),
    ],
)
def test_where_it_stands_is_told_as_somebody_once_typed_it_in(location, place):
    tree = Tree()
    tree.system(chassis=tree.chassis(Location=location), SerialNumber="SRV0001")
    assert looked(Controller(tree))[0][0].contact_place == place


def test_two_nodes_under_one_serial_are_two_devices():
    sightings, _ = looked(Controller(twin()))
    assert {(one.key, one.serial, one.slot) for one in sightings} == {
        ("bmc/127.0.0.1/Node1", "TWIN77", "Slot 1"),
        ("bmc/127.0.0.1/Node2", "TWIN77", "Slot 2"),
    }


def test_nodes_whose_chassis_does_not_say_the_place_are_told_apart_by_their_names():
    tree = Tree()
    for name in ("A", "B"):
        tree.system(name, SerialNumber="S1234")
    assert [one.slot for one in looked(Controller(tree))[0]] == ["A", "B"]


def managed(shared: bool) -> Tree:
    tree = Tree()
    managers = [tree.manager(name, Model=name) for name in ("B1", "B2")]
    for number, manager in enumerate(managers):
        tree.nic(manager, "eth0", nic(f"23:11:8a:00:00:0{number}"))
    for number in (0, 1):
        tree.system(f"N{number}", SerialNumber="TWIN77", manager=managers[0 if shared else number])
    return tree


def test_each_node_has_the_controller_that_looks_after_it_alone():
    sightings, _ = looked(Controller(managed(shared=False)))
    assert [(one.description, [card.mac for card in one.cards]) for one in sightings] == [
        ("B1", ["23118a000000"]),
        ("B2", ["23118a000001"]),
    ]


def test_a_controller_that_nodes_share_belongs_to_none_of_them():
    sightings, _ = looked(Controller(managed(shared=True)))
    assert [one.cards for one in sightings] == [(), ()]


def test_fillers_stay_as_they_were_told():
    tree = Tree()
    tree.system(SerialNumber="01234567890123456789AB", AssetTag="Free form asset tag", SKU="." * 20, UUID=None)
    tree.nic("/redfish/v1/Systems/1", "1", nic("Not Available", None, IPv4Addresses=[{"Address": "10.1.0.9"}]))
    (sighting,), _ = looked(Controller(tree))
    assert (sighting.serial, sighting.asset_tag) == ("01234567890123456789AB", "Free form asset tag")
    assert [(card.mac, card.addresses) for card in sighting.cards] == [(None, ("10.1.0.9",))]


def test_a_shelf_without_a_system_is_described_by_its_chassis():
    tree = Tree()
    tree.chassis("Shelf", Manufacturer="Contoso", Model="P1", SerialNumber="SHELF9", ChassisType="Shelf")
    (sighting,), _ = looked(Controller(tree))
    assert (sighting.serial, sighting.kind) == ("SHELF9", None)


# -- being let in


def test_the_session_is_ended_again():
    controller = Controller(rack_server())
    looked(controller)
    assert [path for method, path in controller.asked if method == "POST"] == [SESSIONS]
    assert controller.asked[-1][0] == "DELETE"
    assert controller.sessions == set()


def test_the_session_is_ended_also_where_nothing_could_be_read():
    controller = Controller(Tree())
    with serving(controller) as server:
        gaps = gaps_of(source(server))
    assert [gap.code for gap in gaps] == ["device.unreadable"]
    assert controller.asked[-1][0] == "DELETE"
    assert controller.sessions == set()


def test_a_controller_without_sessions_is_asked_with_name_and_password():
    sightings, gaps = looked(Controller(rack_server(), has_sessions=False))
    assert [one.serial for one in sightings] == ["SRV0001"]
    assert gaps == []


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(401, [], b"{}"), id="401"),
        pytest.param(Reply(403, [], b""), id="403"),
        pytest.param(Reply(400, [], b'{"error": {"code": "Base.0.10.UnauthorizedLoginAttempt"}}'), id="400 of an iLO"),
    ],
)
def test_a_refused_password_is_tried_once_only_and_never_shown(reply):
    controller = Controller(rack_server(), wrong_login=reply)
    with serving(controller) as server:
        gaps = gaps_of(source(server, password=Secret("hunter2")))
    assert [gap.code for gap in gaps] == ["device.refused"]
    assert gaps[0].hides == {Kind.DEVICE}
    assert "hunter2" not in repr(gaps)
    assert [method for method, _ in controller.asked] == ["GET", "POST"]


@pytest.mark.parametrize("trust", [Trust(pin="0" * 64), Trust()], ids=["another than the pinned one", "nobody's"])
def test_a_certificate_that_is_not_trusted_stops_before_any_login_and_says_how_to_pin_it(trust):
    controller = Controller(rack_server())
    with serving(controller) as server:
        gaps = gaps_of(source(server, tls=trust))
        pin = server.identity.pin
    assert [gap.code for gap in gaps] == ["device.untrusted"]
    assert gaps[0].remedy.endswith(f"pins: {{{HOST}: pin:sha256:{pin}}}")
    assert "itops trust" not in gaps[0].remedy  # it pins a source, not one of its many controllers
    assert controller.asked == []


def test_each_controller_may_have_a_pin_of_its_own():
    with serving(Controller(rack_server())) as server:
        sightings, gaps = seen(source(server, tls=Trust(), pins={HOST: Trust(pin=server.identity.pin)}))
    assert [one.serial for one in sightings] == ["SRV0001"]
    assert gaps == []


def test_a_certificate_of_an_authority_of_ones_own_is_trusted(tmp_path):
    with serving(Controller(rack_server())) as server:
        (tmp_path / "ca.pem").write_text(server.identity.certificate)
        sightings, _ = seen(source(server, tls=Trust(ca_file=tmp_path / "ca.pem")))
    assert [one.serial for one in sightings] == ["SRV0001"]


def test_a_ca_file_of_no_use_is_a_mistake_in_the_settings(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    with serving(Controller(rack_server())) as server:
        (observation,) = source(server, tls=Trust(ca_file=tmp_path / "ca.pem")).observe(NOW)
        with pytest.raises(ConfigInvalid):
            list(observation.seen)


# -- what does not answer


def test_one_that_is_off_is_a_gap_and_the_others_are_seen():
    with serving(Controller(rack_server())) as server:
        sightings, gaps = seen(source(server, addresses=(Addresses(HOST), Addresses("127.0.0.9"))))
    assert len(sightings) == 1
    assert [(gap.subject, gap.code, gap.hides) for gap in gaps] == [("127.0.0.9", "device.silent", {Kind.DEVICE})]


@pytest.mark.parametrize("name", ["bmc.invalid", "a" * 80])
def test_a_name_that_leads_nowhere_says_so(name):
    with serving(Controller(rack_server())) as server:
        gaps = gaps_of(source(server, addresses=(Addresses(name),)))
    assert [gap.code for gap in gaps] == ["dns.unknown"]


def test_unused_addresses_of_a_network_are_one_gap():
    with serving(Controller(rack_server())) as server:
        _, gaps = seen(source(server, addresses=(Addresses("127.0.0.1-30"),), parallel=8))
    assert [(gap.subject, gap.code, gap.hides) for gap in gaps] == [("29 addresses", "sweep.silent", {Kind.DEVICE})]


@contextmanager
def plain(answer: bytes, pause: float = 0.0) -> Iterator[int]:
    """A server without TLS that says the same to everybody."""
    with socket.create_server((HOST, 0)) as listener:
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.sendall(answer)
                        stopped.wait(pause)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def settings_for(port: int, **more: Any) -> RedfishSource:
    given = {
        "addresses": (Addresses(HOST),),
        "username": USER,
        "password": Secret(PASSWORD),
        "port": port,
        "timeout": timedelta(seconds=5),
        **more,
    }
    return RedfishSource("bmc", Settings(**given))


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 5000])
def test_what_is_no_tls_server_is_a_gap(answer):
    with plain(answer) as port:
        gaps = gaps_of(settings_for(port))
    assert [gap.code for gap in gaps] in (["device.unreadable"], ["device.silent"])
    assert all(gap.problem and gap.remedy for gap in gaps)


def test_one_that_never_shakes_hands_holds_nothing_up():
    with plain(b"", pause=30) as port:
        gaps = gaps_of(settings_for(port, timeout=timedelta(seconds=0.3)))
    assert [gap.code for gap in gaps] == ["device.silent"]


def test_one_that_is_pinned_and_never_shakes_hands_is_silent_and_not_distrusted():
    with plain(b"", pause=30) as port:
        gaps = gaps_of(settings_for(port, timeout=timedelta(seconds=0.3), tls=Trust(pin="0" * 64)))
    assert [gap.code for gap in gaps] == ["device.silent"]


class Raw:
    """A TLS server that answers every connection with the same bytes, one after the other, `pause` apart."""

    def __init__(self, answer: bytes, pause: float = 0.0) -> None:
        self.answer, self.pause = answer, pause
        self.sent_bytes = 0
        self.server = TlsServer(HOST, lambda *_: Reply(200, [], b""))
        self.server.RequestHandlerClass = self._handle  # type: ignore[assignment]

    def _handle(self, request: Any, _: Any, server: Any) -> None:
        with server.context.wrap_socket(request, server_side=True) as secured:
            secured.recv(65536)
            for at in range(len(self.answer) if self.pause else 1):
                secured.sendall(self.answer[at : at + 1] if self.pause else self.answer)
                time.sleep(self.pause)


class Endless(Raw):
    """The same, and then blocks without end."""

    def _handle(self, request: Any, _: Any, server: Any) -> None:
        with server.context.wrap_socket(request, server_side=True) as secured, suppress(OSError):
            secured.recv(65536)
            secured.sendall(self.answer)
            while self.sent_bytes < 256 << 20:
                self.sent_bytes += secured.send(b" " * 65536)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"\x00\xff" * 4000, id="noise"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n", id="five thousand headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", id="one endless header"),
        pytest.param(HEAD + b"Content-Length: 99999999999999\r\n\r\n{}", id="a length that is a lie"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n{}", id="a negative length"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n{}", id="a chunk that is a lie"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}", id="a chunk of less than nothing"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n{}", id="a chunk without a size"),
        pytest.param(HEAD + b"\r\n" + b"[" * 200_000, id="nested without end"),
        pytest.param(HEAD + b"\r\n" + b" " * (MOST_BYTES + 5), id="more than anybody needs"),
        pytest.param(HEAD + b"\r\n" + b'{"a": 1e999, "b": ' + b"9" * 6000 + b"}", id="numbers without end"),
        pytest.param(HEAD + b"\r\n\xff\xfe{}", id="not UTF-8"),
        pytest.param(HEAD + b'\r\n["RedfishVersion"]', id="a list"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.9/\r\n\r\n", id="a redirect"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_rubbish_is_a_gap_and_never_another_failure(answer):
    raw = Raw(answer)
    with raw.server as server:
        gaps = gaps_of(source(server))
    assert [gap.code for gap in gaps] == ["device.unreadable"]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"\r\n".join([b"X: y"] * 90), id="headers"),
        pytest.param(HEAD + b"\r\n", id="a body"),
        pytest.param(HEAD + b"Content-Length: 99999999999999\r\n\r\n", id="a body of a length"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", id="a chunk that ends with memory"),
    ],
)
def test_an_answer_without_end_is_cut_off_before_it_fills_the_memory(head):
    endless = Endless(head)
    with endless.server as server:
        gaps = gaps_of(source(server))
    assert [gap.code for gap in gaps] == ["device.unreadable"]
    assert endless.sent_bytes < 32 << 20  # what the buffers between us hold, too


def test_an_answer_that_drips_is_cut_off():
    raw = Raw(HEAD + b"Content-Length: 400\r\n\r\n" + b" " * 400, pause=0.05)
    with raw.server as server:
        gaps = gaps_of(source(server, timeout=timedelta(seconds=0.5)))
    assert [gap.code for gap in gaps] == ["device.silent"]


def test_a_part_that_cannot_be_read_loses_only_itself():
    controller = Controller(rack_server())
    controller.replies["/redfish/v1/Systems/1/EthernetInterfaces"] = lambda: Reply(500, [], b"oops")
    (sighting,), (gap,) = looked(controller)
    assert sighting.serial == "SRV0001"
    assert [card.medium for card in sighting.cards] == ["bmc", "usb"]
    assert (gap.code, gap.hides, sighting.is_partial) == ("device.partly-read", frozenset(), True)
    assert "/redfish/v1/Systems/1/EthernetInterfaces (status 500)" in gap.problem


def test_a_part_that_the_account_may_not_read_says_so():
    controller = Controller(rack_server())
    controller.replies["/redfish/v1/Managers"] = lambda: Reply(403, [], b"{}")
    _, (gap,) = looked(controller)
    assert (gap.code, gap.hides) == ("device.partly-read", frozenset())
    assert "role ReadOnly" in gap.remedy


def test_a_part_that_stalls_loses_only_itself():
    controller = Controller(rack_server())
    controller.replies["/redfish/v1/Managers"] = lambda: Reply(200, [], b"{ }", stall_seconds=2)
    (sighting,), (gap,) = looked(controller, timeout=timedelta(seconds=0.7))
    assert sighting.serial == "SRV0001"
    assert "does not answer in time" in gap.problem


def test_nothing_outside_the_service_is_followed():
    controller = Controller(Tree())
    for target in (
        "https://127.0.0.9/redfish/v1/x",
        "//127.0.0.9/redfish/v1/",
        "/etc/passwd",
        "/redfish/v1/a b",
        7,
        None,
    ):
        controller.tree.nodes["/redfish/v1/Systems"]["Members"].append({"@odata.id": target})
    controller.tree.nodes["/redfish/v1/Systems"]["Members"].append("text")
    controller.tree.system("good", SerialNumber="OK12345")
    (sighting,), _ = looked(controller)
    assert sighting.serial == "OK12345"
    assert {path for _, path in controller.asked if not path.startswith("/redfish/v1/")} == set()


def test_a_collection_that_leads_back_to_itself_ends():
    controller = Controller(rack_server())
    controller.tree.nodes["/redfish/v1/Systems"]["Members@odata.nextLink"] = "/redfish/v1/Systems"
    assert len(looked(controller)[0]) == 1


def test_pages_of_a_collection_are_followed():
    controller = Controller(Tree())
    controller.tree.system("A", SerialNumber="AAAA")
    controller.tree.nodes["/redfish/v1/Systems"]["Members@odata.nextLink"] = "/redfish/v1/Systems?$skip=1"
    controller.tree.nodes["/redfish/v1/Systems?$skip=1"] = {"Members": [link("/redfish/v1/Systems/B")]}
    controller.tree.nodes["/redfish/v1/Systems/B"] = {"Id": "B", "SerialNumber": "BBBB"}
    assert [one.serial for one in looked(controller)[0]] == ["AAAA", "BBBB"]


def test_a_service_of_ten_thousand_systems_is_read_within_bounds():
    controller = Controller(Tree())
    listed = [link(f"/redfish/v1/Systems/{number}") for number in range(10_000)]
    controller.tree.nodes["/redfish/v1/Systems"]["Members"] = listed
    for number in range(100):
        controller.tree.nodes[f"/redfish/v1/Systems/{number}"] = {"Id": str(number), "SerialNumber": f"SN{number:05}"}
    sightings, (gap,) = looked(controller)
    assert len(sightings) == 64
    assert "more than 64 members" in gap.problem
    assert len(controller.asked) < 400


def test_a_connection_that_is_closed_between_two_answers_is_opened_again():
    controller = Controller(rack_server())
    node = controller.tree.nodes["/redfish/v1/Chassis/1"]
    reply = told(node)
    controller.replies["/redfish/v1/Managers"] = lambda: Reply(
        200, [("Connection", "close")], told(controller.tree.nodes["/redfish/v1/Managers"]).body
    )
    controller.replies["/redfish/v1/Chassis/1"] = lambda: reply
    sightings, gaps = looked(controller)
    assert [one.asset_tag for one in sightings] == ["T-100"]
    assert gaps == []


# -- values


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary().map(repr),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_no_value_of_any_type_breaks_the_reading(value):
    for read in (values.text, values.count, values.gib, values.node, values.nodes):
        read(value)
    told_text = values.text(value)
    assert told_text is None or (told_text == told_text.strip() and told_text.encode() and len(told_text) <= 300)


@given(st.dictionaries(st.sampled_from(sorted(rack_server().nodes["/redfish/v1/Systems/1"])), json_values))
def test_no_system_of_any_shape_breaks_the_description(changed):
    from itops.sources.redfish import describe  # noqa: PLC0415  beside what it is about

    class Told:
        def at(self, link_to: Any) -> dict[str, Any]:
            return changed if isinstance(link_to, dict) else {}

        def members(self, link_to: Any) -> list[dict[str, Any]]:
            return [changed] if link_to == "Systems" else []

    place = describe.Place(source="bmc", address=HOST, site=None, seen_at=NOW)
    found = describe.sightings(Told(), {"Systems": "Systems"}, place)  # type: ignore[arg-type]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("U30 v2.12 (07/22/2019)", date(2019, 7, 22)),
        ("P79 v1.45 (13/06/2017)", None),
        ("1.4.3", None),
        (None, None),
    ],
)
def test_the_day_in_a_bios_version(version, day):
    assert values.date_in(version) == day


@pytest.mark.parametrize("wrong", [{"addresses": ()}, {"timeout": timedelta()}, {"visit": timedelta(seconds=-1)}])
def test_settings_that_cannot_be_meant_are_refused(wrong):
    given_settings = {"addresses": (Addresses(HOST),), "username": "a", "password": Secret("b"), **wrong}
    with pytest.raises(ValueError, match=r"addresses|timeout"):
        Settings(**given_settings)


def test_the_settings_are_read_from_itops_yaml(tmp_path):
    pin = "ab" * 32
    (tmp_path / "itops.yaml").write_text(
        "office: {id: demo}\n"
        "sources:\n"
        "  bmc: {type: redfish, addresses: [10.1.0.5, 10.1.0.10-12], username: itops-ro, password: file:secret,\n"
        f"        pins: {{10.1.0.5: 'pin:sha256:{pin}'}}, timeout: 20s, parallel: 4}}\n",
        encoding="utf-8",
    )
    loaded = load(tmp_path / "itops.yaml", Plugins(sources=Registry({"redfish": RedfishSource}))).sources[0].settings
    assert loaded.addresses == ("10.1.0.5", "10.1.0.10-12")
    assert loaded.pins == {"10.1.0.5": Trust(pin=pin)}
    assert (loaded.timeout, loaded.parallel, loaded.port) == (timedelta(seconds=20), 4, 443)
