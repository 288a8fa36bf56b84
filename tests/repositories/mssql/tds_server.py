"""A simulation of a SQL Server: TDS 7.4 on loopback, with answers from a script. No real SQL Server is behind it.

It shows that our statements reach the wire whole and that rows and errors of every type are understood; it cannot
show that a statement is valid T-SQL. Source: [MS-TDS].
"""

import re
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

_HEADER = struct.Struct(">BBHHBB")
_BATCH, _RPC, _ATTENTION, _LOGIN, _PRELOGIN, _REPLY = 0x01, 0x03, 0x06, 0x10, 0x12, 0x04
_DONE, _DONE_PROC, _DONE_IN_PROC = 0xFD, 0xFE, 0xFF
_MORE, _ERROR, _COUNT = 0x01, 0x02, 0x10
_PACKET = 4096
_COLLATION = bytes([0x09, 0x04, 0xD0, 0x00, 0x34])
_EPOCH = datetime(1900, 1, 1)
_YEAR_ONE = datetime(1, 1, 1)

NOT_SUPPORTED, ON, REQUIRED = 2, 1, 3


@dataclass(frozen=True)
class Rows:
    """A result set: `columns` are pairs of name and type (see `_TYPES`)."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True)
class Error:
    """Error messages, first to last, as the server sends them before it gives up on a statement."""

    messages: tuple[tuple[int, str], ...]
    after: Rows | None = None  # rows that come before it


@dataclass(frozen=True)
class HangUp:
    """Close the connection in the middle: after these rows."""

    after: Rows | None = None


@dataclass(frozen=True)
class Silence:
    """Say nothing more."""


Answer = Rows | Error | HangUp | Silence | None
Script = Sequence[tuple[str, "Answer | Callable[[str], Answer]"]]


@dataclass
class TdsServer:
    """A running simulation. `asked` holds every statement, in order."""

    script: Script
    users: dict[str, str] = field(default_factory=lambda: {"itops": "right"})
    encryption: int = NOT_SUPPORTED
    certificate: Path | None = None  # PEM with key, for encryption
    login_error: tuple[int, str] | None = None
    asked: list[str] = field(default_factory=list)
    parameters: list[datetime | None] = field(default_factory=list)  # of each statement, where it had one
    logins: list[str] = field(default_factory=list)
    hung_up: int = 0  # how many callers have gone
    port: int = 0

    def answer(self, statement: str) -> Answer:
        """The first entry of the script whose pattern is found; None (DONE) for what nobody expected."""
        self.asked.append(statement)
        for pattern, answer in self.script:
            if re.search(pattern, statement, re.IGNORECASE | re.DOTALL):
                return answer(statement) if callable(answer) else answer
        return None


@contextmanager
def running(server: TdsServer) -> Iterator[TdsServer]:
    """Serve on a free port of loopback."""
    stopping = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(20)
            with suppress(ConnectionError, TimeoutError, ssl.SSLError, EOFError):
                _Conversation(self.request, server, stopping).hold()
            server.hung_up += 1

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stopping.set()
            listener.shutdown()
            thread.join()


class _Conversation:
    def __init__(self, raw: socket.socket, server: TdsServer, stopping: threading.Event) -> None:
        self._raw = raw
        self._server = server
        self._stopping = stopping
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def hold(self) -> None:
        kind, body = self._message()
        assert kind == _PRELOGIN
        wanted = body[_offset_of(body, 1)]
        offered = self._server.encryption
        reply = REQUIRED if offered == REQUIRED else (offered if wanted in {ON, REQUIRED} else NOT_SUPPORTED)
        self._send(_REPLY, bytes([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 16, 0, 4, 0, 0, 0, reply]))
        if reply != NOT_SUPPORTED:
            if wanted == NOT_SUPPORTED:
                return
            self._handshake()
        if not self._login():
            return
        while True:
            kind, body = self._message()
            if kind == _ATTENTION:
                self._send(_REPLY, _done(_DONE, 0x20))
            elif kind in {_BATCH, _RPC} and not self._statement(kind, body):
                return

    def _login(self) -> bool:
        _, body = self._message()
        user = _login_text(body, 40)
        password = bytes((byte ^ 0xA5) >> 4 | ((byte ^ 0xA5) & 0x0F) << 4 for byte in _login_bytes(body, 44)).decode(
            "utf-16le"
        )
        self._server.logins.append(user)
        error = self._server.login_error
        if error is None and self._server.users.get(user) != password:
            error = (18456, f"Login failed for user '{user}'.")
        if error is not None:
            self._send(_REPLY, _message_token(*error) + _done(_DONE, _ERROR))
            return False
        program = "Microsoft SQL Server".encode("utf-16le")
        acknowledged = b"\x01" + bytes.fromhex("74000004") + bytes([len(program) // 2]) + program + bytes([16, 0, 4, 0])
        database = _login_text(body, 68) or "master"
        self._send(
            _REPLY,
            _environment(1, database, "master")
            + b"\xe3"
            + struct.pack("<H", 8)
            + b"\x07\x05"
            + _COLLATION
            + b"\x00"
            + b"\xad"
            + struct.pack("<H", len(acknowledged))
            + acknowledged
            + _environment(4, str(_PACKET), str(_PACKET))
            + _done(_DONE, 0),
        )
        return True

    def _statement(self, kind: int, body: bytes) -> bool:
        """Answer one; False when the conversation is over."""
        body = body[struct.unpack_from("<L", body)[0] :]  # without the headers
        statement, parameter = (body.decode("utf-16le"), None) if kind == _BATCH else _rpc(body)
        self._server.parameters.append(parameter)
        answer = self._server.answer(statement)
        rows = answer if isinstance(answer, Rows) else getattr(answer, "after", None)
        tokens = b"" if rows is None else _result(rows)
        count = 0 if rows is None else len(rows.rows)
        if isinstance(answer, HangUp):
            if tokens:
                self._send(_REPLY, tokens, is_last=False)
            self._raw.close()
            return False
        if isinstance(answer, Silence):
            self._stopping.wait(20)
            return False
        if isinstance(answer, Error):
            tokens += b"".join(_message_token(*message) for message in answer.messages)
            flags = _ERROR
        else:
            flags = _COUNT if rows is not None else 0
        if kind == _RPC:  # a procedure ends in three tokens
            tokens += _done(_DONE_IN_PROC, flags | _MORE, count) + b"\x79" + struct.pack("<l", 0)
            tokens += _done(_DONE_PROC, flags & _ERROR)
        else:
            tokens += _done(_DONE, flags, count)
        self._send(_REPLY, tokens)
        return True

    def _handshake(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        assert self._server.certificate is not None
        context.load_cert_chain(self._server.certificate)
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send_flight()
                _, body = self._message()
                self._incoming.write(body)
                continue
            self._send_flight()
            self._tls = tls
            return

    def _send_flight(self) -> None:
        if flight := self._outgoing.read():
            self._send(_PRELOGIN, flight)

    def _send(self, kind: int, body: bytes, *, is_last: bool = True) -> None:
        """One message in as many packets as it needs."""
        room = _PACKET - _HEADER.size
        pieces = [body[start : start + room] for start in range(0, len(body), room)] or [b""]
        for number, piece in enumerate(pieces):
            status = 1 if is_last and number == len(pieces) - 1 else 0
            self._write(_HEADER.pack(kind, status, _HEADER.size + len(piece), 0, number % 256, 0) + piece)

    def _write(self, data: bytes) -> None:
        if self._tls is None:
            self._raw.sendall(data)
        else:
            self._tls.write(data)
            self._raw.sendall(self._outgoing.read())

    def _message(self) -> tuple[int, bytes]:
        body = b""
        while True:
            kind, status, length, *_ = _HEADER.unpack(self._exactly(_HEADER.size))
            body += self._exactly(length - _HEADER.size)
            if status & 1:
                return kind, body

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            block = self._read(size - len(data))
            if not block:
                raise EOFError
            data += block
        return data

    def _read(self, size: int) -> bytes:
        if self._tls is None:
            return self._raw.recv(size)
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                block = self._raw.recv(65_536)
                if not block:
                    return b""
                self._incoming.write(block)


def _offset_of(body: bytes, token: int) -> int:
    for place in range(0, len(body), 5):
        if body[place] == token:
            return struct.unpack_from(">H", body, place + 1)[0]
    raise EOFError


def _login_bytes(body: bytes, place: int) -> bytes:
    offset, length = struct.unpack_from("<HH", body, place)
    return body[offset : offset + 2 * length]


def _login_text(body: bytes, place: int) -> str:
    return _login_bytes(body, place).decode("utf-16le")


def _rpc(body: bytes) -> tuple[str, datetime | None]:
    """The statement of sp_executesql and, where it is a datetime2, its parameter."""
    marker, procedure, _ = struct.unpack_from("<HHH", body)
    assert (marker, procedure) == (0xFFFF, 10)
    statement, place = _rpc_string(body, 6)
    _, place = _rpc_string(body, place)  # what the parameters are called, and their types
    place += 1 + 2 * body[place] + 1
    if body[place] != 0x2A:
        return statement, None
    size = body[place + 2]  # the scale, then the length, stands before the value
    value = body[place + 3 : place + 3 + size]
    ticks, days = int.from_bytes(value[:-3], "little"), int.from_bytes(value[-3:], "little")
    return statement, _YEAR_ONE + timedelta(days=days, seconds=ticks / 10 ** body[place + 1])


def _rpc_string(body: bytes, place: int) -> tuple[str, int]:
    """An nvarchar parameter, and where the next begins."""
    place += 1 + 2 * body[place] + 1  # its name, its flags
    kind, size = struct.unpack_from("<BH", body, place)
    assert kind == 0xE7
    place += 3 + 5
    if size != 0xFFFF:
        length = struct.unpack_from("<H", body, place)[0]
        return body[place + 2 : place + 2 + length].decode("utf-16le"), place + 2 + length
    place += 8  # nvarchar(max): its whole length, then chunks up to an empty one
    text = b""
    while length := struct.unpack_from("<L", body, place)[0]:
        text += body[place + 4 : place + 4 + length]
        place += 4 + length
    return text.decode("utf-16le"), place + 4


def _done(token: int, flags: int, count: int = 0) -> bytes:
    return struct.pack("<BHHQ", token, flags, 0xC1 if flags & _COUNT else 0, count)


def _message_token(number: int, text: str, token: int = 0xAA, severity: int = 16) -> bytes:
    words = text.encode("utf-16le")
    body = struct.pack("<lBBH", number, 1, severity, len(words) // 2) + words + b"\x00\x00" + struct.pack("<l", 1)
    return bytes([token]) + struct.pack("<H", len(body)) + body


def information(number: int, text: str) -> bytes:
    """An informational message, severity 0."""
    return _message_token(number, text, 0xAB, 0)


def _environment(kind: int, new: str, old: str) -> bytes:
    body = bytes([kind])
    for text in (new, old):
        body += bytes([len(text)]) + text.encode("utf-16le")
    return b"\xe3" + struct.pack("<H", len(body)) + body


def _result(rows: Rows) -> bytes:
    tokens = b"\x81" + struct.pack("<H", len(rows.columns))
    for name, kind in rows.columns:
        tokens += struct.pack("<LH", 0, 1) + _TYPES[kind][0] + bytes([len(name)]) + name.encode("utf-16le")
    for row in rows.rows:
        tokens += b"\xd1" + b"".join(_TYPES[kind][1](value) for (_, kind), value in zip(rows.columns, row, strict=True))
    return tokens


def _whole(size: int) -> tuple[bytes, Callable[[Any], bytes]]:
    return bytes(
        [0x26, size]
    ), lambda value: b"\0" if value is None else bytes([size]) + int(value).to_bytes(size, "little", signed=size > 1)


def _nvarchar(value: str | None) -> bytes:
    if value is None:
        return b"\xff\xff"
    text = value.encode("utf-16le")
    return struct.pack("<H", len(text)) + text


def _bit(value: Any) -> bytes:
    return b"\0" if value is None else bytes([1, bool(value)])


def _datetime(value: datetime | None) -> bytes:
    if value is None:
        return b"\0"
    past = value - _EPOCH
    return struct.pack("<Bll", 8, past.days, round((past.seconds + past.microseconds / 1e6) * 300))


def _datetime2(value: datetime | None) -> bytes:
    if value is None:
        return b"\0"
    past = value - _YEAR_ONE
    ticks = past.seconds * 10**7 + past.microseconds * 10
    return b"\x08" + ticks.to_bytes(5, "little") + past.days.to_bytes(3, "little")


def _numeric(value: int | None) -> bytes:
    if value is None:
        return b"\0"
    return bytes([13, int(value >= 0)]) + abs(value).to_bytes(12, "little")


def _guid(value: str | None) -> bytes:
    return b"\0" if value is None else b"\x10" + UUID(value).bytes_le


def _float(value: float | None) -> bytes:
    return b"\0" if value is None else b"\x08" + struct.pack("<d", value)


_TYPES: dict[str, tuple[bytes, Callable[[Any], bytes]]] = {
    "nvarchar": (b"\xe7" + struct.pack("<H", 8000) + _COLLATION, _nvarchar),
    "bit": (b"\x68\x01", _bit),
    "tinyint": _whole(1),
    "smallint": _whole(2),
    "int": _whole(4),
    "bigint": _whole(8),
    "float": (b"\x6d\x08", _float),
    "datetime": (b"\x6f\x08", _datetime),
    "datetime2": (b"\x2a\x07", _datetime2),
    "numeric": (b"\x6c\x0d\x19\x00", _numeric),  # numeric(25,0)
    "uniqueidentifier": (b"\x24\x10", _guid),
}
