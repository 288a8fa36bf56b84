"""The TCP connection below SSH: it ends where a server sends more than anybody wants."""

import socket
from collections.abc import Iterator

import pytest

from itops.ssh import Server, SshNameUnknown, SshSilent
from itops.ssh.wire import MOST_UNREAD, Wire, dialled

Pair = tuple[Wire, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with Wire(ours, 1000, 30.0) as wire, theirs:
        yield wire, theirs


def everything(wire: Wire) -> int:
    return sum(iter(lambda: len(wire.recv(4096)), 0))


def test_all_that_comes_before_the_login_is_bounded(pair: Pair) -> None:
    wire, theirs = pair
    theirs.sendall(b"x" * 5000)
    assert everything(wire) == 1000


def test_afterwards_only_what_nobody_reads_is(pair: Pair) -> None:
    wire, theirs = pair
    unread = 0
    wire.lift(lambda: unread)
    theirs.sendall(b"x" * 5000)
    theirs.shutdown(socket.SHUT_WR)
    unread = MOST_UNREAD
    assert everything(wire) == 5000


def test_a_server_that_heeds_no_window_is_heard_no_more(pair: Pair) -> None:
    wire, theirs = pair
    wire.lift(lambda: MOST_UNREAD + 1)
    theirs.sendall(b"x" * 5000)
    assert wire.recv(4096) == b""


def test_nobody_there_and_no_such_name_are_different_things() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(SshSilent, match="refused"):
            dialled(Server(host="127.0.0.1", port=probe.getsockname()[1]))
    for name in ("nas.invalid", "a" * 80):
        with pytest.raises(SshNameUnknown):
            dialled(Server(host=name))
