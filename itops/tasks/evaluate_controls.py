"""Gather what the controls C01 to C20 want to know, from the store, itops.yaml and the file system; then evaluate them.

Everything is only read. A file or folder that cannot be read is told as that, and its control says so.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from itops.backup.controls.boxes import box_of_address, box_of_mount, short_name
from itops.backup.controls.evaluate import evaluate
from itops.backup.controls.facts import AccessFacts, ControlFacts, DocumentFacts, RepositoryFacts
from itops.backup.controls.media import custody_facts
from itops.backup.controls.verdicts import ControlVerdict
from itops.backup.coverage import KnownVm, coverage
from itops.backup.custody.register import Register
from itops.backup.ledger import KnownCopy, Ledger, LookRecord
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar
from itops.facts import Fact
from itops.repositories.folder.mounts import Mount, filesystem_uuid, mount_of, mounts_now
from itops.repositories.folder.settings import FolderSettings
from itops.repositories.local import LocalContent
from itops.repositories.paths import real_path, shown_path
from itops.tasks.judge_backups import judge_backups, last_states

_GONE = timedelta(days=92)
"""Deletions of the last quarter are listed."""
_HISTORY = timedelta(days=184)
_ENCRYPTED_ALWAYS = frozenset({"restic"})
_SYNTHETIC = ("cifs", "smb", "vfat", "msdos", "exfat", "ntfs", "fuse", "9p", "drvfs", "hfs", "iso9660", "udf")
"""File systems whose modes are invented by the mount: they say nothing of who may read the share."""
_FILES = 500
_OTHERS_READ, _OTHERS_WRITE, _OTHERS_PASS = stat.S_IROTH, stat.S_IWOTH, stat.S_IXOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Where the facts come from."""

    plan: BackupPlan
    calendar: Calendar
    now: datetime
    config: Path  # itops.yaml
    ledger: Ledger | None = None  # None: nobody has scanned yet
    vms: Sequence[KnownVm] = ()
    register: Register | None = None  # of off-site media

    @property
    def databases(self) -> tuple[tuple[str, str], ...]:
        """The (server, name) pairs that servers have, their own left out."""
        known = self.ledger.databases() if self.ledger is not None else []
        return tuple((one.database.server, one.database.name) for one in known if not one.database.is_system)


def evaluate_controls(gathering: Gathering) -> tuple[ControlVerdict, ...]:
    """All twenty, in their order."""
    return evaluate(gather(gathering), gathering.now)


def gather(of: Gathering) -> ControlFacts:
    """Everything the controls read."""
    plan, ledger, now = of.plan, of.ledger, of.now
    document = plan.controls.document
    databases = tuple(ledger.databases()) if ledger is not None else ()
    looks = tuple(ledger.looks()) if ledger is not None else ()
    copies = tuple(ledger.copies(gone_after=now - _GONE)) if ledger is not None else ()
    register = of.register
    return ControlFacts(
        plan=plan,
        calendar=of.calendar,
        plan_file=_document(of.config, of.config.parent),
        document=None if document is None else _document(document.path, of.config.parent),
        coverage=coverage(plan, databases, of.vms, now.astimezone(of.calendar.zone).date()),
        vm_count=len(of.vms),
        vms_seen_at=max((vm.seen_at for vm in of.vms), default=None),
        repositories=tuple(_repositories(plan, looks, copies, now)),
        verdicts=judge_backups(plan, ledger, of.calendar, now).verdicts if ledger is not None else (),
        copies=copies,
        looks=looks,
        databases=databases,
        server_facts=tuple(ledger.server_facts()) if ledger is not None else (),
        drills=tuple(ledger.drills()) if ledger is not None else (),
        history=tuple(ledger.verdicts(now - _HISTORY, now + timedelta(seconds=1))) if ledger is not None else (),
        history_since=now - _HISTORY,
        custody=custody_facts(register, plan, of.calendar, now, of.databases) if register and register.rows else None,
    )


def _document(path: Path, folder: Path) -> DocumentFacts:
    """Its hash and when it was last written; shown relative to itops.yaml where it lies below."""
    below = path.relative_to(folder) if path.is_relative_to(folder) else path
    shown = shown_path(below.as_posix())
    try:
        content = LocalContent(path)
        return DocumentFacts(path=shown, sha256=content.digest(), modified_at=content.modified_at)
    except FileNotFoundError:
        return DocumentFacts(path=shown, problem="missing")
    except OSError:
        return DocumentFacts(path=shown, problem="unreadable")


def _repositories(
    plan: BackupPlan, looks: Sequence[LookRecord], copies: Sequence[KnownCopy], now: datetime
) -> Iterator[RepositoryFacts]:
    mounts = mounts_now()
    last = last_states([look for look in looks if look.is_complete])
    for name, held in plan.repositories.items():
        told: Mapping[str, Fact] = last[name].facts if name in last else {}
        yield RepositoryFacts(
            name=name,
            place=held.place,
            box=_box(held.settings, told, mounts) or name,
            holds_copies="history_days" not in told,
            is_encrypted=_is_encrypted(held.type, told),
            access=_access(held.settings, [one for one in copies if one.copy.repository == name], mounts, now),
        )


def _is_encrypted(kind: str, told: Mapping[str, Fact]) -> bool | None:
    """What the product says of the whole repository; restic knows no other way."""
    mode = told.get("encryption")
    if isinstance(mode, str) and mode:
        return mode != "none"
    return True if kind in _ENCRYPTED_ALWAYS else None


def _box(settings: Any, told: Mapping[str, Fact], mounts: tuple[Mount, ...]) -> str | None:
    """By the last look where it tells, for a disk that is away now; else by the settings."""
    if isinstance(told.get("device"), str):
        kind, _, source = str(told["device"]).partition(" ")
        return box_of_mount(kind, source) or str(told.get("filesystem") or told["device"])
    host, address, path = (getattr(settings, name, None) for name in ("host", "address", "path"))
    if isinstance(host, str):
        return short_name(host)
    if isinstance(address, str):
        return box_of_address(address)
    return _box_of_path(path, mounts) if isinstance(path, Path) else None


def _box_of_path(path: Path, mounts: tuple[Mount, ...]) -> str | None:
    try:
        device = path.stat().st_dev
    except OSError:
        return None
    mount = mount_of(os.path.realpath(path), mounts)
    if mount is None:
        return f"{os.major(device)}:{os.minor(device)}"
    shown = shown_path(f"{mount.kind} {mount.source}")
    return box_of_mount(mount.kind, mount.source) or filesystem_uuid(device, mount.source) or shown


def _access(settings: Any, copies: Iterable[KnownCopy], mounts: tuple[Mount, ...], now: datetime) -> AccessFacts | None:
    """Who may read and write a folder of this machine and the copies in it; None for what is none."""
    if not isinstance(settings, FolderSettings):
        return None
    if os.name != "posix":
        return AccessFacts(checked_at=now, problem="not-posix")
    root = Path(os.path.realpath(settings.path))
    mount = mount_of(str(root), mounts)
    try:
        status = root.stat()
        is_reached = _is_reached(root)
    except OSError:
        return AccessFacts(checked_at=now, problem="unreadable")
    told = AccessFacts(checked_at=now, mode=f"{stat.S_IMODE(status.st_mode):04o}", owner=_owner(status.st_uid))
    if mount is not None and mount.kind.startswith(_SYNTHETIC):
        return _with(told, problem="share")
    if not is_reached:
        return _with(told, is_readable_by_all=False, is_writable_by_all=False)
    return _looked_into(told, root, copies)


def _looked_into(told: AccessFacts, root: Path, copies: Iterable[KnownCopy]) -> AccessFacts:
    """The newest copies in a folder that everybody can enter, down to the first file that everybody can read."""
    here = sorted((known for known in copies if known.is_here), key=lambda known: known.last_seen_at, reverse=True)
    paths = [file.path for known in here for file in known.copy.files][:_FILES]
    example = next((path for path in paths if _is_open(root, path)), "")
    folders = {root, *(folder for path in paths for folder in _folders(root, path))}
    is_writable = any(_is_writable(folder) for folder in folders)
    return _with(told, is_readable_by_all=bool(example), is_writable_by_all=is_writable, example=example)


def _with(
    told: AccessFacts,
    *,
    is_readable_by_all: bool | None = None,
    is_writable_by_all: bool | None = None,
    example: str = "",
    problem: str | None = None,
) -> AccessFacts:
    return AccessFacts(
        checked_at=told.checked_at,
        mode=told.mode,
        owner=told.owner,
        is_readable_by_all=is_readable_by_all,
        is_writable_by_all=is_writable_by_all,
        example=example,
        problem=problem,
    )


def _is_reached(root: Path) -> bool:
    """Whether everybody may go into the folder and all above it; raises OSError."""
    return all(folder.stat().st_mode & _OTHERS_PASS for folder in (root, *root.parents))


def _folders(root: Path, path: str) -> Iterator[Path]:
    """The folders between the repository and one of its files."""
    try:
        parts = real_path(path).split("/")[:-1]
    except OSError:
        return
    for depth in range(1, len(parts) + 1):
        yield root.joinpath(*parts[:depth])


def _is_open(root: Path, path: str) -> bool:
    """Whether everybody can read the file; a file that is gone, or a link, is none."""
    try:
        status = (root / real_path(path)).lstat()
        is_reached = all(folder.lstat().st_mode & _OTHERS_PASS for folder in _folders(root, path))
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and bool(status.st_mode & _OTHERS_READ) and is_reached


def _is_writable(folder: Path) -> bool:
    """Whether everybody may delete in it: not where the sticky bit keeps each to their own."""
    try:
        mode = folder.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and bool(mode & _OTHERS_WRITE) and not mode & stat.S_ISVTX


def _owner(number: int) -> str:
    """The account's name, or its number where this machine does not know it."""
    import pwd  # noqa: PLC0415  there is none on Windows

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
