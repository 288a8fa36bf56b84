"""Reading a connection that means no good, until a deadline and no further than so many bytes."""

import io
import socket
import threading
from time import monotonic

import pytest

from itops.sources.deadline import Timed, set_timeout


@pytest.fixture
def pair():
    with_us, other = socket.socketpair()
    with with_us, other:
        yield with_us, other


def test_what_comes_in_time_is_read(pair):
    pair[1].sendall(b"hello\nworld")
    timed = io.BufferedReader(Timed(pair[0], monotonic() + 30, 100))
    assert timed.readline() == b"hello\n"
    pair[1].close()
    assert timed.read() == b"world"


def test_one_byte_now_and_then_does_not_move_the_deadline(pair):
    is_over = threading.Event()

    def drip() -> None:
        while not is_over.wait(0.05):
            try:
                pair[1].sendall(b"x")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(TimeoutError):
            io.BufferedReader(Timed(pair[0], monotonic() + 0.3, 1 << 20)).readline()
    finally:
        is_over.set()
        dripping.join()


def test_past_its_bytes_the_stream_is_at_its_end(pair):
    pair[1].sendall(b"x" * 1000)
    timed = Timed(pair[0], monotonic() + 30, 100)
    assert io.BufferedReader(timed).read(-1) == b"x" * 100
    assert timed.is_used_up
    timed.allow(monotonic() + 30, 10)
    assert timed.read(50) == b"x" * 10


def test_a_deadline_that_is_past_is_past(pair):
    for use in (lambda: Timed(pair[0], 0.0, 10).read(1), lambda: Timed(pair[0], 0.0, 10).sendall(b"x")):
        with pytest.raises(TimeoutError):
            use()
    with pytest.raises(TimeoutError):
        set_timeout(pair[0], monotonic())
