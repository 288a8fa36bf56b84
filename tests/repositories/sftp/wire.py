"""A channel whose other end is a function: what a server answers to each request, byte by byte."""

import struct
from collections.abc import Callable

Answer = tuple[int, bytes]
Respond = Callable[[int, int, bytes], list[Answer | bytes]]
"""(kind, request, rest of the body) -> answers (kind, body with the request's number) or raw bytes."""


class FakeChannel:
    """Answers to requests when they are sent; gives them out in small pieces."""

    def __init__(self, respond: Respond, piece: int = 1 << 17) -> None:
        self._respond = respond
        self._piece = piece
        self._sent = bytearray()
        self._ready = bytearray()
        self.requests = 0

    def sendall(self, data: bytes) -> None:
        self._sent += data
        while len(self._sent) >= 4:
            length = int.from_bytes(self._sent[:4], "big")
            packet = bytes(self._sent[4 : 4 + length])
            del self._sent[: 4 + length]
            self.requests += 1
            request = int.from_bytes(packet[1:5], "big")
            for answer in self._respond(packet[0], request, packet[5:]):
                self._ready += answer if isinstance(answer, bytes) else packed(*answer)

    def recv(self, length: int) -> bytes:
        taken = bytes(self._ready[: min(length, self._piece)])
        del self._ready[: len(taken)]
        return taken


def packed(kind: int, body: bytes) -> bytes:
    return struct.pack(">IB", len(body) + 1, kind) + body


def number(value: int) -> bytes:
    return struct.pack(">I", value)


def text(value: bytes) -> bytes:
    return number(len(value)) + value
