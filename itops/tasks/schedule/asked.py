"""Sleeping until somebody asks us to end, or one of our children has ended."""

import select
import signal
import socket
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import Self

Wait = Callable[[timedelta], bool]
"""Sleep so long, or until somebody asks us to end, or less: a child has ended. Whether somebody asked."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_OF_CHILDREN = (signal.SIGCHLD,) if hasattr(signal, "SIGCHLD") else ()  # Windows has none: there the next tick sees it


class Asked:
    """SIGTERM and SIGINT, heard while this is entered, in the main thread. They break nothing off: whoever sleeps by
    `wait` wakes at once, whoever is in the middle of something comes to its end first. The end of a child wakes, too.
    """

    def __init__(self) -> None:
        self._is_asked = False

    def __enter__(self) -> Self:
        self._ear, self._mouth = socket.socketpair()
        self._mouth.settimeout(0)  # a signal must not wait for us
        self._before_wakeup = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._hear) for number in (*_SIGNALS, *_OF_CHILDREN)}
        return self

    def __exit__(self, *failure: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before_wakeup)
        self._ear.close()
        self._mouth.close()

    def wait(self, left: timedelta) -> bool:
        """See Wait."""
        seconds = max(left.total_seconds(), 0)
        if not self._is_asked and select.select([self._ear], [], [], seconds)[0]:
            self._ear.recv(1024)  # any signal wakes; which one it was the handler knows
        return self._is_asked

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._is_asked = self._is_asked or number in _SIGNALS
