"""The files of a folder, read one by one: what one of them does not give is told of that one."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from itops.errors import SourceUnavailable
from itops.sources.agents.json_text import read_json
from itops.sources.agents.kept import Inventory
from itops.sources.agents.moments import changed_at
from itops.sources.agents.refusals import NotTaken, TooBig, Unreadable
from itops.sources.agents.unpacking import MOST_BYTES, is_xml, unpacked
from itops.sources.agents.xml_text import read_xml

MOST_FILES = 5000
_SUFFIXES = (".xml", ".json", ".ocs")
_LITTER = (".", "~")
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file that holds an inventory."""

    name: str
    changed_at: datetime  # aware, UTC: the file's own time
    inventory: Inventory


def names_in(folder: Path) -> list[str]:
    """The files that agents may have written, by name; raises SourceUnavailable."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _is_wanted(entry.name)]
    except OSError as failure:
        raise SourceUnavailable(
            f"cannot look into {folder}: {failure.strerror or failure}",
            remedy="check `folder` in itops.yaml, its rights, and whether the share is mounted",
        ) from failure
    return sorted(names)


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES) and not name.startswith(_LITTER)


def read_all(folder: Path, names: list[str]) -> Iterator[Found | tuple[str, NotTaken]]:
    """Each file, or its name and why it was not taken. One that vanished meanwhile is passed over."""
    for name in names[:MOST_FILES]:
        try:
            yield read_one(folder / name)
        except NotTaken as refusal:
            yield name, refusal
        except FileNotFoundError:
            continue  # the agent, or somebody, put a newer one in its place
        except OSError as failure:
            yield name, Unreadable(f"it cannot be read: {failure.strerror or failure}")


def read_one(path: Path) -> Found:
    """The inventory in a file; raises NotTaken, or OSError. Links and pipes are not followed: a share is anybody's."""
    with os.fdopen(os.open(path, _OPEN), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("it is no ordinary file")
        if status.st_size > MOST_BYTES:
            raise TooBig(status.st_size, MOST_BYTES, is_unpacked=False)
        data = file.read(MOST_BYTES + 1)
    return Found(
        name=path.name,
        changed_at=changed_at(status.st_mtime),
        inventory=inventory_in(data),
    )


def inventory_in(data: bytes) -> Inventory:
    """The inventory in the bytes of a file; raises NotTaken."""
    told = unpacked(data)
    if not is_xml(told):
        return read_json(told)
    request = read_xml(told)
    if request.query not in {"", "INVENTORY"} or not request.inventory.sections:
        raise Unreadable(f"it is no inventory but a {request.query or 'file without content'}")
    return request.inventory
