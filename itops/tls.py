"""TLS to servers that mostly carry certificates nobody signed: by the system's CAs, by a CA file, or by a pin.

There is no insecure mode. A pin is the SHA-256 of the server's own certificate. `dial` compares it on the very
connection that is used afterwards, before anything is sent over it; `context_for`, for libraries that connect by
themselves, gives a context that trusts that one certificate and nothing else. Validity dates of a pinned certificate
are not judged (its bytes already prove who it is); `itops doctor` reports them.
"""

import hmac
import re
import socket
import ssl
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from itops.errors import ConfigInvalid, SourceUnavailable

DEFAULT_TIMEOUT_SECONDS: Final = 10.0
_FORMS = "write system, ca_file:PATH or pin:sha256:HEX (`itops trust HOST` writes the pin)"
_PIN = re.compile(r"sha256:(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})", re.IGNORECASE)
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which Python's ssl does not name


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe: both empty means the certificate authorities of the operating system."""

    ca_file: Path | None = None
    pin: str | None = None  # SHA-256 of the leaf certificate, 64 lower-case hex digits

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Trust":
        """The `tls:` key of itops.yaml; a CA file is relative to `folder`. Raises ValueError saying what to write."""
        text = str(value).strip()
        scheme, _, rest = text.partition(":")
        if text == "system":
            return cls()
        if scheme == "ca_file" and rest:
            return cls(ca_file=folder / rest)
        if scheme == "pin" and _PIN.fullmatch(rest):
            return cls(pin=rest.partition(":")[2].replace(":", "").lower())
        if scheme == "pin":
            raise ValueError(f"the pin is not sha256: and 64 hex digits; {_FORMS}")
        raise ValueError(f"{text!r} is not a kind of trust; {_FORMS}")

    def __str__(self) -> str:
        if self.pin:
            return f"pin:sha256:{self.pin}"
        return f"ca_file:{self.ca_file}" if self.ca_file else "system"


def fingerprint(der: bytes) -> str:
    """The SHA-256 of a certificate in DER form, 64 lower-case hex digits: what a pin holds."""
    return sha256(der).hexdigest()


def dial(host: str, port: int, trust: Trust, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> ssl.SSLSocket:
    """A connection to the server that is trusted, and to no other. Raises SourceUnavailable, ConfigInvalid."""
    context = context_of(trust)
    raw = dial_plain(host, port, timeout_seconds)
    try:
        secured = context.wrap_socket(raw, server_hostname=host)
    except (OSError, UnicodeError) as failure:
        raw.close()
        raise unavailable(failure, host, port) from failure
    try:
        check_pin(secured, trust, host, port)
    except SourceUnavailable:
        secured.close()
        raise
    return secured


def dial_plain(host: str, port: int, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> socket.socket:
    """A connection that is not secured yet. Raises SourceUnavailable."""
    try:
        return socket.create_connection((host, port), timeout=timeout_seconds)
    except (OSError, UnicodeError) as failure:  # UnicodeError: a host name that IDNA cannot write
        raise unavailable(failure, host, port) from failure


def context_of(trust: Trust) -> ssl.SSLContext:
    """The context to shake hands in. Where a pin is meant `check_pin` has to follow at once, before a byte is sent.

    Raises ConfigInvalid when the CA file cannot be used.
    """
    if trust.pin:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # the pin is stricter than a name, and lone hosts are reached by address
        context.verify_mode = ssl.CERT_NONE
        return context
    if trust.ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(trust.ca_file))
    except OSError as failure:  # ssl.SSLError too: not a PEM file
        raise ConfigInvalid(
            f"the CA file {trust.ca_file} cannot be used: {failure.strerror or failure}",
            remedy="give the authority's certificate in PEM form, or pin the server with `itops trust`",
        ) from failure


def check_pin(secured: ssl.SSLSocket, trust: Trust, host: str, port: int) -> None:
    """Compare what the server showed with the pin, if there is one. Raises SourceUnavailable."""
    if trust.pin is None:
        return
    _compare(fingerprint(secured.getpeercert(binary_form=True) or b""), trust.pin, host, port)


def _compare(shown: str, pin: str, host: str, port: int) -> None:
    if not hmac.compare_digest(shown, pin):
        raise SourceUnavailable(
            f"{host}:{port} shows another certificate than the pinned one: pinned sha256:{pin}, shown sha256:{shown}",
            remedy=f"ask who renewed it; if it is right, run `itops trust {host}:{port}`; no login was tried",
        )


def fetch_leaf(host: str, port: int, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> bytes:
    """The certificate a server shows, DER, unverified: only to be looked at or compared, never to log in with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return handshake(context, host, port, timeout_seconds)


def handshake(context: ssl.SSLContext, host: str, port: int, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> bytes:
    """Shake hands under `context`, hang up, and return the leaf (DER). Raises SourceUnavailable saying what failed."""
    try:
        with (
            socket.create_connection((host, port), timeout=timeout_seconds) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            der = secured.getpeercert(binary_form=True)
    except (OSError, UnicodeError) as failure:  # UnicodeError: a host name that IDNA cannot write
        raise unavailable(failure, host, port) from failure
    if der is None:
        raise SourceUnavailable(
            f"{host}:{port} showed no certificate", remedy="check that this is the server's TLS port"
        )
    return der


def context_for(
    tls: Trust | str, host: str, port: int, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
) -> ssl.SSLContext:
    """A context that accepts exactly the server that `tls` names; for a pin it asks the server for its leaf first.

    Raises SourceUnavailable when the pinned certificate is not the one shown (no login was tried), ConfigInvalid when
    the CA file cannot be used.
    """
    trust = tls if isinstance(tls, Trust) else _trust_of(tls)
    if trust.pin:
        return _pinned(trust.pin, host, port, timeout_seconds)
    return context_of(trust)


def _trust_of(text: str) -> Trust:
    try:
        return Trust.from_setting(text, Path())
    except ValueError as wrong:
        raise ConfigInvalid(f"tls: {wrong}", remedy=_FORMS) from None


def _pinned(pin: str, host: str, port: int, timeout_seconds: float) -> ssl.SSLContext:
    der = fetch_leaf(host, port, timeout_seconds)
    _compare(fingerprint(der), pin, host, port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the pin is stricter than a name, and lone hosts are reached by address
    context.verify_mode = ssl.CERT_REQUIRED
    # A vCenter's leaf is signed by its own authority: PARTIAL_CHAIN lets the leaf itself be the anchor.
    context.verify_flags |= ssl.VerifyFlags(ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME)
    context.load_verify_locations(cadata=der)
    return context


def unavailable(failure: OSError | UnicodeError, host: str, port: int) -> SourceUnavailable:
    """The error to raise for a failed connection."""
    problem, remedy = explain(failure, host, f"{host}:{port}")
    return SourceUnavailable(problem, remedy=remedy)


def explain(failure: OSError | UnicodeError, host: str, server: str) -> tuple[str, str]:
    """What a failed connection means, and what to do about it."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        if failure.verify_code == _EXPIRED:
            return f"the certificate of {server} has expired", "renew the server's certificate, or pin it as it is"
        return (
            f"{server} is not the server that itops.yaml trusts: {failure.verify_message}",
            f"give its authority as tls: ca_file:PATH, or pin this certificate with `itops trust {server}`",
        )
    if isinstance(failure, ssl.SSLError):
        return f"{server} answers but not with TLS that we accept: {failure.reason}", "check the port and TLS 1.2"
    if isinstance(failure, socket.gaierror | UnicodeError):
        return f"the name {host} cannot be resolved", "check the host in itops.yaml and the DNS servers"
    if isinstance(failure, TimeoutError):
        return f"{server} does not answer in time", "check the network, the firewall and whether the server is up"
    if isinstance(failure, ConnectionRefusedError):
        return f"{server} refuses connections", "check the port, and whether the service runs"
    return f"{server} cannot be reached: {failure.strerror or failure}", "check the network and the firewall"
