"""One SSH connection: the host key is judged before anything secret is sent, and every failure has a remedy."""

import base64
import hashlib
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from itops.errors import SourceUnavailable
from itops.repositories.sftp.protocol import Sftp
from itops.repositories.sftp.settings import SftpSettings, wanted_key

if TYPE_CHECKING:
    from paramiko import PKey, Transport

_KEEPALIVE_SECONDS = 30
# What OpenSSH no longer offers by itself; paramiko still does.
_LEGACY = {
    "kex": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "keys": ["ssh-rsa"],
    "pubkeys": ["ssh-rsa"],
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
}
_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")


class Connection:
    """A logged-in connection with an SFTP session on it."""

    def __init__(self, transport: "Transport", sftp: Sftp, host_key: str, timeout_seconds: float) -> None:
        self.sftp = sftp
        self.host_key = host_key  # the fingerprint that was seen
        self.software = str(transport.remote_version)[:200]
        self._transport = transport
        self._timeout_seconds = timeout_seconds

    def run(self, command: str, seconds: float) -> tuple[int, bytes] | None:
        """Exit code and the start of the output of a command; None where the server runs none.

        Raises TimeoutError past `seconds`, OSError when the connection breaks.
        """
        import paramiko  # noqa: PLC0415  110 ms that only SFTP needs

        try:
            channel = self._transport.open_session(timeout=self._timeout_seconds)
            with channel:
                channel.settimeout(seconds)
                channel.exec_command(command)
                channel.shutdown_write()  # a server that starts something else in its place waits for input
                output = b""
                while len(output) < 1 << 16 and (got := channel.recv(1 << 16)):
                    output += got
                if not channel.status_event.wait(self._timeout_seconds):
                    return None
                return channel.recv_exit_status(), output
        except (paramiko.SSHException, EOFError):
            if self._transport.is_active():
                return None  # refused, as by a server for SFTP alone
            raise ConnectionResetError("the connection broke") from None


@contextmanager
def connected(settings: SftpSettings) -> Iterator[Connection]:
    """Connect, compare the host key, log in, start SFTP; closed afterwards.

    Raises SourceUnavailable; a connection that breaks later raises OSError where it is used.
    """
    with ExitStack() as open_now:
        yield _connect(settings, open_now)


def _connect(settings: SftpSettings, open_now: ExitStack) -> Connection:
    import paramiko  # noqa: PLC0415  110 ms that only SFTP needs

    # It logs every failure with a traceback, which Python prints where nothing else was set; ours have a remedy.
    logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
    seconds = settings.timeout_seconds
    place = f"{settings.host}:{settings.port}"
    try:
        connection = open_now.enter_context(socket.create_connection((settings.host, settings.port), timeout=seconds))
        transport = paramiko.Transport(connection, disabled_algorithms=None if settings.legacy_algorithms else _LEGACY)
        open_now.callback(transport.close)
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = seconds
        fingerprint = _meet(settings, transport, seconds)
        _log_in(settings, transport)
        transport.set_keepalive(_KEEPALIVE_SECONDS)
        channel = transport.open_session(timeout=seconds)
        channel.settimeout(seconds)
        channel.invoke_subsystem("sftp")
        return Connection(transport, Sftp(channel), fingerprint, seconds)
    except socket.gaierror as failure:
        raise SourceUnavailable(
            f"the name {settings.host} is not known ({failure.strerror})", remedy="check `host` and the DNS"
        ) from failure
    except paramiko.ssh_exception.IncompatiblePeer as failure:
        raise SourceUnavailable(
            f"{place} and we have no algorithm in common: {failure}",
            remedy="if host_key is a line of known_hosts, see that the server still has a key of that type; else renew "
            "its SSH, or set legacy_algorithms: true where its network can be trusted",
        ) from failure
    except (OSError, EOFError, paramiko.SSHException) as failure:
        raise SourceUnavailable(
            f"no SFTP with {place}: {_reason(failure)}", remedy="check `host` and `port`, the firewall and the server"
        ) from failure


def _reason(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return "no answer in time"
    text = failure.strerror if isinstance(failure, OSError) and failure.strerror else str(failure)
    return "".join(letter for letter in text[:200] if letter.isprintable()) or type(failure).__name__


def _meet(settings: SftpSettings, transport: "Transport", seconds: float) -> str:
    """Agree on keys and judge the server's; the fingerprint. Raises SourceUnavailable, before any secret is sent."""
    wanted = wanted_key(settings.host_key) if settings.host_key else None
    if wanted is not None and wanted.type is not None:
        offers: Any = transport.get_security_options()
        types = _RSA if wanted.type == "ssh-rsa" else (wanted.type,)
        offers.key_types = [kind for kind in offers.key_types if kind in types] or offers.key_types
    transport.start_client(timeout=seconds)
    key = transport.get_remote_server_key()
    raw = key.asbytes()
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
    shown = f"{fingerprint} ({key.get_name()})"
    if wanted is None:
        raise SourceUnavailable(
            f"nothing says which host key {settings.host} should have; it shows {shown}",
            remedy=f"compare it with `ssh-keygen -lf` on the server, then write host_key: {fingerprint}",
        )
    if fingerprint != wanted.fingerprint and raw != wanted.raw:
        raise SourceUnavailable(
            f"{settings.host} shows another host key than itops.yaml says: {shown}; nothing was sent to it",
            remedy="it was installed anew, has several keys, or somebody stands between: "
            "compare the key with `ssh-keygen -lf` on the server before you change host_key",
        )
    return fingerprint


def _log_in(settings: SftpSettings, transport: "Transport") -> None:
    import paramiko  # noqa: PLC0415  110 ms that only SFTP needs

    try:
        if settings.key_file is not None:
            transport.auth_publickey(settings.username, _private_key(settings))
        elif settings.password is not None:
            transport.auth_password(settings.username, settings.password.reveal())
    except paramiko.AuthenticationException as refused:
        with_what = "key" if settings.key_file is not None else "password"
        raise SourceUnavailable(
            f"{settings.host} refused the {with_what} of {settings.username}",
            remedy=f"check username and {with_what}, and whether the account may log in that way",
        ) from refused
    if not transport.is_authenticated():
        raise SourceUnavailable(
            f"{settings.host} wants more than the key or password of {settings.username}",
            remedy="give itops an account that needs no second step",
        )


def _private_key(settings: SftpSettings) -> "PKey":
    import paramiko  # noqa: PLC0415  110 ms that only SFTP needs
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  as above

    path = settings.key_file
    passphrase = settings.key_passphrase
    assert path is not None
    try:
        if path.stat().st_mode & 0o077:
            raise SourceUnavailable(f"the key {path} is open to others", remedy=f"chmod 600 {path}")
        return paramiko.PKey.from_path(path, passphrase.reveal().encode() if passphrase else None)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.UnknownKeyType, UnsupportedAlgorithm):
        # The cause may repeat the key: it is not chained.
        raise SourceUnavailable(
            f"the key {path} cannot be used", remedy="check that it is a private key, and its key_passphrase"
        ) from None
