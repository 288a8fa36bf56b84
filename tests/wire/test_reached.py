"""Lines that are opened in time, or left behind."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.errors import ConfigInvalid, SourceUnavailable
from itops.tls import Trust
from itops.wire.addresses import Address
from itops.wire.limits import reached
from itops.wire.web import Web
from tests.e2e.self_signed import self_signed

HOST = "127.0.0.1"
SECONDS = 20.0


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    far.settimeout(SECONDS)
    with near, far:
        yield near, far


def test_a_line_that_opens_in_time_is_given(pair: tuple[socket.socket, socket.socket]) -> None:
    assert reached(lambda: pair[0], SECONDS, "mail:25") is pair[0]


def test_why_a_line_did_not_open_is_told() -> None:
    def dialling() -> socket.socket:
        raise ConfigInvalid("no such CA file", remedy="write it")

    with pytest.raises(ConfigInvalid, match="no such CA file"):
        reached(dialling, SECONDS, "mail:25")


def test_a_line_that_opens_too_late_is_closed_unused(pair: tuple[socket.socket, socket.socket]) -> None:
    """As when nobody answers the question for a name: that has no limit of its own."""
    answers = threading.Event()

    def dialling() -> socket.socket:
        assert answers.wait(SECONDS)
        return pair[0]

    with pytest.raises(SourceUnavailable, match="mail:25 does not answer in time"):
        reached(dialling, 0.05, "mail:25")
    answers.set()
    assert pair[1].recv(1) == b""


def test_a_question_broken_off_while_its_line_was_dialled_is_never_asked(tmp_path: Path) -> None:
    identity = self_signed(HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.write(tmp_path))
    failures: list[SourceUnavailable] = []
    with socket.create_server((HOST, 0)) as server:
        web = Web(Address(host=HOST, port=server.getsockname()[1], path=""), Trust(pin=identity.pin), SECONDS, {})

        def ask() -> None:
            with pytest.raises(SourceUnavailable) as caught:
                web.ask("GET", "/")
            failures.append(caught.value)

        thread = threading.Thread(target=ask)
        thread.start()
        near, _ = server.accept()  # dialled, and waiting for our handshake
        web.break_off()
        with near, context.wrap_socket(near, server_side=True) as secured:
            assert secured.recv(1) == b""
        thread.join(SECONDS)
    assert "broke" in failures[0].problem
