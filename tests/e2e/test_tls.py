"""TLS by pin, by CA file and by the system's authorities, against real handshakes on 127.0.0.2.

Not on 127.0.0.1: pyVmomi switches its certificate checks off there by itself, and so would prove nothing.
"""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from itops.cli.main import cli
from itops.errors import ConfigInvalid, ItopsError, SourceUnavailable
from itops.sources.certificate import describe
from itops.tls import Trust, context_for, fetch_leaf, fingerprint, handshake
from tests.e2e.self_signed import SelfSigned, self_signed
from tests.e2e.tls_server import Reply, TlsServer

pytestmark = pytest.mark.e2e

HOST = "127.0.0.2"


def answering(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
    return Reply(status=404, headers=[("X-Seen", "nothing")], body=b"")


@pytest.fixture(scope="module")
def server() -> Iterator[TlsServer]:
    with TlsServer(HOST, answering) as running:
        yield running


@contextmanager
def serving(identity: SelfSigned, folder: Path) -> Iterator[TlsServer]:
    """A server that shows another certificate than its own."""
    server = TlsServer(HOST, answering)
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(identity.write(folder))
    with server:
        yield server


def test_the_leaf_is_fetched_and_its_fingerprint_is_that_of_the_certificate(server):
    der = fetch_leaf(HOST, server.port)
    assert fingerprint(der) == server.identity.pin
    assert describe(der).fingerprint == server.identity.pin
    assert describe(der).names == (HOST,)
    assert describe(der).is_self_signed


def test_a_pin_with_and_without_colons_opens_the_server(server):
    pin = server.identity.pin
    for written in (f"pin:sha256:{pin}", "pin:sha256:" + ":".join(pin[at : at + 2] for at in range(0, 64, 2)).upper()):
        context = context_for(written, HOST, server.port)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert fingerprint(handshake(context, HOST, server.port)) == pin


def test_a_changed_pin_names_both_fingerprints_and_no_context_is_made(server):
    pinned = "ab" * 32
    with pytest.raises(SourceUnavailable) as caught:
        context_for(f"pin:sha256:{pinned}", HOST, server.port)
    assert pinned in caught.value.problem
    assert server.identity.pin in caught.value.problem
    assert f"itops trust {HOST}:{server.port}" in caught.value.remedy


def test_the_context_of_a_pin_trusts_nobody_else_even_of_the_same_name(server, tmp_path):
    context = context_for(f"pin:sha256:{server.identity.pin}", HOST, server.port)
    with serving(self_signed(HOST), tmp_path) as impostor, pytest.raises(SourceUnavailable):
        handshake(context, HOST, impostor.port)


def test_the_system_does_not_trust_a_server_that_signed_itself(server):
    with pytest.raises(SourceUnavailable) as caught:
        handshake(context_for("system", HOST, server.port), HOST, server.port)
    assert "itops trust" in caught.value.remedy


def test_a_ca_file_opens_its_server_and_no_other_and_checks_the_name(server, tmp_path):
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(server.identity.certificate)
    context = context_for(Trust.from_setting("ca_file:ca.pem", tmp_path), HOST, server.port)
    assert fingerprint(handshake(context, HOST, server.port)) == server.identity.pin
    other = self_signed("127.0.0.3")
    ca_file.write_text(other.certificate)
    strict = context_for(Trust(ca_file=ca_file), HOST, server.port)
    with serving(other, tmp_path) as misnamed, pytest.raises(SourceUnavailable, match="mismatch"):
        handshake(strict, HOST, misnamed.port)


def test_a_ca_file_that_is_none_is_a_mistake_of_the_settings(server, tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "nowhere.pem"):
        with pytest.raises(ConfigInvalid):
            context_for(Trust(ca_file=path), HOST, server.port)


def signed_by_an_authority(tmp_path: Path) -> SelfSigned:
    """As a vCenter has it: a leaf that its own authority signed, which no one else knows."""
    authority, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vc01.example.ir")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(leaf.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=9000))
        .sign(authority, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    pin = fingerprint(certificate.public_bytes(serialization.Encoding.DER))
    return SelfSigned(certificate=certificate.public_bytes(pem).decode(), key=key, pin=pin)


@pytest.mark.parametrize("kind", ["signed by an unknown authority", "expired"])
def test_a_pin_opens_a_server_whose_certificate_no_authority_would_accept(kind, tmp_path):
    expired = self_signed(HOST, begin=datetime(2020, 1, 1, tzinfo=UTC), days=30)
    identity = expired if kind == "expired" else signed_by_an_authority(tmp_path)
    with serving(identity, tmp_path) as server:
        context = context_for(f"pin:sha256:{identity.pin}", HOST, server.port)
        assert fingerprint(handshake(context, HOST, server.port)) == identity.pin


@contextmanager
def listening(reply: bytes | None) -> Iterator[int]:
    """A port that answers `reply`, or with None never anything."""
    with socket.create_server((HOST, 0)) as listener:
        held: list[socket.socket] = []

        def accept() -> None:
            connection, _ = listener.accept()
            held.append(connection)
            if reply is not None:
                connection.sendall(reply)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)
        for connection in held:
            connection.close()


def test_a_port_that_speaks_no_tls_says_so():
    with listening(b"HTTP/1.0 400 Bad Request\r\n\r\n") as port, pytest.raises(SourceUnavailable, match="TLS"):
        fetch_leaf(HOST, port)


def test_a_server_that_stalls_in_the_handshake_is_given_up():
    with listening(None) as port, pytest.raises(SourceUnavailable, match="in time"):
        fetch_leaf(HOST, port, timeout_seconds=0.3)


def test_a_closed_port_and_an_unknown_name_are_told_apart():
    with listening(b"") as port:
        socket.create_connection((HOST, port)).close()
    with pytest.raises(SourceUnavailable, match="refuses"):
        fetch_leaf(HOST, port)
    with pytest.raises(SourceUnavailable, match="cannot be resolved"):
        fetch_leaf("no-such-host.invalid", 443)


# --- the commands over it


def settings_file(folder: Path, port: int, tls: str = "system") -> Path:
    path = folder / "itops.yaml"
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    (folder / "secret").write_text("canary-password\n")
    (folder / "secret").chmod(0o600)
    path.write_text(
        "office: {id: alborz}  # ما\n"
        "sources:\n"
        f"  vc01:\n    type: vsphere\n    host: {HOST}\n    port: {port}\n    username: itops-ro\n"
        f"    password: file:secret\n    tls: {tls}   # checked in Mehr\n"
    )
    path.chmod(0o600)
    return path


def run(path: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["--config", str(path), *words], input=typed)


def test_trust_shows_the_certificate_and_changes_the_one_line(server, tmp_path):
    path = settings_file(tmp_path, server.port)
    before = path.read_text().splitlines()
    result = run(path, "trust", HOST, typed="y\n")
    assert result.exit_code == 0, result.output
    shown = ":".join(server.identity.pin[at : at + 2].upper() for at in range(0, 64, 2))
    assert f"SHA-256  {shown}" in result.stdout
    assert f"names    {HOST}" in result.stdout
    changed = [(old, new) for old, new in zip(before, path.read_text().splitlines(), strict=True) if old != new]
    assert changed == [
        ("    tls: system   # checked in Mehr", f"    tls: pin:sha256:{server.identity.pin}   # checked in Mehr")
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    again = run(path, "trust", f"{HOST}:{server.port}", "--yes")
    assert "already" in again.stderr


def test_trust_writes_nothing_unless_it_is_told_to(server, tmp_path):
    path = settings_file(tmp_path, server.port)
    before = path.read_bytes()
    for typed in ("n\n", ""):
        assert run(path, "trust", HOST, typed=typed).exit_code != 0
        assert path.read_bytes() == before


def test_trust_pins_unattended_the_source_that_is_named(server, tmp_path):
    path = settings_file(tmp_path, server.port, tls="pin:sha256:" + "0" * 64)
    result = run(path, "trust", f"{HOST}:{server.port}", "--source", "vc01", "--yes")
    assert result.exit_code == 0, result.output
    assert f"tls: pin:sha256:{server.identity.pin} " in path.read_text()


def test_trust_for_a_host_of_no_source_says_so(server, tmp_path):
    with pytest.raises(ItopsError, match="no entry has the host"):
        CliRunner().invoke(
            cli, ["--config", str(settings_file(tmp_path, server.port)), "trust", "127.0.0.9"], catch_exceptions=False
        )


def examined(path: Path) -> dict[str, dict[str, str]]:
    result = run(path, "doctor", "--output", "json")
    return {row["code"]: row for row in json.loads(result.stdout)["data"] if row["subject"] == "source vc01"}


def test_doctor_goes_from_the_port_to_the_clock_of_a_pinned_server(server, tmp_path):
    checks = examined(settings_file(tmp_path, server.port, tls=f"pin:sha256:{server.identity.pin}"))
    for code in ("tcp.open", "tls.trusted", "clock.skew"):
        assert checks[code]["state"] == "OK", checks[code]


def test_doctor_stops_before_the_login_at_a_changed_pin(server, tmp_path):
    checks = examined(settings_file(tmp_path, server.port, tls="pin:sha256:" + "0" * 64))
    assert list(checks) == ["tcp.open", "tls.untrusted"]
    assert checks["tls.untrusted"]["state"] == "CRITICAL"
    assert "itops trust" in checks["tls.untrusted"]["remedy"]


def test_doctor_warns_of_an_expired_certificate_that_is_pinned(tmp_path):
    identity = self_signed(HOST, begin=datetime(2020, 1, 1, tzinfo=UTC), days=30)
    with serving(identity, tmp_path) as server:
        checks = examined(settings_file(tmp_path, server.port, tls=f"pin:sha256:{identity.pin}"))
    assert checks["tls.expired"]["state"] == "WARNING"
