"""Tell systemd how a service is: one datagram to the socket that it named. Nothing happens where there is no systemd.

Source: sd_notify(3), "Standalone Implementations".
"""

import os
import socket
from collections.abc import Mapping

SOCKET_VARIABLE = "NOTIFY_SOCKET"
OURS_ALONE = (SOCKET_VARIABLE, "WATCHDOG_PID", "WATCHDOG_USEC")
"""What systemd says to a service and not to the programs that it starts."""
_PATIENCE_SECONDS = 1.0


class Notifier:
    """Speaks to the socket at `address`: a path, or `@name` for an abstract one; None: to nobody."""

    def __init__(self, address: str | None) -> None:
        self._address = address if address and address[0] in "/@" and hasattr(socket, "AF_UNIX") else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Notifier":
        """As systemd set it up."""
        return cls(environment.get(SOCKET_VARIABLE))

    def tell(self, **assignments: str | int) -> bool:
        """One message, `tell(READY=1, STATUS="...")`, in one datagram; whether it was taken.

        False is no failure of ours: a manager that listens no more cannot be told so, and acts by itself.
        """
        if self._address is None:
            return False
        name = f"\0{self._address[1:]}" if self._address[0] == "@" else self._address
        said = "\n".join(f"{key}={str(value).replace(chr(10), ' ')}" for key, value in assignments.items())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(_PATIENCE_SECONDS)
            try:
                line.sendto(said.encode(), name)
            except OSError:
                return False
        return True
