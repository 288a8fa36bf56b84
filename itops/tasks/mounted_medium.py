"""Which disk is mounted at a folder: what the machine tells of it, and what itops once wrote onto it.

All of Linux's own files, no program is run: mountinfo, udev's notes, /dev/disk/by-uuid, /sys. Where the machine tells
nothing (another system, a network share) the values are empty, and an empty value proves nothing.
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from itops.backup.custody.labels import parse_label
from itops.backup.custody.manifests import ID_FILE
from itops.errors import InputInvalid
from itops.text import plain

_LONGEST_NOTE = 64 << 10
_OCTAL = re.compile(r"\\([0-7]{3})")
_BOGUS_SERIAL = re.compile(r"(.)\1*|0?123456789\w*|\W*")
"""What cheap USB cases give as the serial number of every disk in them."""
_DEEPEST = 4  # a file system on LVM on an encrypted volume on a partition


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumNote:
    """What itops wrote onto a medium: whose it is, its manifest, and the register's head at that moment."""

    medium: str
    manifest_hash: str = ""
    row: int = 0  # the number and the hash of the row that told of the writing
    row_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A mounted disk, as far as it can be told."""

    folder: Path
    capacity_bytes: int
    free_bytes: int
    file_system: str = ""
    file_system_uuid: str = ""
    device_serial: str = ""
    maker: str = ""
    model: str = ""
    note: MediumNote | None = None


def kernel_uuid(folder: Path) -> str:
    """The file system's UUID as newer kernels tell without udev; "" where they do not."""
    import fcntl  # noqa: PLC0415  not on every system

    get_fs_uuid = 0x80111500  # FS_IOC_GETFSUUID: one byte of length, sixteen of UUID
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        told = fcntl.ioctl(descriptor, get_fs_uuid, bytes(17))
    except OSError:
        return ""  # an older kernel, or a file system that has none
    finally:
        os.close(descriptor)
    digits = told[1:].hex()
    if told[0] != 16 or not digits.strip("0"):
        return ""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where this machine tells of its disks."""

    mounts: Path = Path("/proc/self/mountinfo")
    sys: Path = Path("/sys")
    dev: Path = Path("/dev")
    udev: Path = Path("/run/udev/data")
    ask_kernel: Callable[[Path], str] = kernel_uuid

    def mounted(self, folder: Path) -> Mounted:
        """The disk that the folder lies on; raises InputInvalid when it cannot be read."""
        try:
            usage = shutil.disk_usage(folder)
            note = _note(folder)
            if not folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
            mount = self._mount(folder)
        except OSError as failure:
            raise InputInvalid(
                f"cannot read {folder}: {failure.strerror or failure}", remedy="check the path, and that the disk is in"
            ) from failure
        told = self._udev(mount.number)
        disk = self._disk(mount.number)
        serial = told.get("ID_SERIAL_SHORT") or _first_line(disk, "serial", "device/serial") or _page_80(disk)
        return Mounted(
            folder=folder,
            capacity_bytes=usage.total,
            free_bytes=usage.free,
            file_system=told.get("ID_FS_TYPE") or mount.file_system,
            file_system_uuid=told.get("ID_FS_UUID") or self._by_uuid(mount.source) or self.ask_kernel(folder),
            device_serial="" if _BOGUS_SERIAL.fullmatch(serial) else serial,
            maker=_first_line(disk, "device/vendor"),
            model=told.get("ID_MODEL", "").replace("_", " ") or _first_line(disk, "device/model"),
            note=note,
        )

    def _mount(self, folder: Path) -> "_Mount":
        """The mount the folder lies on: the longest path above it, of equal ones the one mounted last."""
        try:
            lines = self.mounts.read_text("utf-8", "surrogateescape").splitlines()
        except FileNotFoundError:
            return _Mount()  # not Linux
        real = os.path.realpath(folder)
        found = _Mount()
        for line in lines:
            mount = _parsed(line)
            is_above = mount is not None and os.path.commonpath([mount.point, real]) == mount.point
            if mount is not None and is_above and len(mount.point) >= len(found.point):
                found = mount
        return found

    def _udev(self, number: str) -> Mapping[str, str]:
        """What udev noted of the device of that number (8:17)."""
        try:
            lines = (self.udev / f"b{number}").read_text("utf-8", "replace").splitlines()
        except OSError:
            return {}  # no udev here, as in a container
        pairs = (line[2:].partition("=") for line in lines if line.startswith("E:"))
        return {name: plain(value).strip() for name, _, value in pairs}

    def _by_uuid(self, source: str) -> str:
        wanted = os.path.realpath(source)
        try:
            links = list((self.dev / "disk" / "by-uuid").iterdir())
        except OSError:
            return ""
        return next((link.name for link in links if source and os.path.realpath(link) == wanted), "")

    def _disk(self, number: str) -> Path | None:
        """The whole disk below a partition, an encrypted volume, a volume of LVM on one disk."""
        place = self.sys / "dev" / "block" / number
        for _ in range(_DEEPEST):
            if not number or not place.exists():
                return None
            place = place.resolve()
            if (place / "partition").exists():
                return place.parent
            below = list((place / "slaves").iterdir()) if (place / "slaves").is_dir() else []
            if not below:
                return place
            if len(below) > 1:
                return None  # several disks are one file system: none of them is the medium
            place = below[0]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mount:
    point: str = ""
    number: str = ""  # major:minor
    file_system: str = ""
    source: str = ""


def _parsed(line: str) -> _Mount | None:
    """A line of mountinfo: id parent major:minor root point options ... - type source options."""
    left, dash, right = line.partition(" - ")
    before, behind = left.split(" "), right.split(" ")
    if not dash or len(before) < 5 or len(behind) < 2 or not before[4].startswith("/"):
        return None
    return _Mount(point=_unescaped(before[4]), number=before[2], file_system=behind[0], source=_unescaped(behind[1]))


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def _first_line(disk: Path | None, *names: str) -> str:
    """The first of some small files of /sys that says anything."""
    for name in names if disk is not None else ():
        try:
            text = (disk / name).read_text("utf-8", "replace") if disk is not None else ""
        except OSError:
            continue  # this kind of disk has no such file
        if text.strip():
            return plain(text.strip())
    return ""


def _page_80(disk: Path | None) -> str:
    """The serial number of a SCSI or SATA disk: its vital product data, page 80h, behind four bytes of header."""
    try:
        page = b"" if disk is None else (disk / "device" / "vpd_pg80").read_bytes()
    except OSError:
        return ""  # no such disk
    return plain(page[4:].decode("ascii", "replace").strip())


def _note(folder: Path) -> MediumNote | None:
    """What itops wrote onto the disk; None where there is nothing, or nothing that makes sense."""
    try:
        with open(folder / ID_FILE, "rb", opener=_plain_file) as file:
            told = json.loads(file.read(_LONGEST_NOTE))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as failure:
        if failure.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            return None  # a link, a folder, a pipe: not what itops wrote
        raise
    except (ValueError, RecursionError):
        return None
    medium = parse_label(str(told.get("medium"))) if isinstance(told, dict) else None
    if medium is None:
        return None
    row = told.get("row")
    return MediumNote(
        medium=medium,
        manifest_hash=str(told.get("manifest_hash", "")),
        row=row if isinstance(row, int) else 0,
        row_hash=str(told.get("row_hash", "")),
    )


def _plain_file(path: str, flags: int) -> int:
    """A medium may be anybody's: no link of it is followed, no pipe on it is waited for."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def note_text(note: MediumNote) -> str:
    """As it is written onto the medium."""
    fields = {
        "schema": "itops.medium/1",
        "medium": note.medium,
        "manifest_hash": note.manifest_hash,
        "row": note.row,
        "row_hash": note.row_hash,
    }
    return json.dumps(fields, indent=2) + "\n"
