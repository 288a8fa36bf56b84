"""The in-memory twin of the store's Reader, and a small way to fill it: `scan` records what one source saw at once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from itops.inventory.entities import Entity, EntityKey, Gap, Kind
from itops.inventory.history import Answer, RecordedGap, Revision, Scan, ScanState, SourceState
from itops.inventory.volatile import split


class MemoryReader:
    """A Reader over lists; `scan`, `fail` and `retire` write what a store would."""

    def __init__(self) -> None:
        self.revisions: list[Revision] = []
        self.recorded_scans: list[Scan] = []
        self.recorded_gaps: list[RecordedGap] = []
        self.recorded_answers: list[Answer] = []
        self.is_closed = False

    def scan(self, source: str, at: datetime, entities: Iterable[Entity], gaps: Sequence[Gap] = ()) -> Scan:
        """A complete scan: what it did not see, and no gap hides, has ended."""
        seen = {(e.kind, e.key): replace(e, source=source, seen_at=at) for e in entities}
        scan = self._record(source, at, ScanState.COMPLETE, gaps, seen.values())
        hidden = {kind for gap in gaps for kind in gap.hides}
        kept = []
        for revision in self.revisions:
            entity, now = revision.entity, seen.get((revision.entity.kind, revision.entity.key))
            if entity.source != source or revision.valid_to is not None or (now is None and entity.kind in hidden):
                kept.append(revision)
            elif now is not None and (now.properties, now.ref) == (entity.properties, entity.ref):
                kept.append(replace(revision, entity=now))
                del seen[entity.kind, entity.key]
            else:
                kept.append(_ended(revision, at, scan.id))
        new = [Revision(entity=e, valid_from=at, valid_to=None, ended_by=None) for e in seen.values()]
        self.revisions = kept + new
        return scan

    def fail(self, source: str, at: datetime, problem: str, remedy: str) -> Scan:
        """A scan that saw nothing and said why."""
        scan = self._record(source, at, ScanState.FAILED, (), ())
        self.recorded_scans[-1] = replace(scan, problem=problem, remedy=remedy)
        return self.recorded_scans[-1]

    def retire(self, source: str, at: datetime, by_scan: int) -> None:
        """Another source's scan superseded this one: all it showed has ended."""
        self.revisions = [
            _ended(r, at, by_scan) if r.entity.source == source and r.valid_to is None else r for r in self.revisions
        ]

    def _record(
        self, source: str, at: datetime, state: ScanState, gaps: Sequence[Gap], entities: Iterable[Entity]
    ) -> Scan:
        counts: dict[Kind, int] = {}
        for entity in entities:
            counts[entity.kind] = counts.get(entity.kind, 0) + 1
        scan = Scan(
            id=len(self.recorded_scans) + 1,
            source=source,
            observed_at=at,
            started_at=at,
            ended_at=at + timedelta(seconds=2),
            state=state,
            entity_counts=counts,
            gap_count=len(gaps),
            problem=None,
            remedy=None,
        )
        self.recorded_scans.append(scan)
        self.recorded_gaps += [RecordedGap(gap=gap, scan_id=scan.id, observed_at=at) for gap in gaps]
        return scan

    def entities(self, kind: Kind, *, as_of: datetime | None = None, source: str | None = None) -> Iterator[Entity]:
        for revision in self.revisions:
            entity = revision.entity
            if entity.kind is kind and source in {None, entity.source} and _is_valid(revision, as_of):
                yield entity if as_of is None else _of_the_past(entity)

    def find(self, text: str) -> list[Entity]:
        wanted = text.casefold()
        hits = [
            r
            for r in sorted(self.revisions, key=lambda r: r.valid_from, reverse=True)
            if wanted in {r.entity.name.casefold(), r.entity.key.casefold(), r.entity.ref.casefold()}
        ]
        current = [r.entity for r in hits if r.valid_to is None]
        last = {(r.entity.kind, r.entity.key, r.entity.source): r.entity for r in reversed(hits)}
        return current or list(last.values())

    def history(self, kind: Kind, key: EntityKey) -> list[Revision]:
        mine = [r for r in self.revisions if r.entity.kind is kind and r.entity.key == key]
        return sorted(mine, key=lambda r: (r.valid_from, r.entity.source))

    def touched(self, begin: datetime, end: datetime, kinds: Collection[Kind]) -> Iterator[list[Revision]]:
        touched = {
            (r.entity.kind, r.entity.key)
            for r in self.revisions
            if begin <= r.valid_from < end or (r.valid_to is not None and begin <= r.valid_to < end)
        }
        for kind, key in sorted(touched):
            if kind in kinds:
                yield self.history(kind, key)

    def scans(self, source: str | None = None, limit: int | None = None) -> list[Scan]:
        mine = [scan for scan in self.recorded_scans if source in {None, scan.source}]
        return sorted(mine, key=lambda scan: (scan.observed_at, scan.id), reverse=True)[:limit]

    def last_scans(self) -> list[SourceState]:
        states = []
        for source in sorted({scan.source for scan in self.recorded_scans}):
            scans = self.scans(source)
            complete = next((scan for scan in scans if scan.state is ScanState.COMPLETE), None)
            states.append(SourceState(source=source, last_attempt=scans[0], last_complete=complete))
        return states

    def gaps(self, scan_id: int | None = None) -> list[RecordedGap]:
        newest = {state.last_attempt.id for state in self.last_scans() if state.last_attempt}
        wanted = newest if scan_id is None else {scan_id}
        return [gap for gap in self.recorded_gaps if gap.scan_id in wanted]

    def answers(self) -> list[Answer]:
        return list(self.recorded_answers)

    def close(self) -> None:
        self.is_closed = True


def _ended(revision: Revision, at: datetime, by_scan: int) -> Revision:
    return replace(revision, entity=_of_the_past(revision.entity), valid_to=at, ended_by=by_scan)


def _of_the_past(entity: Entity) -> Entity:
    """What moves by itself is known only of now."""
    return replace(entity, properties=split(entity.kind, entity.properties)[0])


def _is_valid(revision: Revision, as_of: datetime | None) -> bool:
    if as_of is None:
        return revision.valid_to is None
    return revision.valid_from <= as_of and (revision.valid_to is None or revision.valid_to > as_of)
