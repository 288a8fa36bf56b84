"""The one place where probes touch the network: connect, send one question, read one bounded answer, hang up."""

import logging
import socket
import ssl
import time

from itops.inventory.roles.probed import Outcome
from itops.sources.probes.probe import Probe, Transport

_LOG = logging.getLogger("itops.probes")
_PIECE = 16 * 1024


class NoReply(Exception):
    """Nothing came back. `outcome` tells a closed port from silence."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


def exchange(probe: Probe, address: str, *, timeout_seconds: float) -> bytes:
    """Put the probe's question to `address` over one connection and return what came back, cut at the probe's limit.

    The time limit covers connecting, sending and reading together: a server that drips a byte a second gains nothing.
    Raises NoReply.
    """
    deadline = time.monotonic() + timeout_seconds
    _LOG.info("probe %s to %s port %d", probe.name, address, probe.port)
    try:
        with _connected(probe, address, deadline) as line:
            line.settimeout(_left(deadline))
            line.sendall(probe.request(address))
            return _read(line, probe, deadline)
    except ConnectionRefusedError:
        raise NoReply(Outcome.REFUSED, "the port is closed") from None
    except TimeoutError:
        raise NoReply(Outcome.NO_ANSWER, f"no answer within {timeout_seconds:g} seconds") from None
    except ssl.SSLError as wrong:
        raise NoReply(Outcome.NOT_RECOGNISED, f"no TLS there: {wrong.reason or 'handshake failed'}") from None
    except ConnectionError:
        raise NoReply(Outcome.NOT_RECOGNISED, "the other side hung up") from None
    except OSError as wrong:
        raise NoReply(Outcome.NO_ANSWER, wrong.strerror or "the connection broke") from None


def _connected(probe: Probe, address: str, deadline: float) -> socket.socket:
    """A socket that is connected, UDP too: then only this address is heard, and a closed port is told."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_DGRAM if probe.transport is Transport.UDP else socket.SOCK_STREAM
    connection = socket.socket(family, kind)
    try:
        connection.settimeout(_left(deadline))
        connection.connect((address, probe.port))
        connection.settimeout(_left(deadline))
        return _encrypted(connection, address) if probe.transport is Transport.TLS else connection
    except BaseException:
        connection.close()
        raise


def _encrypted(connection: socket.socket, address: str) -> ssl.SSLSocket:
    """TLS without judging the certificate. Nothing secret follows, and the answer is one hint among others; a
    server's certificate is checked where a password is sent (the vsphere source)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=address)


def _read(line: socket.socket, probe: Probe, deadline: float) -> bytes:
    """Until the reply is complete, the limit is reached, the other side hangs up or the time is over. What had come
    by then is judged: services that keep the line open still said who they are."""
    reply = b""
    while len(reply) < probe.limit_bytes and not (reply and probe.is_complete(reply)):
        try:
            line.settimeout(_left(deadline))
            piece = line.recv(probe.limit_bytes if probe.transport is Transport.UDP else _PIECE)
        except TimeoutError:
            if not reply:
                raise
            break
        if not piece:
            break
        reply += piece
    return reply[: probe.limit_bytes]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
