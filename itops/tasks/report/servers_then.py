"""The history as it could be read at a moment that lies behind us: what was seen later is not there.

A Reader around a Reader. Whatever asks it for "now" is told of that moment, so that a rule written for today judges a
month that is over, by the facts of then. The moving values (usage, boot times, states of tools) are of today only and
are left out: who needs them has nothing to judge by.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from itops.inventory.entities import Entity, EntityKey, Kind
from itops.inventory.history import Answer, RecordedGap, Revision, Scan, ScanState, SourceState
from itops.inventory.reading import Reader
from itops.inventory.volatile import split

_ENDED = frozenset({ScanState.COMPLETE, ScanState.FAILED})


class Then:
    """`reader` as it was at `moment`. What people answered is the one thing that counts whenever they said it."""

    def __init__(self, reader: Reader, moment: datetime) -> None:
        self._reader = reader
        self._moment = moment

    def entities(self, kind: Kind, *, as_of: datetime | None = None, source: str | None = None) -> Iterator[Entity]:
        """The things that were there then, or at `as_of` before."""
        return self._reader.entities(kind, as_of=min(as_of or self._moment, self._moment), source=source)

    def find(self, text: str) -> list[Entity]:
        """Those that were there then, by name, key or ref."""
        wanted = text.casefold()
        there = (entity for kind in Kind for entity in self.entities(kind))
        return [one for one in there if wanted in {one.name.casefold(), one.key.casefold(), one.ref.casefold()}]

    def history(self, kind: Kind, key: EntityKey) -> list[Revision]:
        """The revisions that had begun."""
        return self._begun(self._reader.history(kind, key))

    def touched(self, begin: datetime, end: datetime, kinds: Collection[Kind]) -> Iterator[list[Revision]]:
        """As Reader.touched, of the revisions that had begun."""
        for revisions in self._reader.touched(begin, end, kinds):
            begun = self._begun(revisions)
            if begun:
                yield begun

    def scans(self, source: str | None = None, limit: int | None = None) -> list[Scan]:
        """The scans that had looked, newest first."""
        return [scan for scan in self._scans if source in {None, scan.source}][:limit]

    def last_scans(self) -> list[SourceState]:
        """For each source its last scans of then."""
        attempts = {scan.source: scan for scan in sorted(self._scans, key=lambda scan: scan.id)}
        complete = {scan.source: scan for scan in reversed(self._scans) if scan.state is ScanState.COMPLETE}
        return [
            SourceState(source=source, last_attempt=attempts[source], last_complete=complete.get(source))
            for source in sorted(attempts)
        ]

    def gaps(self, scan_id: int | None = None) -> list[RecordedGap]:
        """The gaps of one scan; without an id those of each source's newest scan of then."""
        newest = {scan.source: scan.id for scan in reversed(self._scans) if scan.state in _ENDED}
        wanted = [newest[source] for source in sorted(newest)] if scan_id is None else [scan_id]
        return [gap for one in wanted for gap in self._reader.gaps(one)]

    def answers(self) -> list[Answer]:
        """All of them."""
        return self._reader.answers()

    @cached_property
    def _scans(self) -> list[Scan]:
        return [scan for scan in self._reader.scans() if scan.observed_at <= self._moment]

    @cached_property
    def _looks(self) -> Mapping[str, list[datetime]]:
        """When each source was seen whole, oldest first."""
        found: dict[str, list[datetime]] = defaultdict(list)
        for scan in reversed(self._scans):
            if scan.state is ScanState.COMPLETE:
                found[scan.source].append(scan.observed_at)
        return found

    def _begun(self, revisions: list[Revision]) -> list[Revision]:
        return [self._of_then(one) for one in revisions if one.valid_from <= self._moment]

    def _of_then(self, one: Revision) -> Revision:
        """Without its later end, and seen last by a look of then: later looks must not make another view the newest."""
        is_over = one.valid_to is not None and one.valid_to <= self._moment
        looks = self._looks.get(one.entity.source, [])
        place = bisect_left(looks, one.valid_to) if is_over and one.valid_to is not None else len(looks)
        seen_at = max(one.valid_from, looks[place - 1]) if place else one.valid_from
        entity = replace(one.entity, seen_at=seen_at, properties=split(one.entity.kind, one.entity.properties)[0])
        if is_over:
            return replace(one, entity=entity)
        return replace(one, entity=entity, valid_to=None, ended_by=None)
