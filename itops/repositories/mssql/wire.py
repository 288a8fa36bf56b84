"""The socket below python-tds: pre-login and TLS by the standard library, and one time limit for everything.

python-tds can do TLS itself, but only with pyOpenSSL and without pins. So the wire speaks PRELOGIN and, inside it, the
TLS handshake ([MS-TDS] 2.2.6.5, 3.2.5.2) before python-tds is started, and then answers python-tds's own PRELOGIN
with "no encryption": whatever it sends next goes through the tunnel that already stands.
"""

import socket
import ssl
import struct
import time
from hashlib import sha256
from hmac import compare_digest

from itops.errors import ConfigInvalid, SourceUnavailable
from itops.repositories.mssql.settings import MssqlSettings

_PRELOGIN, _REPLY = 0x12, 0x04
_LAST_PACKET = 0x01
_HEADER = struct.Struct(">BBHHBB")
_TOKEN = struct.Struct(">BHH")
_VERSION, _ENCRYPTION, _TERMINATOR = 0x00, 0x01, 0xFF
_OFF, _ON, _NOT_SUPPORTED, _REQUIRED = 0, 1, 2, 3
_LARGEST_PACKET = 4096  # before the login settles on another
_MOST_PACKETS = 64  # of one handshake
_BLOCK = 65_536


class Severed(OSError):
    """The connection is gone. No ConnectionError: python-tds would wait and try the same dead socket again."""


class Wire:
    """What python-tds takes for its socket."""

    def __init__(self, raw: socket.socket, seconds: float) -> None:
        self._raw = raw
        self._idle: float | None = None
        self._deadline = time.monotonic() + seconds
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._replay = b""  # what python-tds is to read next, before anything of the server
        self._swallows = False

    def expects_prelogin(self) -> None:
        """From now on: swallow one PRELOGIN and answer it ourselves."""
        self._swallows = True
        body = prelogin(_NOT_SUPPORTED)
        self._replay = _HEADER.pack(_REPLY, _LAST_PACKET, _HEADER.size + len(body), 0, 0, 0) + body

    def setsockopt(self, *arguments: int) -> None:
        """As a socket's."""
        self._raw.setsockopt(*arguments)

    def gettimeout(self) -> float | None:
        """As a socket's: the time between two bytes."""
        return self._idle

    def settimeout(self, seconds: float | None) -> None:
        """As a socket's."""
        self._idle = seconds

    def close(self) -> None:
        """As a socket's."""
        self._raw.close()

    def sendall(self, data: bytes, flags: int = 0) -> None:
        """As a socket's."""
        if self._swallows and data[:1] == bytes([_PRELOGIN]):
            self._swallows = False
            return
        if self._tls is None:
            self._send_raw(bytes(data))
            return
        self._tls.write(data)
        self._send_raw(self._outgoing.read())

    def recv(self, size: int) -> bytes:
        """As a socket's."""
        if self._replay:
            given, self._replay = self._replay[:size], self._replay[size:]
            return given
        if self._tls is None:
            return self._recv_raw(size)
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                block = self._recv_raw(_BLOCK)
                if not block:
                    return b""
                self._incoming.write(block)
            except ssl.SSLZeroReturnError:
                return b""

    def recv_into(self, buffer: memoryview, size: int = 0, flags: int = 0) -> int:
        """As a socket's."""
        received = self.recv(min(size or len(buffer), len(buffer)))
        buffer[: len(received)] = received
        return len(received)

    def secure(self, context: ssl.SSLContext, host: str) -> bytes:
        """Shake hands, each flight in PRELOGIN packets; the server's certificate, DER. Raises OSError."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        for _ in range(_MOST_PACKETS):
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send_flight()
                self._incoming.write(self.receive(_PRELOGIN, _REPLY))
                continue
            self._send_flight()
            self._tls = tls
            return tls.getpeercert(binary_form=True) or b""
        raise Severed("the TLS handshake does not end")

    def _send_flight(self) -> None:
        while flight := self._outgoing.read(_LARGEST_PACKET - _HEADER.size):
            self.send(flight)

    def send(self, body: bytes) -> None:
        """One PRELOGIN packet."""
        self._send_raw(_HEADER.pack(_PRELOGIN, _LAST_PACKET, _HEADER.size + len(body), 0, 0, 0) + body)

    def receive(self, *types: int) -> bytes:
        """The body of one packet of these types. Raises Severed for anything else."""
        kind, _, length, *_ = _HEADER.unpack(self._exactly(_HEADER.size))
        if kind not in types or length < _HEADER.size:
            raise Severed("the answer is no TDS packet")
        return self._exactly(length - _HEADER.size)

    def _exactly(self, size: int) -> bytes:
        blocks = bytearray()
        while len(blocks) < size:
            block = self._recv_raw(size - len(blocks))
            if not block:
                raise Severed("the server hung up")
            blocks += block
        return bytes(blocks)

    def _recv_raw(self, size: int) -> bytes:
        self._wait_no_longer()
        try:
            return self._raw.recv(size)
        except ConnectionError as failure:
            raise Severed(str(failure)) from failure

    def _send_raw(self, data: bytes) -> None:
        self._wait_no_longer()
        try:
            self._raw.sendall(data)
        except ConnectionError as failure:
            raise Severed(str(failure)) from failure

    def _wait_no_longer(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is used up")
        self._raw.settimeout(left if self._idle is None else min(left, self._idle))


def open_wire(settings: MssqlSettings, host: str, port: int, seconds: float) -> Wire:
    """A wire to the server, encrypted as the settings ask. Raises SourceUnavailable before any password was sent."""
    where = f"{host}:{port}"
    wire = None
    try:
        wire, answer = _greeted(settings, host, port, seconds, _NOT_SUPPORTED if settings.tls == "off" else _ON)
        if answer == _NOT_SUPPORTED and settings.tls == "prefer":
            wire.close()
            wire, answer = _greeted(settings, host, port, seconds, _NOT_SUPPORTED)
        if settings.tls == "off" or answer == _NOT_SUPPORTED:
            _refuse_plain(settings, where, answer)
        else:
            _prove(settings, where, wire.secure(_context(settings), host))
    except (OSError, UnicodeError) as failure:  # UnicodeError: a host name that IDNA cannot write
        if wire is not None:
            wire.close()
        raise explained(failure, settings, where) from failure
    except SourceUnavailable:
        if wire is not None:
            wire.close()
        raise
    wire.expects_prelogin()
    return wire


def _greeted(settings: MssqlSettings, host: str, port: int, seconds: float, ask: int) -> tuple[Wire, int]:
    raw = socket.create_connection((host, port), timeout=min(seconds, settings.timeout_seconds))
    wire = Wire(raw, seconds)
    wire.settimeout(settings.timeout_seconds)
    try:
        wire.send(prelogin(ask))
        return wire, encryption_of(wire.receive(_REPLY))
    except OSError:
        wire.close()
        raise


def _refuse_plain(settings: MssqlSettings, where: str, answer: int) -> None:
    if settings.tls == "require":
        raise SourceUnavailable(
            f"{where} offers no encryption, and the password would be readable on the way",
            remedy="give the server a certificate, or write tls: off where the network is trusted",
        )
    if answer != _NOT_SUPPORTED:
        raise SourceUnavailable(f"{where} demands encryption", remedy="write tls: require, with pin: or ca_file:")


def _prove(settings: MssqlSettings, where: str, certificate: bytes) -> None:
    """Compare the pin with what this very session is encrypted to."""
    if settings.pinned is None:
        return
    shown = sha256(certificate).hexdigest()
    if not compare_digest(shown, settings.pinned):
        raise SourceUnavailable(
            f"{where} shows another certificate than the pinned one: shown sha256:{shown}",
            remedy="ask who changed it; SQL Server makes a new one at each start unless it was given one of its own",
        )


def _context(settings: MssqlSettings) -> ssl.SSLContext:
    """TLS 1.2 at most: there is no 1.3 inside PRELOGIN. The certificate of a pinned server is not judged here."""
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    except OSError as failure:  # ssl.SSLError too: not a PEM file
        raise ConfigInvalid(
            f"the CA file {settings.ca_file} cannot be used: {failure.strerror or failure}",
            remedy="give the authority's certificate in PEM form",
        ) from failure
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if settings.tls == "prefer" or settings.pinned:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.tls == "prefer":  # nothing is proven anyway: let old servers encrypt as well as they can
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def prelogin(encryption: int) -> bytes:
    """The two tokens that every server answers: our version (0) and what we think of encryption."""
    return bytes([_VERSION, 0, 11, 0, 6, _ENCRYPTION, 0, 17, 0, 1, _TERMINATOR]) + bytes(6) + bytes([encryption])


def encryption_of(body: bytes) -> int:
    """The server's word on encryption. Raises Severed when the reply has none."""
    for place in range(0, len(body), 5):
        if body[place] == _TERMINATOR:
            break
        kind, offset, length = _TOKEN.unpack_from(body.ljust(place + 5, b"\0"), place)
        if kind == _ENCRYPTION and length and offset < len(body):
            return int(body[offset])
    raise Severed("the answer is none of SQL Server")


def explained(failure: OSError | UnicodeError, settings: MssqlSettings, where: str) -> SourceUnavailable:
    """What a broken connection means, and what to do about it."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        return SourceUnavailable(
            f"{where} is not proven to be the server meant: {failure.verify_message}",
            remedy="give its authority as ca_file:, or its own certificate's fingerprint as pin: sha256:...; "
            "tls: prefer encrypts without proof",
        )
    if isinstance(failure, ssl.SSLError):
        return SourceUnavailable(
            f"{where} answers but not with TLS that we accept: {failure.reason}",
            remedy="update the server so that it speaks TLS 1.2, or write tls: prefer",
        )
    if isinstance(failure, socket.gaierror | UnicodeError):
        return SourceUnavailable(
            f"the name {settings.host} cannot be resolved", remedy="check host: and the DNS servers"
        )
    if isinstance(failure, TimeoutError):
        return SourceUnavailable(
            f"{where} does not answer in time", remedy="check the network, the firewall and whether the server is up"
        )
    if isinstance(failure, ConnectionRefusedError):
        return SourceUnavailable(
            f"{where} refuses connections", remedy="check the port, that TCP/IP is enabled, and that the service runs"
        )
    return SourceUnavailable(
        f"{where} broke off: {failure.strerror or failure}", remedy="check the network, and the server's own log"
    )
