"""The spans of a source as rows: read them, put an event among them, write what differs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from itops.inventory.history import ScanState
from itops.store.batches import execute_many
from itops.store.coverings import coverings_of, newest_covering
from itops.store.schema import REVISION, SCAN, UNSEEN
from itops.store.timeline import Event, Look, Missing, Span, Thing, Timeline, Version, replayed

_COLUMNS = (
    REVISION.c.id,
    REVISION.c.kind,
    REVISION.c.key,
    REVISION.c.valid_from,
    REVISION.c.valid_to,
    REVISION.c.ended_by,
    REVISION.c.document,
    REVISION.c.ref,
    REVISION.c.name_folded,
    REVISION.c.host,
)


def record(connection: Connection, source: str, event: Event) -> Timeline:
    """Put an event into the history of a source, at its end or in the middle, and write the rows that differ.

    At the end only the open spans matter; in the middle the whole history of the source is played again.
    """
    newest = _newest_other_event(connection, source, event.scan_id)
    if newest is None or event.at > newest:
        old, missed = list(_spans(connection, source, is_open_only=True)), set[Missing]()
        timeline = _appended(old, event)
    else:
        old, missed = list(_spans(connection, source, is_open_only=False)), _missed(connection, source)
        timeline = replayed(old, missed, [*_other_events(connection, source, event.scan_id), event])
    _write(connection, source, old, timeline)
    _write_missed(connection, missed, timeline.missed)
    return timeline


def is_at_rest(connection: Connection, source: str, at: datetime) -> bool:
    """Nothing of the source is open, and nothing happened to it at `at` or later: no scan at `at` can end anything."""
    newest = _newest_other_event(connection, source, without=None)
    return (newest is None or newest < at) and next(_spans(connection, source, is_open_only=True), None) is None


def _appended(open_spans: Sequence[Span], event: Event) -> Timeline:
    timeline = Timeline(open={span.thing: span for span in open_spans})
    if isinstance(event, Look):
        timeline.look(event, event.seen or {})
    else:
        timeline.cover(event)
    return timeline


def _newest_other_event(connection: Connection, source: str, without: int | None) -> datetime | None:
    own = connection.execute(
        _looks(source, without).order_by(SCAN.c.observed_at.desc()).limit(1).with_only_columns(SCAN.c.observed_at)
    ).scalar()
    other = newest_covering(connection, source, without)
    return max((moment for moment in (own, other) if moment is not None), default=None)


def _other_events(connection: Connection, source: str, without: int) -> Iterator[Event]:
    for scan_id, at, hides in connection.execute(_looks(source, without)).all():
        yield Look(at=at, scan_id=scan_id, hides=frozenset(hides))
    yield from coverings_of(connection, source, without)


def _looks(source: str, without: int | None) -> Select[Any, Any, Any]:
    found = select(SCAN.c.id, SCAN.c.observed_at, SCAN.c.hides).where(
        SCAN.c.source == source, SCAN.c.state == ScanState.COMPLETE.value
    )
    return found if without is None else found.where(SCAN.c.id != without)


def _spans(connection: Connection, source: str, *, is_open_only: bool) -> Iterator[Span]:
    rows = select(*_COLUMNS).where(REVISION.c.source == source)
    if is_open_only:
        rows = rows.where(REVISION.c.valid_to.is_(None))
    for row_id, kind, key, valid_from, valid_to, ended_by, *version in connection.execute(rows):
        yield Span(Thing(kind, key), Version(*version), valid_from, valid_to, ended_by, row_id)


def _missed(connection: Connection, source: str) -> set[Missing]:
    rows = select(UNSEEN).join(SCAN, SCAN.c.id == UNSEEN.c.scan_id).where(SCAN.c.source == source)
    return {(scan_id, Thing(kind, key)) for scan_id, kind, key in connection.execute(rows)}


def _write(connection: Connection, source: str, old: Sequence[Span], timeline: Timeline) -> None:
    """Deletes first, then ends, then reopenings, then new rows: no moment in between has two open rows of a thing."""
    before = {(span.thing, span.valid_from): span for span in old}
    added: list[Span] = []
    moved: list[Span] = []
    for span in timeline.spans():
        known = before.pop((span.thing, span.valid_from), None)
        if known is None:
            added.append(span)
        elif known[1:5] != span[1:5]:
            moved.append(span._replace(row_id=known.row_id))
    moved.sort(key=lambda span: span.valid_to is None)
    same_row = REVISION.c.id == bindparam("row")
    execute_many(connection, delete(REVISION).where(same_row), ({"row": span.row_id} for span in before.values()))
    execute_many(connection, update(REVISION).where(same_row), ({"row": s.row_id, **_row(source, s)} for s in moved))
    execute_many(connection, insert(REVISION), (_row(source, span) for span in added))


def _row(source: str, span: Span) -> dict[str, object]:
    return {
        "source": source,
        "kind": span.thing.kind,
        "key": span.thing.key,
        "valid_from": span.valid_from,
        "valid_to": span.valid_to,
        "ended_by": span.ended_by,
        **span.version._asdict(),
    }


def _write_missed(connection: Connection, old: set[Missing], new: set[Missing]) -> None:
    gone, added = (
        [{"scan": scan_id, "thing_kind": thing.kind, "thing_key": thing.key} for scan_id, thing in part]
        for part in (old - new, new - old)
    )
    scan: BindParameter[int] = bindparam("scan")
    kind: BindParameter[str] = bindparam("thing_kind")
    key: BindParameter[str] = bindparam("thing_key")
    row = (UNSEEN.c.scan_id == scan, UNSEEN.c.kind == kind, UNSEEN.c.key == key)
    execute_many(connection, delete(UNSEEN).where(*row), gone)
    execute_many(connection, insert(UNSEEN).values(scan_id=scan, kind=kind, key=key), added)
