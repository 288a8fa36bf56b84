"""The end of a line: what was taken, and what was not."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from itops.wire.parting import part

SECONDS = 20.0


@contextmanager
def line_to(doing: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    """A TCP line to somebody who does that, and hangs up."""

    def serve() -> None:
        far, _ = listener.accept()
        with far:
            doing(far)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with socket.create_connection(listener.getsockname(), timeout=SECONDS) as line:
            yield line
        thread.join(SECONDS)


def read_all(far: socket.socket) -> None:
    while far.recv(4096):
        pass


def test_who_reads_all_and_hangs_up_has_all() -> None:
    with line_to(read_all) as line:
        line.sendall(b"x" * 100_000)
        part(line, SECONDS)


def test_who_reads_all_and_stays_has_all() -> None:
    over = threading.Event()

    def reads_and_stays(far: socket.socket) -> None:
        read_all(far)
        over.wait(SECONDS)

    with line_to(reads_and_stays) as line:
        line.sendall(b"x")
        part(line, 0.2)
        over.set()


def test_who_hangs_up_before_we_are_done_has_refused_us() -> None:
    with line_to(lambda far: None) as line, pytest.raises(ConnectionError):
        part(line, SECONDS)


def test_who_reads_and_hangs_up_before_we_are_done_has_refused_us() -> None:
    with line_to(lambda far: far.recv(4096) and None) as line:
        line.sendall(b"x")
        with pytest.raises(ConnectionError):
            part(line, SECONDS)


def test_who_resets_has_not_all() -> None:
    def resets(far: socket.socket) -> None:
        far.recv(1)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with line_to(resets) as line:
        line.sendall(b"x")
        with pytest.raises(ConnectionError):
            part(line, SECONDS)


def test_who_reads_nothing_until_we_give_up_has_not_all() -> None:
    over = threading.Event()
    with line_to(lambda far: over.wait(SECONDS) and None) as line:
        line.setblocking(False)
        try:
            while True:
                line.send(b"x" * 100_000)
        except BlockingIOError:
            pass
        with pytest.raises(TimeoutError):
            part(line, 0.2)
        over.set()
