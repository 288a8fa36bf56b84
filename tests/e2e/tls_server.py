"""A small TLS server on loopback for tests that need one that misbehaves."""

import gzip
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from tests.e2e.self_signed import self_signed


@dataclass(slots=True)
class Reply:
    """What to send, and what shall go wrong half way through it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    may_compress: bool = False  # gzip, when the client accepts it
    stall_seconds: float = 0.0
    is_cut: bool = False  # the connection closes after half of the body


Answering: TypeAlias = Callable[[str, str, dict[str, str], bytes], Reply]
"""(HTTP method, path, headers with lower-case names, body) -> Reply; called in many threads at once."""


class TlsServer(ThreadingHTTPServer):
    """Serves with a certificate of its own on a free port of `address` while its `with` block runs."""

    daemon_threads = True

    def __init__(self, address: str, answering: Answering) -> None:
        self.answering = answering
        self.failures: list[BaseException] = []
        self.identity = self_signed(address)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            self.context.load_cert_chain(self.identity.write(Path(folder)))
        super().__init__((address, 0), _Handler)
        self.port = int(self.server_address[1])
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> "TlsServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)
        if self.failures and kind is None:
            raise self.failures[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what is tested here; anything else is a bug of ours and fails the test."""
        failure = sys.exception()
        if failure is not None and not isinstance(failure, OSError):
            self.failures.append(failure)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TlsServer

    def setup(self) -> None:
        # The handshake belongs to this thread: a client that stalls in it must not block the others.
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def log_message(self, *words: object) -> None:
        """Say nothing on stderr."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.answering(self.command, self.path, headers, body)
        zips = reply.may_compress and "gzip" in headers.get("accept-encoding", "")
        data = gzip.compress(reply.body, compresslevel=1) if zips else reply.body
        self.send_response(reply.status)
        for name, value in reply.headers:
            if name.lower() not in ("server", "date"):
                self.send_header(name, value)
        if zips:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self._send(data, reply)

    do_GET = do_DELETE = do_POST  # noqa: N815

    def _send(self, data: bytes, reply: Reply) -> None:
        half = len(data) // 2
        self.wfile.write(data[:half])
        if reply.stall_seconds:
            self.wfile.flush()
            time.sleep(reply.stall_seconds)
        if reply.is_cut:
            self.close_connection = True
            return
        self.wfile.write(data[half:])
