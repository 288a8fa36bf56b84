"""How the bytes of a copy are read, wherever they lie: on this disk, on a share, behind SFTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class Content(Protocol):
    """The bytes of one file. All reads raise OSError as a local file would."""

    @property
    def name(self) -> str:
        """Its path inside its thing (`base/1/1259`), the file name for a lone file. Never trusted as a path."""
        ...

    @property
    def size_bytes(self) -> int:
        """Its size when it was listed."""
        ...

    @property
    def modified_at(self) -> datetime | None:
        """When it was last written, aware, UTC."""
        ...

    @property
    def local_path(self) -> Path | None:
        """Where a program on this machine can read it; None over a network."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the end of the file."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Everything from the first byte to the last, in blocks of at most 1 MiB."""
        ...

    def digest(self) -> str:
        """The SHA-256 of everything, lower-case hex; computed on the far side where that is allowed."""
        ...


class Wrapped:
    """A Content that does what another one does; the base of those that add to it."""

    def __init__(self, content: Content, name: str | None = None) -> None:
        self._content = content
        self.name = content.name if name is None else name

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
        """As the content's."""
        return self._content.chunks()

    def digest(self) -> str:
        """As the content's."""
        return self._content.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a format examines: one file, the stripes of one set, or a folder that is one backup."""

    path: str  # as people see it
    files: tuple[Content, ...]  # a lone file, all stripes, or every file below the folder, sorted by name
    is_folder: bool = False
    head: bytes = b""  # the first 4 KiB of a lone file or of the first stripe

    @property
    def file(self) -> Content:
        """The file of a lone file."""
        return self.files[0]

    @property
    def size_bytes(self) -> int:
        """Of all its files together."""
        return sum(file.size_bytes for file in self.files)

    def member(self, name: str) -> Content | None:
        """The file called `name` in the folder."""
        return next((file for file in self.files if file.name == name), None)
