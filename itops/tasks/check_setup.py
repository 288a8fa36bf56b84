"""Examine everything a scan stands on, before it is needed: files, secrets, disk, clock, network, logins, the store.

Each check is one state and one sentence; whatever cannot be examined is a check too, never a silence. Nothing here
changes anything or logs in by itself: logins and rights are examined by the sources (`Diagnosable`).
"""

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from itops.assets.records import Register
from itops.config.register.loading import load as load_register
from itops.config.settings import Settings
from itops.errors import ItopsError
from itops.inventory.diagnosis import Check
from itops.tasks.check_sources import check_sources
from itops.tasks.judge_health import check_policy, policy_of
from itops.tasks.probe_roles import allowed_probes
from itops.verdict import State

_GIB = 1024**3
_LITTLE_BYTES = _GIB
_TOO_LITTLE_BYTES = _GIB // 10
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "fuse.sshfs", "fuse.gluster", "ncpfs")
_EARLIEST_YEAR = 2025
_MOUNTS = Path("/proc/self/mounts")
_LOCAL_ZONE = Path("/etc/localtime")


def check_setup(
    settings: Settings, now: datetime, *, check_store: Callable[[Settings], Iterator[Check]]
) -> Iterator[Check]:
    """Everything that itops.yaml names, in the order in which it has to work."""
    begun = time.monotonic()
    yield from check_private(settings.path, settings.path.name, is_secret=False)
    yield from check_register(settings.register)
    yield from check_secrets(settings)
    yield from check_state_folder(settings.state)
    yield from check_clock(settings, now)
    # A secret's command may have taken a while, which is not the skew of a server's clock.
    yield from check_sources(settings.sources, now + timedelta(seconds=time.monotonic() - begun))
    yield from check_store(settings)
    yield from check_rules(settings, now)


def check_private(path: Path, subject: str, *, is_secret: bool) -> Iterator[Check]:
    """Who else on this machine may read or write a file or folder."""
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    remedy = f"run: chmod {'700' if stat.S_ISDIR(status.st_mode) else '600'} '{path}'"
    if os.name != "posix":
        yield _check(State.OK, subject, "file.access", "is there; its access list is not examined on this system")
    elif mode & 0o022:
        yield _check(State.CRITICAL, subject, "file.writable", f"others may write it (mode {mode:04o})", remedy)
    elif mode & 0o055:
        state = State.CRITICAL if is_secret else State.WARNING
        yield _check(state, subject, "file.readable", f"others may read it (mode {mode:04o})", remedy)
    elif status.st_uid != os.geteuid():
        remedy = f"run itops as its owner, or: chown {os.geteuid()} '{path}'"
        yield _check(State.WARNING, subject, "file.owner", "belongs to another user", remedy)
    else:
        yield _check(State.OK, subject, "file.access", f"only its owner may read or write it (mode {mode:04o})")


def check_register(path: Path) -> Iterator[Check]:
    """Does the register of hardware load?"""
    if not path.exists():
        remedy = "`itops init --folder DIR` writes an empty one; copy it beside itops.yaml"
        yield _check(State.WARNING, path.name, "register.missing", "is not there", remedy)
        return
    try:
        register = load_register(path)
    except ItopsError as failure:
        yield _check(State.CRITICAL, path.name, "register.invalid", failure.problem, failure.remedy)
        return
    yield _check(State.OK, path.name, "register.valid", _counted(register))


def _counted(register: Register) -> str:
    counts = {"asset": len(register.assets), "site": len(register.sites)}
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())


def check_secrets(settings: Settings) -> Iterator[Check]:
    """Can every secret that the file refers to be had? What it is is not shown, nor how long."""
    for path, secret in settings.secrets():
        try:
            secret.reveal()
        except ItopsError as failure:
            yield _check(State.CRITICAL, path, "secret.unavailable", failure.problem, failure.remedy)
        else:
            yield _check(State.OK, path, "secret.available", "the secret can be had")


def check_state_folder(folder: Path) -> Iterator[Check]:
    """Is the state folder there, private, on a local disk, with room?"""
    subject = "state folder"
    if not folder.is_dir():
        remedy = f"run: mkdir -m 700 '{folder}'"
        yield _check(State.CRITICAL, subject, "state.missing", f"{folder} is not a folder", remedy)
        return
    yield from check_private(folder, subject, is_secret=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield _check(State.CRITICAL, subject, "state.read-only", "cannot be written", f"give it to this user: {folder}")
    yield _free_space(shutil.disk_usage(folder).free, subject)
    yield _file_system(folder, subject)


def _free_space(free_bytes: int, subject: str) -> Check:
    finding = f"{free_bytes / _GIB:.1f} GiB free"
    if free_bytes >= _LITTLE_BYTES:
        return _check(State.OK, subject, "state.space", finding)
    state = State.CRITICAL if free_bytes < _TOO_LITTLE_BYTES else State.WARNING
    return _check(state, subject, "state.space", finding, "make room on this disk, or move state: to another one")


def _file_system(folder: Path, subject: str) -> Check:
    if str(folder).startswith("\\\\"):
        kind: str | None = "smb"
    else:
        kind = file_system_of(folder.resolve(), _MOUNTS.read_text() if _MOUNTS.exists() else "")
    if kind is None:
        remedy = "make sure that it is a disk of this machine, not a network share"
        return _check(State.UNKNOWN, subject, "state.file-system", "its file system cannot be told", remedy)
    if kind.startswith(_NETWORK_FILE_SYSTEMS):
        remedy = "move state: to a disk of this machine; a store on a share gets corrupted"
        return _check(State.CRITICAL, subject, "state.network-share", f"is on a network share ({kind})", remedy)
    return _check(State.OK, subject, "state.file-system", f"is on a local disk ({kind})")


def file_system_of(folder: Path, mounts: str) -> str | None:
    """The type of the file system that holds `folder`, by the lines of /proc/self/mounts; None when it is not told."""
    best: tuple[int, str] | None = None
    for line in mounts.splitlines():
        device, _, rest = line.partition(" ")
        point, _, rest = rest.partition(" ")
        place = Path(point.replace("\\040", " "))
        # The last of equal mounts lies on top of the earlier ones.
        if device and folder.is_relative_to(place) and (best is None or len(place.parts) >= best[0]):
            best = (len(place.parts), rest.partition(" ")[0])
    return best[1] if best else None


def check_clock(settings: Settings, now: datetime) -> Iterator[Check]:
    """Is the clock set, and does the machine count its own zone as the time zone tables do?"""
    subject, zone = "clock", settings.office.zone
    if now.year < _EARLIEST_YEAR:
        remedy = "set the clock, and let it follow a time server"
        yield _check(State.CRITICAL, subject, "clock.unset", f"shows the year {now.year}", remedy)
        return
    office, machine = _offset(now.astimezone(zone)), _offset(now.astimezone())
    finding = f"{zone.key} is UTC{office}; this machine counts UTC{machine}"
    if office != machine and str(_LOCAL_ZONE.resolve()).endswith(f"/{zone.key}"):
        # Iran has had no summer time since 2022, but systems that were not updated still shift their clocks.
        remedy = "update the machine's time zone tables (package tzdata)"
        yield _check(State.WARNING, subject, "clock.old-zone", f"{finding}, though it is set to {zone.key}", remedy)
    else:
        yield _check(State.OK, subject, "clock.zone", finding)


def _offset(moment: datetime) -> str:
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def check_rules(settings: Settings, now: datetime) -> Iterator[Check]:
    """Do the thresholds, the ignored findings and the probes that itops.yaml names exist?"""

    def judging() -> None:
        check_policy(policy_of(settings.health, settings.expects.roles), now)

    def probing() -> None:
        allowed_probes(settings.roles.probes.names)

    for code, examine in (("health.invalid", judging), ("probes.invalid", probing)):
        try:
            examine()
        except ItopsError as failure:
            yield _check(State.CRITICAL, settings.path.name, code, failure.problem, failure.remedy)


def _check(state: State, subject: str, code: str, finding: str, remedy: str = "") -> Check:
    return Check(state=state, subject=subject, code=code, finding=finding, remedy=remedy)
