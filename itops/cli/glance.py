"""What the strict loader left of itops.yaml, for whoever is called every minute: neither YAML nor a plugin is read.

A plan of 200 jobs costs 100 ms of CPU to parse alone. So beside the fingerprint of the file lies what commands need of
it most. It is found through the plain line `state: FOLDER`; where that is written otherwise, or lies in a store
elsewhere, which has a password, the file is read.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from itops import __version__
from itops.store import StoreLocation

JUDGED_FILE = "itops.yaml.judged"
"""In the state folder: the fingerprint of the settings file that was last found without a mistake, and what it says."""
BEAT_WITHIN = timedelta(minutes=5)
"""As in itops.schedule.policy."""
_STATE = re.compile(rb"^state:[ \t]+([^\s#\"'&*!|>%@`{\[][^\s#]*)[ \t\r]*(?:#.*)?$", re.MULTILINE)
_FOLDER = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The least that a command needs of itops.yaml."""

    calendar: str  # jalali or gregorian
    zone: ZoneInfo
    sources: Mapping[str, str]  # name -> type
    location: StoreLocation = field(default_factory=lambda: StoreLocation(folder=Path("state")))
    beat_within: timedelta = BEAT_WITHIN  # an older beat: nobody ticks
    has_backups: bool = False  # whether the plan has jobs


def read_glance(path: Path) -> Glance:
    """What the strict loader left, or else what it reads; raises ConfigInvalid with every mistake in the file."""
    path = path.absolute()
    held = left_of(path)
    if held is not None:
        try:
            return Glance(**common(held))
        except (LookupError, TypeError, AttributeError, ValueError, OSError):
            pass  # left by another itops, or by nobody of ours: as if nothing were
    from itops.cli.setting import read_setting  # noqa: PLC0415  the file must be parsed: the dear way

    return read_setting(path)


def common(held: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a Glance, from what was left."""
    return {
        "calendar": ("jalali", "gregorian")[("jalali", "gregorian").index(held["calendar"])],
        "zone": ZoneInfo(held["zone"]),
        "sources": {str(name): str(kind) for name, kind in held["sources"].items()},
        "location": StoreLocation(folder=Path(held[_FOLDER])),
        "beat_within": timedelta(seconds=held["beat_within"]),
        "has_backups": held["has_backups"] is True,
    }


def left_of(path: Path) -> Mapping[str, Any] | None:
    """What was left of this very file; None where there is nothing of it, or not to be found without parsing."""
    try:
        content = path.read_bytes()
        found = _STATE.findall(content)
        folder = path.parent / Path(found[0].decode() if found else "state").expanduser()
        mark, _, kept = judged(folder).partition("\n")
        if not kept or mark != _mark(content):
            return None
        held: Mapping[str, Any] = json.loads(kept)
        # The same file may lie in two offices: what was left is of this one only if it names this very folder.
        return held if held[_FOLDER] == str(folder) else None
    except (LookupError, TypeError, ValueError, OSError, RuntimeError):
        return None  # the strict loader explains it, or takes it


def leave(path: Path, mark: str, glance: Glance, more: Mapping[str, Any]) -> None:
    """Write it in one step, for somebody may read it meanwhile; raises OSError."""
    kept = {
        "calendar": glance.calendar,
        "zone": glance.zone.key,
        "sources": dict(glance.sources),
        _FOLDER: str(glance.location.folder),
        "beat_within": glance.beat_within.total_seconds(),
        "has_backups": glance.has_backups,
        **more,
    }
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_text(mark if glance.location.url else f"{mark}\n{json.dumps(kept)}", encoding="ascii")
    os.replace(beside, path)


def judged(folder: Path) -> str:
    """What lies in that state folder; "" for nothing."""
    try:
        return (folder / JUDGED_FILE).read_text(encoding="ascii")
    except (OSError, UnicodeError):
        return ""


def fingerprint(path: Path) -> str | None:
    """What changes when the file or itops does; None for a file that cannot be read."""
    try:
        return _mark(path.read_bytes())
    except OSError:
        return None  # the strict loader explains it


def _mark(content: bytes) -> str:
    return sha256(__version__.encode() + b"\0" + content).hexdigest()
