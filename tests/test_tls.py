"""Whom TLS connections believe, against real handshakes on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.errors import ConfigInvalid, SourceUnavailable
from itops.tls import Trust, dial, fingerprint
from tests.delivery.raw_server import HOST, RawServer
from tests.e2e.self_signed import self_signed

OTHER = "00" * 32


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RawServer]:
    with RawServer(lambda request: request, tmp_path) as running:
        yield running


def test_the_pinned_certificate_is_believed_and_nothing_else_is_asked(server: RawServer) -> None:
    with dial(HOST, server.port, Trust(pin=server.identity.pin), 10) as line:
        line.sendall(b"hello\r\n\r\n")
        assert line.recv(100) == b"hello\r\n\r\n"


def test_another_certificate_is_named_and_nothing_is_sent_to_it(server: RawServer) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        dial(HOST, server.port, Trust(pin=OTHER), 10)
    assert OTHER in caught.value.problem
    assert server.identity.pin in caught.value.problem
    assert server.requests == []


def test_what_no_authority_signed_is_refused(server: RawServer) -> None:
    with pytest.raises(SourceUnavailable, match=r"not the server that itops\.yaml trusts"):
        dial(HOST, server.port, Trust(), 10)


def test_an_authority_of_ones_own_vouches(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(server.identity.certificate)
    dial(HOST, server.port, Trust(ca_file=tmp_path / "ca.pem"), 10).close()


def test_the_authority_of_another_does_not(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(self_signed(HOST).certificate)
    with pytest.raises(SourceUnavailable):
        dial(HOST, server.port, Trust(ca_file=tmp_path / "ca.pem"), 10)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_a_mistake_in_the_settings(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ConfigInvalid, match=r"ca\.pem"):
        dial(HOST, 1, Trust(ca_file=tmp_path / "ca.pem"), 10)


def test_a_server_without_tls_is_said() -> None:
    with RawServer(lambda _: b"220 hello\r\n") as plain, pytest.raises(SourceUnavailable):
        dial(HOST, plain.port, Trust(pin=OTHER), 10)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid", "\u2024.invalid"])
def test_a_name_that_cannot_be_resolved_is_said(host: str) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be resolved"):
        dial(host, 443, Trust(), 10)


@pytest.mark.parametrize(
    ("text", "trust"),
    [
        ("system", Trust()),
        ("ca_file:ca.pem", Trust(ca_file=Path("/office/ca.pem"))),
        ("pin:sha256:" + "AB" * 32, Trust(pin="ab" * 32)),
        ("pin:sha256:" + ":".join(["ab"] * 32), Trust(pin="ab" * 32)),
    ],
)
def test_a_setting_is_read(text: str, trust: Trust) -> None:
    assert Trust.from_setting(text, Path("/office")) == trust


@pytest.mark.parametrize("text", ["", "insecure", "pin:", "pin:sha256:ab", "pin:md5:" + "ab" * 16, "ca_file:"])
def test_a_setting_that_is_none_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write system, ca_file:PATH or pin:sha256:HEX"):
        Trust.from_setting(text, Path())


def test_a_fingerprint_is_what_a_pin_holds() -> None:
    assert fingerprint(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
