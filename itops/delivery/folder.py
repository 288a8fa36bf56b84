"""The target `folder`: a mounted share, or a stick that is carried where no line goes."""

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from itops.bundles.targets import RECEIPT_MAX_BYTES, RECEIPTS_FOLDER, BundleOnDisk, HeartbeatFile, Part, Progress, Put
from itops.delivery.durable import copy_whole, sha256_of, write_whole
from itops.delivery.sealing import Way, WaySettings
from itops.errors import DeliveryRefused, SourceUnavailable

_MOST_RECEIPTS = 10_000
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderTargetSettings(WaySettings):
    """Where the drop is."""

    path: Path
    sentinel: str | None = None
    """A file that must lie in it: without it another disk, or none, is mounted there."""
    must_be_mounted: bool = False
    """`path` must be a mount point."""

    def __post_init__(self) -> None:
        if self.sentinel is not None and (self.sentinel in ("", ".", "..") or set(self.sentinel) & set("/\\\0")):
            raise ValueError(f"sentinel: {self.sentinel!r} is not the name of a file in the folder")


class FolderTarget(Way[FolderTargetSettings]):
    """See itops.bundles.targets.Target."""

    Settings = FolderTargetSettings

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """See Target. Each part is synced and renamed before the next one is begun."""
        drop = self._drop()
        sent = resumed = 0
        for part in bundle.parts:
            tell = _Telling(progress, sent + resumed, bundle.size_bytes)
            had = self._put(part, drop, tell)
            sent, resumed = sent + part.size_bytes - had, resumed + had
            progress(sent + resumed, bundle.size_bytes)
        return Put(sent_bytes=sent, resumed_bytes=resumed)

    def _put(self, part: Part, drop: Path, tell: "_Telling") -> int:
        """Bring one part there; how many of its bytes were there already."""
        place = drop / part.name
        try:
            if self._is_there(place, part):
                return part.size_bytes
            return copy_whole(part.path, place, tell)
        except OSError as failure:
            raise self._closed(f"{part.name} cannot be written: {failure.strerror or failure}") from failure

    def _is_there(self, place: Path, part: Part) -> bool:
        """Whether it lies there whole. A shorter one was cut while a stick was pulled out: it is written anew."""
        try:
            found = place.lstat()
        except FileNotFoundError:
            return False
        if stat.S_ISREG(found.st_mode) and found.st_size < part.size_bytes:
            return False
        if stat.S_ISREG(found.st_mode) and found.st_size == part.size_bytes and sha256_of(place) == part.sha256:
            return True
        raise DeliveryRefused(
            f"{place} is there with another content than the bundle has",
            remedy="ask headquarters who put it there; when it is moved away: itops report resend",
        )

    def beat(self, heartbeat: HeartbeatFile) -> None:
        """See Target."""
        place = self._drop() / heartbeat.name
        try:
            write_whole(place, heartbeat.content)
        except OSError as failure:
            raise self._closed(f"{place.name} cannot be written: {failure.strerror or failure}") from failure

    def receipts(self, sha256s: Collection[str]) -> Iterator[bytes]:
        """See Target. What is no plain file, or too long for a receipt, is passed over."""
        folder = self._drop() / RECEIPTS_FOLDER
        wanted = frozenset(sha256s)
        try:
            names = sorted(name for name in os.listdir(folder) if name.partition(".")[0] in wanted)
            for name in names[:_MOST_RECEIPTS]:
                yield from self._receipt(folder / name)
        except FileNotFoundError:
            return
        except OSError as failure:
            raise self._closed(f"its receipts cannot be read: {failure.strerror or failure}") from failure

    def _receipt(self, path: Path) -> Iterator[bytes]:
        if path.suffix == ".part" or not stat.S_ISREG(path.lstat().st_mode):
            return
        with os.fdopen(os.open(path, _READ), "rb") as file:
            raw = file.read(RECEIPT_MAX_BYTES + 1)
        if len(raw) <= RECEIPT_MAX_BYTES:
            yield raw

    def _drop(self) -> Path:
        """The folder, once it is sure that the right disk lies there; raises SourceUnavailable."""
        path, sentinel = self._settings.path, self._settings.sentinel
        if not path.is_dir():
            raise self._closed("there is no such folder")
        if self._settings.must_be_mounted and not os.path.ismount(path):
            raise self._closed("nothing is mounted there")
        if sentinel is not None and not (path / sentinel).is_file():
            raise self._closed(f"its sentinel {sentinel} is not there: nothing, or another disk, is mounted")
        return path

    def _closed(self, problem: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"{self.name}: {self._settings.path}: {problem}",
            remedy="mount the share or plug in the stick; look at rights",
        )


class _Telling:
    """Counts pieces of one part on behalf of the whole bundle."""

    def __init__(self, progress: Progress, before: int, whole: int) -> None:
        self._progress = progress
        self._there = before
        self._whole = whole

    def __call__(self, count: int) -> None:
        self._there += count
        self._progress(self._there, self._whole)
