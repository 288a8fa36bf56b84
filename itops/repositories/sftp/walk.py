"""Walk a folder behind SFTP: one listing a folder, no recursion, no links."""

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import closing

from itops.backup.copies import ListedFile
from itops.backup.repositories import LookGap
from itops.repositories.paths import shown_path
from itops.repositories.sftp.packets import Attributes
from itops.repositories.sftp.protocol import Sftp

_MOST_GAPS = 100
_LONGEST_PATH = 4096
_MOST_FOLDERS = 1_000_000  # a server may make up folders without end


class Walk:
    """One walk: every plain file below `root`, its path relative to it, and a gap for what cannot be listed.

    Raises ConnectionError or TimeoutError when the connection breaks.
    """

    def __init__(self, sftp: Sftp, root: bytes, skip: Collection[str], *, most_folders: int = _MOST_FOLDERS) -> None:
        self._sftp = sftp
        self._root = root
        self._skip = {os.fsencode(name) for name in skip}
        self._pending = [b""]  # folders to come, relative, b"" or ending in "/"
        self._known_folders = 1
        self._most_folders = most_folders
        self._unreadable = 0

    def __iter__(self) -> Iterator[tuple[bytes, Attributes] | LookGap]:
        while self._pending:
            folder = self._pending.pop()
            try:
                yield from self._folder(folder)
            except (ConnectionError, TimeoutError):
                raise
            except FileNotFoundError:
                continue  # removed since its parent was listed
            except OSError as error:
                self._unreadable += 1
                if self._unreadable <= _MOST_GAPS:
                    yield _gap(folder, f"it cannot be listed: {error.strerror or error}")
        if self._known_folders > self._most_folders:
            yield _gap(b"", f"it has more than {self._most_folders:,} folders; the rest was not looked at")
        if self._unreadable > _MOST_GAPS:
            yield _gap(b"", f"{self._unreadable - _MOST_GAPS} more folders below it cannot be listed")

    def _folder(self, folder: bytes) -> Iterator[tuple[bytes, Attributes]]:
        if len(folder) > _LONGEST_PATH:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        with closing(self._sftp.listing(self._root + b"/" + folder)) as names:
            for name, attributes in names:
                if not name or b"/" in name or b"\0" in name:
                    continue  # no file has such a name, only a server that means harm
                if attributes.is_folder:
                    if name not in self._skip:
                        self._remember(folder + name + b"/")
                elif attributes.is_file:
                    yield folder + name, attributes

    def _remember(self, folder: bytes) -> None:
        self._known_folders += 1
        if self._known_folders <= self._most_folders:
            self._pending.append(folder)


def listed(path: bytes, attributes: Attributes) -> ListedFile:
    """As a listing has it; a time the server does not tell is 0."""
    return ListedFile(
        shown_path(os.fsdecode(path)), attributes.size_bytes or 0, (attributes.modified_seconds or 0) * 10**9
    )


def _gap(folder: bytes, problem: str) -> LookGap:
    return LookGap(
        subject=f"folder {shown_path(os.fsdecode(folder.rstrip(b'/'))) or '/'}",
        code="folder.unreadable",
        problem=problem,
        remedy="let the account of itops read it on the server",
        hides=True,
    )
