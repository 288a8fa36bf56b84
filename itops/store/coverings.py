"""Superseding in the database: which scans judge which sources that are no longer live, and what those scans saw."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, insert, or_, select
from sqlalchemy.engine import Connection

from itops.inventory.entities import Kind
from itops.inventory.history import ScanState
from itops.store.schema import REVISION, SCAN, SUPERSEDING, UNSEEN
from itops.store.timeline import Covering, Look, Thing
from itops.store.upsert import insert_missing

_WHOLE = SCAN.c.state == ScanState.COMPLETE.value


def foresee_coverings(connection: Connection, source: str, at: datetime) -> None:
    """A source that is no longer live is given an old observation: every later scan of the others judges it."""
    later = select(SCAN.c.id).where(_WHOLE, SCAN.c.source != source, SCAN.c.observed_at > at)
    rows = [{"scan_id": scan_id, "source": source} for scan_id in connection.execute(later).scalars()]
    if rows:
        connection.execute(insert_missing(connection, SUPERSEDING), rows)


def dead_sources(connection: Connection, own: str, live: Collection[str]) -> list[str]:
    """The sources the history knows that nobody looks at any more."""
    known = select(SCAN.c.source).where(_WHOLE, SCAN.c.source != own).distinct().order_by(SCAN.c.source)
    return [source for source in connection.execute(known).scalars() if source not in live]


def note_covering(connection: Connection, scan_id: int, source: str) -> None:
    """This scan judges that source: remembered, for an older observation of it may still come."""
    connection.execute(insert(SUPERSEDING).values(scan_id=scan_id, source=source))


def newest_covering(connection: Connection, source: str, without: int | None) -> datetime | None:
    """When a scan other than `without` last judged this source."""
    moment: datetime | None = connection.execute(
        _judging(source, without).order_by(SCAN.c.observed_at.desc()).limit(1).with_only_columns(SCAN.c.observed_at)
    ).scalar()
    return moment


def coverings_of(connection: Connection, source: str, without: int) -> Iterator[Covering]:
    """Every scan that judges this source, but one."""
    for scan_id, other, at, hides in connection.execute(_judging(source, without)).all():
        yield covering(connection, other, Look(at=at, scan_id=scan_id, hides=frozenset(hides)))


def covering(connection: Connection, source: str, look: Look) -> Covering:
    """What a look at `source` can say about others: read off the rows, so they must be written already."""
    missed = exists().where(
        UNSEEN.c.scan_id == look.scan_id, UNSEEN.c.kind == REVISION.c.kind, UNSEEN.c.key == REVISION.c.key
    )
    rows = select(REVISION.c.kind, REVISION.c.key).where(
        REVISION.c.source == source,
        REVISION.c.kind.in_(sorted(look.hides | {Kind.HOST.value})),
        REVISION.c.valid_from <= look.at,
        or_(REVISION.c.valid_to.is_(None), REVISION.c.valid_to > look.at),
        ~missed,
    )
    seen = frozenset(Thing(kind, key) for kind, key in connection.execute(rows))
    hosts = frozenset(thing.key for thing in seen if thing.kind == Kind.HOST)
    return Covering(at=look.at, scan_id=look.scan_id, source=source, hosts=hosts, hides=look.hides, seen=seen)


def _judging(source: str, without: int | None) -> Select[Any, Any, Any, Any]:
    found = (
        select(SCAN.c.id, SCAN.c.source, SCAN.c.observed_at, SCAN.c.hides)
        .join(SUPERSEDING, SUPERSEDING.c.scan_id == SCAN.c.id)
        .where(SUPERSEDING.c.source == source)
    )
    return found if without is None else found.where(SCAN.c.id != without)
