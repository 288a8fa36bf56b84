"""One observation on its way into the store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import and_, insert, select, update
from sqlalchemy.engine import Connection

from itops.errors import ItopsError
from itops.inventory.entities import PARTIAL, Entity, Gap, Kind, Observation, Place, Properties, Value
from itops.inventory.history import Scan, ScanState, ScanSummary
from itops.inventory.volatile import split
from itops.store.apply import Whole, apply_scan, newest_moment, own_moment
from itops.store.encoding import canonical, fingerprint, folded, packed, storable, unpacked
from itops.store.gate import Gate, explaining
from itops.store.samples import numbers_of
from itops.store.schema import DOCUMENT, GAP, LATEST, REVISION, SCAN
from itops.store.seen import Seen
from itops.store.spool import Spool, Spooled
from itops.store.timeline import Thing, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A scan as it begins."""

    observation: Observation
    started_at: datetime
    writer: str


class ScanWriter:
    """Takes what an observation saw and applies it at the end, in one short transaction, or not at all.

    Use it from one thread. Leaving its `with` block without `finish` or `fail` leaves the scan to be found
    abandoned once this store is closed.
    """

    def __init__(self, gate: Gate, folder: Path, begun: Begun) -> None:
        self._gate = gate
        self._begun = begun
        self._source = storable(begun.observation.source)
        self._seen = Seen(self._source)
        self._gaps: list[Gap] = []
        with explaining(gate.place):
            self._spool = Spool(folder)
        try:
            with gate.writing() as connection:
                self._scan_id = _begin(connection, begun)
                self._stored = _documents_in_use(connection, self._source)
        except BaseException:
            self._spool.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._spool.close()

    def add(self, entity: Entity) -> None:
        """Spool one entity. Raises StoreUnavailable when the disk is full; then call `fail`."""
        properties = self._completed(entity) if entity.properties.get(PARTIAL) else entity.properties
        stable, moving = split(entity.kind, properties)
        document = canonical(stable)
        ref = storable(entity.ref)
        thing = Thing(entity.kind.value, storable(entity.key))
        version = Version(fingerprint(document, ref), ref, folded(entity.name), _host_of(entity))
        is_stored = version.document in self._stored
        self._stored.add(version.document)
        moved = canonical(moving)
        record = Spooled(
            thing.kind,
            thing.key,
            ref,
            version.document,
            None if is_stored else packed(document),
            fingerprint(moved),
            packed(moved),
            numbers_of(entity),
        )
        with explaining(self._gate.place):
            self._spool.add(record)
        self._seen.add(thing, version)

    def _completed(self, entity: Entity) -> Properties:
        """What is told now, over what was told of the same thing before; sections are laid over each other by key."""
        same = and_(REVISION.c.source == self._source, REVISION.c.kind == entity.kind.value)
        row = select(DOCUMENT.c.body).join(REVISION, REVISION.c.document == DOCUMENT.c.hash)
        row = row.where(same, REVISION.c.key == storable(entity.key), REVISION.c.valid_to.is_(None))
        latest = select(LATEST.c.body).where(
            LATEST.c.source == self._source, LATEST.c.kind == entity.kind.value, LATEST.c.key == storable(entity.key)
        )
        with self._gate.writing() as connection:
            bodies = [connection.execute(query).scalar() for query in (row, latest)]
        if bodies[0] is None:
            return entity.properties  # the first that is told of it
        before = {path: value for body in bodies if body is not None for path, value in unpacked(body).items()}
        now = {path: value for path, value in entity.properties.items() if path != PARTIAL}
        return {**before, **{path: _laid_over(before.get(path), value) for path, value in now.items()}}

    def gap(self, gap: Gap) -> None:
        """Record what could not be seen; its `hides` keeps rows of those kinds from ending."""
        self._gaps.append(gap)

    def finish(self, ended_at: datetime, live_sources: Collection[str]) -> ScanSummary:
        """The observation is whole: change the history. `live_sources` are those that are still looked at."""
        gaps = (*self._gaps, *self._seen.gaps())
        with self._gate.writing() as connection:
            at = own_moment(connection, self._source, self._begun.observation.observed_at)
            if self._source in live_sources and (newest := newest_moment(connection, self._source)) and newest > at:
                gaps = (*gaps, _in_the_past(self._source, at, newest))
            scan = self._ended(ScanState.COMPLETE, at, ended_at, gaps)
            _keep_end(connection, scan, gaps, self._hidden(gaps))
            whole = Whole(
                scan_id=scan.id,
                source=self._source,
                at=at,
                hides=frozenset(self._hidden(gaps)),
                seen=self._seen,
                spool=self._spool,
                live_sources=frozenset(storable(name) for name in live_sources),
            )
            tally = apply_scan(connection, whole)
        self._spool.close()
        return ScanSummary(
            scan=scan, new=tally.new, changed=tally.changed, unchanged=tally.unchanged, ended=tally.ended
        )

    def fail(self, ended_at: datetime, error: ItopsError) -> None:
        """The observation broke: record why, and its gaps; the history stays as it was."""
        gaps = tuple(self._gaps)
        scan = self._ended(ScanState.FAILED, self._begun.observation.observed_at, ended_at, gaps)
        with self._gate.writing() as connection:
            _keep_end(connection, replace(scan, problem=error.problem, remedy=error.remedy), gaps, self._hidden(gaps))
        self._spool.close()

    def _hidden(self, gaps: Sequence[Gap]) -> list[str]:
        """Kinds of which things may be there that were not seen."""
        kinds = self._begun.observation.hides.union(*(gap.hides for gap in gaps))
        return sorted(kind.value for kind in kinds)

    def _ended(self, state: ScanState, at: datetime, ended_at: datetime, gaps: Sequence[Gap]) -> Scan:
        return Scan(
            id=self._scan_id,
            source=self._source,
            observed_at=at,
            started_at=self._begun.started_at,
            ended_at=ended_at,
            state=state,
            entity_counts={Kind(kind): count for kind, count in self._seen.counts().items()},
            gap_count=len(gaps),
            problem=None,
            remedy=None,
        )


def _keep_end(connection: Connection, scan: Scan, gaps: Sequence[Gap], hides: Sequence[str]) -> None:
    if gaps:
        connection.execute(insert(GAP), [_gap_row(scan.id, gap) for gap in gaps])
    columns = {
        "state": scan.state.value,
        "observed_at": scan.observed_at,
        "ended_at": scan.ended_at,
        "counts": {kind.value: count for kind, count in scan.entity_counts.items()},
        "hides": list(hides),
        "gap_count": scan.gap_count,
        "problem": scan.problem,
        "remedy": scan.remedy,
    }
    connection.execute(update(SCAN).where(SCAN.c.id == scan.id).values(columns))


def _laid_over(before: Value, now: Value) -> Value:
    return {**before, **now} if isinstance(before, dict) and isinstance(now, dict) else now


def _in_the_past(source: str, at: datetime, newest: datetime) -> Gap:
    return Gap(
        source=source,
        subject="clock",
        code="clock.backwards",
        problem=f"this scan is of {at:%Y-%m-%d %H:%M} UTC, an earlier one says {newest:%Y-%m-%d %H:%M}: lists show "
        "that one until its time has passed",
        remedy="set the clock of this machine by NTP; if it was ahead when that scan ran, restore a backup of the "
        "store",
    )


def _begin(connection: Connection, begun: Begun) -> int:
    row = {
        "source": begun.observation.source,
        "observed_at": begun.observation.observed_at,
        "started_at": begun.started_at,
        "state": ScanState.RUNNING.value,
        "writer": begun.writer,
        "fingerprint": begun.observation.fingerprint,
        "counts": {},
        "hides": [],
        "gap_count": 0,
    }
    scan_id: int = connection.execute(insert(SCAN).values(row).returning(SCAN.c.id)).scalar_one()
    return scan_id


def _documents_in_use(connection: Connection, source: str) -> set[bytes]:
    """Hashes of this source's open rows: what an unchanged thing will have again. No document is ever removed."""
    rows = select(REVISION.c.document).where(REVISION.c.valid_to.is_(None), REVISION.c.source == source)
    return set(connection.execute(rows).scalars())


def _host_of(entity: Entity) -> str | None:
    host = entity.properties.get(Place.HOST_UUID) if entity.kind is Kind.VM else None
    return storable(host) if isinstance(host, str) and host else None


def _gap_row(scan_id: int, gap: Gap) -> dict[str, object]:
    return {
        "scan_id": scan_id,
        "subject": gap.subject,
        "code": gap.code,
        "problem": gap.problem,
        "remedy": gap.remedy,
        "hides": sorted(kind.value for kind in gap.hides),
    }
