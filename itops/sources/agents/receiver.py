"""A small HTTP server that takes inventories from agents: bounded in bytes, time, connections and agents.

One connection, one request, one answer. What came is cleaned in memory and only then written; nothing else that was
sent reaches a disk or a log.
"""

import base64
import hmac
import re
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path
from sys import exception
from threading import Condition, Semaphore
from time import monotonic
from typing import Any

from itops.errors import ConfigInvalid, ItopsError, SourceUnavailable
from itops.sources.agents.kept import clean
from itops.sources.agents.protocol import Answer, answer
from itops.sources.agents.refusals import NotTaken
from itops.sources.agents.settings import Listen, ReceiverSettings
from itops.sources.agents.shelf import Shelf
from itops.sources.deadline import Timed, set_timeout

MOST_BODY = 4 * 1024**2
"""Of one request as it comes over the network. Packed inventories have 30 kB, unpacked ones under 2 MB."""
_MOST_REQUEST = MOST_BODY + (1 << 20)  # with its head
_MOST_OF_ONE = 8  # connections at once from one address
_READ_AT_ONCE = 2  # inventories being read: each may need a few hundred MB if it means harm
_LENGTH = re.compile(r"\d{1,10}", re.ASCII)
_STEP = 1 << 16
_FAREWELL_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to tell the person who watches. Every text in it came from the network and is cleaned."""

    address: str
    is_kept: bool
    about: str  # the file it was kept in, or why it was not


class Receiver:
    """Listens from its making until `close`; raises SourceUnavailable, or ConfigInvalid for TLS and secrets."""

    def __init__(
        self,
        folder: Path,
        settings: ReceiverSettings,
        *,
        clock: Callable[[], datetime],
        on_event: Callable[[Event], None] = lambda event: None,
        listen: Listen | None = None,
    ) -> None:
        self.settings = settings
        for secret in filter(None, (settings.password, settings.token)):
            secret.reveal()  # one that cannot be had is told now, not to the first agent
        self.context = _context(settings)
        self.shelf = Shelf(folder, settings.most_agents)
        self.clock = clock
        self.on_event = on_event
        self._where = where = listen or settings.listen
        try:
            self.shelf.count()
            self._server = _Server(where, self)
        except (OSError, OverflowError) as failure:
            told = getattr(failure, "strerror", None) or failure
            raise SourceUnavailable(
                f"cannot receive at {where} into {folder}: {told}",
                remedy="check `folder` and `receive.listen` in itops.yaml, and whether another one runs already",
            ) from failure

    @property
    def url(self) -> str:
        """Where agents are to send; without the token, which is a secret."""
        host, port = self._server.server_address[:2]
        scheme = "https" if self.context else "http"
        return f"{scheme}://{Listen(str(host), int(port))}/"

    @property
    def is_open_to_all(self) -> bool:
        """Can others than this machine hand in inventories, and is nobody asked who he is?"""
        return not (self._where.is_loopback or self.settings.password or self.settings.token)

    @property
    def is_overheard(self) -> bool:
        """Does what comes pass a network in the clear?"""
        return self.context is None and not self._where.is_loopback

    def serve(self) -> None:
        """Until `stop` is called from another thread, or KeyboardInterrupt."""
        self._server.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """End `serve`; not from the thread that runs it."""
        self._server.shutdown()

    def close(self) -> None:
        """Stop listening; whoever is being answered gets the answer, if that takes no longer than a few seconds."""
        self._server.server_close()
        self._server.wait(_FAREWELL_SECONDS)

    def take(self, body: bytes, agent_id: str | None, address: str) -> Answer:
        """Answer one request and keep the inventory in it; raises NotTaken, ShelfFull or SourceUnavailable."""
        said = answer(body, agent_id)
        if said.inventory is not None:
            path = self.shelf.keep(replace(said.inventory, received_at=self.clock()))
            self.on_event(Event(address=address, is_kept=True, about=path.name))
        return said


def _context(settings: ReceiverSettings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=lambda: b"")
    except OSError as failure:  # ssl.SSLError too
        told = failure.strerror or failure
        raise ConfigInvalid(
            f"receive: the certificate {settings.certificate} and its key cannot be used: {told}",
            remedy="give both in PEM form, the key without a passphrase",
        ) from failure
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, listen: Listen, receiver: Receiver) -> None:
        self.receiver = receiver
        self.reading = Semaphore(_READ_AT_ONCE)
        self._open: Counter[str] = Counter()
        self._lock = Condition()
        if ":" in listen.host:
            self.address_family = socket.AF_INET6
        super().__init__((listen.host, listen.port), _Handler)

    def server_bind(self) -> None:
        """Without the name server that http.server asks for a name nobody needs."""
        socket.socket.setsockopt(self.socket, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is a place for one more connection: few for each address, or one of them takes them all."""
        address = str(client_address[0])
        with self._lock:
            if self._open.total() >= self.receiver.settings.parallel or self._open[address] >= _MOST_OF_ONE:
                return False
            self._open[address] += 1
            return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection, in a thread of its own."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open[str(client_address[0])] -= 1
                self._open += Counter()  # drops the addresses that have none open
                self._lock.notify_all()

    def wait(self, seconds: float) -> None:
        """Until no connection is open, but not for longer."""
        with self._lock:
            self._lock.wait_for(lambda: not self._open, seconds)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off is nothing to speak of; anything else is a bug and shows its traceback."""
        if not isinstance(exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        self._ends_at = monotonic() + self.server.receiver.settings.timeout.total_seconds()
        set_timeout(self.request, self._ends_at)
        if self.server.receiver.context is not None:
            self.request = self.server.receiver.context.wrap_socket(self.request, server_side=True)
        super().setup()
        self.rfile = BufferedReader(Timed(self.connection, self._ends_at, _MOST_REQUEST))

    def handle(self) -> None:
        self.close_connection = True
        self.handle_one_request()

    def finish(self) -> None:
        super().finish()
        if isinstance(self.request, ssl.SSLSocket):
            self.request.close()  # the server itself knows only the plain one below

    def version_string(self) -> str:
        return "itops"

    def log_message(self, *words: Any) -> None:
        """Nothing: what is worth telling is an Event."""

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if not self._is_let_in():
            self._say(401, b"", "text/plain", {"WWW-Authenticate": 'Basic realm="itops"'})
            return
        address = clean(str(self.client_address[0]))
        try:
            with self.server.reading:
                said = self.server.receiver.take(body, self.headers.get("GLPI-Agent-ID"), address)
        except ItopsError as refusal:
            about = f"{refusal.problem}; {refusal.remedy}"
            self.server.receiver.on_event(Event(address=address, is_kept=False, about=about))
            self._say(400 if isinstance(refusal, NotTaken) else 503, b"not taken\n", "text/plain")
            return
        self._say(200, said.body, said.content_type)

    def _body(self) -> bytes | None:
        """All of it; None where that has been answered already."""
        told = self.headers.get("Content-Length", "")
        if not _LENGTH.fullmatch(told) or self.headers.get("Transfer-Encoding"):
            self._say(411, b"a length is needed\n", "text/plain")
            return None
        left, parts = int(told), []
        if left > MOST_BODY:
            self._say(413, b"too big\n", "text/plain")
            return None
        while left:
            part = self.rfile.read(min(left, _STEP))
            if not part:
                return None  # broken off: nobody is there to be answered
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _is_let_in(self) -> bool:
        settings = self.server.receiver.settings
        if settings.token is not None and not _same(self.path.strip("/"), settings.token.reveal()):
            return False
        if settings.username is None or settings.password is None:
            return True
        wanted = base64.b64encode(f"{settings.username}:{settings.password.reveal()}".encode()).decode("ascii")
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "basic" and _same(given.strip(), wanted)

    def _say(self, status: int, body: bytes, content_type: str, more: dict[str, str] | None = None) -> None:
        set_timeout(self.connection, self._ends_at)
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
