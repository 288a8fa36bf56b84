"""The reading half of SFTP version 3, over one channel. Source: draft-ietf-secsh-filexfer-02.

paramiko's own client is not used for it: one name that is not UTF-8 ends its listing of a folder, its prefetch queues
a request for every 32 KiB of the file beforehand (3 million of 100 GB) and, when answers come quicker than requests
go out, keeps what nobody will fetch. Here names are bytes, at most `_IN_FLIGHT` reads are on their way, and every byte
that arrives is counted. One thread at a time.
"""

import errno
import struct
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from itops.repositories.sftp.packets import (
    ATTRIBUTES,
    DATA,
    HANDLE,
    MOST_PACKET,
    NAME,
    STATUS,
    Attributes,
    Body,
    expect,
    names,
    packed,
    status,
    text,
)

_VERSION = 3
_INIT, _OPEN, _CLOSE, _READ, _LSTAT, _OPENDIR, _READDIR, _REALPATH = 1, 3, 4, 5, 7, 11, 12, 16
_EOF = 1
_PIECE = 32768  # what every server gives at once
_IN_FLIGHT = 64  # reads; 2 MiB, the window of the channel
_AHEAD = 16  # readings of a folder on their way once it proves to be a long one
_CHUNK = 1 << 20


class Channel(Protocol):
    """What is needed of an SSH channel with the subsystem sftp on it."""

    def sendall(self, data: bytes) -> None:
        """Raises TimeoutError or OSError."""

    def recv(self, length: int) -> bytes:
        """Up to so many bytes; b"" when it was closed; raises TimeoutError."""
        ...


@dataclass(frozen=True, slots=True)
class Handle:
    """An open file or folder of the server."""

    id: bytes


class Sftp:
    """One session. Raises OSError for what the server refuses, ConnectionError when it is gone or talks nonsense."""

    def __init__(self, channel: Channel, seconds: float = 20.0, clock: Callable[[], float] = monotonic) -> None:
        """`seconds`: for one whole answer; that of the channel is for the next byte."""
        self._channel = channel
        self._seconds = seconds
        self._clock = clock
        self._buffer = bytearray()
        self._next = 0
        self._early: dict[int, tuple[int, bytes]] = {}  # answers that came before they were asked for
        self._expected: set[int] = set()
        self._given_up: set[int] = set()  # their answers are still to come
        self._is_broken = False  # then nothing is tidied up any more: every answer would be waited for in vain
        self.received_bytes = 0
        channel.sendall(packed(_INIT, struct.pack(">I", _VERSION)))
        kind, _ = self._packet()
        if kind != 2:
            raise ConnectionError("the server does not speak SFTP")

    # Files and folders

    def real_path(self, path: bytes) -> bytes:
        """The absolute path, links and `..` resolved by the server; most servers raise FileNotFoundError, not all."""
        body = self._ask(_REALPATH, NAME, text(path))
        return Body(body[4:]).text()

    def status(self, path: bytes) -> Attributes:
        """Of a file, or of a link itself."""
        return Body(self._ask(_LSTAT, ATTRIBUTES, text(path))).attributes()

    def listing(self, path: bytes) -> Generator[tuple[bytes, Attributes], None, None]:
        """The names in a folder, in the server's order. Nothing else may be asked before it is at its end."""
        handle = text(Body(self._ask(_OPENDIR, HANDLE, text(path))).text())
        asked: deque[int] = deque()
        ahead = 1
        try:
            while True:
                while len(asked) < ahead:
                    asked.append(self._send(_READDIR, handle))
                kind, body = self._answer(asked.popleft())
                if kind == STATUS and status(body) == _EOF:
                    return
                body = expect(kind, body, NAME)
                if not any(body[:4]):
                    return  # nothing, and not the end either: it could go on so for ever
                yield from names(body)
                ahead = min(ahead * 2, _AHEAD)
        finally:
            self._forget(asked)
            if not self._is_broken:
                self._ask(_CLOSE, STATUS, handle)

    def is_empty(self, path: bytes) -> bool:
        """Whether a folder holds nothing; raises FileNotFoundError, PermissionError or OSError where there is none."""
        with closing(self.listing(path)) as names:
            return next(names, None) is None

    def open(self, path: bytes) -> Handle:
        """Open a file for reading."""
        body = self._ask(_OPEN, HANDLE, text(path) + struct.pack(">II", 1, 0))
        return Handle(Body(body).text())

    def close(self, handle: Handle) -> None:
        """Give the handle back."""
        if not self._is_broken:
            self._ask(_CLOSE, STATUS, text(handle.id))

    # Bytes

    def read(self, handle: Handle, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the end of the file."""
        return b"".join(self.stream(handle, offset, length))

    def stream(self, handle: Handle, offset: int, length: int) -> Iterator[bytes]:
        """The bytes from `offset` in small pieces, until `length` or the end of the file."""
        asked: deque[tuple[int, int, int]] = deque()  # request, offset, length
        end, position = offset + length, offset
        try:
            while position < end or asked:
                while position < end and len(asked) < _IN_FLIGHT:
                    size = min(_PIECE, end - position)
                    asked.append((self._send_read(handle, position, size), position, size))
                    position += size
                request, start, size = asked.popleft()
                data = self._data(request)
                yield data
                if len(data) < size:
                    # The end, or a server that gives less than is asked for: ask again for the rest, in order.
                    if not data or not (rest := self._rest(handle, start + len(data), size - len(data))):
                        return
                    yield rest
                    if len(data) + len(rest) < size:
                        return
        finally:
            self._forget(request for request, _, _ in asked)

    def _rest(self, handle: Handle, offset: int, length: int) -> bytes:
        pieces = []
        while length > 0 and (data := self._data(self._send_read(handle, offset, length))):
            pieces.append(data)
            offset, length = offset + len(data), length - len(data)
        return b"".join(pieces)

    def _send_read(self, handle: Handle, offset: int, length: int) -> int:
        return self._send(_READ, text(handle.id) + struct.pack(">QI", offset, length))

    def _data(self, request: int) -> bytes:
        """b"" at the end of the file."""
        kind, body = self._answer(request)
        if kind == STATUS and status(body) == _EOF:
            return b""
        data = Body(expect(kind, body, DATA)).text()
        if len(data) > _PIECE:
            raise ConnectionError("the server sends more than it was asked for")
        return data

    # Packets

    def _ask(self, kind: int, wanted: int, body: bytes) -> bytes:
        return expect(*self._answer(self._send(kind, body)), wanted)

    def _send(self, kind: int, body: bytes) -> int:
        request = self._next
        self._next = (self._next + 1) & 0xFFFFFFFF
        self._expected.add(request)
        try:
            self._channel.sendall(packed(kind, struct.pack(">I", request) + body))
        except EOFError:  # paramiko's word for a line that broke while it wrote
            self._is_broken = True
            raise ConnectionResetError(errno.ECONNRESET, "the connection broke") from None
        return request

    def _answer(self, request: int) -> tuple[int, bytes]:
        """Answers may come in any order; those to what was given up are dropped."""
        while request not in self._early:
            kind, body = self._packet()
            if len(body) < 4:
                raise ConnectionError("the server sends less than an answer has")
            number = int.from_bytes(body[:4], "big")
            if number in self._expected:
                self._early[number] = kind, body[4:]
            elif number in self._given_up:
                self._given_up.remove(number)
            else:  # it could go on so for ever
                self._is_broken = True
                raise ConnectionError("the server answers what it was not asked")
        self._expected.discard(request)
        return self._early.pop(request)

    def _forget(self, requests: Iterable[int]) -> None:
        for request in requests:
            self._expected.discard(request)
            if self._early.pop(request, None) is None:
                self._given_up.add(request)

    def _packet(self) -> tuple[int, bytes]:
        ends_at = self._clock() + self._seconds
        length = int.from_bytes(self._take(4, ends_at), "big")
        if not 1 <= length <= MOST_PACKET:
            raise ConnectionError("the server does not speak SFTP")
        packet = self._take(length, ends_at)
        return packet[0], packet[1:]

    def _take(self, length: int, ends_at: float) -> bytes:
        while len(self._buffer) < length:
            try:
                if self._clock() > ends_at:
                    raise TimeoutError(errno.ETIMEDOUT, "the answer takes too long")
                got = self._channel.recv(1 << 17)
            except OSError:
                self._is_broken = True
                raise
            if not got:
                self._is_broken = True
                raise ConnectionResetError(errno.ECONNRESET, "the server closed the connection")
            self._buffer += got
            self.received_bytes += len(got)
        taken = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        return taken
