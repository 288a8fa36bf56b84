"""Time limits that hold whatever the far side does: a timer hangs up, and whoever waits on the line finds it broken.

A socket's own timeout is between two bytes: a server that sends one byte every nine seconds never trips it. Looking up
a name has none at all: it runs in a thread of its own, which is left behind when it takes too long.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from itops.errors import ItopsError, SourceUnavailable

S = TypeVar("S", bound=socket.socket)

SLOWEST_BYTES_PER_SECOND = 4096
"""A line slower than an old modem's is as good as cut."""
MARGIN_SECONDS = 120.0


def seconds_for(size_bytes: int) -> float:
    """How long sending so many bytes may take at the very most."""
    return MARGIN_SECONDS + size_bytes / SLOWEST_BYTES_PER_SECOND


@contextmanager
def within(seconds: float, place: str, hang_up: Callable[[], None]) -> Iterator[None]:
    """Call `hang_up` from another thread when the block takes longer; the error is then said to be the time."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):  # broken already
            hang_up()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except SourceUnavailable as failure:
        if not is_over.is_set():
            raise
        raise SourceUnavailable(
            f"{place} took longer than {seconds:,.0f} seconds; we hung up",
            remedy="see whether the line is overloaded; the next try goes on where this one ended, where it can",
        ) from failure
    finally:
        timer.cancel()


def break_off(line: socket.socket) -> None:
    """From another thread. Not SSLSocket.shutdown, which would let what is sent meanwhile out in plain."""
    socket.socket.shutdown(line, socket.SHUT_RDWR)


def reached(dialling: Callable[[], S], seconds: float, place: str) -> S:
    """The line that `dialling` opens, its name looked up and all; one that comes after `seconds` is closed unused.

    Raises SourceUnavailable, and whatever ItopsError `dialling` raises.
    """
    call = _Call(dialling)
    thread = threading.Thread(target=call.run, daemon=True)
    thread.start()
    thread.join(seconds)
    return call.taken(place)


class _Call(Generic[S]):
    """One try to open a line; whoever comes second of the two threads cleans up."""

    def __init__(self, dialling: Callable[[], S]) -> None:
        self._dialling = dialling
        self._lock = threading.Lock()
        self._line: S | None = None
        self._failure: ItopsError | None = None
        self._is_given_up = False

    def run(self) -> None:
        """In the thread."""
        try:
            line = self._dialling()
        except ItopsError as failure:
            self._failure = failure
            return
        with self._lock:
            self._line = line
            if self._is_given_up:
                line.close()

    def taken(self, place: str) -> S:
        """By whoever waited."""
        with self._lock:
            self._is_given_up = self._line is None
            line = self._line
        if line is not None:
            return line
        raise self._failure or SourceUnavailable(
            f"{place} does not answer in time", remedy="check the network, the firewall, and the DNS servers"
        )
