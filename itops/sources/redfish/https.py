"""HTTPS to one management controller: one connection, answers bounded in bytes and in time.

No redirect is followed and no content is unpacked: Redfish needs neither.
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
from itops.sources.deadline import Timed
from itops.sources.refusals import NameUnknown, Silent, Unreadable, Untrusted
from itops.tls import explain, fetch_leaf, fingerprint

MOST_BYTES = 1 << 20
"""Of one answer. The largest that are asked for here, systems with all their extras, stay under 100 kB."""
_MOST_WITH_HEAD = MOST_BYTES + (64 << 10)
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


class _Line(Timed):
    """What http.client takes for the socket itself."""

    def makefile(self, mode: str) -> io.BufferedReader:
        """As a socket's."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Nothing: http.client closes after the head of an answer what the body is still to be read from."""

    def hang_up(self) -> None:
        """Really."""
        self._connection.close()


_FAILURES = (OSError, ValueError, HTTPException)
"""ValueError: names that IDNA cannot write, and a chunk of -5 bytes."""


@dataclass(slots=True, kw_only=True)
class Https:
    """Asks one server. Not for several threads at once."""

    host: str
    port: int
    make_context: MakeContext
    timeout_seconds: float  # for one whole answer
    ends_at: float  # time.monotonic() after which nothing more is asked
    headers: dict[str, str] = field(default_factory=dict)  # sent with every question
    _line: tuple[HTTPConnection, _Line] | None = None

    @property
    def server(self) -> str:
        """As people write it."""
        return f"{self.host}:{self.port}"

    def ask(self, method: str, path: str, told: Mapping[str, str] | None = None) -> Reply:
        """One question. Raises a Refusal; what status means is for the caller to judge."""
        is_reused = self._line is not None
        try:
            return self._ask(method, path, told)
        except _FAILURES as failure:
            self.close()
            if not (is_reused and method != "POST" and isinstance(failure, ConnectionError | ssl.SSLError)):
                raise self._failed(failure) from failure
        try:  # a controller may close a connection between two answers: that is no failure yet
            return self._ask(method, path, told)
        except _FAILURES as failure:
            self.close()
            raise self._failed(failure) from failure

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        if self._line is not None:
            connection, line = self._line
            connection.close()
            line.hang_up()
            self._line = None

    def _ask(self, method: str, path: str, told: Mapping[str, str] | None) -> Reply:
        deadline = min(monotonic() + self.timeout_seconds, self.ends_at)
        if self._line is None:
            self._line = self._connected()
        connection, line = self._line
        line.allow(deadline, _MOST_WITH_HEAD)
        body = None if told is None else json.dumps(told)
        connection.request(method, path, body, self._headers(has_body=body is not None))
        response = connection.getresponse()
        data = response.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES or line.is_used_up:
            self.close()
            raise Unreadable(
                f"{self.server} answers with more than {MOST_BYTES:,} bytes at {path}", remedy=_NOT_REDFISH
            )
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

    def _connected(self) -> tuple[HTTPConnection, _Line]:
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
        connection, line = HTTPConnection(self.host, self.port), _Line(secured, ends_at=0.0, most_bytes=0)
        socket_of: Any = line
        connection.sock = socket_of
        connection.auto_open = 0
        return connection, line

    def _secured(self, raw: socket.socket) -> socket.socket:
        try:
            return self.make_context().wrap_socket(raw, server_hostname=self.host)
        except SourceUnavailable as failure:  # of asking for the certificate that is pinned
            if isinstance(failure.__cause__, OSError | UnicodeError):
                raise self._failed(failure.__cause__) from failure
            raise self._untrusted(failure.problem) from failure
        except OSError as failure:
            raise self._failed(failure) from failure

    def _failed(self, failure: Exception) -> SourceUnavailable:
        if isinstance(failure, HTTPException) or not isinstance(failure, OSError | UnicodeError):
            return Unreadable(
                f"{self.server} does not answer as a web server does: {type(failure).__name__}", remedy=_NOT_REDFISH
            )
        problem, remedy = explain(failure, self.host, self.server)
        if isinstance(failure, ssl.SSLCertVerificationError):
            return self._untrusted(problem)
        if isinstance(failure, ssl.SSLError):
            return Unreadable(problem, remedy=remedy)
        if isinstance(failure, socket.gaierror | UnicodeError):
            return NameUnknown(problem, remedy=remedy)
        return Silent(problem, remedy=_CHECK_HOST)

    def _untrusted(self, problem: str) -> Untrusted:
        """With the pin of what it shows: whoever has compared it needs nothing else."""
        try:
            shown = fingerprint(fetch_leaf(self.host, self.port, self.timeout_seconds))
        except SourceUnavailable:
            shown = "..."
        return Untrusted(
            problem,
            remedy="compare its certificate with the one that the controller's own pages show, then write "
            f"pins: {{{self.host}: pin:sha256:{shown}}}",
        )


def _json(data: bytes) -> Any:
    """The JSON in an answer; None where it is none, or nested deeper than the decoder follows."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
