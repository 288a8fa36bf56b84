"""The HTTP side of the simulated headquarters; the protocol is written down in itops/bundles/targets.py."""

import hmac
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from itops.bundles.targets import HEARTBEAT_MAX_BYTES, Role
from itops.bundles.verification import Expected
from itops.delivery.hub import Hub, Incomplete
from itops.delivery.hub_uploads import LONGEST, Address, TooLong, WrongContent, WrongOffset

_PART = re.compile(r"/bundles/([0-9a-f]{64})/(archive|signature|manifest)/([0-9a-f]{64})")
_RECEIPT = re.compile(r"/receipts/([0-9a-f]{64})")
_HEARTBEAT = re.compile(r"/heartbeats/([A-Za-z0-9][A-Za-z0-9_.-]{0,63})")
_NUMBER = re.compile(r"[0-9]{1,12}")
_CHUNK_BYTES = 64 * 1024
_SECONDS = 20


def serve(hub: Hub, clock: Callable[[], datetime], port: int = 0) -> ThreadingHTTPServer:
    """A server on loopback, not yet running: call `serve_forever`; without TLS, for this is a simulation."""

    class Handler(_Handler):
        pass

    Handler.hub, Handler.clock = hub, staticmethod(clock)
    hub.recover(clock())
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    clock: Callable[[], datetime]
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    server_version, sys_version = "itops-simulated-headquarters", ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has above
        """Nothing: tests tell what they see."""

    def do_HEAD(self) -> None:
        """How far a part came."""
        address = self._address()
        if address is None or self._office() is None:
            return
        here, is_whole = self.hub.uploads.offset(address)
        self._answer(200, offset=here, is_whole=is_whole)

    def do_PUT(self) -> None:
        """More of a part; after the last one, the receipt."""
        self.close_connection = True  # after an early answer the rest of the body may still be coming
        if (beating := _HEARTBEAT.fullmatch(self.path)) is not None:
            self._take_heartbeat(beating[1])
            return
        address = self._address()
        office = self._office() if address is not None else None
        if address is None or office is None:
            return
        sizes = [self.headers.get(name, "") for name in ("Upload-Offset", "Upload-Length", "Content-Length")]
        if not all(_NUMBER.fullmatch(size) for size in sizes):
            self._answer(400, b"Upload-Offset, Upload-Length and Content-Length are needed\n")
            return
        offset, length, coming = map(int, sizes)
        try:
            here, is_whole = self.hub.uploads.append(
                address, offset, length, self._body(min(coming, LONGEST[address.role]))
            )
        except WrongOffset as wrong:
            self._answer(409, offset=wrong.offset)
        except WrongContent:
            self._answer(422, b"the content has another SHA-256 than its address\n", offset=0)
        except TooLong:
            self._answer(413)
        else:
            self._answer_put(address, office, here, is_whole=is_whole)

    def _answer_put(self, address: Address, office: str, here: int, *, is_whole: bool) -> None:
        if address.role is not Role.MANIFEST or not is_whole:
            self._answer(204, offset=here, is_whole=is_whole)
            return
        if address.sha256 != address.bundle:
            self._answer(422, b"a bundle is named by the SHA-256 of its manifest\n", offset=0)
            return
        expected = Expected(sha256=address.bundle, office=office)
        try:
            receipt = self.hub.announce(address.bundle, expected, self.clock())
        except Incomplete:
            self._answer(424, b"the archive or the signature is not here yet\n", offset=here)
        else:
            self._answer(200, receipt, offset=here, is_whole=True)

    def _take_heartbeat(self, office: str) -> None:
        known, size = self._office(), self.headers.get("Content-Length", "")
        if known is None:
            return
        if known != office:
            self._answer(403, b"the token is another office's\n")
        elif not _NUMBER.fullmatch(size):
            self._answer(400, b"Content-Length is needed\n")
        elif int(size) > HEARTBEAT_MAX_BYTES:
            self._answer(413)
        else:
            content = b"".join(self._body(int(size)))
            objections = self.hub.heartbeats.take(content, office, self.clock())
            told = "".join(f"{one.text}\n" for one in objections).encode()
            is_old = [one.code for one in objections] == ["heartbeat.replayed"]
            self._answer((409 if is_old else 422) if objections else 204, told)

    def do_GET(self) -> None:
        """The newest receipt of a bundle."""
        found = _RECEIPT.fullmatch(self.path)
        if self._office() is None:
            return
        receipt = self.hub.receipt(found[1]) if found else None
        self._answer(404 if receipt is None else 200, receipt or b"")

    def _address(self) -> Address | None:
        found = _PART.fullmatch(self.path)
        if found is None:
            self._answer(404)
            return None
        return Address(bundle=found[1], role=Role(found[2]), sha256=found[3])

    def _office(self) -> str | None:
        """Whose token it is; every one is compared, so that the time taken tells nothing."""
        given = self.headers.get("Authorization", "").encode("latin-1", "replace")
        offices = [
            office
            for token, office in self.hub.settings.tokens.items()
            if hmac.compare_digest(given, f"Bearer {token}".encode())
        ]
        if not offices:
            self._answer(401)
            return None
        return offices[0]

    def _body(self, count: int) -> Iterator[bytes]:
        while count > 0:
            try:
                chunk = self.rfile.read1(min(count, _CHUNK_BYTES))
            except OSError:
                return  # cut, or silent for too long: what came is kept
            if not chunk:
                return
            count -= len(chunk)
            yield chunk

    def _answer(self, status: int, body: bytes = b"", *, offset: int | None = None, is_whole: bool = False) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        if offset is not None:
            self.send_header("Upload-Offset", str(offset))
            self.send_header("Upload-Complete", "?1" if is_whole else "?0")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        with suppress(OSError):  # whoever asked is gone; it will ask again
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
