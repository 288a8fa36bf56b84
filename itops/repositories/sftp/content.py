"""The bytes of a file behind SFTP: headers and tails by seeking, the whole by a bounded stream, the hash over there."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from itops.repositories.sftp.hashing import FarSide
from itops.repositories.sftp.packets import Attributes
from itops.repositories.sftp.protocol import Handle, Sftp

_CHUNK = 1 << 20
_MOST_OPEN = 4


class OpenFiles:
    """The few files of a session that are open now: servers allow few, and a folder has many."""

    def __init__(self, sftp: Sftp) -> None:
        self._sftp = sftp
        self._open: dict[bytes, Handle] = {}

    def handle(self, path: bytes) -> Handle:
        """Of the file at `path`, opened now or lately."""
        handle = self._open.pop(path, None) or self._sftp.open(path)
        self._open[path] = handle
        if len(self._open) > _MOST_OPEN:
            self._sftp.close(self._open.pop(next(iter(self._open))))
        return handle


class SftpContent:
    """One file. All reads raise OSError; only one may go on at a time in a session."""

    local_path = None

    def __init__(
        self, sftp: Sftp, opened: OpenFiles, far_side: FarSide | None, path: bytes, name: str, attributes: Attributes
    ) -> None:
        self.name = name
        self.size_bytes = attributes.size_bytes or 0
        seconds = attributes.modified_seconds
        self.modified_at = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
        self.hashed_by = ""  # "openssl", "sha256sum", "read": known after `digest`
        self._sftp = sftp
        self._opened = opened
        self._far_side = far_side
        self._path = path

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the end. Nothing else is sent."""
        return self._sftp.read(self._opened.handle(self._path), offset, length)

    def chunks(self) -> Iterator[bytes]:
        """Everything, in blocks of 1 MiB; what the file grew by since it was listed too, for it to be noticed."""
        handle = self._sftp.open(self._path)
        try:
            gathered = bytearray()
            for piece in self._sftp.stream(handle, 0, self.size_bytes):
                gathered += piece
                if len(gathered) >= _CHUNK:
                    yield bytes(gathered[:_CHUNK])
                    del gathered[:_CHUNK]
            if gathered:
                yield bytes(gathered)
            offset = self.size_bytes
            while more := self._sftp.read(handle, offset, _CHUNK):
                yield more
                offset += len(more)
        finally:
            self._sftp.close(handle)

    def digest(self) -> str:
        """The SHA-256, computed on the far side where that is allowed."""
        if self._far_side is not None and (told := self._far_side.digest(self._path, self.size_bytes)):
            self.hashed_by = self._far_side.method
            return told
        self.hashed_by = "read"
        sha256 = hashlib.sha256()
        for chunk in self.chunks():
            sha256.update(chunk)
        return sha256.hexdigest()
