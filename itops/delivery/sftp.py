"""The target `sftp`: a folder of a server that is reached through SFTP. A cut upload goes on where it ended.

The host key is judged before anything secret is sent (itops/ssh.py). SFTP version 3 says "Failure" for a full disk, a
quota and much else: the server is asked for its free space then. Source: draft-ietf-secsh-filexfer-02, and OpenSSH's
PROTOCOL for the extensions posix-rename, fsync and statvfs.
"""

import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from itops.delivery.drop import DropWay
from itops.delivery.parts import BLOCK_BYTES
from itops.delivery.sealing import WaySettings
from itops.errors import SourceUnavailable
from itops.secrets import Secret
from itops.ssh import Account, Advice, HostKeys, Server, connected, load_key, pinned
from itops.text import plain
from itops.wire.limits import seconds_for, within

if TYPE_CHECKING:
    from paramiko import Channel, SFTPClient

_PIECE = 32 * 1024  # what paramiko puts into one message
_EXTENDED, _EXTENDED_REPLY = 200, 201
_ANSWERS_BYTES = 4 << 20  # beside the acknowledgements: listings, comparisons
_ADVICE = Advice(
    pin="write its SHA256:... as host_key",
    legacy="set legacy_algorithms: true",
    unreadable="check host and port; see by hand what `sftp` to it says",
)
# What paramiko stumbles over in packets that no SFTP server sends.
_STUMBLES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpSettings(WaySettings):
    """A folder of a server, and an account that may write there."""

    host: str
    username: str
    path: str = "."
    """Absolute, or relative to where the server puts the account."""
    port: int = field(default=22, metadata={"range": (1, 65535)})
    password: Secret | None = None
    key_file: Path | None = None
    """A private key in OpenSSH's or PEM form, open to nobody else."""
    key_passphrase: Secret | None = None
    host_key: str | None = None
    """`SHA256:...` as `ssh-keygen -l` prints it, or a line of known_hosts. Without it a try says which it saw."""
    legacy_algorithms: bool = False
    """Allow what old servers need: SHA-1 key exchange and signatures, CBC, MD5."""
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 3_600)})  # for one answer

    def __post_init__(self) -> None:
        if self.password is None and self.key_file is None:
            raise ValueError("password or key_file is needed")
        if self.host_key is not None:
            pinned(self.host_key)


class SftpTarget(DropWay[SftpSettings]):
    """A drop behind SFTP."""

    Settings: ClassVar[type] = SftpSettings

    def _opened(self, size_bytes: int) -> "AbstractContextManager[_SftpDrop]":
        return _opened(self._settings, size_bytes)


@contextmanager
def _opened(settings: SftpSettings, size_bytes: int) -> Iterator["_SftpDrop"]:
    place = f"{settings.host}:{settings.port}"
    server = Server(
        host=settings.host,
        port=settings.port,
        host_keys=pinned(settings.host_key) if settings.host_key else HostKeys(),
        is_legacy_allowed=settings.legacy_algorithms,
        timeout_seconds=settings.timeout_seconds,
        advice=_ADVICE,
    )
    with connected(server, _account(settings)) as connection, connection.subsystem("sftp") as channel:
        wire = channel.get_transport().sock
        with within(seconds_for(size_bytes), place, lambda: wire.shutdown(socket.SHUT_RDWR)):
            yield _SftpDrop(place, settings.path, _session(place, _Bounded(channel, _ANSWERS_BYTES + size_bytes)))


def _account(settings: SftpSettings) -> Account:
    passphrase = settings.key_passphrase.reveal() if settings.key_passphrase else None
    return Account(
        username=settings.username,
        password=settings.password,
        key=load_key(settings.key_file, passphrase) if settings.key_file else None,
    )


class _Bounded:
    """A channel that ends after so many bytes. paramiko believes the length of a packet, up to 4 GiB of it."""

    def __init__(self, channel: "Channel", most_bytes: int) -> None:
        self._channel = channel
        self._left = most_bytes
        self.send, self.close, self.get_name = channel.send, channel.close, channel.get_name

    def recv(self, size: int) -> bytes:
        """As a channel's."""
        got: bytes = self._channel.recv(min(size, self._left)) if self._left else b""
        self._left -= len(got)
        return got


def _session(place: str, channel: _Bounded) -> "SFTPClient":
    from paramiko import SFTPClient  # noqa: PLC0415  110 ms that only SSH needs

    with _explained(place, "it does not speak SFTP"):
        return SFTPClient(channel)


@contextmanager
def _explained(place: str, what: str) -> Iterator[None]:
    """Turn what paramiko raises into what a person can act on."""
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs

    try:
        yield
    except TimeoutError as failure:
        raise SourceUnavailable(
            f"{place} does not answer in time: {what}", remedy="check the line; the next try goes on where this ended"
        ) from failure
    except PermissionError as failure:
        raise SourceUnavailable(
            f"{place}: {what}: permission denied", remedy="let the account write there"
        ) from failure
    except FileNotFoundError as failure:
        raise SourceUnavailable(
            f"{place}: {what}: there is no such folder", remedy="make it on the server, or correct `path`"
        ) from failure
    except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError, *_STUMBLES) as failure:
        said = plain(str(failure))[:200] or "the connection broke"
        raise SourceUnavailable(
            f"{place}: {what}: {said}", remedy="check the line and the server; the next try goes on where this ended"
        ) from failure


class _SftpDrop:
    can_resume = True

    def __init__(self, place: str, folder: str, session: Any) -> None:
        self.place = place
        self._folder = folder.rstrip("/") or "/"
        self._session = session

    def _path(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}"

    def size(self, name: str) -> int | None:
        """See `Drop`. A name that is taken by a folder counts as a file of no size that fits: -1."""
        with _explained(self.place, f"cannot look at {name}"):
            try:
                told = self._session.stat(self._path(name))
            except FileNotFoundError:
                return None
            if told.st_size is None or (told.st_mode is not None and not stat.S_ISREG(told.st_mode)):
                return -1
            return int(told.st_size)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """See `Drop`."""
        with _explained(self.place, f"cannot read {name}"), self._session.open(self._path(name), "rb") as file:
            file.seek(offset)
            got: bytes = file.read(length)
            return got[:length]

    def write(self, name: str, offset: int, length: int, blocks: Iterator[bytes]) -> None:
        """See `Drop`."""
        with _explained(self.place, f"cannot write {name}"):
            file = self._session.open(self._path(name), "r+b" if offset else "wb")
        try:
            file.seek(offset)
            for block in blocks:
                with _explained(self.place, f"cannot write {name}"):
                    self._write(name, file, block, length)
            with _explained(self.place, f"cannot write {name}"):
                self._flush(file)
        finally:
            with _explained(self.place, f"cannot close {name}"):
                file.close()

    def _write(self, name: str, file: Any, block: bytes, length: int) -> None:
        """One block, its pieces on their way together; the last one waits for the answers to all of them."""
        try:
            last = max(0, len(block) - _PIECE)
            file.set_pipelined(True)
            file.write(block[:last])
            file.set_pipelined(False)
            file.write(block[last:])
        except (TimeoutError, ConnectionError, PermissionError, FileNotFoundError):
            raise
        except OSError as failure:  # "Failure"
            free = self._free_bytes()
            if free is None or free >= max(length, BLOCK_BYTES):
                raise
            raise SourceUnavailable(
                f"{self.place} has no room for {name}: {free:,} bytes are free", remedy="make room on the server's disk"
            ) from failure

    def _flush(self, file: Any) -> None:
        """To the disk, where the server knows how; where not, the receipt tells what became of it."""
        try:
            self._session._request(_EXTENDED, "fsync@openssh.com", file.handle)
        except (TimeoutError, ConnectionError):
            raise
        except OSError:
            return

    def _free_bytes(self) -> int | None:
        """On the disk of the folder, for this account; None where the server does not tell."""
        try:
            kind, answer = self._session._request(_EXTENDED, "statvfs@openssh.com", self._folder)
        except OSError:
            return None
        if kind != _EXTENDED_REPLY:
            return None
        _, fragment_bytes, _, _, available = (answer.get_int64() for _ in range(5))
        return int(fragment_bytes * available)

    def rename(self, old: str, new: str) -> bool:
        """See `Drop`. Plain SFTP refuses an existing name; servers without posix-rename have only that."""
        with _explained(self.place, f"cannot rename {old}"):
            if self.size(new) is not None:
                return False
            try:
                self._session.posix_rename(self._path(old), self._path(new))
            except (TimeoutError, ConnectionError, PermissionError, FileNotFoundError):
                raise
            except OSError:
                self._session.rename(self._path(old), self._path(new))
            return True

    def replace(self, old: str, new: str) -> None:
        """See `Drop`. Without posix-rename `new` has to go first: who is cut there leaves its successor as `old`."""
        with _explained(self.place, f"cannot rename {old}"):
            try:
                self._session.posix_rename(self._path(old), self._path(new))
            except (TimeoutError, ConnectionError, PermissionError, FileNotFoundError):
                raise
            except OSError:
                if self.size(new) is not None:
                    self._session.remove(self._path(new))
                self._session.rename(self._path(old), self._path(new))
