"""Inventories that were received, one small cleaned file each, in the folder that the source reads.

The name of a file is made here, never taken from the network; its number is bounded by `most_agents`, whatever ids
somebody invents.
"""

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from threading import Lock

from itops.errors import SourceUnavailable
from itops.sources.agents.folder import read_one
from itops.sources.agents.json_text import written
from itops.sources.agents.kept import Inventory, overlaid
from itops.sources.agents.refusals import NotTaken

_OURS = re.compile(r"[a-z0-9-]{0,40}-[0-9a-f]{12}(?:\.[2-4])?\.json")
_MOST_BOXES = 4  # computers that share one agent's id, as clones do
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class ShelfFull(SourceUnavailable):
    """There are as many agents as there may be: a new one is not taken, the known ones are."""


class Shelf:
    """For several threads."""

    def __init__(self, folder: Path, most_agents: int) -> None:
        self._folder = folder
        self._most_agents = most_agents
        self._lock = Lock()
        self._count: int | None = None

    def keep(self, inventory: Inventory) -> Path:
        """Write it in one step; raises ShelfFull, or SourceUnavailable where the folder cannot be written."""
        with self._lock:
            try:
                return self._keep(inventory)
            except OSError as failure:
                raise SourceUnavailable(
                    f"cannot write into {self._folder}: {failure.strerror or failure}",
                    remedy="check `folder` in itops.yaml, its rights, and the space left",
                ) from failure

    def count(self) -> int:
        """How many files of ours there are; raises OSError."""
        with os.scandir(self._folder) as entries:
            return sum(1 for entry in entries if _OURS.fullmatch(entry.name))

    def _keep(self, inventory: Inventory) -> Path:
        path, known = self._place(inventory)
        if known is None:
            self._count = self.count() if self._count is None else self._count
            if self._count >= self._most_agents:
                raise ShelfFull(
                    f"there are {self._count:,} agents already; {inventory.id[:60]} is not taken",
                    remedy="remove the files of computers that are gone, or raise `receive.most_agents`",
                )
        elif inventory.is_partial:
            inventory = overlaid(known, inventory)
        self._write(path, written(inventory))
        if known is None and self._count is not None:
            self._count += 1
        return path

    def _place(self, inventory: Inventory) -> tuple[Path, Inventory | None]:
        """The file of this computer and what is in it; of computers that share an id each has its own."""
        stem = stem_of(inventory.id)
        for number in range(1, _MOST_BOXES + 1):
            path = self._folder / (f"{stem}.json" if number == 1 else f"{stem}.{number}.json")
            try:
                known = read_one(path).inventory
            except FileNotFoundError:
                return path, None
            except NotTaken:
                return path, inventory  # damaged: it is written anew
            if not known.is_of_other_hardware(inventory):
                return path, known
        raise ShelfFull(
            f"{_MOST_BOXES} computers go by the agent's id {inventory.id[:60]} already; a fifth is not taken",
            remedy="after cloning a disk, delete the agent's state on the clones; then delete the files of that id",
        )

    def _write(self, path: Path, content: bytes) -> None:
        beside = path.with_name(f".{path.name}.new")
        try:
            with os.fdopen(os.open(beside, _WRITE, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise


def stem_of(agent_id: str) -> str:
    """The name of an agent's file, without its ending: readable, and never anything but letters, digits and dashes."""
    folded = agent_id.casefold()
    readable = re.sub(r"[^a-z0-9]+", "-", folded)[:40].strip("-")
    return f"{readable}-{hashlib.sha256(folded.encode('utf-8', 'replace')).hexdigest()[:12]}"
