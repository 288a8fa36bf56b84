"""A thin SOAP client for vSphere: one connection, one session, only methods that read.

pyVmomi is fine for calls that are small and rare (`rare.py`); for thousands of VMs its deserialiser costs fifteen
times what reading the bytes costs, so the bulk goes through here as a stream of bytes.
"""

import http.client
import ssl
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from itops.errors import SourceUnavailable
from itops.sources.vsphere import strict
from itops.tls import explain

READING_METHODS: Final = frozenset(
    {
        "RetrieveServiceContent",
        "Login",
        "Logout",
        "CreateContainerView",
        "DestroyView",
        "RetrievePropertiesEx",
        "ContinueRetrievePropertiesEx",
        "CancelRetrievePropertiesEx",
        "QueryAssignedLicenses",
        "FetchUserPrivilegeOnEntities",
        "SearchDatastoreSubFolders_Task",
    }
)
"""Every API method that itops ever calls, by any road. None of them changes the inventory; a test counts."""

_CHUNK_BYTES = 256 * 1024
_LARGEST_PIECE_BYTES = 4 * 1024 * 1024  # of inflated text at once, whatever the ratio
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024  # of one that is held whole; lists of objects are not
_SESSION_COOKIE = "vmware_soap_session"
_NAMESPACES = (
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


class Fault(Exception):
    """What the server answered instead: the vSphere fault type, its message and the named property or privilege."""

    def __init__(self, method: str, type_name: str, message: str, name: str | None) -> None:
        super().__init__(f"{method}: {type_name or 'fault'}: {message}".rstrip(": "))
        self.method = method
        self.type = type_name
        self.message = message
        self.name = name


class SessionLost(Exception):
    """The session is gone or the connection broke in the middle: log in again and begin the page anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to connect, what to trust and how long to wait."""

    host: str
    port: int
    context: ssl.SSLContext
    connect_timeout_seconds: float
    read_timeout_seconds: float
    answer_timeout_seconds: float  # for one whole answer, so that a server that drips cannot hold us for ever

    def connect(self) -> http.client.HTTPSConnection:
        """A verified connection with both time limits. Raises OSError."""
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=self.connect_timeout_seconds, context=self.context
        )
        connection.connect()
        assert connection.sock is not None
        connection.sock.settimeout(self.read_timeout_seconds)
        return connection

    def pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """The body as it arrives, a few network packets at a time. Raises OSError, a TimeoutError among them.

        `read` would wait until its count is full, each byte with a time limit of its own; `read1` gives what is there.
        """
        ends_at = time.monotonic() + self.answer_timeout_seconds
        parts: list[bytes] = []
        while part := response.read1(_CHUNK_BYTES):
            if time.monotonic() > ends_at:
                raise TimeoutError("the whole answer took too long")
            parts.append(part)
            if sum(map(len, parts)) >= _CHUNK_BYTES:
                yield b"".join(parts)
                parts.clear()
        response.close()  # read to its end: the connection can carry the next one, which read1 does not see by itself
        if parts:
            yield b"".join(parts)


class Client:
    """One HTTPS connection to /sdk, kept alive, with the session cookie once logged in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.api_version = "6.0"  # until about.apiVersion is known
        self.cookie: str | None = None
        self.requests: Counter[str] = Counter()
        self._connection: http.client.HTTPSConnection | None = None

    def close(self) -> None:
        """Drop the connection; the session on the server is ended by Logout, not by this."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def call(self, method: str, this: tuple[str, str], body: str = "") -> strict.Element:
        """Call a method whose answer is small; its `returnval` elements are the children of what is returned."""
        answer = _whole(method, self.stream(method, this, body))
        envelope = _parsed(method, answer)
        return next((e for e in envelope.walk() if e.tag == f"{method}Response"), strict.Element("", {}))

    def stream(self, method: str, this: tuple[str, str], body: str = "") -> Iterator[bytes]:
        """Call a method and give its answer as it arrives. Raises Fault, SessionLost or SourceUnavailable."""
        assert method in READING_METHODS, method
        self.requests[method] += 1
        response = self._post(method, _envelope(method, this, body))
        self.cookie = _session_cookie(response) or self.cookie
        if response.status != http.client.OK:
            raise _fault(method, response.status, _whole(method, self._chunks(response)))
        yield from self._chunks(response)

    def _post(self, method: str, envelope: bytes) -> http.client.HTTPResponse:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f"urn:vim25/{self.api_version}",
            "Accept-Encoding": "gzip",
            "User-Agent": "itops",
        }
        if self.cookie:
            headers["Cookie"] = self.cookie
        try:
            if self._connection is None:
                self._connection = self.server.connect()
            self._connection.request("POST", "/sdk", envelope, headers)
            return self._connection.getresponse()
        except (OSError, http.client.HTTPException) as failure:
            self.close()
            if self.cookie:  # it worked before: a dropped keep-alive connection, most often
                raise SessionLost(f"{method}: {failure or type(failure).__name__}") from failure
            raise self.unavailable(failure) from failure

    def unavailable(self, failure: OSError | http.client.HTTPException) -> SourceUnavailable:
        """A connection failure in words with a remedy."""
        where = f"{self.server.host}:{self.server.port}"
        if isinstance(failure, OSError):
            problem, remedy = explain(failure, self.server.host, where)
            return SourceUnavailable(problem, remedy=remedy)
        return SourceUnavailable(
            f"{where} does not speak HTTP as vSphere does: {failure or type(failure).__name__}",
            remedy="check that host and port are those of a vCenter or ESXi",
        )

    def _chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        zipped = response.getheader("Content-Encoding", "").lower() == "gzip"
        inflate = zlib.decompressobj(wbits=31) if zipped else None
        try:
            for chunk in self.server.pieces(response):
                yield from _inflated(inflate, chunk) if inflate else (chunk,)
        except (OSError, http.client.HTTPException, zlib.error) as failure:
            self.close()
            raise SessionLost(f"the answer broke off: {failure or type(failure).__name__}") from failure
        except GeneratorExit:
            self.close()  # an answer left unread cannot be followed by another on the same connection
            raise


def _inflated(inflate: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    while chunk:
        yield inflate.decompress(chunk, _LARGEST_PIECE_BYTES)
        chunk = inflate.unconsumed_tail


def _whole(method: str, chunks: Iterator[bytes]) -> bytes:
    """A small answer in one piece; what is not small (a gzip bomb, say) is refused before it fills the memory."""
    answer = bytearray()
    for chunk in chunks:
        answer += chunk
        if len(answer) > LARGEST_ANSWER_BYTES:
            raise SourceUnavailable(
                f"the answer to {method} is larger than {LARGEST_ANSWER_BYTES >> 20} MiB",
                remedy="check that this is a real vCenter or ESXi",
            )
    return bytes(answer)


def _session_cookie(response: http.client.HTTPResponse) -> str | None:
    """The cookie of the vSphere session; what stands before a vCenter may set others, and before it."""
    cookies = [header.partition(";")[0] for header in response.headers.get_all("Set-Cookie", ())]
    return next((cookie for cookie in cookies if cookie.startswith(_SESSION_COOKIE)), None)


def reference(type_name: str, ref: str, tag: str = "_this") -> str:
    """A managed object reference as an element."""
    return f"<{tag} type={quoteattr(type_name)}>{escape(ref)}</{tag}>"


def _envelope(method: str, this: tuple[str, str], body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {_NAMESPACES}><soapenv:Body>'
        f'<{method} xmlns="urn:vim25">{reference(*this)}{body}</{method}></soapenv:Body></soapenv:Envelope>'
    ).encode()


def _parsed(method: str, answer: bytes) -> strict.Element:
    try:
        return strict.parse(answer)
    except expat.ExpatError as failure:
        raise SourceUnavailable(
            f"the answer to {method} is not XML: {failure}",
            remedy="check that host and port are those of a vCenter or ESXi, and that no proxy stands between",
        ) from failure


def _fault(method: str, status: int, answer: bytes) -> Exception:
    """A fault by the type in its detail (faultstring may be empty); a dead session as SessionLost."""
    root = _parsed(method, answer)
    fault = next((element for element in root.walk() if element.tag == "Fault"), None)
    if fault is None:
        return SourceUnavailable(
            f"the server answered {method} with HTTP status {status} and no fault",
            remedy="look at the server's own log; a proxy or a starting service answers like this",
        )
    detail = fault.child("detail")
    inner = detail.children[0] if detail is not None and detail.children else None
    type_name = (inner.named_type() or inner.tag.removesuffix("Fault")) if inner is not None else ""
    if type_name == "NotAuthenticated":
        return SessionLost(f"{method}: NotAuthenticated")
    name = (inner.value("name") or inner.value("privilegeId")) if inner is not None else None
    return Fault(method, type_name, (fault.value("faultstring") or "").strip(), name)
