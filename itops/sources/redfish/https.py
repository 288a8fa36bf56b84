"""HTTPS to one management controller: one connection, answers bounded in bytes and in time.

A deadline holds for a whole answer, not between two bytes: a controller that sends one byte every nine seconds would
otherwise keep a scan for days. No redirect is followed and no content is unpacked: Redfish needs neither.
"""

import io
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPMessage
from time import monotonic
from typing import Any

from itops.errors import SourceUnavailable
from itops.sources.redfish.refusals import NameUnknown, Rubbish, Silent, Untrusted
from itops.sources.tls import explain

MOST_BYTES = 1 << 20
"""Of one answer. The largest that are asked for here, systems with all their extras, stay under 100 kB."""
_CHECK_HOST = "check the address, and that the management controller is on the network"
_NOT_REDFISH = "check that this is the address of a management controller and that its Redfish service is enabled"

MakeContext = Callable[[], ssl.SSLContext]
"""Makes the context that trusts the right server; asks the server for its certificate where that one is pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; `body` is the JSON in it, None where there is none."""

    status: int
    headers: HTTPMessage
    body: Any


class _Timed(io.RawIOBase):
    """A socket that is read until a deadline; http.client takes it for the socket itself."""

    def __init__(self, secured: socket.socket) -> None:
        self._socket = secured
        self.deadline = 0.0

    def _wait(self) -> None:
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._socket.settimeout(left)

    def sendall(self, data: bytes) -> None:
        """As a socket's."""
        self._wait()
        self._socket.sendall(data)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As a raw stream's."""
        self._wait()
        return self._socket.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """As a socket's."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Nothing: http.client closes after the head of an answer what the body is still to be read from."""

    def hang_up(self) -> None:
        """Really."""
        self._socket.close()


@dataclass(slots=True, kw_only=True)
class Https:
    """Asks one server. Not for several threads at once."""

    host: str
    port: int
    make_context: MakeContext
    timeout_seconds: float  # for one whole answer
    ends_at: float  # time.monotonic() after which nothing more is asked
    headers: dict[str, str] = field(default_factory=dict)  # sent with every question
    _line: tuple[HTTPConnection, _Timed] | None = None

    @property
    def server(self) -> str:
        """As people write it."""
        return f"{self.host}:{self.port}"

    def ask(self, method: str, path: str, told: Mapping[str, str] | None = None) -> Reply:
        """One question. Raises Silent, Untrusted or Rubbish; what status means is for the caller to judge."""
        is_reused = self._line is not None
        try:
            return self._ask(method, path, told)
        except (OSError, UnicodeError, HTTPException) as failure:
            self.close()
            if not (is_reused and method != "POST" and isinstance(failure, ConnectionError | ssl.SSLError)):
                raise self._failed(failure) from failure
        try:  # a controller may close a connection between two answers: that is no failure yet
            return self._ask(method, path, told)
        except (OSError, UnicodeError, HTTPException) as failure:
            self.close()
            raise self._failed(failure) from failure

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        if self._line is not None:
            connection, timed = self._line
            connection.close()
            timed.hang_up()
            self._line = None

    def _ask(self, method: str, path: str, told: Mapping[str, str] | None) -> Reply:
        deadline = min(monotonic() + self.timeout_seconds, self.ends_at)
        if self._line is None:
            self._line = self._connected()
        connection, timed = self._line
        timed.deadline = deadline
        body = None if told is None else json.dumps(told)
        connection.request(method, path, body, self._headers(has_body=body is not None))
        response = connection.getresponse()
        data = response.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            self.close()
            raise Rubbish(f"{self.server} answers with more than {MOST_BYTES:,} bytes at {path}", remedy=_NOT_REDFISH)
        if response.will_close or not response.isclosed():
            self.close()
        return Reply(status=response.status, headers=response.headers, body=_json(data))

    def _headers(self, *, has_body: bool) -> dict[str, str]:
        own = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "OData-Version": "4.0",
            "User-Agent": "itops",
            **self.headers,
        }
        return {**own, "Content-Type": "application/json"} if has_body else own

    def _connected(self) -> tuple[HTTPConnection, _Timed]:
        """Plain first: that nobody is there and that somebody else is there are different things to do about."""
        seconds = min(self.timeout_seconds, self.ends_at - monotonic())
        if seconds <= 0:
            raise TimeoutError("the time for this controller is used up")
        raw = socket.create_connection((self.host, self.port), timeout=seconds)
        try:
            secured = self._secured(raw)
        except BaseException:
            raw.close()
            raise
        connection, timed = HTTPConnection(self.host, self.port), _Timed(secured)
        socket_of: Any = timed
        connection.sock = socket_of
        connection.auto_open = 0
        return connection, timed

    def _secured(self, raw: socket.socket) -> socket.socket:
        try:
            return self.make_context().wrap_socket(raw, server_hostname=self.host)
        except TimeoutError as failure:
            raise self._failed(failure) from failure
        except (SourceUnavailable, ssl.SSLError) as failure:
            if isinstance(failure, SourceUnavailable):
                raise Untrusted(failure.problem, remedy=failure.remedy) from failure
            problem, remedy = explain(failure, self.host, self.server)
            raise Untrusted(problem, remedy=remedy) from failure

    def _failed(self, failure: OSError | UnicodeError | HTTPException) -> SourceUnavailable:
        if not isinstance(failure, HTTPException):
            problem, remedy = explain(failure, self.host, self.server)
            if isinstance(failure, socket.gaierror | UnicodeError):
                return NameUnknown(problem, remedy=remedy)
            return Silent(problem, remedy=_CHECK_HOST)
        return Rubbish(
            f"{self.server} does not answer as a web server does: {type(failure).__name__}", remedy=_NOT_REDFISH
        )


def _json(data: bytes) -> Any:
    """The JSON in an answer; None where it is none, or nested deeper than the decoder follows."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
