"""Is this the disk that was here last time? An unmounted target must never look like an empty repository."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from itops.backup.repositories import LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.folder.mounts import Mount, filesystem_uuid, mount_of, mounted_below, mounts_now
from itops.repositories.folder.settings import FolderSettings
from itops.repositories.paths import real_path, shown_path

_SENTINEL_BYTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A folder before it is walked."""

    device: int  # st_dev, good for this look only
    facts: Mapping[str, Fact]


def observe(settings: FolderSettings) -> Observed:
    """What can be told of the folder without walking it; raises SourceUnavailable when it cannot serve."""
    path = settings.path
    try:
        with os.scandir(path) as entries:  # first, so that an automounter mounts
            is_empty = next(entries, None) is None
        device = path.stat().st_dev
        place = os.path.realpath(path)
        is_mount_point = device != Path(place).parent.stat().st_dev
    except OSError as failure:
        raise SourceUnavailable(
            f"{shown_path(str(path))} cannot be listed: {failure.strerror or failure}",
            remedy="mount it, or check `path` and its rights",
        ) from failure
    mounts = mounts_now()
    is_mount_point = is_mount_point or any(mount.point == place for mount in mounts)
    if settings.must_be_mounted and not is_mount_point:
        raise SourceUnavailable(f"{shown_path(str(path))} is not mounted: it is a plain folder", remedy=_MOUNT)
    facts: dict[str, Fact] = {"is_empty": is_empty, **_device_facts(device, mount_of(place, mounts))}
    if inside := mounted_below(place, mounts):
        facts["mounts"] = "\n".join(map(shown_path, inside))
    if settings.sentinel is not None:
        facts["sentinel"] = _sentinel(path, settings.sentinel)
    return Observed(device=device, facts=facts)


_MOUNT = "mount the disk or share; if the repository moved for good, set any_device: true for one look"


def _device_facts(device: int, mount: Mount | None) -> dict[str, Fact]:
    if mount is None:
        return {"device": f"{os.major(device)}:{os.minor(device)}"}
    facts: dict[str, Fact] = {"device": shown_path(f"{mount.kind} {mount.source}")}
    if uuid := filesystem_uuid(device, mount.source):
        facts["filesystem"] = uuid
    return facts


def _sentinel(path: Path, sentinel: str) -> str:
    """Its first line: on disks that rotate it can name the disk."""
    file = path / real_path(sentinel)
    try:
        with file.open("rb") as opened:
            start = opened.read(_SENTINEL_BYTES)
    except OSError as failure:
        raise SourceUnavailable(
            f"{shown_path(str(path))} is not mounted: its sentinel {sentinel} is not there ({failure.strerror})",
            remedy=f"mount the right disk; if it is the right one, create {sentinel} in it",
        ) from failure
    return shown_path(start.split(b"\n")[0].decode("utf-8", "surrogateescape").strip())


def refuse_other_device(path: Path, last: Mapping[str, Fact], facts: Mapping[str, Fact]) -> None:
    """Raise SourceUnavailable when the folder lies on another file system than at the last look.

    By UUID where both looks know it, for device names follow the order in which disks are found.
    """
    key = "filesystem" if last.get("filesystem") and facts.get("filesystem") else "device"
    before, here = last.get(key), facts.get(key)
    if before is not None and here is not None and before != here:
        raise SourceUnavailable(
            f"{shown_path(str(path))} is not mounted: it lay on {before} at the last look, now it lies on {here}",
            remedy=_MOUNT,
        )


def vanished_mounts(last: Mapping[str, Fact], facts: Mapping[str, Fact]) -> Iterator[LookGap]:
    """What was mounted inside the folder at the last look and is not any more: an empty folder stands in its place."""
    here = set(str(facts.get("mounts") or "").split("\n"))
    for point in sorted(set(str(last.get("mounts") or "").split("\n")) - here - {""}):
        yield LookGap(
            subject=f"folder {point}",
            code="folder.not-mounted",
            problem="something was mounted there at the last look and is not now",
            remedy="mount it; if it is gone for good, nothing: the next look no longer expects it",
            hides=True,
        )
