"""Which file system a folder lies on, so that an unmounted disk is never taken for an empty one.

Source: /proc/self/mountinfo and /dev/disk/by-uuid. A device number alone says little: it changes when a share is
mounted anew or disks are found in another order, so it is only the last resort.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

_OCTAL = re.compile(rb"\\([0-7]{3})")
_MOUNTINFO = Path("/proc/self/mountinfo")
_BY_UUID = Path("/dev/disk/by-uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One line of mountinfo: where, what kind of file system, from what."""

    point: str
    kind: str  # ext4, nfs4, cifs
    source: str  # /dev/sdb1, nas:/backup, //nas/backup


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """In the order of mounting: of two at one point the last one is seen."""
    mounts = []
    for line in text.splitlines():
        left, dash, right = line.partition(" - ")
        before, after = left.split(" "), right.split(" ")
        if dash and len(before) > 4 and len(after) > 1:
            mounts.append(Mount(point=_plain(before[4]), kind=after[0], source=_plain(after[1])))
    return tuple(mounts)


def _plain(text: str) -> str:
    """Blanks and line ends stand as octal numbers, byte by byte."""
    raw = _OCTAL.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), os.fsencode(text))
    return os.fsdecode(raw)


def mounts_now() -> tuple[Mount, ...]:
    """Of this process; () where the system has no such list."""
    try:
        return parse_mounts(os.fsdecode(_MOUNTINFO.read_bytes()))
    except OSError:
        return ()


def mount_of(path: str, mounts: tuple[Mount, ...]) -> Mount | None:
    """The mount that `path` (absolute, no links) lies on."""
    found = None
    for mount in mounts:
        if _is_below(path, mount.point) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def mounted_below(path: str, mounts: tuple[Mount, ...]) -> tuple[str, ...]:
    """What is mounted inside the folder, relative to it."""
    inside = {mount.point for mount in mounts if mount.point != path and _is_below(mount.point, path)}
    return tuple(sorted(os.path.relpath(point, path) for point in inside))


def _is_below(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def filesystem_uuid(device: int, source: str, by_uuid: Path = _BY_UUID) -> str | None:
    """The UUID of the file system, lower case; None where udev tells none. `device`: st_dev of the folder."""
    wanted = {device}
    try:
        if source.startswith("/"):  # btrfs numbers its subvolumes by itself; its device is the source
            wanted.add(os.stat(source).st_rdev)
    except OSError:
        pass  # the device node is hidden from us: the number has to do
    try:
        return next((link.name.lower() for link in os.scandir(by_uuid) if os.stat(link.path).st_rdev in wanted), None)
    except OSError:
        return None
