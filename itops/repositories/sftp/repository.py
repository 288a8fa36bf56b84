"""The repository `sftp`: copies on a server, seen through SFTP with the host key proven; nothing is written there."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from itops.backup.contents import Thing
from itops.backup.copies import Copy, ListedFile
from itops.backup.formats import Effort
from itops.backup.repositories import Listed, Look, LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.local import fetch_thing
from itops.repositories.paths import real_path, shown_path
from itops.repositories.sftp.connection import Connection, connected
from itops.repositories.sftp.content import OpenFiles, SftpContent
from itops.repositories.sftp.hashing import FarSide
from itops.repositories.sftp.packets import Attributes
from itops.repositories.sftp.settings import SftpSettings
from itops.repositories.sftp.walk import Walk, listed

_HEAD = 4096
_SENTINEL_BYTES = 200


class SftpRepository:
    """A folder of a server behind SFTP. One connection for each look and each opened copy."""

    Settings = SftpSettings

    def __init__(self, name: str, settings: SftpSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings
        self._hashing: dict[str, str] = {}  # how the server hashes, by its host key

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Every plain file in the folder.

        Raises SourceUnavailable when the server cannot be reached, shows another host key, refuses the account or has
        no such folder or sentinel; while listing, when the connection breaks.
        """
        steps = self._steps(last_facts)
        # Driven to its first step at once: it connects now, and closes the connection even if it is never read on.
        facts = cast(Mapping[str, Fact], next(steps))
        return Look(repository=self.name, looked_at=now, seen=cast(Iterator[Listed], steps), facts=facts)

    def _steps(self, last_facts: Mapping[str, Fact]) -> Iterator[Listed | Mapping[str, Fact]]:
        """The facts, then what is listed."""
        with self._explained("the look at"), connected(self._settings) as connection:
            root, sftp = self._root(connection), connection.sftp
            facts: dict[str, Fact] = {"host_key": connection.host_key, "software": shown_path(connection.software)}
            facts["hashing"] = (
                FarSide(connection, self._hashing).method if self._settings.hash_command == "auto" else "read"
            )
            if self._settings.sentinel is not None:
                facts["sentinel"] = self._sentinel(connection, root)
            facts["is_empty"] = sftp.is_empty(root + b"/")
            yield facts
            if facts["is_empty"] and last_facts.get("is_empty") is False:
                yield self._emptied()
            for thing in Walk(sftp, root, self._settings.skip):
                if isinstance(thing, LookGap):
                    yield thing
                elif (file := listed(*thing)).path != self._settings.sentinel:
                    yield file
            # A disk that goes away in the middle leaves folders that merely seem to be gone.
            if sftp.is_empty(root + b"/") is not facts["is_empty"]:
                raise SourceUnavailable(
                    f"{self._settings.path} on {self._settings.host} was emptied or unmounted while it was looked at",
                    remedy="see that its disk is mounted there and look again",
                )

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as failure:
            reason = failure.strerror or str(failure) or "no answer in time"
            raise SourceUnavailable(
                f"{what} {self._settings.host} failed: {reason}",
                remedy="try again; if it stays so, look at the server's log and the network",
            ) from failure

    def _root(self, connection: Connection) -> bytes:
        """The folder, absolute."""
        try:
            root = connection.sftp.real_path(self._settings.path.encode()).rstrip(b"/")
            connection.sftp.is_empty(root + b"/")
        except (ConnectionError, TimeoutError):
            raise
        except OSError as failure:
            raise SourceUnavailable(
                f"{self._settings.path} on {self._settings.host} cannot be listed: {failure.strerror or failure}",
                remedy="check `path` as the account sees it (`sftp` shows it), its rights, and that its disk is there",
            ) from failure
        return root

    def _sentinel(self, connection: Connection, root: bytes) -> str:
        """Its first line."""
        sentinel = self._settings.sentinel or ""
        try:
            handle = connection.sftp.open(root + b"/" + os.fsencode(real_path(sentinel)))
            start = connection.sftp.read(handle, 0, _SENTINEL_BYTES)
            connection.sftp.close(handle)
        except (FileNotFoundError, PermissionError) as failure:
            raise SourceUnavailable(
                f"{self._settings.path} on {self._settings.host} is not mounted: its sentinel {sentinel} is not there",
                remedy=f"mount the right disk there; if it is the right one, create {sentinel} in it",
            ) from failure
        return shown_path(start.split(b"\n")[0].decode("utf-8", "surrogateescape").strip())

    def _emptied(self) -> LookGap:
        return LookGap(
            subject=f"folder {self._settings.path}",
            code="folder.emptied",
            problem="something was there at the last look and nothing is now: an unmounted disk looks the same",
            remedy="mount the disk on the server; if it was emptied on purpose, nothing: the next look believes it",
            hides=True,
        )

    @contextmanager
    def open(self, copy: Copy) -> Iterator[Thing]:
        """The copy's bytes, good until the end of the context; raises SourceUnavailable, or OSError for a lost file."""
        with connected(self._settings) as connection:
            root = self._root(connection)
            yield (
                self._folder(connection, root, copy) if copy.key.endswith("/") else self._files(connection, root, copy)
            )

    def _files(self, connection: Connection, root: bytes, copy: Copy) -> Thing:
        named = [file.path for file in copy.files] or [copy.key]
        raw = [os.fsencode(real_path(path)) for path in named]
        shared = os.path.commonpath([b"/" + os.path.dirname(path) for path in raw])
        found = [(path, connection.sftp.status(root + b"/" + path)) for path in raw]
        names = [os.path.relpath(b"/" + path, shared) for path in raw]
        return self._thing(connection, root, named[0], [(n, *f) for n, f in zip(names, found, strict=True)])

    def _folder(self, connection: Connection, root: bytes, copy: Copy) -> Thing:
        folder = os.fsencode(real_path(copy.key.rstrip("/"))) + b"/"
        found = []
        for thing in Walk(connection.sftp, root + b"/" + folder.rstrip(b"/"), self._settings.skip):
            if isinstance(thing, LookGap):
                raise PermissionError(f"{thing.subject}: {thing.problem}")
            found.append((thing[0], folder + thing[0], thing[1]))
        if not found:
            connection.sftp.status(root + b"/" + folder.rstrip(b"/"))  # FileNotFoundError where there is none
        return self._thing(connection, root, copy.key, sorted(found))

    def _thing(
        self, connection: Connection, root: bytes, shown: str, found: list[tuple[bytes, bytes, Attributes]]
    ) -> Thing:
        """`found`: name in the thing, path below the root, attributes."""
        opened = OpenFiles(connection.sftp)
        far_side = FarSide(connection, self._hashing) if self._settings.hash_command == "auto" else None
        for _, path, attributes in found:
            if not attributes.is_file:
                raise OSError(f"{shown_path(os.fsdecode(path))} is a link, pipe or device, not a plain file")
        contents = tuple(
            SftpContent(
                connection.sftp, opened, far_side, root + b"/" + path, shown_path(os.fsdecode(name)), attributes
            )
            for name, path, attributes in found
        )
        is_folder = shown.endswith("/")
        return Thing(
            path=f"sftp://{self._settings.host}{shown_path(os.fsdecode(root))}/{shown}",
            files=contents,
            is_folder=is_folder,
            head=b"" if is_folder else contents[0].read_at(0, _HEAD),
        )

    def still_same(self, copy: Copy) -> bool:
        """Whether all its files are as they were listed: to be asked after reading them; raises SourceUnavailable."""
        with self._explained("a second look at"), connected(self._settings) as connection:
            root = self._root(connection)
            return all(self._is_as_listed(connection, root, file) for file in copy.files)

    def _is_as_listed(self, connection: Connection, root: bytes, file: ListedFile) -> bool:
        try:
            raw = os.fsencode(real_path(file.path))
            status = connection.sftp.status(root + b"/" + raw)
        except (ConnectionError, TimeoutError):
            raise
        except OSError:
            return False
        return listed(raw, status) == file

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """A copy of the copy below `into`, under its real names; raises SourceUnavailable."""
        with self._explained(f"fetching {copy.key} from"), self.open(copy) as thing:
            return fetch_thing(thing, into, effort)
