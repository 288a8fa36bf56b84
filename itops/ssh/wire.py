"""The TCP connection below: it ends where a server sends more than anybody wants."""

import socket
from collections.abc import Callable

from itops.ssh.refusals import SshNameUnknown, SshSilent, reason
from itops.ssh.server import Server

MOST_UNREAD = 16 << 20
"""Bytes that arrived and that nobody took yet. An honest server stops at the window that it was given, 2 MiB."""


class Wire(socket.socket):
    """A socket that ends after so many bytes: a device that sends for ever, in plain or inside SSH, fills no memory."""

    def __init__(self, connection: socket.socket, most_bytes: int, seconds: float) -> None:
        super().__init__(fileno=connection.detach())
        self.settimeout(seconds)
        self._most_bytes: int | None = most_bytes
        self._taken = 0
        self._unread: Callable[[], int] = lambda: 0

    def lift(self, unread: Callable[[], int]) -> None:
        """From now on as much may come as is wanted; it ends only where `unread` says that too much lies unread.

        Called while paramiko's thread waits in `recv`.
        """
        self._unread, self._most_bytes = unread, None

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As any socket's, and the end of the stream when enough came."""
        most = self._most_bytes
        left = size if most is None else most - self._taken
        if left <= 0 or self._unread() > MOST_UNREAD:
            return b""
        got = super().recv(min(size, left), flags)
        self._taken += len(got)
        return got


def dialled(server: Server) -> Wire:
    """Raises SshSilent or SshNameUnknown."""
    seconds = min(server.timeout_seconds, server.connect_seconds)
    try:
        connection = socket.create_connection((server.host, server.port), timeout=seconds)
    except (socket.gaierror, UnicodeError) as failure:  # UnicodeError: a name that IDNA cannot write
        raise SshNameUnknown(
            f"the name {server.host} cannot be resolved",
            remedy="check the name in itops.yaml and the DNS servers, or write the address",
        ) from failure
    except OSError as failure:
        raise SshSilent(
            f"port {server.port} of {server.host}: {reason(failure)}",
            remedy="see whether it is on and its SSH runs, and whether a firewall stands between",
        ) from failure
    return Wire(connection, server.most_bytes, server.timeout_seconds)
