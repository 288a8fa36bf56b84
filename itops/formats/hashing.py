"""A content that hashes itself while somebody else reads it from end to end, so that no byte is read twice."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from itops.backup.contents import Content


class Hashed:
    """A Content whose digest costs nothing after its chunks were read to the end."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._digest: str | None = None

    @property
    def name(self) -> str:
        """As the content's."""
        return self._content.name

    @property
    def size_bytes(self) -> int:
        """As the content's."""
        return self._content.size_bytes

    @property
    def modified_at(self) -> datetime | None:
        """As the content's."""
        return self._content.modified_at

    @property
    def local_path(self) -> Path | None:
        """As the content's."""
        return self._content.local_path

    def read_at(self, offset: int, length: int) -> bytes:
        """As the content's."""
        return self._content.read_at(offset, length)

    def chunks(self) -> Iterator[bytes]:
        """As the content's, hashed on the way."""
        sha256 = hashlib.sha256()
        for chunk in self._content.chunks():
            sha256.update(chunk)
            yield chunk
        self._digest = sha256.hexdigest()

    def digest(self) -> str:
        """The SHA-256, from the last reading to the end or from the content itself."""
        if self._digest is None:
            self._digest = self._content.digest()
        return self._digest
