"""One share of a Windows or Samba server by smbprotocol: encrypted, bounded, with time limits.

Three things smbprotocol leaves to its caller: it believes the length of a message before it has it (4 GiB of memory for
four bytes), it waits for answers for ever, and it logs in before it looks whether the server can encrypt at all.
"""

import logging
import socket
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from smbprotocol.connection import Connection
from smbprotocol.exceptions import (
    AccessDenied,
    BadNetworkName,
    DiskFull,
    EndOfFile,
    LogonFailure,
    ObjectNameCollision,
    ObjectNameNotFound,
    ObjectPathNotFound,
    PasswordExpired,
    SharingViolation,
    SMBAuthenticationError,
    SMBException,
    SMBResponseException,
)
from smbprotocol.file_info import FileRenameInformation
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FilePipePrinterAccessMask,
    ImpersonationLevel,
    Open,
    ShareAccess,
    SMB2SetInfoRequest,
)
from smbprotocol.session import Session
from smbprotocol.transport import Tcp
from smbprotocol.tree import TreeConnect
from spnego.exceptions import SpnegoError

from itops.errors import SourceUnavailable
from itops.text import plain
from itops.tls import dial_plain
from itops.wire.limits import SLOWEST_BYTES_PER_SECOND, within

# What smbprotocol stumbles over in packets that no SMB server sends.
_STUMBLES = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    struct.error,
    InvalidTag,
    InvalidSignature,
    SpnegoError,
)
_MOST_MESSAGE = 16 << 20
_LOOK, _READ, _WRITE, _RENAME = (
    FilePipePrinterAccessMask.FILE_READ_ATTRIBUTES,
    FilePipePrinterAccessMask.GENERIC_READ,
    FilePipePrinterAccessMask.GENERIC_WRITE,
    FilePipePrinterAccessMask.DELETE,
)
_QUOTA_EXCEEDED = 0xC0000044
_ACCOUNT_STATES = {
    0xC0000064: "does not know the account",
    0xC000006A: "refuses the password",
    0xC000006E: "does not let the account in as it is restricted",
    0xC0000072: "says that the account is disabled",
    0xC0000193: "says that the account has expired",
    0xC0000224: "says that the password has to be changed first",
    0xC0000234: "says that the account is locked",
}


class _Wire(Tcp):  # type: ignore[misc]  # no types there
    """The socket of a connection, with an end to how much is believed."""

    def connect(self) -> None:
        self._sock = dial_plain(self.server, self.port, self.timeout)
        self._sock.settimeout(None)  # the timer of each question does it
        self.connected = True

    def _recv(self, length: int, timeout: float) -> Any:
        if length > _MOST_MESSAGE:
            raise ValueError(f"a message of {length} bytes")
        return super()._recv(length, timeout)

    def break_off(self) -> None:
        """From another thread."""
        self._sock.shutdown(socket.SHUT_RDWR)


class _Connection(Connection):  # type: ignore[misc]  # no types there
    """A connection over such a socket."""

    _wire: _Wire | None = None

    @property
    def transport(self) -> _Wire | None:
        """What smbprotocol sets is replaced."""
        return self._wire

    @transport.setter
    def transport(self, made: Tcp | None) -> None:
        self._wire = None if made is None else _Wire(made.server, made.port, made.timeout)

    def break_off(self) -> None:
        """From another thread."""
        if self._wire is not None and self._wire.connected:
            self._wire.break_off()


class Share:
    """A share, logged in to. Every call raises SourceUnavailable."""

    def __init__(self, host: str, port: int, share: str, seconds: float) -> None:
        # It logs every failure with a traceback, which Python prints where nothing else was set; ours have a remedy.
        logging.getLogger("smbprotocol").setLevel(logging.CRITICAL + 1)
        self.place = rf"\\{host}\{share}"
        self._seconds = seconds
        self._connection = _Connection(uuid.uuid4(), host, port, require_signing=True)
        self._tree: TreeConnect | None = None

    def connect(self, username: str, password: str, auth: str) -> None:
        """Meet the server, see that it encrypts, log in, open the share."""
        with self._asked(f"no SMB with {self._connection.server_name}"):
            self._connection.connect(timeout=self._seconds)
        if not self._connection.supports_encryption:
            raise SourceUnavailable(
                f"{self.place}: the server cannot encrypt; no login was tried",
                remedy="enable SMB 3 with encryption there (Samba: smb encrypt = required), or deliver another way",
            )
        session = Session(self._connection, username, password, require_encryption=True, auth_protocol=auth)
        with self._asked(f"no login for {username}"):
            session.connect()
        with self._asked("the share cannot be opened"):
            tree = TreeConnect(session, self.place)
            tree.connect(require_secure_negotiate=True)
        self._tree = tree

    def break_off(self) -> None:
        """From another thread: whoever waits finds the line broken."""
        self._connection.break_off()

    def close(self) -> None:
        """Hang up. The server closes what is open."""
        with suppress(OSError, SMBException):
            self._connection.disconnect(close=False)

    def size(self, path: str) -> int | None:
        """Bytes; None where no such file is."""
        with self._asked(f"cannot look at {path}"):
            try:
                file = self._open(path, _LOOK, CreateDisposition.FILE_OPEN)
            except (ObjectNameNotFound, ObjectPathNotFound):
                return None
            size = int(file.end_of_file)
            file.close()
            return size

    def read(self, path: str, offset: int, length: int) -> bytes:
        """Up to so many bytes."""
        with self._asked(f"cannot read {path}", length):
            file = self._open(path, _READ, CreateDisposition.FILE_OPEN)
            got = bytearray()
            try:
                while len(got) < length:
                    piece = file.read(offset + len(got), min(length - len(got), self._connection.max_read_size))
                    if not piece:
                        break
                    got += piece
            except EndOfFile:
                pass  # shorter than it was
            file.close()
            return bytes(got[:length])

    def write(self, path: str, offset: int, blocks: Iterator[bytes]) -> None:
        """From `offset` on; from 0, what was there is thrown away."""
        how = CreateDisposition.FILE_OPEN_IF if offset else CreateDisposition.FILE_OVERWRITE_IF
        with self._asked(f"cannot write {path}"):
            file = self._open(path, _WRITE, how)
        for block in blocks:
            with self._asked(f"cannot write {path}", len(block)):
                self._write(file, offset, block)
            offset += len(block)
        with self._asked(f"cannot write {path}"):
            file.flush()
            file.close()

    def _write(self, file: Open, offset: int, block: bytes) -> None:
        begin = 0
        while begin < len(block):
            written = file.write(block[begin : begin + self._connection.max_write_size], offset + begin)
            if written <= 0:
                raise SMBException("it wrote nothing")
            begin += written

    def rename(self, old: str, new: str, *, is_replacing: bool = False) -> bool:
        """False where `new` is there already, unless it is to be replaced."""
        with self._asked(f"cannot rename {old}"):
            file = self._open(old, _RENAME, CreateDisposition.FILE_OPEN)
            wanted = FileRenameInformation()
            wanted["replace_if_exists"] = is_replacing
            wanted["file_name"] = new
            request = SMB2SetInfoRequest()
            request["info_type"] = wanted.INFO_TYPE
            request["file_info_class"] = wanted.INFO_CLASS
            request["file_id"] = file.file_id
            request["buffer"] = wanted
            tree = file.tree_connect
            sent = self._connection.send(request, tree.session.session_id, tree.tree_connect_id)
            try:
                self._connection.receive(sent)
            except ObjectNameCollision:
                return False
            finally:
                file.close()
            return True

    def _open(self, path: str, access: int, how: int) -> Open:
        file = Open(self._tree, path)
        file.create(
            ImpersonationLevel.Impersonation,
            access,
            0,
            ShareAccess.FILE_SHARE_READ,
            how,
            CreateOptions.FILE_NON_DIRECTORY_FILE,
        )
        return file

    @contextmanager
    def _asked(self, what: str, length: int = 0) -> Iterator[None]:
        """A few questions in so much time; what smbprotocol raises becomes what a person can act on."""
        seconds = self._seconds + length / SLOWEST_BYTES_PER_SECOND
        with within(seconds, self.place, self._connection.break_off):
            try:
                yield
            except SMBAuthenticationError as failure:
                raise self._unavailable(what, "the login failed", "check username, password and `auth`") from failure
            except SMBResponseException as failure:
                raise self._unavailable(what, *_meaning(failure)) from failure
            except (SMBException, OSError, *_STUMBLES) as failure:
                said = plain(str(failure))[:150] or type(failure).__name__
                remedy = "check the line and the server; the next try goes on where this one ended"
                raise self._unavailable(what, said, remedy) from failure

    def _unavailable(self, what: str, why: str, remedy: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self.place}: {what}: {why}", remedy=remedy)


def _meaning(failure: SMBResponseException) -> tuple[str, str]:
    """What a status means, and what to do about it."""
    if isinstance(failure, DiskFull):
        return "its disk is full", "make room on the server's disk"
    if failure.status == _QUOTA_EXCEEDED:
        return "the quota of the account is used up", "make room for the account on the server"
    if failure.status in _ACCOUNT_STATES:
        return f"it {_ACCOUNT_STATES[failure.status]}", "put the account right there, or give another"
    if isinstance(failure, LogonFailure):
        return "it refuses the account or its password", "check username (DOMAIN\\USER) and password"
    if isinstance(failure, PasswordExpired):
        return "the password has expired", "change it there, then in the secret that `password` names"
    if isinstance(failure, AccessDenied):
        return "access denied", "let the account write there, in the share's rights and the folder's"
    if isinstance(failure, BadNetworkName):
        return "there is no such share", "check `share`"
    if isinstance(failure, ObjectNameNotFound | ObjectPathNotFound):
        return "there is no such folder", "make it on the server, or correct `path`"
    if isinstance(failure, SharingViolation):
        return "somebody else has it open", "wait until the other one is done; see whether two itops send at once"
    return f"status {failure.status:#010x}", "look into the server's log"
