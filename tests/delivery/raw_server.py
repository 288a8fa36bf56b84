"""A server on loopback that answers every connection with bytes a test gives, right or wrong."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.e2e.self_signed import self_signed

HOST = "127.0.0.1"
Answer = Callable[[bytes], bytes]
"""From a request, its body included, to what is sent; the connection closes afterwards."""


class RawServer:
    """Over TLS when it is given a folder for its certificate; else it only sends, without reading first."""

    def __init__(self, answer: Answer, folder: Path | None = None) -> None:
        self.requests: list[bytes] = []
        self.identity = self_signed(HOST)
        self._answer = answer
        self._context: ssl.SSLContext | None = None
        if folder is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(self.identity.write(folder))
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> "RawServer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with suppress(OSError), near:
            if self._context is None:
                near.sendall(self._answer(b""))
                return
            with self._context.wrap_socket(near, server_side=True) as secured:
                request = _request(secured)
                self.requests.append(request)
                secured.sendall(self._answer(request))


def _request(line: ssl.SSLSocket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")]
    while len(body) < sum(lengths):
        body += line.recv(65_536)
    return head + b"\r\n\r\n" + body


def reply(status: int, headers: str = "", body: bytes = b"") -> bytes:
    """An HTTP answer; `headers` with `\\r\\n` after each."""
    return f"HTTP/1.1 {status} x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
