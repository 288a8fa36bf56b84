"""Examine the sources from the outside in: name, port, certificate, clock; then what each finds out by itself."""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from itops.config.settings import PluginSettings
from itops.errors import ItopsError
from itops.inventory.diagnosis import Check, Diagnosable
from itops.sources.certificate import describe
from itops.tls import DEFAULT_TIMEOUT_SECONDS, Trust, context_for, explain, handshake
from itops.verdict import State

_EXPIRES_SOON = timedelta(days=30)
_SKEW = timedelta(minutes=2)
_BIG_SKEW = timedelta(minutes=5)  # Kerberos refuses logins beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a source connects to."""

    subject: str
    host: str
    port: int
    trust: Trust
    timeout_seconds: float

    def check(self, state: State, code: str, finding: str, remedy: str = "") -> Check:
        """A check of this server."""
        return Check(state=state, subject=self.subject, code=code, finding=finding, remedy=remedy)


def check_sources(sources: Sequence[PluginSettings], now: datetime) -> Iterator[Check]:
    """Every source in turn; one that is down does not keep the others from being examined."""
    if not sources:
        remedy = "add one to itops.yaml; docs/reference/configuration.md"
        yield Check(
            state=State.WARNING, subject="sources", code="source.none", finding="none is configured", remedy=remedy
        )
    begun = time.monotonic()
    for source in sources:
        try:
            yield from _check_source(source, _later(now, begun))
        except ItopsError as failure:
            yield Check(
                state=State.CRITICAL,
                subject=f"source {source.name}",
                code="source.failed",
                finding=failure.problem,
                remedy=failure.remedy,
            )


def _check_source(source: PluginSettings, now: datetime) -> Iterator[Check]:
    subject = f"source {source.name}"
    server = _server_of(subject, source.settings)
    if server is not None:
        checks = list(check_server(server, now))
        yield from checks
        if any(check.state is State.CRITICAL for check in checks):
            return  # a login would only fail for the reason given
    paths = list(_check_paths(subject, source.settings))
    yield from paths
    built = source.build()
    if isinstance(built, Diagnosable):
        yield from built.diagnose(now)
    elif server is not None or not paths:
        finding = f"sources of type {source.type} cannot examine themselves"
        remedy = "run `itops inventory scan` and read its gaps"
        yield Check(state=State.UNKNOWN, subject=subject, code="source.not-examined", finding=finding, remedy=remedy)


def _server_of(subject: str, settings: Any) -> Server | None:
    """The server of a source whose settings have host, port and tls; None for one that reads files."""
    host, port, trust = (getattr(settings, name, None) for name in ("host", "port", "tls"))
    if not isinstance(host, str) or not isinstance(port, int) or not isinstance(trust, Trust):
        return None
    timeout = getattr(settings, "connect_timeout_seconds", DEFAULT_TIMEOUT_SECONDS)
    return Server(subject=subject, host=host, port=port, trust=trust, timeout_seconds=timeout)


def _check_paths(subject: str, settings: Any) -> Iterator[Check]:
    for part in fields(settings):
        path = getattr(settings, part.name)
        if isinstance(path, Path):
            state, word = (State.OK, "is there") if path.exists() else (State.CRITICAL, "is not there")
            remedy = "" if path.exists() else f"correct {part.name}: in itops.yaml, or put the files there"
            yield Check(state=state, subject=subject, code="source.path", finding=f"{path} {word}", remedy=remedy)


def check_server(server: Server, now: datetime) -> Iterator[Check]:
    """DNS, TCP, TLS and the server's clock, each only when the one before it worked. No login."""
    begun = time.monotonic()
    for step in (_check_name, _check_port, _check_tls, _check_date):
        check = step(server, _later(now, begun))
        if check is not None:
            yield check
            if check.state is State.CRITICAL:
                return


def _later(now: datetime, begun: float) -> datetime:
    """`now` is when the door opened; what has passed since is no skew of another's clock."""
    return now + timedelta(seconds=time.monotonic() - begun)


def _check_name(server: Server, now: datetime) -> Check | None:
    try:
        ipaddress.ip_address(server.host)
    except ValueError:
        pass
    else:
        return None  # an address needs no DNS
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        problem, remedy = explain(failure, server.host, f"{server.host}:{server.port}")
        return server.check(State.CRITICAL, "dns.unknown", problem, remedy)
    addresses = ", ".join(sorted({str(address[4][0]) for address in found}))
    return server.check(State.OK, "dns.known", f"{server.host} is {addresses}")


def _check_port(server: Server, now: datetime) -> Check:
    address = f"{server.host}:{server.port}"
    try:
        socket.create_connection((server.host, server.port), timeout=server.timeout_seconds).close()
    except OSError as failure:
        problem, remedy = explain(failure, server.host, address)
        return server.check(State.CRITICAL, "tcp.closed", problem, remedy)
    return server.check(State.OK, "tcp.open", f"{address} answers")


def _check_tls(server: Server, now: datetime) -> Check:
    try:
        context = context_for(server.trust, server.host, server.port, timeout_seconds=server.timeout_seconds)
        certificate = describe(handshake(context, server.host, server.port, server.timeout_seconds))
    except ItopsError as failure:
        return server.check(State.CRITICAL, "tls.untrusted", failure.problem, failure.remedy)
    left, by = certificate.ends_at - now, "pin" if server.trust.pin else "authority"
    if left < timedelta():
        finding = f"trusted by {by}, but the certificate expired on {certificate.ends_at:%Y-%m-%d}"
        return server.check(State.WARNING, "tls.expired", finding, "renew the server's certificate, then `itops trust`")
    finding = f"trusted by {by}; the certificate ends on {certificate.ends_at:%Y-%m-%d} ({left.days} days)"
    if left < _EXPIRES_SOON:
        return server.check(State.WARNING, "tls.expires-soon", finding, "renew the server's certificate")
    return server.check(State.OK, "tls.trusted", finding)


def _check_date(server: Server, now: datetime) -> Check:
    try:
        there = _date_of(server)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        finding = f"the server's clock cannot be read: {type(failure).__name__}"
        return server.check(State.UNKNOWN, "clock.unread", finding, "check that this is a vSphere server's HTTPS port")
    skew = there - now
    seconds = round(skew.total_seconds())
    finding = f"the server's clock is {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}"
    if abs(skew) < _SKEW:
        return server.check(State.OK, "clock.skew", finding)
    state = State.CRITICAL if abs(skew) > _BIG_SKEW else State.WARNING
    return server.check(state, "clock.skew", finding, "let the server and this machine follow the same time server")


def _date_of(server: Server) -> datetime:
    trust, timeout = server.trust, server.timeout_seconds
    context: ssl.SSLContext = context_for(trust, server.host, server.port, timeout_seconds=timeout)
    connection = http.client.HTTPSConnection(server.host, server.port, timeout=timeout, context=context)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        there = parsedate_to_datetime(connection.getresponse().headers.get("Date", ""))
        return there if there.tzinfo else there.replace(tzinfo=UTC)  # "-0000" says UTC, too
    finally:
        connection.close()
