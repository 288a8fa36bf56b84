"""The reading half of SFTP version 3, over one channel. Source: draft-ietf-secsh-filexfer-02.

paramiko's own client is not used for it: one name that is not UTF-8 ends its listing of a folder, its prefetch queues
a request for every 32 KiB of the file beforehand (3 million of 100 GB) and, when answers come quicker than requests
go out, keeps what nobody will fetch. Here names are bytes, at most `_IN_FLIGHT` reads are on their way, and every byte
that arrives is counted. One thread at a time.
"""

import errno
import os
import stat
import struct
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple, Protocol

_VERSION = 3
_INIT, _OPEN, _CLOSE, _READ, _LSTAT, _OPENDIR, _READDIR, _REALPATH = 1, 3, 4, 5, 7, 11, 12, 16
_STATUS, _HANDLE, _DATA, _NAME, _ATTRIBUTES = 101, 102, 103, 104, 105
_EOF = 1
_ERRORS = {2: errno.ENOENT, 3: errno.EACCES, 6: errno.ENOTCONN, 7: errno.ECONNRESET, 8: errno.EOPNOTSUPP}
_PIECE = 32768  # what every server gives at once
_IN_FLIGHT = 64  # reads; 2 MiB, the window of the channel
_AHEAD = 16  # readings of a folder on their way once it proves to be a long one
_MOST_PACKET = 1 << 20
_MOST_TEXT = 200
_CHUNK = 1 << 20


class Channel(Protocol):
    """What is needed of an SSH channel with the subsystem sftp on it."""

    def sendall(self, data: bytes) -> None:
        """Raises TimeoutError or OSError."""

    def recv(self, length: int) -> bytes:
        """Up to so many bytes; b"" when it was closed; raises TimeoutError."""
        ...


class Attributes(NamedTuple):
    """What a server tells of a file; None for what it does not."""

    size_bytes: int | None
    mode: int | None
    modified_seconds: int | None

    @property
    def is_folder(self) -> bool:
        """A folder, not a link to one."""
        return self.mode is not None and stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """A plain file. A server that tells no modes is believed to tell of files."""
        return self.mode is None or stat.S_ISREG(self.mode)


@dataclass(frozen=True, slots=True)
class Handle:
    """An open file or folder of the server."""

    id: bytes


class Sftp:
    """One session. Raises OSError for what the server refuses, ConnectionError when it is gone or talks nonsense."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._buffer = bytearray()
        self._next = 0
        self._early: dict[int, tuple[int, bytes]] = {}  # answers that came before they were asked for
        self._expected: set[int] = set()
        self._is_broken = False  # then nothing is tidied up any more: every answer would be waited for in vain
        self.received_bytes = 0
        channel.sendall(_packet(_INIT, struct.pack(">I", _VERSION)))
        kind, _ = self._packet()
        if kind != 2:
            raise ConnectionError("the server does not speak SFTP")

    # Files and folders

    def real_path(self, path: bytes) -> bytes:
        """The absolute path, links and `..` resolved by the server; most servers raise FileNotFoundError, not all."""
        body = self._ask(_REALPATH, _NAME, _text(path))
        return _Body(body[4:]).text()

    def status(self, path: bytes) -> Attributes:
        """Of a file, or of a link itself."""
        return _Body(self._ask(_LSTAT, _ATTRIBUTES, _text(path))).attributes()

    def listing(self, path: bytes) -> Generator[tuple[bytes, Attributes], None, None]:
        """The names in a folder, in the server's order. Nothing else may be asked before it is at its end."""
        handle = _text(_Body(self._ask(_OPENDIR, _HANDLE, _text(path))).text())
        asked: deque[int] = deque()
        ahead = 1
        try:
            while True:
                while len(asked) < ahead:
                    asked.append(self._send(_READDIR, handle))
                kind, body = self._answer(asked.popleft())
                if kind == _STATUS and _status(body) == _EOF:
                    return
                body = _expect(kind, body, _NAME)
                if not any(body[:4]):
                    return  # nothing, and not the end either: it could go on so for ever
                yield from _names(body)
                ahead = min(ahead * 2, _AHEAD)
        finally:
            self._forget(asked)
            if not self._is_broken:
                self._ask(_CLOSE, _STATUS, handle)

    def is_empty(self, path: bytes) -> bool:
        """Whether a folder holds nothing; raises FileNotFoundError, PermissionError or OSError where there is none."""
        with closing(self.listing(path)) as names:
            return next(names, None) is None

    def open(self, path: bytes) -> Handle:
        """Open a file for reading."""
        body = self._ask(_OPEN, _HANDLE, _text(path) + struct.pack(">II", 1, 0))
        return Handle(_Body(body).text())

    def close(self, handle: Handle) -> None:
        """Give the handle back."""
        if not self._is_broken:
            self._ask(_CLOSE, _STATUS, _text(handle.id))

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
        return self._send(_READ, _text(handle.id) + struct.pack(">QI", offset, length))

    def _data(self, request: int) -> bytes:
        """b"" at the end of the file."""
        kind, body = self._answer(request)
        if kind == _STATUS and _status(body) == _EOF:
            return b""
        data = _Body(_expect(kind, body, _DATA)).text()
        if len(data) > _PIECE:
            raise ConnectionError("the server sends more than it was asked for")
        return data

    # Packets

    def _ask(self, kind: int, wanted: int, body: bytes) -> bytes:
        return _expect(*self._answer(self._send(kind, body)), wanted)

    def _send(self, kind: int, body: bytes) -> int:
        request = self._next
        self._next = (self._next + 1) & 0xFFFFFFFF
        self._expected.add(request)
        try:
            self._channel.sendall(_packet(kind, struct.pack(">I", request) + body))
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
        self._expected.discard(request)
        return self._early.pop(request)

    def _forget(self, requests: Iterable[int]) -> None:
        for request in requests:
            self._expected.discard(request)
            self._early.pop(request, None)

    def _packet(self) -> tuple[int, bytes]:
        length = int.from_bytes(self._take(4), "big")
        if not 1 <= length <= _MOST_PACKET:
            raise ConnectionError("the server does not speak SFTP")
        packet = self._take(length)
        return packet[0], packet[1:]

    def _take(self, length: int) -> bytes:
        while len(self._buffer) < length:
            try:
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


class _Body:
    """The inside of a packet, read from its front; nonsense raises ConnectionError."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self, form: str = ">I") -> int:
        size = struct.calcsize(form)
        if self._at + size > len(self._body):
            raise ConnectionError("the server sends less than an answer has")
        (number,) = struct.unpack_from(form, self._body, self._at)
        self._at += size
        return int(number)

    def text(self) -> bytes:
        length = self.number()
        begin, self._at = self._at, self._at + length
        if self._at > len(self._body):
            raise ConnectionError("the server sends less than an answer has")
        return self._body[begin : self._at]

    def attributes(self) -> Attributes:
        flags = self.number()
        size = self.number(">Q") if flags & 1 else None
        if flags & 2:
            self.number(">Q")  # owner and group
        mode = self.number() if flags & 4 else None
        modified = self.number(">Q") & 0xFFFFFFFF if flags & 8 else None  # last access, then last change
        if flags & 0x80000000:
            for _ in range(min(self.number(), _MOST_PACKET)):
                self.text()
                self.text()
        return Attributes(size, mode, modified)


def _names(body: bytes) -> Iterator[tuple[bytes, Attributes]]:
    packet = _Body(body)
    for _ in range(packet.number()):
        name = packet.text()
        packet.text()  # a line for people
        attributes = packet.attributes()
        if name not in {b".", b".."}:
            yield name, attributes


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack(">IB", len(body) + 1, kind) + body


def _text(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def _status(body: bytes) -> int:
    return _Body(body).number()


def _expect(kind: int, body: bytes, wanted: int) -> bytes:
    """The body of an answer of the wanted kind; an error status is raised as the OSError it stands for."""
    if kind == _STATUS:
        packet = _Body(body)
        code = packet.number()
        if code == 0 and wanted == _STATUS:
            return body
        said = "" if packet._at >= len(body) else packet.text().decode("utf-8", "replace")
        number = _ERRORS.get(code, errno.EIO)
        shown = "".join(letter for letter in said[:_MOST_TEXT] if letter.isprintable())
        raise OSError(number, os.strerror(number) if code in {2, 3} or not shown else shown)
    if kind != wanted:
        raise ConnectionError("the server gives another answer than it was asked for")
    return body
