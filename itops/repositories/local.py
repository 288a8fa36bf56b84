"""Files and folders of this machine as Contents and Things."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from itops.backup.contents import Content, Thing
from itops.backup.formats import Effort
from itops.errors import SourceUnavailable
from itops.repositories.paths import moment_of, real_path, shown_path

_BLOCK = 1 << 20
_HEAD = 4096
# A file replaced by a named pipe must not hang us; the flag does nothing to a file.
_FLAGS = getattr(os, "O_NONBLOCK", 0)


class LocalContent:
    """The bytes of a file of this machine, or of a mounted share."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.local_path: Path = path
        self.name = shown_path(path.name) if name is None else name
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a plain file", str(path))
        self.size_bytes = status.st_size
        self.modified_at = moment_of(status.st_mtime_ns)

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the end."""
        with open(self.local_path, "rb", buffering=0, opener=_opener) as file:
            return os.pread(file.fileno(), length, offset) if length <= _BLOCK else _read(file.fileno(), offset, length)

    def chunks(self) -> Iterator[bytes]:
        """Everything, in blocks of 1 MiB."""
        with open(self.local_path, "rb", buffering=0, opener=_opener) as file:
            while block := file.read(_BLOCK):
                yield block

    def digest(self) -> str:
        """The SHA-256."""
        with open(self.local_path, "rb", buffering=0, opener=_opener) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | _FLAGS)


def _read(descriptor: int, offset: int, length: int) -> bytes:
    blocks = []
    while length > 0 and (block := os.pread(descriptor, min(length, _BLOCK), offset)):
        blocks.append(block)
        offset, length = offset + len(block), length - len(block)
    return b"".join(blocks)


def file_thing(path: Path, shown: str | None = None) -> Thing:
    """A lone file."""
    content = LocalContent(path)
    return Thing(path=shown or shown_path(str(path)), files=(content,), head=content.read_at(0, _HEAD))


def folder_thing(
    path: Path,
    shown: str | None = None,
    *,
    skip: Collection[str] = (),
    on_error: Callable[[OSError], None] | None = None,
) -> Thing:
    """A folder with everything below it but the folders named in `skip`; links are not followed.

    `on_error` is told of each folder and file that cannot be read, which is then left out; without it that raises.
    """
    told = _raise if on_error is None else on_error
    files = []
    for below in _files_below(path, skip, told):
        try:
            files.append(LocalContent(below, shown_path(below.relative_to(path).as_posix())))
        except OSError as error:
            told(error)
    files.sort(key=lambda content: content.name)
    return Thing(path=shown or shown_path(str(path)), files=tuple(files), is_folder=True)


def set_thing(paths: tuple[Path, ...], shown: str) -> Thing:
    """The stripes of one set; their names are relative to the folder they share."""
    shared = os.path.commonpath([path.parent for path in paths])
    contents = tuple(LocalContent(path, shown_path(path.relative_to(shared).as_posix())) for path in paths)
    return Thing(path=shown, files=contents, head=contents[0].read_at(0, _HEAD))


def _files_below(path: Path, skip: Collection[str], told: Callable[[OSError], None]) -> Iterator[Path]:
    """Without recursion: os.walk goes as deep into itself as folders lie in folders."""
    pending = [os.fspath(path)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in skip:
                            pending.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield Path(entry.path)
        except OSError as error:
            told(error)


def _raise(error: OSError) -> None:
    raise error


def fetch_thing(thing: Thing, into: Path, effort: Effort) -> Path:
    """Write a thing below `into` under its real names: the file, the folder of it, or `into` with all stripes.

    Raises SourceUnavailable when it cannot be read or there is no room; Unprovable when the time is used up.
    """
    try:
        free = shutil.disk_usage(into).free
        if free < thing.size_bytes:
            raise SourceUnavailable(
                f"no room for {thing.path} in {into}: {thing.size_bytes} bytes are needed, {free} are free",
                remedy="make room, or let restores go to another disk",
            )
        folder = into / real_path(thing.path.rstrip("/").rpartition("/")[2]) if thing.is_folder else into
        folder.mkdir(parents=True, exist_ok=True)
        written = [_fetch(content, folder / real_path(content.name), effort) for content in thing.files]
    except OSError as failure:
        raise SourceUnavailable(
            f"cannot fetch {thing.path}: {failure.strerror or failure}", remedy="look whether it can be read, try again"
        ) from failure
    return folder if thing.is_folder or len(written) != 1 else written[0]


def _fetch(content: Content, target: Path, effort: Effort) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        for chunk in content.chunks():
            effort.tick()
            file.write(chunk)
    if content.modified_at is not None:
        os.utime(target, (content.modified_at.timestamp(),) * 2)
    return target
