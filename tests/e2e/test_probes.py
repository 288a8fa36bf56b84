"""Probes on the wire, on loopback: real servers where Debian has them, and simulations that follow a script.

Real: OpenLDAP's slapd, Python's web server, a TLS server. Simulated: SQL Server, SQL Server Browser, KMS (the replies
of tests/sources/probes/replies.py). A Samba domain controller gave the recorded replies once; it is too heavy to start.
"""

import datetime
import http.server
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from itops.inventory.roles.probed import Outcome, ProbeResult
from itops.sources.probes.addresses import AddressBook
from itops.sources.probes.kms import KMS
from itops.sources.probes.ldap import LDAP
from itops.sources.probes.ldap_ping import LDAP_PING
from itops.sources.probes.probe import Probe, Transport
from itops.sources.probes.prober import PROBES, Prober, ProbeSettings, ProbeTarget
from itops.sources.probes.sql_browser import SQL_BROWSER
from itops.sources.probes.tds import TDS
from itops.sources.probes.web import VSPHERE, WSUS
from tests.inventory.roles.builders import NOW
from tests.sources.probes import replies

pytestmark = pytest.mark.e2e

HERE = "127.0.0.3"
SETTINGS = ProbeSettings(timeout_seconds=0.8, at_once=2)


# Loopback is nobody's address in an inventory and refused; these tests name it as a network of theirs.
LOOPBACK = ("127.0.0.0/8",)
BOOK = AddressBook({HERE: frozenset({"vm"})}, LOOPBACK)


def ask(probe: Probe, port: int, settings: ProbeSettings = SETTINGS) -> ProbeResult:
    target = ProbeTarget(vm_id="vm", vm="vm", address=HERE, probe=replace(probe, port=port))
    return Prober(BOOK, settings).ask(target, NOW)


class Listener(threading.Thread):
    """A server that remembers every connection and every byte, and behaves as told."""

    def __init__(self, transport: Transport, behave: Callable[[socket.socket], None]) -> None:
        super().__init__(daemon=True)
        kind = socket.SOCK_DGRAM if transport is Transport.UDP else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind((HERE, 0))
        self.socket.settimeout(0.1)
        if transport is not Transport.UDP:
            self.socket.listen()
        self.port = self.socket.getsockname()[1]
        self.behave = behave
        self.is_udp = transport is Transport.UDP
        self.received: list[bytes] = []
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self._serve()
            except TimeoutError:
                continue

    def _serve(self) -> None:
        if self.is_udp:
            question, sender = self.socket.recvfrom(4096)
            self.received.append(question)
            self.socket.connect(sender)
            self.behave(self.socket)
            return
        connection, _ = self.socket.accept()
        with connection:
            connection.settimeout(1)
            self.received.append(connection.recv(4096))
            self.behave(connection)
            try:
                while more := connection.recv(4096):
                    self.received[-1] += more
            except OSError:
                pass


@contextmanager
def listening(transport: Transport, behave: Callable[[socket.socket], None]) -> Iterator[Listener]:
    listener = Listener(transport, behave)
    try:
        yield listener
    finally:
        listener.over.set()
        listener.join()
        listener.socket.close()


SIMULATED = [
    pytest.param(TDS, replies.prelogin(16, 0, 1000), ("sql",), id="SQL Server, simulated"),
    pytest.param(SQL_BROWSER, replies.browser(("INS", "16.0.1000.6", "1433")), ("sql",), id="Browser, simulated"),
    pytest.param(KMS, replies.BIND_ACCEPTED, ("kms",), id="KMS, simulated"),
    pytest.param(LDAP, replies.ROOT_DSE, ("dc",), id="domain controller, recorded"),
    pytest.param(LDAP_PING, replies.PING, ("dc", "pdc"), id="PDC, recorded"),
]


@pytest.mark.parametrize(("probe", "reply", "found"), SIMULATED)
def test_one_connection_carries_the_question_and_nothing_else(probe, reply, found):
    with listening(probe.transport, lambda line: line.sendall(reply)) as server:
        result = ask(probe, server.port)
        assert (result.outcome, result.roles) == (Outcome.RECOGNISED, found)
        time.sleep(0.2)
        assert server.received == [probe.request(HERE)]


def test_a_closed_port_is_told_from_silence():
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        assert ask(TDS, taken.getsockname()[1]).outcome is Outcome.REFUSED
    with listening(Transport.TCP, lambda line: time.sleep(1.2)) as server:
        assert ask(TDS, server.port).outcome is Outcome.NO_ANSWER


def test_a_closed_udp_port_is_told_too():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, 0))
        port = taken.getsockname()[1]
    assert ask(SQL_BROWSER, port).outcome is Outcome.REFUSED


def test_a_server_that_drips_gains_no_time():
    def drip(line: socket.socket) -> None:
        for _ in range(30):
            try:
                line.sendall(b"\x04")
            except OSError:
                return
            time.sleep(0.1)

    with listening(Transport.TCP, drip) as server:
        begun = time.monotonic()
        result = ask(TDS, server.port)
        assert time.monotonic() - begun < 1.5
        assert result.outcome is Outcome.NOT_RECOGNISED


def test_a_flood_is_cut_at_the_limit():
    sent = 0

    def flood(line: socket.socket) -> None:
        nonlocal sent
        try:
            for _ in range(2000):
                sent += line.send(b"\x30" * 65536)
        except OSError:
            pass

    with listening(Transport.TCP, flood) as server:
        assert ask(LDAP, server.port).outcome is Outcome.NOT_RECOGNISED
    assert sent < 64 * 1024 * 1024


def test_another_service_that_hangs_up_is_not_recognised():
    with listening(Transport.TCP, lambda line: line.close()) as server:
        assert ask(KMS, server.port).outcome is Outcome.NOT_RECOGNISED


def test_never_more_than_so_many_vms_are_asked_at_once():
    at_once = highest = 0
    lock = threading.Lock()

    class Counting(Prober):
        def ask(self, target: ProbeTarget, now: datetime.datetime) -> ProbeResult:
            nonlocal at_once, highest
            with lock:
                at_once += 1
                highest = max(highest, at_once)
            time.sleep(0.02)
            try:
                return super().ask(target, now)
            finally:
                with lock:
                    at_once -= 1

    book = AddressBook({f"127.0.0.{last}": frozenset({f"vm{last}"}) for last in range(10, 20)}, LOOPBACK)
    targets = [
        ProbeTarget(vm_id=f"vm{last}", vm="", address=f"127.0.0.{last}", probe=replace(TDS, port=1))
        for last in range(10, 20)
    ]
    results = list(Counting(book, SETTINGS).ask_all(targets, NOW))
    assert {result.outcome for result in results} == {Outcome.REFUSED}
    assert len(results) == 10
    assert highest == SETTINGS.at_once


@pytest.fixture
def slapd(tmp_path):
    program = shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.fail("slapd is missing: run ./scripts/ensure-packages test")
    config = tmp_path / "slapd.conf"
    config.write_text(f"pidfile {tmp_path}/slapd.pid\nargsfile {tmp_path}/slapd.args\n")
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([program, "-f", str(config), "-h", f"ldap://{HERE}:{port}", "-d", "0"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((HERE, port), timeout=0.5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nothing listens on {port}")


def test_a_real_directory_server_is_read_without_a_bind_and_is_no_domain_controller(slapd):
    result = ask(LDAP, slapd)
    assert (result.outcome, result.roles) == (Outcome.RECOGNISED, ())
    assert "no Active Directory" in result.detail


def test_a_real_directory_server_is_none_of_the_others(slapd):
    assert {ask(probe, slapd).outcome for probe in (TDS, KMS, WSUS)} == {Outcome.NOT_RECOGNISED}


class Web(http.server.BaseHTTPRequestHandler):
    """Python's web server with the two files; it remembers every method and header."""

    seen: ClassVar[list[tuple[str, str, set[str]]]] = []
    files: ClassVar[dict[str, bytes]] = {
        "/selfupdate/iuident.cab": replies.CABINET,
        "/sdk/vimServiceVersions.xml": replies.VERSIONS,
    }

    def parse_request(self) -> bool:
        is_good = super().parse_request()
        self.seen.append((self.command, self.path, set(map(str.lower, self.headers))))
        return is_good

    def do_GET(self) -> None:
        body = self.files.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def web_server(certificate: Path | None = None) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer((HERE, 0), Web)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    Web.seen.clear()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def certificate(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vc01.example.ir")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_real_web_server_sees_one_get_without_credentials():
    with web_server() as port:
        result = ask(WSUS, port)
        assert result.roles == ("wsus",)
        assert [("GET", "/selfupdate/iuident.cab", {"host", "user-agent", "connection"})] == Web.seen


def test_a_web_server_without_the_file_is_no_wsus(monkeypatch):
    monkeypatch.setattr(Web, "files", {})
    with web_server() as port:
        result = ask(WSUS, port)
        assert (result.outcome, result.roles) == (Outcome.NOT_RECOGNISED, ())


def test_the_vsphere_api_is_found_behind_a_certificate_nobody_signed(certificate):
    with web_server(certificate) as port:
        result = ask(VSPHERE, port)
        assert result.roles == ("vcsa",)
        assert "8.0.2.0" in result.detail


def test_a_plain_server_where_tls_was_expected_is_not_recognised():
    with web_server() as port:
        assert ask(VSPHERE, port).outcome is Outcome.NOT_RECOGNISED


def test_all_probes_together_send_no_login_and_no_post_to_anything_that_listens():
    sent: dict[str, bytes] = {}
    for probe in PROBES:
        plain = replace(probe, transport=Transport.TCP if probe.transport is Transport.TLS else probe.transport)
        with listening(plain.transport, lambda line: line.sendall(b"?")) as server:
            ask(plain, server.port, replace(SETTINGS, timeout_seconds=0.3))
            time.sleep(0.1)
            (sent[probe.name],) = server.received
    assert sent == {probe.name: probe.request(HERE) for probe in PROBES}
    assert not any(b"POST" in question or b"Authorization" in question for question in sent.values())
