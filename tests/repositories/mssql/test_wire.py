"""Encryption and hostile peers, against a simulated server: before any password is sent, it is clear to whom."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.errors import ConfigInvalid, SourceUnavailable
from itops.repositories.mssql import MssqlSettings
from itops.repositories.mssql.server import open_server
from itops.repositories.mssql.wire import Severed, encryption_of
from itops.secrets import Secret
from tests.e2e.self_signed import SelfSigned, self_signed
from tests.repositories.mssql.office import office, result
from tests.repositories.mssql.tds_server import NOT_SUPPORTED, ON, REQUIRED, TdsServer, running

LONG = "بیمه " * 700


@pytest.fixture(scope="module")
def certificate() -> SelfSigned:
    return self_signed("127.0.0.1")


def encrypting(certificate: SelfSigned, folder: Path, encryption: int = ON) -> TdsServer:
    script = [*office(), ("long", result([{"name": LONG}] * 30))]
    return TdsServer(script, encryption=encryption, certificate=certificate.write(folder))


def told(port: int, **changes: Any) -> MssqlSettings:
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "username": "itops",
        "password": Secret("right"),
        "timeout_seconds": 3.0,
    }
    return MssqlSettings(port=port, **{**given, **changes})


def long_answer(settings: MssqlSettings) -> int:
    """How many whole rows come back through the connection."""
    with open_server(settings, seconds=20) as server:
        return sum(1 for row in server.rows("SELECT long") if row["name"] == LONG)


@pytest.mark.parametrize("encryption", [ON, REQUIRED])
def test_a_pinned_server_is_talked_to_through_tls(certificate: SelfSigned, tmp_path: Path, encryption: int) -> None:
    with running(encrypting(certificate, tmp_path, encryption)) as server:
        assert long_answer(told(server.port, pin=f"sha256:{certificate.pin}")) == 30


def test_a_server_of_a_known_authority_is_talked_to_through_tls(certificate: SelfSigned, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(certificate.certificate)
    with running(encrypting(certificate, tmp_path)) as server:
        assert long_answer(told(server.port, ca_file=tmp_path / "ca.pem")) == 30


def test_another_certificate_than_the_pinned_one_gets_no_login(certificate: SelfSigned, tmp_path: Path) -> None:
    with running(encrypting(certificate, tmp_path)) as server, pytest.raises(SourceUnavailable) as caught:
        long_answer(told(server.port, pin=f"sha256:{'0' * 64}"))
    assert certificate.pin in caught.value.problem
    assert server.logins == []


def test_a_certificate_of_nobody_known_gets_no_login(certificate: SelfSigned, tmp_path: Path) -> None:
    with running(encrypting(certificate, tmp_path)) as server, pytest.raises(SourceUnavailable) as caught:
        long_answer(told(server.port))
    assert "not proven" in caught.value.problem
    assert server.logins == []


def test_a_server_without_encryption_gets_no_password_unless_allowed() -> None:
    with running(TdsServer(office(), encryption=NOT_SUPPORTED)) as server, pytest.raises(SourceUnavailable) as caught:
        long_answer(told(server.port))
    assert "no encryption" in caught.value.problem
    assert server.logins == []


def test_prefer_encrypts_where_it_can(certificate: SelfSigned, tmp_path: Path) -> None:
    with running(encrypting(certificate, tmp_path, REQUIRED)) as server:
        assert long_answer(told(server.port, tls="prefer")) == 30


def test_prefer_does_without_where_it_cannot() -> None:
    with running(TdsServer([("long", result([{"name": LONG}]))], encryption=NOT_SUPPORTED)) as server:
        assert long_answer(told(server.port, tls="prefer")) == 1


def test_off_against_a_server_that_demands_encryption_says_what_to_write(
    certificate: SelfSigned, tmp_path: Path
) -> None:
    with running(encrypting(certificate, tmp_path, REQUIRED)) as server, pytest.raises(SourceUnavailable) as caught:
        long_answer(told(server.port, tls="off"))
    assert "demands encryption" in caught.value.problem
    assert "tls: require" in caught.value.remedy


def test_a_ca_file_that_is_none_is_a_mistake_of_the_configuration(certificate: SelfSigned, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with running(encrypting(certificate, tmp_path)) as server, pytest.raises(ConfigInvalid):
        long_answer(told(server.port, ca_file=tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"pin": "sha256:abc"}, "64 hex digits"),
        ({"pin": f"sha256:{'0' * 64}", "tls": "off"}, "only for"),
        ({"ca_file": Path("ca.pem"), "tls": "prefer"}, "only for"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(changes: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        told(1433, **changes)


def test_a_windows_account_without_pyspnego_is_a_mistake_that_names_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "spnego", None)  # as Python says of a package that is not there
    with running(TdsServer(office())) as server, pytest.raises(ConfigInvalid) as caught:
        long_answer(told(server.port, tls="off", domain="OFFICE"))
    assert "pip install pyspnego" in caught.value.remedy
    assert server.logins == []


@contextmanager
def speaking(*pieces: bytes, pause: float = 0.0) -> Iterator[int]:
    """A listener on loopback that says these pieces to whoever comes, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            caller, _ = listener.accept()
            with caller, suppress(OSError):
                caller.settimeout(5)
                caller.recv(4096)
                for piece in pieces:
                    caller.sendall(piece)
                    time.sleep(pause)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=10)


PRELOGIN = bytes([4, 1, 0, 26, 0, 0, 0, 0]) + bytes([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 16, 0, 4, 0, 0, 0, 2])


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="hangs up"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>", id="a web server"),
        pytest.param(b"\x04\x01\x00\x04\x00\x00\x00\x00", id="a length below its header"),
        pytest.param(b"\x04\x01\x00\x09\x00\x00\x00\x00\xff", id="no word on encryption"),
        pytest.param(b"\x04\x01\xff\xff\x00\x00\x00\x00", id="promises more than comes"),
        pytest.param(PRELOGIN, id="hangs up after the prelogin"),
        pytest.param(PRELOGIN + b"\x04\x01\xff\xff\x00\x00\x00\x00" + bytes(65527), id="zeros for a login answer"),
        pytest.param(PRELOGIN + b"\x04\x01\x00\x0c\x00\x00\x00\x00\xad\xff\x7f\x01", id="an answer cut short"),
    ],
)
def test_what_is_no_sql_server_is_unavailable_and_nothing_worse(reply: bytes) -> None:
    started = time.monotonic()
    with speaking(reply) as port, pytest.raises(SourceUnavailable):
        long_answer(told(port, tls="off"))
    assert time.monotonic() - started < 10


def test_a_server_that_drips_byte_by_byte_is_left_at_the_end_of_the_time() -> None:
    started = time.monotonic()
    with speaking(*[b"\x04"] * 30, pause=0.1) as port:
        with pytest.raises(SourceUnavailable) as caught, open_server(told(port, tls="off"), seconds=1.0):
            raise AssertionError("nobody is there")
        assert time.monotonic() - started < 3
        assert "in time" in caught.value.problem or "no TDS" in caught.value.problem


@settings(max_examples=200)
@given(st.binary(max_size=64))
def test_any_prelogin_reply_has_a_word_on_encryption_or_is_refused(body: bytes) -> None:
    with suppress(Severed):
        assert 0 <= encryption_of(body) <= 255


@settings(max_examples=30)
@given(st.binary(min_size=1, max_size=600))
def test_garbage_after_the_prelogin_is_unavailable_and_nothing_worse(garbage: bytes) -> None:
    packet = b"\x04\x01" + (8 + len(garbage)).to_bytes(2, "big") + bytes(4) + garbage
    with speaking(PRELOGIN + packet) as port, pytest.raises(SourceUnavailable):
        long_answer(told(port, tls="off"))
