"""A content that hashes itself while somebody else reads it from end to end, so that no byte is read twice."""

import hashlib
from collections.abc import Iterator

from itops.backup.contents import Content, Wrapped


class Hashed(Wrapped):
    """A Content whose digest costs nothing after its chunks were read to the end."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self._digest: str | None = None

    def chunks(self) -> Iterator[bytes]:
        """As the content's, hashed on the way."""
        sha256 = hashlib.sha256()
        for chunk in super().chunks():
            sha256.update(chunk)
            yield chunk
        self._digest = sha256.hexdigest()

    def digest(self) -> str:
        """The SHA-256, from the last reading to the end or from the content itself."""
        if self._digest is None:
            self._digest = super().digest()
        return self._digest
