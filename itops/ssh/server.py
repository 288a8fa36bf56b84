"""Whom to meet, and as whom."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from itops.ssh.host_keys import HostKeys

if TYPE_CHECKING:
    from paramiko import PKey

_CONNECT_SECONDS = 4.0  # a TCP handshake with two repeats: longer waits are for slow answers, not for empty addresses
_MOST_BYTES = 16 << 20


class Sealed(Protocol):
    """A password that is opened once the host key is proven, and not before."""

    def reveal(self) -> str:
        """The password itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who logs in: by key, by password, or first the one, then the other."""

    username: str
    password: Sealed | None = field(default=None, repr=False)
    key: "PKey | None" = field(default=None, repr=False)

    @property
    def proofs(self) -> str:
        """What it has to show, for people."""
        return " and ".join([*(["key"] if self.key else []), *(["password"] if self.password else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What people are told to write or to look at, in the words of the settings that the server stands in.

    {host} and {shown}, the fingerprint, are filled in.
    """

    pin: str = "name it under host_keys or in known_hosts"
    legacy: str = "write legacy: [{host}]"
    unreadable: str = "see by hand what `ssh` to it says; leave it out under `without` if it is no Linux"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Whom to meet. `most_bytes`: all that it may send, however long it sends."""

    host: str
    port: int = 22
    host_keys: HostKeys = field(default_factory=HostKeys)
    is_legacy_allowed: bool = False
    timeout_seconds: float = 10.0  # for an answer
    connect_seconds: float = _CONNECT_SECONDS
    most_bytes: int = _MOST_BYTES
    advice: Advice = field(default_factory=Advice)
