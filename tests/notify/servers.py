"""Servers on loopback, fast and small: they do what a test says, right or wrong, and keep what they were sent."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from tests.e2e.self_signed import self_signed

HOST = "127.0.0.1"
_PAUSE_SECONDS = 0.1
Meeting: TypeAlias = "Callable[[Met], None]"


class Met:
    """One connection: the line, and what it said so far."""

    def __init__(self, line: socket.socket, over: threading.Event) -> None:
        self.line = line
        self.over = over
        self.got = bytearray()

    def read(self) -> bytes:
        """What comes next; nothing at the end."""
        got = self.line.recv(65_536)
        self.got += got
        return got

    def read_until(self, ending: bytes) -> bytes:
        """All up to `ending`."""
        begin = len(self.got)
        while ending not in self.got[begin:]:
            if not self.read():
                raise ConnectionError
        return bytes(self.got[begin:])

    def say(self, text: bytes) -> None:
        self.line.sendall(text)


class Loopback:
    """Serves while its `with` block runs, over TLS unless it is told `plain`."""

    def __init__(self, folder: Path, meeting: Meeting, *, plain: bool = False, wants_certificate: bool = False) -> None:
        self.identity = self_signed(HOST)
        self.meetings: list[Met] = []
        self._meeting = meeting
        self._context: ssl.SSLContext | None = None
        if not plain:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(self.identity.write(folder))
            self._context.verify_mode = ssl.CERT_REQUIRED if wants_certificate else ssl.CERT_NONE
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    @property
    def got(self) -> bytes:
        """All bytes of all connections."""
        return b"".join(bytes(met.got) for met in self.meetings)

    def __enter__(self) -> "Loopback":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # whoever waits in accept() keeps a closed one open
        self._listener.close()
        self.settle()

    def settle(self) -> None:
        """Wait until every connection that there was has ended."""
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(near,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, near: socket.socket) -> None:
        near.settimeout(10)
        with suppress(OSError), near:
            line = near if self._context is None else self._context.wrap_socket(near, server_side=True)
            with line:
                met = Met(line, self._over)
                self.meetings.append(met)
                self._meeting(met)


def hang_up(met: Met) -> None:
    """At once."""


def reset(met: Met) -> None:
    """Throw the line away."""
    met.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def listening(met: Met) -> None:
    """Hear all, and say nothing."""
    while met.read():
        pass


def silent(met: Met) -> None:
    """Pick up, and say nothing."""
    met.over.wait(20)


def saying(answer: bytes) -> Meeting:
    """Say it, whatever is asked."""

    def meeting(met: Met) -> None:
        met.say(answer)
        while met.read():
            pass

    return meeting


def dripping(head: bytes) -> Meeting:
    """Say `head`, then a letter now and then: no pause is long enough for a socket's timeout."""

    def meeting(met: Met) -> None:
        met.say(head)
        while not met.over.wait(_PAUSE_SECONDS):
            met.say(b"x")

    return meeting


def endless(head: bytes, more: bytes) -> Meeting:
    """Say `head`, and `more` for ever."""

    def meeting(met: Met) -> None:
        met.say(head)
        block = more * (65_536 // len(more))
        while not met.over.is_set():
            met.say(block)

    return meeting


def request(met: Met) -> bytes:
    """An HTTP request, body and all."""
    got = met.read_until(b"\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")]
    while len(body) < sum(lengths):
        more = met.read()
        if not more:
            raise ConnectionError
        body += more
    return head + b"\r\n\r\n" + body


def answering(status: int, body: bytes = b"", headers: str = "") -> Meeting:
    """A web server that says the same to everybody; `headers` with `\\r\\n` after each."""

    def meeting(met: Met) -> None:
        request(met)
        met.say(f"HTTP/1.1 {status} x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    return meeting


def mail_server(met: Met) -> None:
    """Enough of SMTP to take mails from `office`, whatever its password."""
    met.say(b"220 here\r\n")
    while True:
        word = met.read_until(b"\r\n")[:4].upper()
        if word == b"EHLO":
            met.say(b"250-here\r\n250-AUTH PLAIN\r\n250 SIZE 1000000\r\n")
        elif word == b"AUTH":
            met.say(b"235 in\r\n")
        elif word == b"DATA":
            met.say(b"354 go on\r\n")
            met.read_until(b"\r\n.\r\n")
            met.say(b"250 2.0.0 Ok: queued as 4F7A\r\n")
        elif word == b"QUIT":
            met.say(b"221 bye\r\n")
            return
        else:
            met.say(b"250 OK\r\n")
