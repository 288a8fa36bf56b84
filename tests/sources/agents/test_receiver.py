"""The receiver on loopback: what honest agents get, and what becomes of those that mean harm."""

import base64
import gzip
import http.client
import json
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import ConfigInvalid, SourceUnavailable
from itops.inventory.entities import Entity, Gap
from itops.names import Count
from itops.secrets import Secret
from itops.sources.agents import AgentsSource, Settings
from itops.sources.agents.receiver import MOST_BODY, Event, Receiver
from itops.sources.agents.settings import Listen, ReceiverSettings
from itops.sources.agents.shelf import stem_of
from tests.e2e.self_signed import self_signed
from tests.sources.agents.samples import CANARIES, as_json, as_xml, notebook, prolog, with_private

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HERE = Listen("127.0.0.1", 0)
AGENT = "6E8A1B50-0000-4000-8000-000000000001"


class Running:
    """A receiver, the folder it fills, and what it told."""

    def __init__(self, folder: Path, events: list[Event], receiver: Receiver) -> None:
        self.folder = folder
        self.events = events
        self.receiver = receiver
        self.port = int(receiver.url.rstrip("/").rpartition(":")[2])

    def post(self, body: bytes, path: str = "/", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        return self._posted(connection, body, path, headers)

    def _posted(
        self, connection: http.client.HTTPConnection, body: bytes, path: str, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        try:
            connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def raw(self, request: bytes, *, ends: bool = False) -> bytes:
        """Whatever comes back until the other side hangs up; `ends`: nothing more will be sent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            answer = b""
            with suppress(ConnectionError):  # it may hang up at any moment, also before all was sent
                connection.sendall(request)
                if ends:
                    with suppress(OSError):  # ENOTCONN: it has
                        connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    answer += part
            return answer

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def seen(self) -> tuple[list[Entity], list[Gap]]:
        (observation,) = AgentsSource("pcs", Settings(folder=self.folder)).observe(NOW)
        things = list(observation.seen)
        gaps = [thing for thing in things if isinstance(thing, Gap)]
        return [thing for thing in things if isinstance(thing, Entity)], gaps


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Running]:
    folder.mkdir(exist_ok=True)
    events: list[Event] = []
    told = ReceiverSettings(**{"listen": HERE, "timeout": timedelta(seconds=10), **settings})
    receiver = Receiver(folder, told, clock=lambda: NOW, on_event=events.append)
    thread = threading.Thread(target=receiver.serve)
    thread.start()
    try:
        yield Running(folder, events, receiver)
    finally:
        receiver.stop()
        thread.join(10)
        receiver.close()


@pytest.fixture
def receiving(tmp_path) -> Iterator[Running]:
    with running(tmp_path / "inbox") as running_one:
        yield running_one


# -- honest agents


def test_a_prolog_is_answered_with_send(receiving):
    status, body = receiving.post(prolog())
    assert status == 200
    assert b"<RESPONSE>SEND</RESPONSE>" in body
    assert receiving.files == []


def test_what_came_packed_is_answered_packed(receiving):
    _, body = receiving.post(zlib.compress(prolog()))
    assert body.startswith(b"\x78\x9c")  # the two bytes by which agents know it
    assert b"SEND" in zlib.decompress(body)


@pytest.mark.parametrize("pack", [bytes, zlib.compress, gzip.compress], ids=["plain", "zlib", "gzip"])
@pytest.mark.parametrize("write", [as_json, as_xml])
def test_an_inventory_is_kept_and_read_by_the_source(receiving, write, pack):
    status, _ = receiving.post(pack(write(notebook())), GLPI_Agent_ID=AGENT)
    assert status == 200
    (entity,), gaps = receiving.seen()
    assert (entity.key, entity.properties["serial"], gaps) == (f"pcs/{AGENT.lower()}", "640HP72", [])
    assert entity.seen_at == NOW  # by our clock, not by that of a computer that may have none
    assert [event.is_kept for event in receiving.events] == [True]


@pytest.mark.parametrize("write", [as_json, as_xml])
def test_nothing_private_reaches_the_disk_the_answer_or_the_screen(receiving, write):
    _, body = receiving.post(write(with_private()))
    held = b"".join((receiving.folder / name).read_bytes() for name in receiving.files) + body
    held += repr(receiving.events).encode()
    assert [word for word in CANARIES if word.encode() in held] == []
    assert receiving.seen()[1] == []


def test_a_contact_is_told_what_need_not_be_gathered(receiving):
    body = json.dumps({"action": "contact", "deviceid": "a", "enabled-tasks": ["inventory"]}).encode()
    status, answer = receiving.post(body, GLPI_Agent_ID=AGENT)
    told = json.loads(answer)
    assert (status, told["status"], told["expiration"]) == (200, "ok", 24)
    assert told["tasks"]["inventory"]["no-category"] == "environment,process,local_user,local_group"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(as_xml(notebook(), query="NETDISCOVERY"), id="xml"),
        pytest.param(json.dumps({"action": "deploy", "deviceid": "a"}).encode(), id="json"),
    ],
)
def test_what_is_not_done_here_is_answered_and_not_kept(receiving, body):
    status, answer = receiving.post(body)
    assert status == 200
    assert answer
    assert receiving.files == []


def test_the_same_agent_again_has_one_file(receiving):
    receiving.post(as_json(notebook()))
    receiving.post(as_json(notebook(hardware={"name": "renamed", "uuid": "4c4c4544-0034-3010-8048-b6c04f503732"})))
    assert len(receiving.files) == 1
    assert [entity.properties["host_name"] for entity in receiving.seen()[0]] == ["renamed"]


def test_a_partial_inventory_changes_what_it_carries(receiving):
    receiving.post(as_json(notebook()))
    receiving.post(as_json({"bios": {"ssn": "640HP72", "bversion": "1.5.0"}}, partial=True))
    (entity,), _ = receiving.seen()
    assert (entity.properties["firmware"], entity.properties["model"]) == ("1.5.0", "Book 13 9350")
    assert "is_partial" not in entity.properties


def test_clones_with_one_agents_id_overwrite_nobody(receiving):
    for serial in ("S1", "S2", "S1"):
        content = notebook(bios={"ssn": serial}, hardware={"name": "clone", "uuid": serial * 8})
        assert receiving.post(as_json(content, "clone-2026"))[0] == 200
    assert len(receiving.files) == 2
    entities, (gap,) = receiving.seen()
    assert sorted(str(entity.properties["serial"]) for entity in entities) == ["S1", "S2"]
    assert gap.code == "agents.shared-id"


def test_a_damaged_file_of_ours_is_written_anew(receiving):
    receiving.post(as_json(notebook()))
    (receiving.folder / receiving.files[0]).write_bytes(b"{")
    receiving.post(as_json(notebook()))
    assert [entity.properties["serial"] for entity in receiving.seen()[0]] == ["640HP72"]


# -- who may


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="nobody"),
        pytest.param({"Authorization": basic("agent", "wrong")}, 401, id="a wrong password"),
        pytest.param({"Authorization": "Basic ???"}, 401, id="no base64"),
        pytest.param({"Authorization": "Digest x"}, 401, id="another way"),
        pytest.param({"Authorization": basic("agent", "s3cret")}, 200, id="the right one"),
    ],
)
def test_name_and_password_are_asked_for(tmp_path, headers, status):
    with running(tmp_path / "in", username="agent", password=Secret("s3cret")) as one:
        assert one.post(as_json(notebook()), **headers)[0] == status
        assert len(one.files) == (status == 200)


@pytest.mark.parametrize(("path", "status"), [("/", 401), ("/wrong", 401), ("/t0ken", 200), ("/t0ken/", 200)])
def test_a_token_is_part_of_the_agents_address(tmp_path, path, status):
    with running(tmp_path / "in", token=Secret("t0ken")) as one:
        assert one.post(as_json(notebook()), path)[0] == status
        assert "t0ken" not in one.receiver.url


def test_over_tls(tmp_path):
    identity = self_signed("127.0.0.1")
    (tmp_path / "c.pem").write_text(identity.certificate)
    (tmp_path / "k.pem").write_text(identity.key)
    with running(tmp_path / "in", certificate=tmp_path / "c.pem", key=tmp_path / "k.pem") as one:
        assert one.receiver.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cadata=identity.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", one.port, context=trusting, timeout=20)
        assert one._posted(connection, as_json(notebook()), "/", {})[0] == 200
        plain = as_json(notebook(), "another")
        one.raw(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(plain), plain), ends=True)
        assert len(one.files) == 1  # no plain HTTP there


def test_a_certificate_of_no_use_is_told_before_it_listens(tmp_path):
    (tmp_path / "c.pem").write_text("nothing")
    settings = ReceiverSettings(listen=HERE, certificate=tmp_path / "c.pem", key=tmp_path / "c.pem")
    with pytest.raises(ConfigInvalid):
        Receiver(tmp_path, settings, clock=lambda: NOW)


def test_a_port_that_is_taken_and_a_folder_that_is_missing_are_told(tmp_path):
    with pytest.raises(SourceUnavailable, match="cannot receive"):
        Receiver(tmp_path / "not-there", ReceiverSettings(listen=HERE), clock=lambda: NOW)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Listen("127.0.0.1", int(other.getsockname()[1]))
        with pytest.raises(SourceUnavailable, match="cannot receive"):
            Receiver(tmp_path, ReceiverSettings(listen=taken), clock=lambda: NOW)


# -- those that mean harm


def test_one_that_sends_slowly_is_cut_off_and_the_others_are_served(tmp_path):
    with running(tmp_path / "in", timeout=timedelta(seconds=0.5)) as one, ExitStack() as open_ones:
        slow = [socket.create_connection(("127.0.0.1", one.port), timeout=20) for _ in range(4)]
        for connection in slow:
            open_ones.enter_context(connection)
            connection.sendall(b"POST / HTTP/1.1\r\nX-a: ")
        assert one.post(as_json(notebook()))[0] == 200
        for connection in slow:
            assert dripped(connection)
        assert len(one.files) == 1


def dripped(connection: socket.socket) -> bool:
    """Send one byte after the other until the other side has had enough."""
    try:
        for _ in range(2000):
            connection.sendall(b"b")
            connection.settimeout(0.01)
            try:
                if connection.recv(1) == b"":
                    return True
            except TimeoutError:
                continue
    except OSError:
        return True
    return False


def test_one_that_shakes_no_hands_is_cut_off(tmp_path):
    identity = self_signed("127.0.0.1")
    (tmp_path / "pem").write_text(identity.key + identity.certificate)
    limits = {"certificate": tmp_path / "pem", "key": tmp_path / "pem", "timeout": timedelta(seconds=0.5)}
    with running(tmp_path / "in", **limits) as one:
        assert one.raw(b"") == b""


def test_one_address_does_not_take_all_places(tmp_path):
    with running(tmp_path / "in", parallel=Count(20)) as one, ExitStack() as open_ones:
        for _ in range(40):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", one.port), timeout=20))
        other = http.client.HTTPConnection("127.0.0.1", one.port, timeout=20, source_address=("127.0.0.2", 0))
        assert one._posted(other, as_json(notebook()), "/", {})[0] == 200


HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
LIES = {
    "a length beyond all bounds": (HEAD + b"Content-Length: 9999999999\r\n\r\nx", b" 413 "),
    "one byte too many": (HEAD + f"Content-Length: {MOST_BODY + 1}\r\n\r\n".encode(), b" 413 "),
    "a length of twenty digits": (HEAD + b"Content-Length: " + b"9" * 20 + b"\r\n\r\n", b" 411 "),
    "a negative length": (HEAD + b"Content-Length: -5\r\n\r\nhello", b" 411 "),
    "a length in other digits": (HEAD + "Content-Length: ٥\r\n\r\nhello".encode(), b" 411 "),
    "no length": (HEAD + b"\r\nhello", b" 411 "),
    "chunks": (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
    "more promised than sent": (HEAD + b"Content-Length: 500\r\n\r\n{", b""),
    "less promised than sent": (HEAD + b"Content-Length: 2\r\n\r\n" + as_json(notebook()), b" 400 "),
    "nothing": (b"", b""),
    "noise": (bytes(range(256)) * 20, b" 400 "),
    "a line without end": (b"POST /" + b"a" * 100_000, b" 414 "),
    "too many headers": (b"POST / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n", b" 431 "),
    "a header without end": (b"POST / HTTP/1.1\r\na: " + b"b" * 100_000, b" 431 "),
    "a GET": (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b" 501 "),
    "another HTTP": (b"POST / HTTP/9.9\r\n\r\n", b" 505 "),
}


@pytest.mark.parametrize(("request_bytes", "expected"), LIES.values(), ids=LIES)
def test_a_request_that_lies_is_answered_or_dropped_and_nothing_is_kept(receiving, request_bytes, expected):
    answer = receiving.raw(request_bytes, ends=True)
    assert expected in answer.split(b"\r\n")[0] or answer == b""  # a reset may overtake the answer
    assert receiving.files == []
    assert receiving.post(as_json(notebook()))[0] == 200


BAD = {
    "a bomb": zlib.compress(bytes(64 << 20)),
    "a gzip bomb": gzip.compress(bytes(64 << 20)),
    "a document type": b'<!DOCTYPE a [<!ENTITY b "c">]><REQUEST><DEVICEID>&b;</DEVICEID></REQUEST>',
    "deep JSON": b"{" + b'"a":[' * 100_000,
    "deep XML": b"<REQUEST>" + b"<a>" * 100_000,
    "no inventory": b"hello",
    "nothing": b"",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_body_that_means_harm_is_refused_and_told(receiving, body):
    assert receiving.post(body)[0] == 400
    assert receiving.files == []
    (event,) = receiving.events
    assert not event.is_kept
    assert event.about


@pytest.mark.parametrize(
    "device_id",
    [
        "../../../../tmp/evil",
        "..\\..\\evil",
        "/etc/passwd",
        "con",
        "a\0b",
        "C:\\boot.ini",
        ".hidden",
        "x" * 5000,
        "سرور",
        "🦊",
        " . ",
    ],
)
@pytest.mark.parametrize("write", [as_json, as_xml])
def test_no_id_of_an_agent_leads_out_of_the_folder(tmp_path, receiving, write, device_id):
    device_id = device_id.replace("\0", "") if write is as_xml else device_id
    assert receiving.post(write(notebook(), device_id=device_id))[0] == 200
    (name,) = receiving.files
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inbox"]
    assert len(receiving.seen()[0]) == 1


@given(st.text(max_size=200))
def test_the_name_of_a_file_is_always_one_plain_word(agent_id):
    stem = stem_of(agent_id)
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 12 < len(stem) <= 53
    assert stem_of(agent_id.upper().lower()) == stem_of(agent_id.upper().lower().casefold())


def test_a_link_that_waits_under_the_name_of_a_file_is_not_written_through(tmp_path, receiving):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    stem = stem_of("pc-014-2026-01-02-03-04-05")
    (receiving.folder / f".{stem}.json.new").symlink_to(victim)
    assert receiving.post(as_json(notebook()))[0] == 503
    assert victim.read_text() == "precious"


def test_thousands_of_invented_agents_fill_no_disk(tmp_path):
    with running(tmp_path / "in", most_agents=Count(30)) as one:
        statuses = [one.post(as_json({"hardware": {"name": "a"}}, f"agent-{number}"))[0] for number in range(200)]
        assert (statuses.count(200), statuses.count(503)) == (30, 170)
        assert len(one.files) == 30
        assert one.post(as_json({"hardware": {"name": "b"}}, "agent-7"))[0] == 200  # those that are known go on


def test_files_that_lie_there_already_count(tmp_path):
    with running(tmp_path / "in", most_agents=Count(1)) as one:
        assert one.post(as_json(notebook(), "first"))[0] == 200
    with running(tmp_path / "in", most_agents=Count(1)) as one:
        assert one.post(as_json(notebook(), "second"))[0] == 503


def test_one_agents_id_on_many_computers_ends_at_four_files(receiving):
    statuses = []
    for number in range(6):
        content = notebook(bios={"ssn": f"S{number}"}, hardware={"uuid": f"U{number}"})
        statuses.append(receiving.post(as_json(content, "clone"))[0])
    assert statuses == [200, 200, 200, 200, 503, 503]
    assert len(receiving.files) == 4


def test_many_agents_at_once_lose_nothing(receiving):
    statuses: list[int] = []

    def send(number: int) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", receiving.port, timeout=60, source_address=(f"127.0.1.{number}", 0)
        )
        body = as_xml(notebook(), device_id=f"pc-{number}")
        statuses.append(receiving._posted(connection, body, "/", {})[0])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(1, 41)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [200] * 40
    assert len(receiving.files) == 40


def test_a_file_is_readable_by_its_owner_only(receiving):
    receiving.post(as_json(notebook()))
    if os.name == "posix":
        assert (receiving.folder / receiving.files[0]).stat().st_mode & 0o777 == 0o600


# -- settings


@pytest.mark.parametrize(("text", "host", "port"), [("10.1.0.9:80", "10.1.0.9", 80), ("[::1]:8080", "::1", 8080)])
def test_where_to_listen_is_written_as_host_and_port(text, host, port):
    listen = Listen.from_setting(text, Path())
    assert (listen.host, listen.port, str(listen)) == (host, port, text)


@pytest.mark.parametrize("text", ["10.1.0.9", ":80", "a:b", "a:99999", "a b:1", ["a:1"], None])
def test_where_nobody_can_listen_is_refused(text):
    with pytest.raises(ValueError, match=r"HOST|address of this machine"):
        Listen.from_setting(text, Path())


@pytest.mark.parametrize(
    "half", [{"certificate": Path("a")}, {"username": "a"}, {"password": Secret("a")}, {"timeout": timedelta()}]
)
def test_half_a_setting_is_refused(half):
    with pytest.raises(ValueError, match=r"no use|more than nothing"):
        ReceiverSettings(**half)
