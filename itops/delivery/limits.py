"""Time limits that hold whatever the far side does: a timer hangs up, and whoever waits on the line finds it broken.

A socket's own timeout is between two bytes: a server that sends one byte every nine seconds never trips it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from itops.errors import SourceUnavailable

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
