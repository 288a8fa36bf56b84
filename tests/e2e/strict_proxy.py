"""A TLS proxy that makes the simulator behave like the strictest vCenter it could meet. See StrictProxy."""

import http.client
import re
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

from tests.e2e import soap_surgery as soap
from tests.e2e.tls_server import Reply, TlsServer

_RETRIEVE, _CONTINUE, _CANCEL = "RetrievePropertiesEx", "ContinueRetrievePropertiesEx", "CancelRetrievePropertiesEx"
_HOP = frozenset({"connection", "content-length", "host", "accept-encoding", "transfer-encoding"})


def _xml(body: bytes, status: int = 200) -> Reply:
    return Reply(status, [("Content-Type", "text/xml; charset=utf-8")], body)


def _fault(type_name: str, inside: str = "", message: str = "") -> Reply:
    return _xml(soap.fault(type_name, inside, message), 500)


def _session(header: str) -> str:
    """The session in a Cookie or Set-Cookie header; clients quote it and add to it as they like."""
    found = re.search(r'vmware_soap_session="?([^";]+)', header)
    return found.group(1) if found else ""


@dataclass(slots=True)
class _Rest:
    """What a token stands for: the objects not yet given, and what was asked of them."""

    pieces: list[bytes]
    page: int
    paths: dict[str, list[str]]


@dataclass
class StrictProxy:
    """A server in front of the simulator; each attribute below switches one behaviour and may be set at any time.

        with StrictProxy(vcenter.url, vcenter.certificate) as proxy:
            proxy.drop_session_at = 2
            ... read from proxy.host, proxy.port with the pin proxy.pin ...
            assert set(proxy.calls) <= READING_METHODS
            assert not proxy.open_sessions

    A *data answer* is the answer to RetrievePropertiesEx or ContinueRetrievePropertiesEx that carries at least
    `data_from` objects; they are counted from 1 in `data_answers`. So a session can be dropped on the second page.
    """

    upstream_url: str
    upstream_certificate: str  # PEM
    address: str = "127.0.0.2"

    # Paging
    page_size: int | None = 100  # an answer never has more objects, asked or not; None passes all through
    first_token: str = "1"  # "0" is a token too
    bare_properties: bool = False  # continued pages name unset properties without <val>
    one_shot_tokens: bool = True  # a token can be continued once; False lets the last page be asked again

    # An older server: content.about says so and a path it does not know faults the whole call
    api_version: str | None = None
    fault_message: str = ""  # of InvalidProperty: real servers leave it empty

    # Rights: "VirtualMachine.config.extraConfig" withholds a path, "Datastore" a whole type, by missingSet;
    # a method named here is refused with a fault; objects of `hidden` types are not there at all, as on a vCenter
    forbidden: set[str] = field(default_factory=set)
    forbidden_methods: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)  # asked type -> fault that refuses it
    broken_methods: set[str] = field(default_factory=set)  # the connection closes instead of an answer

    # Things that happen while one reads
    vanishes: str | None = None  # moref that is gone from the second page on, and for lists of morefs from then on
    drop_session_at: int | None = None  # data answer before which the session dies, once
    dead_session: Literal["fault", "missing", "view gone"] = "fault"  # what a retrieve with a dead cookie gets
    stall_at: int | None = None  # data answer that stops half way for stall_seconds, once
    stall_seconds: float = 5.0
    cut_at: int | None = None  # data answer whose connection is closed half way, once
    data_from: int = 1

    # The form of answers
    compress: bool = True  # gzip, when the client accepts it
    compact_types: bool = True  # xsi:type as vCenter writes it
    raw_controls: bool = False  # an ESC stands raw in names that had one: not XML, but servers send it

    # What was seen
    calls: Counter[str] = field(default_factory=Counter)  # SOAP methods, and "GET /path" for the rest
    data_answers: int = 0
    open_sessions: set[str] = field(default_factory=set)
    open_views: set[str] = field(default_factory=set)
    open_tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        upstream = urlsplit(self.upstream_url)
        self._upstream = (str(upstream.hostname), int(upstream.port or 443))
        self._trust = ssl.create_default_context(cadata=self.upstream_certificate)
        self._lock = threading.RLock()
        self._tokens: dict[str, _Rest] = {}
        self._token_count = 0
        self._dead: set[str] = set()
        self._server = TlsServer(self.address, self._reply)
        self.certificate, self.pin = self._server.identity.certificate, self._server.identity.pin
        self.host, self.port = self.address, self._server.port

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}/sdk"

    @property
    def requests(self) -> int:
        """How many requests came, of all kinds."""
        return sum(self.calls.values())

    def __enter__(self) -> "StrictProxy":
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    # The road of one request

    def _reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        called = soap.method_of(body) if path == "/sdk" and method == "POST" else ""
        with self._lock:
            self.calls[called or f"{method} {path.partition('?')[0]}"] += 1
        answer = self._soap(called, headers, body) if called else self._pass_on(method, path, headers, body)
        answer.body = self._formed(answer.body)
        answer.may_compress = self.compress
        with self._lock:
            self._accident(called, answer)
        return answer

    def _soap(self, called: str, headers: dict[str, str], body: bytes) -> Reply:
        cookie = _session(headers.get("cookie", ""))
        with self._lock:
            if called in (_RETRIEVE, _CONTINUE):
                self._maybe_drop(cookie)
            if cookie in self._dead and called not in ("RetrieveServiceContent", "Login"):
                return self._from_the_dead(called, headers, body)
            if called in self.broken_methods:
                raise ConnectionError(called)
            if called in self.forbidden_methods:
                return _fault("NoPermission", "<privilegeId>System.Read</privilegeId>")
        if called == _CONTINUE:
            return self._continued(soap.text(body, "token"), cookie)
        if called == _CANCEL:
            return self._cancelled(soap.text(body, "token"), cookie)
        if called == _RETRIEVE:
            return self._retrieved(headers, body)
        answer = self._pass_on("POST", "/sdk", headers, body)
        with self._lock:
            self._remember(called, cookie, body, answer)
        return answer

    def _pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        connection = http.client.HTTPSConnection(*self._upstream, context=self._trust, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name not in _HOP}
            connection.request(method, path, body, kept)
            response = connection.getresponse()
            kept_headers = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP]
            return Reply(response.status, kept_headers, response.read())
        finally:
            connection.close()

    def _formed(self, body: bytes) -> bytes:
        if self.api_version:
            body = soap.claim_version(body, self.api_version)
            body = re.sub(rb"(<name>urn:vim25</name>\s*<version>)[^<]*", rb"\g<1>" + self.api_version.encode(), body)
        if self.compact_types:
            body = soap.compact(body)
        if self.raw_controls:
            body = body.replace("\ufffd".encode(), b"\x1b")
        return body

    # Pages

    def _retrieved(self, headers: dict[str, str], body: bytes) -> Reply:
        paths = soap.asked(body)
        if refused := self._too_new(paths):
            return _fault("InvalidProperty", f"<name>{refused}</name>", self.fault_message)
        if self.vanishes and self.data_answers and self.vanishes in soap.named_objects(body):
            gone = f'<obj type="VirtualMachine">{self.vanishes}</obj>'
            return _fault("ManagedObjectNotFound", gone, "The object has already been deleted")
        if refused := next((fault for managed, fault in self.faults.items() if managed in paths), None):
            return _fault(refused, "", "refused")
        answer = self._pass_on("POST", "/sdk", headers, body)
        if answer.status != 200:
            return answer
        wanted = soap.number(body, "maxObjects") or 0
        limits = [limit for limit in (self.page_size, wanted) if limit and limit > 0]
        found = soap.objects(answer.body)
        pieces = [self._permitted(piece) for piece in found if soap.identity(piece)[0] not in self.hidden]
        rest = _Rest(pieces, page=min(limits) if self.page_size else len(pieces), paths=paths)
        return self._page(_RETRIEVE, rest, _session(headers.get("cookie", "")))

    def _page(self, method: str, rest: _Rest, cookie: str) -> Reply:
        pieces, left = rest.pieces[: rest.page], rest.pieces[rest.page :]
        if method == _CONTINUE and self.bare_properties:
            pieces = [soap.name_unset(piece, rest.paths.get(soap.identity(piece)[0], ())) for piece in pieces]
        token = None
        with self._lock:
            if left:
                token = str(int(self.first_token) + self._token_count)
                self._token_count += 1
                self._tokens[f"{cookie} {token}"] = _Rest(left, rest.page, rest.paths)
                self.open_tokens.add(token)
            if len(pieces) >= self.data_from:
                self.data_answers += 1
        return _xml(soap.with_objects(method, token, pieces))

    def _continued(self, token: str, cookie: str) -> Reply:
        with self._lock:
            rest = self._tokens.get(f"{cookie} {token}")
            if rest is None:
                return _fault("InvalidArgument", "<invalidProperty>token</invalidProperty>")
            self.open_tokens.discard(token)
            if self.one_shot_tokens:
                del self._tokens[f"{cookie} {token}"]
        alive = [piece for piece in rest.pieces if soap.identity(piece)[1] != self.vanishes]
        return self._page(_CONTINUE, _Rest(alive, rest.page, rest.paths), cookie)

    def _cancelled(self, token: str, cookie: str) -> Reply:
        with self._lock:
            self._tokens.pop(f"{cookie} {token}", None)
            self.open_tokens.discard(token)
        return _xml(soap.with_objects(_CANCEL, None, ()))

    def _too_new(self, paths: dict[str, list[str]]) -> str | None:
        if self.api_version is None:
            return None
        for managed, names in paths.items():
            for path in names:
                if not soap.is_known(managed, path, self.api_version):
                    return path
        return None

    def _permitted(self, piece: bytes) -> bytes:
        managed, _ = soap.identity(piece)
        if not self.forbidden:
            return piece
        if managed in self.forbidden:
            return soap.withhold(piece, "NoPermission", lambda _: True)
        return soap.withhold(piece, "NoPermission", lambda path: f"{managed}.{path}" in self.forbidden)

    # Sessions

    def _maybe_drop(self, cookie: str) -> None:
        if self.drop_session_at is not None and cookie and self.data_answers + 1 >= self.drop_session_at:
            self.drop_session_at = None
            self._kill(cookie)

    def _kill(self, cookie: str) -> None:
        self._dead.add(cookie)
        self.open_sessions.discard(cookie)
        self.open_views.clear()
        self.open_tokens.clear()
        self._tokens = {key: rest for key, rest in self._tokens.items() if not key.startswith(f"{cookie} ")}

    def _from_the_dead(self, called: str, headers: dict[str, str], body: bytes) -> Reply:
        if called == _RETRIEVE and self.dead_session == "missing":
            answer = self._pass_on("POST", "/sdk", headers, body)
            pieces = [soap.withhold(piece, "NotAuthenticated", lambda _: True) for piece in soap.objects(answer.body)]
            return _xml(soap.with_objects(_RETRIEVE, None, pieces))
        if called in (_RETRIEVE, "DestroyView") and self.dead_session == "view gone":
            return _fault("ManagedObjectNotFound", '<obj type="ContainerView">gone</obj>')
        return _fault("NotAuthenticated", "<privilegeId>System.View</privilegeId>", "The session is not authenticated.")

    def _remember(self, called: str, cookie: str, body: bytes, answer: Reply) -> None:
        if answer.status != 200:
            return
        if called == "Login":
            self.open_sessions |= {_session(value) for name, value in answer.headers if name.lower() == "set-cookie"}
        elif called == "Logout":
            self.open_sessions.discard(cookie)
        elif called == "CreateContainerView":
            self.open_views.add(soap.text(answer.body, "returnval"))
        elif called == "DestroyView":
            self.open_views.discard(soap.text(body, "_this"))

    def _accident(self, called: str, answer: Reply) -> None:
        if called not in (_RETRIEVE, _CONTINUE) or answer.status != 200:
            return
        if self.stall_at == self.data_answers:
            self.stall_at, answer.stall_seconds = None, self.stall_seconds
        if self.cut_at == self.data_answers:
            self.cut_at, answer.is_cut = None, True
