"""Reading the store: what there is, what there was, what was not seen. Nothing here imports SQLAlchemy."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Self

from itops.inventory.entities import Entity, EntityKey, Kind, Value
from itops.inventory.history import Answer, RecordedGap, Revision, Scan, SourceState
from itops.store import sql
from itops.store.connections import Connection, Parameter, Row
from itops.store.encoding import folded, storable, unpacked
from itops.store.location import StoreLocation
from itops.store.looks import Looks
from itops.store.moments import from_micros, maybe_from_micros, to_micros
from itops.store.opening import opened
from itops.store.reading_rows import answer_of, gap_of, sample_of_month, sample_of_scan, scan_of
from itops.store.records import Sample

if TYPE_CHECKING:
    from itops.store.custody import CustodyReader
    from itops.store.ledger_reader import LedgerReader
    from itops.store.outbox_reader import OutboxReader
    from itops.store.register_reader import RegisterReader
    from itops.store.watch_reader import WatchReader
    from itops.store.worklog_reader import WorklogReader


class Reader:
    """Reads, and can do nothing else. Each answer is of one moment; two answers may have a scan between them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def ledger(self) -> "LedgerReader":
        """What is known of backups."""
        from itops.store.ledger_reader import LedgerReader  # noqa: PLC0415  lists of servers need none of it

        return LedgerReader(self._connection)

    @property
    def custody(self) -> "CustodyReader":
        """The register of off-site media."""
        from itops.store.custody import CustodyReader  # noqa: PLC0415  lists of servers need none of it

        return CustodyReader(self._connection)

    @property
    def register(self) -> "RegisterReader":
        """The memory of the hardware register."""
        from itops.store.register_reader import RegisterReader  # noqa: PLC0415  lists of servers need none of it

        return RegisterReader(self._connection)

    @property
    def outbox(self) -> "OutboxReader":
        """Bundles on their way to headquarters, and the receipts for them."""
        from itops.store.outbox_reader import OutboxReader  # noqa: PLC0415  lists of servers need none of it

        return OutboxReader(self._connection)

    @property
    def worklog(self) -> "WorklogReader":
        """The change log, and what became of the documents."""
        from itops.store.worklog_reader import WorklogReader  # noqa: PLC0415  lists of servers need none of it

        return WorklogReader(self._connection)

    @property
    def watch(self) -> "WatchReader":
        """Runs and the beat, evaluations, incidents, silences, notifications."""
        from itops.store.watch_reader import WatchReader  # noqa: PLC0415  lists of servers need none of it

        return WatchReader(self._connection)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def entities(self, kind: Kind, *, as_of: datetime | None = None, source: str | None = None) -> Iterator[Entity]:
        """All things of a kind, now or as they were, by name (in any case), then by key and source.

        Those of now carry their moving values (usage, boot time); those of the past do not. One at a time in memory.
        """
        query = sql.CURRENT if as_of is None else sql.AS_OF
        parameters: list[Parameter] = [kind.value] if as_of is None else [kind.value, *[to_micros(as_of)] * 2]
        if source is not None:
            query = query.replace("/*source*/", "AND r.source = ?")
            parameters.append(storable(source))
        looks = Looks(self._connection, [kind])
        for row in self._connection.stream(query, parameters):
            yield self._entity(row, looks, before=as_of)

    def find(self, text: str) -> list[Entity]:
        """The things that have this name (any case), key or ref; of those that are gone, as they were last known."""
        wanted = [folded(text), storable(text), storable(text.lower()), storable(text)]
        for query in (sql.FIND_CURRENT, sql.FIND_LAST):
            rows = self._connection.rows(query, wanted)
            if rows:
                looks = Looks(self._connection, list(Kind))
                return [self._entity(row, looks) for row in rows]
        return []

    def history(self, kind: Kind, key: EntityKey) -> list[Revision]:
        """The whole life of one thing through every source that saw it, by begin and then by source."""
        rows = self._connection.rows(sql.HISTORY, (kind.value, storable(key)))
        looks = Looks(self._connection, [kind])
        return [self._revision(row, looks) for row in rows]

    def touched(self, begin: datetime, end: datetime, kinds: Collection[Kind]) -> Iterator[list[Revision]]:
        """For each thing that some revision begins or ends of in [begin, end): its revisions that reach into it.

        One list for each thing, across sources, by begin: what was there just before, what came, what stayed. A
        revision that ended exactly at `begin` is in; one that begins at `end` is not.
        """
        first, last = to_micros(begin), to_micros(end)
        looks = Looks(self._connection, kinds)
        for kind in sorted(kinds):
            touch = (kind.value, first, last)
            rows = self._connection.stream(sql.TOUCHED, (kind.value, last, first, *touch, *touch))
            for _, group in groupby(rows, key=lambda row: row[sql.KEY]):
                yield [self._revision(row, looks) for row in group]

    def scans(self, source: str | None = None, limit: int | None = None) -> list[Scan]:
        """Newest observation first."""
        query, parameters = sql.SCANS, list[Parameter]()
        if source is not None:
            query = query.replace("/*source*/", "WHERE s.source = ?")
            parameters.append(storable(source))
        if limit is not None:
            query += " LIMIT ?"
            parameters.append(limit)
        return [scan_of(row) for row in self._connection.rows(query, parameters)]

    def last_scans(self) -> list[SourceState]:
        """For each source, by name: the attempt begun last, and the newest observation that was whole."""
        attempts = {scan.source: scan for scan in map(scan_of, self._connection.rows(sql.LAST_ATTEMPTS))}
        complete = {scan.source: scan for scan in map(scan_of, self._connection.rows(sql.LAST_COMPLETE))}
        return [
            SourceState(source=source, last_attempt=attempts.get(source), last_complete=complete.get(source))
            for source in sorted(attempts)
        ]

    def gaps(self, scan_id: int | None = None) -> list[RecordedGap]:
        """What one scan could not see; by default, each source's newest scan that ended, complete or failed."""
        wanted = [(scan_id,)] if scan_id is not None else self._connection.rows(sql.NEWEST_ENDED)
        return [gap_of(row) for scan in wanted for row in self._connection.rows(sql.GAPS_OF_SCAN, scan)]

    def answers(self) -> list[Answer]:
        """What people said VMs are for."""
        return [answer_of(row) for row in self._connection.rows(sql.ANSWERS)]

    def samples(self, kind: Kind, key: EntityKey, begin: datetime, end: datetime) -> list[Sample]:
        """What a thing used in [begin, end), oldest first: one a scan, and one for each condensed month."""
        wanted = (kind.value, storable(key), to_micros(begin), to_micros(end))
        months = [sample_of_month(row) for row in self._connection.rows(sql.SAMPLE_MONTHS, wanted)]
        scans = [sample_of_scan(row) for row in self._connection.rows(sql.SAMPLES, wanted)]
        return sorted([*months, *scans], key=lambda sample: (sample.begin_at, sample.source))

    def _entity(self, row: Row, looks: Looks, before: datetime | None = None) -> Entity:
        source, kind, key, ref, *_, body, moving = row
        properties: Mapping[str, Value] = unpacked(body)
        if moving is not None:
            properties = {**properties, **unpacked(moving)}
        return Entity(
            kind=Kind(kind),
            key=EntityKey(key),
            ref=ref,
            source=source,
            seen_at=from_micros(looks.seen_at(row, None if before is None else to_micros(before))),
            properties=properties,
        )

    def _revision(self, row: Row, looks: Looks) -> Revision:
        return Revision(
            entity=self._entity(row, looks),
            valid_from=from_micros(row[sql.VALID_FROM]),
            valid_to=maybe_from_micros(row[sql.VALID_TO]),
            ended_by=row[sql.ENDED_BY],
        )


def open_reader(location: StoreLocation) -> Reader:
    """See itops.store.open_reader."""
    return Reader(opened(location))
