"""What can be asked of the history: the Reader that tasks are handed. itops.store gives the real one."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Protocol

from itops.inventory.entities import Entity, EntityKey, Kind
from itops.inventory.history import Answer, RecordedGap, Revision, Scan, SourceState


class Reader(Protocol):
    """Reads the history and never writes; every moment is aware UTC."""

    def entities(self, kind: Kind, *, as_of: datetime | None = None, source: str | None = None) -> Iterator[Entity]:
        """The things of one kind that were there at `as_of` (None: now), one for each source that saw them."""
        ...

    def find(self, text: str) -> list[Entity]:
        """Things by name (any case), key or ref: those there now, else as they were last known."""
        ...

    def history(self, kind: Kind, key: EntityKey) -> list[Revision]:
        """Every revision of one thing, of all sources, oldest first."""
        ...

    def touched(self, begin: datetime, end: datetime, kinds: Collection[Kind]) -> Iterator[list[Revision]]:
        """For each thing of which a revision begins or ends in [begin, end): its revisions, of all sources.

        At least those that were valid at some moment of the period or ended exactly at `begin`; more do no harm.
        """
        ...

    def scans(self, source: str | None = None, limit: int | None = None) -> list[Scan]:
        """The scans, newest first."""
        ...

    def last_scans(self) -> list[SourceState]:
        """For each source that was ever scanned: its last attempt and its last complete scan."""
        ...

    def gaps(self, scan_id: int | None = None) -> list[RecordedGap]:
        """The gaps of one scan; without an id those of each source's newest scan."""
        ...

    def answers(self) -> list[Answer]:
        """What people said of the roles of VMs."""
        ...
