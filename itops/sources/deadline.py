"""Reading a connection until a deadline, however slowly the other side sends, and no further than so many bytes.

The timeout of a socket holds between two bytes: one byte every nine seconds would keep us for days. And what reads HTTP
believes lengths that it is told: a chunk of -1 bytes is read until memory ends.
"""

import io
import socket
from time import monotonic
from typing import Any


class Timed(io.RawIOBase):
    """A socket as a raw stream. Past `ends_at` (time.monotonic) it raises TimeoutError, past `most_bytes` it ends."""

    def __init__(self, connection: socket.socket, ends_at: float, most_bytes: int) -> None:
        self._connection = connection
        self._left = most_bytes
        self.ends_at = ends_at

    def allow(self, ends_at: float, most_bytes: int) -> None:
        """A new deadline and new bytes, for the next answer."""
        self.ends_at, self._left = ends_at, most_bytes

    @property
    def is_used_up(self) -> bool:
        """Whether the other side sent more than it may."""
        return self._left <= 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As a raw stream's."""
        if self.is_used_up:
            return 0
        set_timeout(self._connection, self.ends_at)
        with memoryview(buffer) as whole:
            count = self._connection.recv_into(whole[: self._left])
        self._left -= count
        return count

    def sendall(self, data: bytes) -> None:
        """As a socket's."""
        set_timeout(self._connection, self.ends_at)
        self._connection.sendall(data)


def set_timeout(connection: socket.socket, ends_at: float) -> None:
    """What is left until the deadline, for the next call; raises TimeoutError when nothing is."""
    left = ends_at - monotonic()
    if left <= 0:
        raise TimeoutError("the other side takes too long")
    connection.settimeout(left)
