"""An SSH connection with an SFTP session on it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from itops.errors import SourceUnavailable
from itops.repositories.sftp.protocol import Sftp
from itops.repositories.sftp.settings import SftpSettings
from itops.ssh import Account, Advice, HostKeys, Said, Server, SshUnreadable, load_key, pinned
from itops.ssh import Connection as SshConnection
from itops.ssh import connected as ssh_connected

_MOST_OUTPUT = 1 << 16  # of a command; ours answer with one line
_CHECK_SERVER = "check `host` and `port`, the firewall and the server"
_ADVICE = Advice(
    pin="write host_key: {shown}",
    legacy="set legacy_algorithms: true",
    unreadable=f"see by hand what `sftp` to it says; {_CHECK_SERVER}",
)


class Connection:
    """A logged-in connection with an SFTP session on it."""

    def __init__(self, ssh: SshConnection, sftp: Sftp) -> None:
        self.sftp = sftp
        self.host_key = ssh.host_key  # the fingerprint that was seen
        self.software = ssh.software
        self._ssh = ssh

    def run(self, command: str, seconds: float) -> Said | None:
        """What a command said; None where the server runs none. Raises OSError when the connection breaks."""
        try:
            return self._ssh.run(command, b"", seconds=seconds, most_bytes=_MOST_OUTPUT)
        except SshUnreadable as failure:
            if self._ssh.is_alive:
                return None  # refused, as by a server for SFTP alone
            raise ConnectionResetError(failure.problem) from failure


@contextmanager
def connected(settings: SftpSettings) -> Iterator[Connection]:
    """Connect, compare the host key, log in, start SFTP; closed afterwards.

    Raises SourceUnavailable; a connection that breaks later raises OSError where it is used.
    """
    passphrase = settings.key_passphrase.reveal() if settings.key_passphrase else None
    account = Account(
        username=settings.username,
        password=settings.password,
        key=load_key(settings.key_file, passphrase) if settings.key_file else None,
    )
    server = Server(
        host=settings.host,
        port=settings.port,
        host_keys=pinned(settings.host_key) if settings.host_key else HostKeys(),
        is_legacy_allowed=settings.legacy_algorithms,
        timeout_seconds=settings.timeout_seconds,
        connect_seconds=settings.timeout_seconds,
        advice=_ADVICE,
    )
    with ExitStack() as open_now:
        ssh = open_now.enter_context(ssh_connected(server, account))
        channel = open_now.enter_context(ssh.subsystem("sftp"))
        try:
            sftp = Sftp(channel, settings.timeout_seconds)
        except OSError as failure:
            reason = failure.strerror or str(failure) or "no answer in time"
            place = f"{settings.host}:{settings.port}"
            raise SourceUnavailable(f"no SFTP with {place}: {reason}", remedy=_CHECK_SERVER) from failure
        yield Connection(ssh, sftp)
