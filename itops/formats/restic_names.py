"""How a restic repository lies on a disk: which folder holds what, and the file names that are SHA-256 hashes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from itops.backup.contents import Content, Thing

FOLDERS = ("keys", "snapshots", "index", "data")  # the smallest and the dearest first
_HASHED = re.compile(r"(?:data/(?:([0-9a-f]{2})/)?|index/|keys/|snapshots/)([0-9a-f]{64})")
_UNFINISHED = (".partial", "-tmp-", "-restic-temp-")  # of rclone, of restic on a disk, of restic over SFTP


@dataclass(slots=True, kw_only=True)
class Layout:
    """The files of a repository by what they are."""

    config: Content | None = None
    hashed: dict[str, list[tuple[Content, str]]] = field(default_factory=lambda: {folder: [] for folder in FOLDERS})
    misplaced: list[str] = field(default_factory=list)  # packs under another prefix than their own: never found
    locks: int = 0
    partial: int = 0
    strange: int = 0


def looks_like_restic(thing: Thing) -> bool:
    """Two of: a config, and hashes as file names in the folders restic knows. So one that lost its config is known."""
    found = set[str]()
    for file in thing.files:
        if file.name == "config" or _HASHED.fullmatch(file.name):
            found.add(file.name.partition("/")[0])
            if len(found) == 2:
                return True
    return False


def layout_of(thing: Thing) -> Layout:
    """What lies where; never raises."""
    layout = Layout()
    for file in thing.files:
        _place(layout, file)
    return layout


def _place(layout: Layout, file: Content) -> None:
    name = file.name
    if name == "config":
        layout.config = file
    elif match := _HASHED.fullmatch(name):
        prefix, hexadecimal = match.groups()
        if prefix and not hexadecimal.startswith(prefix):
            layout.misplaced.append(name)
        layout.hashed[name.partition("/")[0]].append((file, hexadecimal))
    elif any(part in name for part in _UNFINISHED):
        layout.partial += 1
    elif name.startswith("locks/"):
        layout.locks += 1
    else:
        layout.strange += 1


def all_hashed(layout: Layout) -> Iterator[tuple[Content, str]]:
    """Every file whose name is its SHA-256, with it."""
    for folder in FOLDERS:
        yield from layout.hashed[folder]
