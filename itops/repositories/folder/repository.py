"""The repository `folder`: lists, opens and fetches files of this machine or of a mounted share."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.backup.contents import Thing
from itops.backup.copies import Copy, ListedFile
from itops.backup.formats import Effort
from itops.backup.repositories import Listed, Look, LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.folder.device import observe, refuse_other_device, vanished_mounts
from itops.repositories.folder.scan import Scan
from itops.repositories.folder.settings import FolderSettings
from itops.repositories.local import fetch_thing, file_thing, folder_thing, set_thing
from itops.repositories.paths import real_path, shown_path


class FolderRepository:
    """A folder in which copies lie."""

    Settings = FolderSettings

    def __init__(self, name: str, settings: FolderSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Every plain file in the folder, whatever its name.

        Raises SourceUnavailable when the folder cannot be listed, lies on another file system than at the last look,
        is not mounted though it must be, or lacks its sentinel; while listing, when it is unmounted meanwhile.
        """
        observed = observe(self._settings)
        if not self._settings.any_device:
            refuse_other_device(self._settings.path, last_facts, observed.facts)
        gaps = tuple(vanished_mounts(last_facts, observed.facts))
        return Look(repository=self.name, looked_at=now, seen=self._seen(gaps, observed.device), facts=observed.facts)

    def _seen(self, gaps: tuple[LookGap, ...], device: int) -> Iterator[Listed]:
        yield from gaps
        sentinel = self._settings.sentinel
        yield from Scan(str(self._settings.path), self._settings.skip, () if sentinel is None else (sentinel,))
        # A disk that goes away in the middle leaves folders that merely seem to be gone.
        try:
            still = self._settings.path.stat().st_dev
        except OSError:
            still = None
        if still != device:
            raise SourceUnavailable(
                f"{self._settings.path} was unmounted while it was looked at", remedy="mount it and look again"
            )

    @contextmanager
    def open(self, copy: Copy) -> Iterator[Thing]:
        """The copy's bytes where they lie; raises OSError when a file is gone, is no plain file or leads elsewhere."""
        root = self._settings.path
        if copy.key.endswith("/"):
            yield folder_thing(self._inside(copy.key.rstrip("/")), f"{root}/{copy.key}", skip=self._settings.skip)
            return
        paths = tuple(self._inside(file.path) for file in copy.files) or (self._inside(copy.key),)
        yield set_thing(paths, shown_path(str(paths[0]))) if len(paths) > 1 else file_thing(paths[0])

    def still_same(self, copy: Copy) -> bool:
        """Whether all its files are as they were listed: to be asked after reading them."""
        return all(self._is_as_listed(file) for file in copy.files)

    def _is_as_listed(self, file: ListedFile) -> bool:
        try:
            status = self._inside(file.path).lstat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (file.size_bytes, file.modified_ns)

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """A copy of the copy below `into`, under its real names; raises SourceUnavailable."""
        try:
            with self.open(copy) as thing:
                return fetch_thing(thing, into, effort)
        except OSError as failure:
            raise SourceUnavailable(
                f"cannot read {copy.key} in {self._settings.path}: {failure.strerror or failure}",
                remedy="look at the repository again, then at the file's rights",
            ) from failure

    def _inside(self, path: str) -> Path:
        """The path on this machine; raises OSError when it, or a folder on the way, is a link or no file at all."""
        real = self._settings.path
        for part in real_path(path).split("/"):
            real = real / part
            mode = real.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise OSError(errno.EINVAL, "a link, pipe or device, not a plain file", os.fspath(real))
        return real
