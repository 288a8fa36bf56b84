"""SSH to devices: the host key is judged before anything secret is sent; what a device sends is bounded; old algorithms
only where they are allowed, and known afterwards.

The order of every meeting: TCP, algorithms, host key, login. Each way to fail has an error of its own, whose `code` is
that of the gap it becomes.
"""

import base64
import hashlib
import logging
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from itops.errors import SourceUnavailable

if TYPE_CHECKING:
    from paramiko import PKey, Transport

_CONNECT_SECONDS = 4.0  # a TCP handshake with two repeats: longer waits are for slow answers, not for empty addresses
_MOST_BYTES = 16 << 20
# What OpenSSH no longer offers by itself; paramiko still does.
_LEGACY = {
    "kex": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "keys": ["ssh-rsa"],
    "pubkeys": ["ssh-rsa"],
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
}
_SHA2_SIGNATURES = ["rsa-sha2-512", "rsa-sha2-256"]
_RSA = (*_SHA2_SIGNATURES, "ssh-rsa")
# What paramiko's thread stumbles over in packets that no SSH server sends; it is raised again in ours.
_STUMBLES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error)
_MANNERS: tuple[dict[str, list[str]], ...] = (_LEGACY, {}, {"pubkeys": _SHA2_SIGNATURES})
"""What is left out: all that is old; nothing; and, for servers that do not say what they check, new signatures."""


class SshSilent(SourceUnavailable):
    """Nothing listens there, or the name is unknown."""

    code: ClassVar[str] = "device.silent"


class SshNameUnknown(SourceUnavailable):
    """DNS does not know the name."""

    code: ClassVar[str] = "dns.unknown"


class SshUnreadable(SourceUnavailable):
    """Something listens and does not speak SSH, or breaks off."""

    code: ClassVar[str] = "device.unreadable"


class SshTooOld(SourceUnavailable):
    """It speaks only algorithms that have to be allowed for it."""

    code: ClassVar[str] = "device.legacy-ssh"


class SshHostKey(SourceUnavailable):
    """It shows a host key that nothing vouches for. Nothing secret was sent."""

    code: ClassVar[str] = "device.host-key"


class SshRefused(SourceUnavailable):
    """It does not let the account in."""

    code: ClassVar[str] = "device.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKeys:
    """Which host keys a device may show: whole keys (from a known_hosts file) or fingerprints (`SHA256:...`)."""

    keys: frozenset[bytes] = frozenset()
    fingerprints: frozenset[str] = frozenset()
    revoked: frozenset[bytes] = frozenset()

    @property
    def types(self) -> tuple[str, ...]:
        """The algorithms by which the device can prove one of the whole keys."""
        kinds = {key_type(key) for key in self.keys}
        return tuple(name for kind in sorted(kinds) for name in (_RSA if kind == "ssh-rsa" else (kind,)))

    def vouch_for(self, key: bytes) -> bool:
        """Whether this is one of them."""
        return key not in self.revoked and (key in self.keys or fingerprint(key) in self.fingerprints)

    def __bool__(self) -> bool:
        return bool(self.keys or self.fingerprints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who logs in: by key, by password, or first the one, then the other."""

    username: str
    password: str | None = field(default=None, repr=False)
    key: "PKey | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Whom to meet. `most_bytes`: all that it may send, however long it sends."""

    host: str
    port: int = 22
    host_keys: HostKeys = field(default_factory=HostKeys)
    is_legacy_allowed: bool = False
    timeout_seconds: float = 10.0  # for an answer
    most_bytes: int = _MOST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, stdout alone; `code` None where the server did not tell one."""

    output: bytes
    code: int | None
    is_cut: bool = False  # more came than was wanted
    is_timeout: bool = False


class Connection:
    """A logged-in connection."""

    def __init__(self, transport: "Transport", server: Server, *, is_legacy: bool) -> None:
        self.is_legacy = is_legacy  # it would not have been reached without the old algorithms
        self.software = str(transport.remote_version)[:200]
        self._transport = transport
        self._server = server

    def run(self, command: str, given: bytes, *, seconds: float, most_bytes: int) -> Said:
        """Run a command with `given` as its input. Raises SshUnreadable when the connection breaks or none is run."""
        import paramiko  # noqa: PLC0415  110 ms that only SSH needs

        deadline = time.monotonic() + seconds
        try:
            with self._transport.open_session(timeout=self._server.timeout_seconds) as channel:
                channel.settimeout(self._server.timeout_seconds)
                channel.exec_command(command)
                channel.sendall(given)
                channel.shutdown_write()
                return _read(channel, deadline, most_bytes)
        except (OSError, EOFError, paramiko.SSHException, *_STUMBLES) as failure:
            raise _unreadable(self._server, failure, "it runs no commands, or broke off") from failure


def _read(channel: Any, deadline: float, most_bytes: int) -> Said:
    output = bytearray()
    while len(output) <= most_bytes:
        left = deadline - time.monotonic()
        channel.settimeout(max(left, 0.001))
        try:
            got = channel.recv(1 << 16)
        except TimeoutError:
            return Said(output=bytes(output), code=None, is_timeout=True)
        if not got:
            has_code = channel.status_event.wait(max(left, 0.001))
            return Said(output=bytes(output), code=channel.recv_exit_status() if has_code else None)
        output += got
    return Said(output=bytes(output[:most_bytes]), code=None, is_cut=True)


@contextmanager
def connected(server: Server, account: Account) -> Iterator[Connection]:
    """Meet the server and log in; closed afterwards. Raises the errors above.

    Where old algorithms are allowed they are tried only after the new ones were refused.
    """
    with ExitStack() as open_now:
        yield _met(server, account, open_now)


def _met(server: Server, account: Account, open_now: ExitStack) -> Connection:
    for manner in range(len(_MANNERS) - 1):
        try:
            return _meet(server, account, open_now, manner)
        except SshTooOld:
            if not server.is_legacy_allowed:
                raise
            open_now.close()  # small devices have room for one session
    return _meet(server, account, open_now, len(_MANNERS) - 1)


def _meet(server: Server, account: Account, open_now: ExitStack, manner: int) -> Connection:
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs

    # It logs every failure with a traceback, which Python prints where nothing else was set; ours have a remedy.
    logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
    wire = open_now.enter_context(_dial(server))
    try:
        transport = paramiko.Transport(wire, disabled_algorithms=_MANNERS[manner])
        open_now.callback(transport.close)
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = server.timeout_seconds
        _judge(server, transport)
        if not _is_let_in(server, account, transport):
            raise _refused(server, account, transport, manner)
    except paramiko.ssh_exception.IncompatiblePeer as failure:
        if str(transport.remote_version).startswith("SSH-1.") and "1.99" not in transport.remote_version:
            raise _unreadable(server, failure, "it speaks SSH 1 alone") from failure
        raise _too_old(server, failure, manner) from failure
    except (OSError, EOFError, paramiko.SSHException, *_STUMBLES) as failure:
        raise _unreadable(server, failure, "no SSH there") from failure
    return Connection(transport, server, is_legacy=manner > 0)


def _dial(server: Server) -> "_Bounded":
    seconds = min(server.timeout_seconds, _CONNECT_SECONDS)
    try:
        wire = socket.create_connection((server.host, server.port), timeout=seconds)
    except (socket.gaierror, UnicodeError) as failure:  # UnicodeError: a name that IDNA cannot write
        raise SshNameUnknown(
            f"the name {server.host} cannot be resolved",
            remedy="check the name in itops.yaml and the DNS servers, or list the address",
        ) from failure
    except OSError as failure:
        raise SshSilent(
            f"port {server.port} of {server.host}: {_reason(failure)}",
            remedy="see whether it is on and its SSH runs, and whether a firewall stands between",
        ) from failure
    return _Bounded(wire, server.most_bytes, server.timeout_seconds)


def _judge(server: Server, transport: "Transport") -> None:
    """Agree on algorithms and judge the host key, before anything secret is sent."""
    offers: Any = transport.get_security_options()
    known = [kind for kind in offers.key_types if kind in server.host_keys.types]
    offers.key_types = [*known, *(kind for kind in offers.key_types if kind not in known)]
    transport.start_client(timeout=server.timeout_seconds)
    key = transport.get_remote_server_key().asbytes()
    if server.host_keys.vouch_for(key):
        return
    shown = f"{fingerprint(key)} ({key_type(key)})"
    if key in server.host_keys.revoked:
        problem, why = f"{server.host} shows a revoked host key: {shown}", "make it new host keys"
    elif server.host_keys:
        problem = f"{server.host} shows another host key than is known: {shown}; nothing was sent to it"
        why = "it was installed anew, has several keys, or somebody stands between: compare the key"
    else:
        problem, why = f"nothing says which host key {server.host} should have; it shows {shown}", "compare it"
    raise SshHostKey(
        problem,
        remedy=f"{why} with `ssh-keygen -lf` on the device itself, then name it under host_keys or in known_hosts",
    )


def _is_let_in(server: Server, account: Account, transport: "Transport") -> bool:
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs

    started = time.monotonic()
    for way in _ways(account, transport):
        try:
            way()
        except paramiko.AuthenticationException as refused:
            if time.monotonic() - started >= server.timeout_seconds:
                raise SshUnreadable(
                    f"{server.host} did not answer the login in time", remedy="give it a longer `timeout`"
                ) from refused
        if transport.is_authenticated():
            return True
        if not transport.is_active():
            break
    return False


def _refused(server: Server, account: Account, transport: "Transport", manner: int) -> SourceUnavailable:
    """It is the account's fault, or that of an RSA key that an old server can check by SHA-1 only."""
    also = ""
    is_rsa = account.key is not None and "rsa" in account.key.get_name()
    if is_rsa and not _knows_sha2(transport) and manner < len(_MANNERS) - 1:
        if server.is_legacy_allowed or "server-sig-algs" in transport.server_extensions:
            return SshTooOld(
                f"{server.host} knows RSA keys only by SHA-1",
                remedy=f"give the account a key of type ecdsa, or write legacy: [{server.host}]",
            )
        also = f"; it may be too old for RSA keys: give it one of type ecdsa, or write legacy: [{server.host}]"
    return SshRefused(
        f"{server.host} refuses the account {account.username}",
        remedy=f"check the user name and its key or password, and whether it may log in that way{also}",
    )


def _knows_sha2(transport: "Transport") -> bool:
    told = bytes(transport.server_extensions.get("server-sig-algs", b"")).decode("latin-1").split(",")
    return any(name in told for name in _SHA2_SIGNATURES)


def _ways(account: Account, transport: "Transport") -> Iterator[Any]:
    if account.key is not None:
        yield lambda: transport.auth_publickey(account.username, account.key)
    if account.password is not None:
        yield lambda: transport.auth_password(account.username, account.password)


def _too_old(server: Server, failure: Exception, manner: int) -> SourceUnavailable:
    if manner > 0:
        return SshUnreadable(
            f"{server.host} and we have no algorithm in common, old ones included: {_reason(failure)}",
            remedy="renew its firmware, or read it another way",
        )
    return SshTooOld(
        f"{server.host} speaks only old algorithms (SHA-1, CBC): {_reason(failure)}",
        remedy=f"renew its firmware; where its network can be trusted, write legacy: [{server.host}]",
    )


def _unreadable(server: Server, failure: Exception, what: str) -> SshUnreadable:
    return SshUnreadable(
        f"{server.host}:{server.port}: {what}: {_reason(failure)}",
        remedy="see by hand what `ssh` to it says; leave it out under `without` if it is no Linux",
    )


def _reason(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return "no answer in time"
    text = failure.strerror if isinstance(failure, OSError) and failure.strerror else str(failure)
    return "".join(letter for letter in text[:200] if letter.isprintable()) or type(failure).__name__


def fingerprint(key: bytes) -> str:
    """Of a public key, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def key_type(key: bytes) -> str:
    """The type that stands at the start of a public key; "" where none does."""
    length = int.from_bytes(key[:4], "big")
    name = key[4 : 4 + length].decode("ascii", "replace")
    return name if length <= 64 and name.isprintable() and "\ufffd" not in name else ""


def load_key(path: Path, passphrase: str | None) -> "PKey":
    """A private key that is open to nobody else. Raises SourceUnavailable."""
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  as above

    try:
        if path.stat().st_mode & 0o077:
            raise SourceUnavailable(f"the key {path} is open to others", remedy=f"chmod 600 {path}")
        return paramiko.PKey.from_path(path, passphrase.encode() if passphrase else None)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.UnknownKeyType, UnsupportedAlgorithm):
        # The cause may repeat the key: it is not chained.
        raise SourceUnavailable(
            f"the key {path} cannot be used", remedy="check that it is a private key, and its key_passphrase"
        ) from None


class _Bounded(socket.socket):
    """A socket that ends after so many bytes: a device that sends for ever, in plain or inside SSH, fills no memory."""

    def __init__(self, wire: socket.socket, most_bytes: int, seconds: float) -> None:
        super().__init__(fileno=wire.detach())
        self.settimeout(seconds)
        self._left = most_bytes

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As any socket's, and the end of the stream when enough came."""
        if self._left <= 0:
            return b""
        got = super().recv(min(size, self._left), flags)
        self._left -= len(got)
        return got


def merged(parts: Iterable[HostKeys]) -> HostKeys:
    """What any of them vouches for; what any of them revokes stays revoked."""
    held = tuple(parts)
    return HostKeys(
        keys=frozenset().union(*(part.keys for part in held)),
        fingerprints=frozenset().union(*(part.fingerprints for part in held)),
        revoked=frozenset().union(*(part.revoked for part in held)),
    )
