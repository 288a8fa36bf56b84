"""The values that move by themselves: the latest ones, overwritten, and the numbers kept of each scan."""

from collections.abc import Collection, Sequence

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from itops.store.batches import execute_many
from itops.store.samples import METRICS
from itops.store.schema import LATEST, SAMPLE
from itops.store.seen import Seen
from itops.store.spool import Spooled
from itops.store.timeline import Thing
from itops.store.upsert import insert_or_replace


class LatestValues:
    """Overwrites what one scan found, except of things that a later look has seen already."""

    def __init__(self, connection: Connection, source: str, scan_id: int, newer: Collection[Thing]) -> None:
        self._connection = connection
        self._source = source
        self._scan_id = scan_id
        self._newer = newer
        self._numbers: dict[Thing, Sequence[int | None]] = {}
        rows = select(LATEST.c.kind, LATEST.c.key, LATEST.c.hash).where(LATEST.c.source == source)
        self._hashes = {Thing(kind, key): found for kind, key, found in connection.execute(rows)}
        self._replace = insert_or_replace(connection, LATEST, ("source", "kind", "key"), ("hash", "body"))

    def keep(self, batch: Sequence[Spooled], seen: Seen) -> None:
        """Write what differs."""
        rows = []
        for record in batch:
            thing = seen.name_of(Thing(record.kind, record.key), record.ref)
            if record.numbers:
                self._numbers[thing] = record.numbers
            if thing not in self._newer and self._hashes.get(thing) != record.moving_hash:
                rows.append(self._row(thing, record))
        if rows:
            self._connection.execute(self._replace, rows)

    def _row(self, thing: Thing, record: Spooled) -> dict[str, object]:
        return {
            "source": self._source,
            "kind": thing.kind,
            "key": thing.key,
            "hash": record.moving_hash,
            "body": record.moving,
        }

    def keep_samples(self) -> None:
        """Write the numbers of this scan; after the last `keep`, for a new thing has no id before."""
        if not self._numbers:
            return
        rows = select(LATEST.c.kind, LATEST.c.key, LATEST.c.id).where(LATEST.c.source == self._source)
        ids = {Thing(kind, key): latest_id for kind, key, latest_id in self._connection.execute(rows)}
        samples = (
            {"scan_id": self._scan_id, "latest_id": ids[thing], **dict(zip(METRICS, numbers, strict=True))}
            for thing, numbers in self._numbers.items()
        )
        execute_many(self._connection, insert(SAMPLE), samples)
