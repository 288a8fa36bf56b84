"""Headquarters' side of the heartbeat: which offices are silent, as the heartbeats in a folder tell."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from itops.bundles.keys import AllowedKey
from itops.bundles.silence import Arrived, OfficeHeard, judge_offices
from itops.bundles.targets import HEARTBEAT_ENDING, HEARTBEAT_MAX_BYTES, heartbeat_name
from itops.delivery.durable import read_small
from itops.errors import InputInvalid

MOST_FILES = 10_000
"""Anybody may write into a drop; an office takes one file."""
_BEFORE = heartbeat_name("").removesuffix(HEARTBEAT_ENDING)


def verify_heartbeats(folder: Path, keys: Sequence[AllowedKey], now: datetime) -> tuple[OfficeHeard, ...]:
    """The offices whose heartbeats lie in the folder, or in a folder right below it, and those that should.

    So both one drop for all offices and a folder with a drop for each can be asked. Raises InputInvalid.
    """
    try:
        paths = sorted(_heartbeats_in(folder))
        for below in sorted(entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)):
            paths += sorted(_heartbeats_in(Path(below)))
    except OSError as failure:
        problem = f"{failure.filename or folder} cannot be read: {failure.strerror or failure}"
        raise InputInvalid(problem, remedy="look at the folder and its rights") from failure
    if len(paths) > MOST_FILES:
        raise InputInvalid(
            f"{len(paths):,} heartbeats lie in {folder}; more than {MOST_FILES:,} are not looked at",
            remedy="see who put them there; each office has one",
        )
    return judge_offices((_arrived(path, folder) for path in paths), keys, now)


def _heartbeats_in(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_BEFORE) and entry.name.endswith(HEARTBEAT_ENDING):
                yield Path(entry.path)


def _arrived(path: Path, folder: Path) -> Arrived:
    office = path.name.removeprefix(_BEFORE).removesuffix(HEARTBEAT_ENDING)
    place = path.relative_to(folder).as_posix()
    try:
        return Arrived(place=place, office=office, content=read_small(path, HEARTBEAT_MAX_BYTES))
    except OSError as failure:
        return Arrived(place=place, office=office, content=None, problem=failure.strerror or "it cannot be read")
