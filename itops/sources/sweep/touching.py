"""One byte to the discard port of many addresses, and who refuses it himself.

A refusal (ICMP "port unreachable") proves that a device is there, behind routers too; but a firewall may refuse for
others. Linux tells who sent it (IP_RECVERR), so only what came from the address itself counts. The byte also makes the
kernel ask for the neighbour's MAC, which is what the neighbour table is read for afterwards.
"""

import errno
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

_DISCARD_PORT = 9
_BYTE = b"\0"
_RECEIVE_ERRORS, _ERROR_QUEUE = 11, 0x2000  # IP_RECVERR, MSG_ERRQUEUE of <linux/in.h>, <linux/socket.h>
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # sock_extended_err of <linux/errqueue.h>; the sender's address follows
_FROM_ICMP = 2
_TELLS_REFUSALS = sys.platform == "linux"
_AT_MOST = 4096  # messages that are read before others have their turn
_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 5.0  # with a full neighbour table, for each round
_TRIES = 50
_LEFT_OVER = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.EPROTO, errno.EACCES}
_FULL = {errno.ENOBUFS, errno.EAGAIN}


class Touch(Protocol):
    """Touches addresses."""

    def touch(self, addresses: Sequence[str], seconds: float) -> tuple[set[str], dict[str, str]]:
        """Which of them refused or answered within that time, and to which nothing could be sent, with the reason."""
        ...


class UdpTouch:
    """The real one. Each round has a socket of its own: the bytes to silent addresses fill its buffer for seconds."""

    def touch(self, addresses: Sequence[str], seconds: float) -> tuple[set[str], dict[str, str]]:
        """See Touch."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(0)
            if _TELLS_REFUSALS:
                line.setsockopt(socket.IPPROTO_IP, _RECEIVE_ERRORS, 1)
            return _touched(line, addresses, seconds)


def _touched(line: socket.socket, addresses: Sequence[str], seconds: float) -> tuple[set[str], dict[str, str]]:
    heard: set[str] = set()
    unsent: dict[str, str] = {}
    patience = time.monotonic() + _PATIENCE_SECONDS
    for address in addresses:
        reason = _send(line, address, heard, patience)
        if reason:
            unsent[address] = reason
    deadline = time.monotonic() + seconds
    waiting = set(addresses) - set(unsent)
    with selectors.DefaultSelector() as ready:  # select() knows no descriptor beyond 1023
        ready.register(line, selectors.EVENT_READ)
        while waiting - heard and (left := deadline - time.monotonic()) > 0:
            ready.select(left)
            heard.update(_heard(line))
    return heard & waiting, unsent


def _send(line: socket.socket, address: str, heard: set[str], patience: float) -> str | None:
    """Send; what is refused may be the answer to an earlier byte, so it is sent again once those are read."""
    reason = ""
    for _ in range(_TRIES):
        heard.update(_heard(line))
        try:
            line.sendto(_BYTE, (address, _DISCARD_PORT))
        except OSError as failure:
            reason = failure.strerror or "it cannot be sent"
            if failure.errno in _FULL and time.monotonic() < patience:
                time.sleep(_PAUSE_SECONDS)  # until the kernel clears its neighbour table
            elif failure.errno not in _LEFT_OVER:
                break
        else:
            return None
    return reason


def _heard(line: socket.socket) -> Iterator[str]:
    """The addresses that refused or answered since the last time."""
    yield from _refusals(line) if _TELLS_REFUSALS else ()
    for _ in range(_AT_MOST):
        try:
            yield line.recvfrom(1)[1][0]
        except OSError:  # nothing more, or an error that the queue of errors told
            return


def _refusals(line: socket.socket) -> Iterator[str]:
    for _ in range(_AT_MOST):
        try:
            _, notes, _, (address, _) = line.recvmsg(len(_BYTE), 256, _ERROR_QUEUE)
        except OSError:
            return
        if any(_refused_by(data) == address for _, kind, data in notes if kind == _RECEIVE_ERRORS):
            yield address


def _refused_by(note: bytes) -> str | None:
    """Who sent the refusal that the kernel tells of; None for another error."""
    if len(note) < _EXTENDED_ERROR.size + 8:
        return None
    number, origin, *_ = _EXTENDED_ERROR.unpack_from(note)
    if number != errno.ECONNREFUSED or origin != _FROM_ICMP:
        return None
    return socket.inet_ntoa(note[_EXTENDED_ERROR.size + 4 : _EXTENDED_ERROR.size + 8])
