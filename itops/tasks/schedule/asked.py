"""Sleeping until somebody asks us to end."""

import select
import signal
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import Self

Wait = Callable[[timedelta], bool]
"""Sleep so long, or until somebody asks us to end; whether somebody did."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Asked:
    """SIGTERM and SIGINT, heard while this is entered, in the main thread. They break nothing off: whoever sleeps by
    `wait` wakes at once, whoever is in the middle of something comes to its end first.
    """

    def __init__(self) -> None:
        self._is_asked = False

    def __enter__(self) -> Self:
        self._ear, self._mouth = socket.socketpair()
        self._mouth.settimeout(0)  # a signal must not wait for us
        self._before_wakeup = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._hear) for number in _SIGNALS}
        return self

    def __exit__(self, *failure: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before_wakeup)
        self._ear.close()
        self._mouth.close()

    def wait(self, left: timedelta) -> bool:
        """See Wait."""
        until = time.monotonic() + left.total_seconds()
        while not self._is_asked:
            seconds = until - time.monotonic()
            if not select.select([self._ear], [], [], max(seconds, 0))[0]:
                break
            self._ear.recv(1024)  # any signal wakes; which one it was the handler knows
        return self._is_asked

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._is_asked = True
