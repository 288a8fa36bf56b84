"""The thin client's own limits, on a socket pair: no network."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from itops.sources.vsphere.soap import Server, _session_cookie

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n%s\r\n"


def server(answer_timeout_seconds: float) -> Server:
    return Server(
        host="vc01.example.ir",
        port=443,
        context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        connect_timeout_seconds=1.0,
        read_timeout_seconds=1.0,
        answer_timeout_seconds=answer_timeout_seconds,
    )


@contextmanager
def answered(head: bytes, body: bytes, wait_seconds: float = 0.0) -> Iterator[http.client.HTTPResponse]:
    """A response whose body drips, one byte in `wait_seconds`; at once without."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    has_enough = threading.Event()

    def drip() -> None:
        for byte in body:
            theirs.sendall(bytes([byte]))
            if has_enough.wait(wait_seconds):
                return

    with ours, theirs:
        theirs.sendall(head)
        if wait_seconds:
            thread = threading.Thread(target=drip, daemon=True)
            thread.start()
        else:
            theirs.sendall(body)
        response = http.client.HTTPResponse(ours)
        response.begin()
        yield response
        has_enough.set()
        if wait_seconds:
            thread.join(5)


def test_a_server_that_drips_is_given_up_when_the_whole_answer_takes_too_long() -> None:
    began = time.monotonic()
    with answered(HEAD % (1000, b""), b"x" * 1000, 0.02) as response, pytest.raises(TimeoutError, match="whole answer"):
        list(server(0.2).pieces(response))
    assert time.monotonic() - began < 3


def test_an_answer_is_read_to_its_end_and_the_connection_can_carry_another() -> None:
    with answered(HEAD % (5000, b""), b"y" * 5000) as response:
        assert b"".join(server(5).pieces(response)) == b"y" * 5000
        assert response.isclosed()


@pytest.mark.parametrize(
    ("headers", "cookie"),
    [
        (b'Set-Cookie: lb=7; Path=/\r\nSet-Cookie: vmware_soap_session="abc"; Path=/sdk; Secure\r\n',
         'vmware_soap_session="abc"'),
        (b"Set-Cookie: lb=7\r\n", None),
        (b"", None),
    ],
)  # fmt: skip
def test_the_session_is_known_by_its_own_cookie(headers: bytes, cookie: str | None) -> None:
    with answered(HEAD % (0, headers), b"") as response:
        assert _session_cookie(response) == cookie
