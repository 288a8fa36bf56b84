"""Files and folders of this machine as Contents and Things."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from itops.backup.contents import Thing

_BLOCK = 1 << 20
_HEAD = 4096


class LocalContent:
    """The bytes of a file of this machine, or of a mounted share."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.local_path: Path = path
        self.name = path.name if name is None else name
        status = path.stat()
        self.size_bytes = status.st_size
        self.modified_at = datetime.fromtimestamp(status.st_mtime, UTC)

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the end."""
        with self.local_path.open("rb", buffering=0) as file:
            return os.pread(file.fileno(), length, offset) if length <= _BLOCK else _read(file.fileno(), offset, length)

    def chunks(self) -> Iterator[bytes]:
        """Everything, in blocks of 1 MiB."""
        with self.local_path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                yield block

    def digest(self) -> str:
        """The SHA-256."""
        with self.local_path.open("rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _read(descriptor: int, offset: int, length: int) -> bytes:
    blocks = []
    while length > 0 and (block := os.pread(descriptor, min(length, _BLOCK), offset)):
        blocks.append(block)
        offset, length = offset + len(block), length - len(block)
    return b"".join(blocks)


def file_thing(path: Path, shown: str | None = None) -> Thing:
    """A lone file."""
    content = LocalContent(path)
    return Thing(path=shown or str(path), files=(content,), head=content.read_at(0, _HEAD))


def folder_thing(path: Path, shown: str | None = None) -> Thing:
    """A folder with everything below it; links are not followed."""
    files = tuple(LocalContent(below, below.relative_to(path).as_posix()) for below in sorted(_files_below(path)))
    return Thing(path=shown or str(path), files=files, is_folder=True)


def set_thing(paths: tuple[Path, ...], shown: str) -> Thing:
    """The stripes of one set."""
    contents = tuple(map(LocalContent, paths))
    return Thing(path=shown, files=contents, head=contents[0].read_at(0, _HEAD))


def _files_below(path: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(path, onerror=_raise):
        for name in names:
            below = Path(folder, name)
            if below.is_file() and not below.is_symlink():
                yield below


def _raise(error: OSError) -> None:
    raise error
