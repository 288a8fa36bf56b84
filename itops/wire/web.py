"""HTTPS for the ways that speak it: one connection, bounded answers, no redirects, no cookies, no proxies."""

import io
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, IncompleteRead
from typing import Any

from itops.errors import SourceUnavailable
from itops.tls import Trust, dial, unavailable
from itops.wire.addresses import Address
from itops.wire.limits import break_off, reached

_HEAD_BYTES = 256 * 1024  # all headers of an answer, and what a server may say before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; the body is cut at what was asked for."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    path: str
    headers: Mapping[str, str]
    blocks: Iterable[bytes]
    most_bytes: int  # of the answer's body


class Web:
    """Asks one server, with the same headers every time. Not for several threads at once, but for `hang_up`."""

    def __init__(self, address: Address, trust: Trust, timeout_seconds: float, headers: Mapping[str, str]) -> None:
        self.address = address
        self._trust = trust
        self._timeout_seconds = timeout_seconds
        self._headers = {"User-Agent": "itops", "Accept-Encoding": "identity", **headers}
        self._line: tuple[HTTPConnection, _Counted] | None = None  # ready for the next question
        self._wire: _Counted | None = None  # in use or ready
        self._is_broken_off = False

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        blocks: Iterable[bytes] = (),
        length: int | None = None,
        most_bytes: int = 0,
    ) -> Reply:
        """One question about `path` below the address, `blocks` of together `length` bytes as its body.

        Raises SourceUnavailable; what the status means is for the caller to judge. A body travels over a new
        connection: only a question without one can be asked again when the server has hung up meanwhile.
        """
        told = {**self._headers, **(headers or {}), **({} if length is None else {"Content-Length": str(length)})}
        question = _Question(method, self.address.path + path or "/", told, blocks, most_bytes)
        if length is not None:
            self.close()
        is_reused = self._line is not None
        try:
            return self._exchange(question)
        except (OSError, HTTPException) as failure:
            if not (is_reused and isinstance(failure, ConnectionError | ssl.SSLError)):
                raise self._broken(failure) from failure
        try:
            return self._exchange(question)
        except (OSError, HTTPException) as failure:
            raise self._broken(failure) from failure

    def _exchange(self, question: "_Question") -> Reply:
        connection, wire = self._line or self._connected()
        self._line = None  # until the answer was read whole
        try:
            wire.left = _HEAD_BYTES + question.most_bytes
            response = _answer(connection, question)
            body = _body(response, question.most_bytes + 1)
            if self._is_broken_off:  # the end that we saw may have been ours
                raise ConnectionAbortedError
            if response.isclosed() and not response.will_close:
                self._line = connection, wire
            return Reply(status=response.status, headers=response.headers, body=body[: question.most_bytes])
        finally:
            if self._line is None:
                wire.hang_up()

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        if self._line is not None:
            self._line[1].hang_up()
            self._line = None

    def break_off(self) -> None:
        """For another thread: whoever waits, or asks later, finds the line broken, even one that is still dialled."""
        self._is_broken_off = True
        if self._wire is not None:
            self._wire.break_off()

    def _connected(self) -> "tuple[HTTPConnection, _Counted]":
        wire = self._wire = _Counted(reached(self._dialled, self._timeout_seconds, self.address.place))
        if self._is_broken_off:
            wire.hang_up()
            raise ConnectionAbortedError
        connection = HTTPConnection(self.address.host, self.address.port)
        stands_in: Any = wire
        connection.sock = stands_in
        connection.auto_open = 0
        return connection, wire

    def _dialled(self) -> ssl.SSLSocket:
        return dial(self.address.host, self.address.port, self._trust, self._timeout_seconds)

    def _broken(self, failure: OSError | HTTPException) -> SourceUnavailable:
        place = self.address.place
        if isinstance(failure, ConnectionError | ssl.SSLError | IncompleteRead):
            return SourceUnavailable(
                f"the connection to {place} broke", remedy="check the line; the next try goes on where it can"
            )
        if isinstance(failure, OSError):
            return unavailable(failure, self.address.host, self.address.port)
        # Not what it said: it may repeat our question, and a path can hold a token.
        return SourceUnavailable(
            f"{place} does not answer as a web server does: {type(failure).__name__}",
            remedy="check the address; see by hand what answers there",
        )


def _answer(connection: HTTPConnection, question: "_Question") -> HTTPResponse:
    """Ask. A server that has refused already need not read the whole body: its answer counts, if it can be had."""
    try:
        connection.putrequest(question.method, question.path, skip_accept_encoding=True)
        for name, value in question.headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        for block in question.blocks:
            connection.send(block)
    except ConnectionError as broken:
        try:
            return connection.getresponse()
        except (OSError, HTTPException):
            raise broken from None
    return connection.getresponse()


def _body(response: HTTPResponse, most_bytes: int) -> bytes:
    try:
        return response.read(most_bytes)
    except ValueError as wrong:  # the length of a chunk that is no number
        raise HTTPException(str(wrong)) from wrong


class _Counted(io.RawIOBase):
    """A socket that gives at most `left` bytes; http.client takes it for the socket itself."""

    def __init__(self, secured: ssl.SSLSocket) -> None:
        self.left = 0
        self._socket = secured

    def sendall(self, data: bytes) -> None:
        """As a socket's."""
        self._socket.sendall(data)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As a raw stream's; the end of the stream when enough came."""
        view = memoryview(buffer)[: self.left]
        if not view:
            return 0
        got = self._socket.recv_into(view)
        self.left -= got
        return got

    def makefile(self, mode: str) -> io.BufferedReader:
        """As a socket's."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Nothing: http.client closes after the head of an answer what the body is still to be read from."""

    def hang_up(self) -> None:
        """Really."""
        self._socket.close()

    def break_off(self) -> None:
        """From another thread."""
        break_off(self._socket)
