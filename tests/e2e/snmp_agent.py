"""A simulation of an SNMP v2c agent that answers whatever a test likes, rubbish above all. Loopback, a thread."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

GET, BULK = 0xA0, 0xA5
_RESPONSE = 0xA2


@dataclass(frozen=True, kw_only=True)
class Question:
    """One request."""

    kind: int  # GET, BULK
    request_id: int
    community: bytes
    repetitions: int
    oids: tuple[str, ...]

    def answered(self, *rows: tuple[str, bytes], status: int = 0) -> bytes:
        """The response with these rows, each an OID and a value made by `octets`, `number` ..."""
        bindings = b"".join(_wrapped(0x30, oid_of(oid) + value) for oid, value in rows)
        pdu = number(self.request_id) + number(status) + number(1 if status else 0) + _wrapped(0x30, bindings)
        return _wrapped(0x30, number(1) + octets(self.community) + _wrapped(_RESPONSE, pdu))


Reply = Callable[[Question], "Sequence[bytes]"]
"""The datagrams to send back."""


@contextmanager
def running_agent(reply: Reply) -> Iterator[int]:
    """Its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        port = int(bound.getsockname()[1])
        serving = Thread(target=_serve, args=(bound, reply), daemon=True)
        serving.start()
        yield port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", ("127.0.0.1", port))
        serving.join(timeout=10)


def _serve(bound: socket.socket, reply: Reply) -> None:
    while True:
        try:
            datagram, asker = bound.recvfrom(65_535)
            if not datagram:
                return
            for answer in reply(_question(datagram)):
                bound.sendto(answer, asker)
        except ConnectionError:  # an asker that is gone
            continue


def octets(value: bytes) -> bytes:
    return _wrapped(0x04, value)


def number(value: int, tag: int = 0x02) -> bytes:
    return _wrapped(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def nothing(tag: int = 0x05) -> bytes:
    """NULL; 0x80 noSuchObject, 0x82 endOfMibView."""
    return _wrapped(tag, b"")


def oid_of(oid: str) -> bytes:
    first, second, *rest = map(int, oid.split("."))
    body = bytearray([first * 40 + second])
    for part in rest:
        digits = [part & 0x7F]
        while part := part >> 7:
            digits.append(0x80 | (part & 0x7F))
        body += bytes(reversed(digits))
    return _wrapped(0x06, bytes(body))


def _wrapped(tag: int, body: bytes) -> bytes:
    length = len(body)
    if length < 0x80:
        return bytes([tag, length]) + body
    spelt = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(spelt)]) + spelt + body


def _question(datagram: bytes) -> Question:
    (_, message), *_ = _items(datagram)
    _version, (_, community), (kind, pdu) = _items(message)
    (_, request_id), _first, (_, second), (_, bindings) = _items(pdu)
    names = tuple(_dotted(_items(binding)[0][1]) for _, binding in _items(bindings))
    return Question(
        kind=kind,
        request_id=int.from_bytes(request_id, "big", signed=True),
        community=community,
        repetitions=int.from_bytes(second, "big"),
        oids=names,
    )


def _items(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _dotted(body: bytes) -> str:
    parts, part = [body[0] // 40, body[0] % 40], 0
    for octet in body[1:]:
        part = (part << 7) | (octet & 0x7F)
        if not octet & 0x80:
            parts.append(part)
            part = 0
    return ".".join(map(str, parts))
