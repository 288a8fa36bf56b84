"""Reading a connection until a deadline, however slowly the other side sends."""

import io
import socket
from time import monotonic
from typing import Any


class Timed(io.RawIOBase):
    """A socket as a raw stream: every read waits at most until `ends_at` (time.monotonic), then TimeoutError."""

    def __init__(self, connection: socket.socket, ends_at: float) -> None:
        self._connection = connection
        self._ends_at = ends_at

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As a raw stream's."""
        set_timeout(self._connection, self._ends_at)
        return self._connection.recv_into(buffer)


def set_timeout(connection: socket.socket, ends_at: float) -> None:
    """What is left until the deadline, for the next call; raises TimeoutError when nothing is."""
    left = ends_at - monotonic()
    if left <= 0:
        raise TimeoutError("the request takes too long")
    connection.settimeout(left)
