"""What a probe is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class NotRecognised(Exception):
    """The reply is not that of the service asked for. The only error a parser raises, whatever bytes it is given."""


class Transport(StrEnum):
    """How the question travels."""

    TCP = "tcp"
    UDP = "udp"
    TLS = "tls"  # the certificate is not judged: nothing secret is sent, and the reply is a hint, not a proof


@dataclass(frozen=True, slots=True)
class Recognised:
    """A service that said who it is. No roles: it is known, and plays none of ours (an LDAP server that is no DC)."""

    roles: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to one port."""

    name: str
    roles: tuple[str, ...]  # those it can find
    transport: Transport
    port: int
    request: Callable[[str], bytes]  # from the address; some protocols repeat it
    parse: Callable[[bytes], Recognised]
    is_complete: Callable[[bytes], bool]  # has enough of the reply arrived?
    limit_bytes: int  # what comes after is not read
