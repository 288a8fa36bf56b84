"""Apply one whole scan to the store, inside the one transaction that ends it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.engine import Connection

from itops.inventory.history import ScanState
from itops.store.batches import batches, execute_many
from itops.store.coverings import covering, dead_sources, foresee_coverings, note_covering
from itops.store.history_rows import is_at_rest, record
from itops.store.latest import LatestValues
from itops.store.schema import DOCUMENT, SCAN
from itops.store.seen import Seen
from itops.store.spool import Spool
from itops.store.timeline import Look, Tally
from itops.store.upsert import insert_missing

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A scan that saw everything, or knows what it did not see; its own row says so already."""

    scan_id: int
    source: str
    at: datetime
    hides: frozenset[str]
    seen: Seen
    spool: Spool
    live_sources: frozenset[str]


def apply_scan(connection: Connection, whole: Whole) -> Tally:
    """Documents, this source's rows, the rows of the sources it supersedes, the moving values; what changed."""
    if whole.spool.has_bodies:
        bodies = ({"hash": item.document, "body": item.body} for item in whole.spool if item.body is not None)
        execute_many(connection, insert_missing(connection, DOCUMENT), bodies)
    if whole.source not in whole.live_sources:
        foresee_coverings(connection, whole.source, whole.at)
    look = Look(at=whole.at, scan_id=whole.scan_id, hides=whole.hides, seen=whole.seen.settled())
    timeline = record(connection, whole.source, look)
    tally = timeline.tallies[whole.scan_id]
    tally.ended += _supersede(connection, whole.source, look, whole.live_sources)
    latest = LatestValues(connection, whole.source, whole.scan_id, timeline.seen_after(whole.at))
    for batch in batches(whole.spool):
        latest.keep(batch, whole.seen)
    latest.keep_samples()
    return tally


def _supersede(connection: Connection, source: str, look: Look, live_sources: Collection[str]) -> int:
    """Judge the sources that nobody looks at any more; how many of their rows ended."""
    dead = [
        other for other in dead_sources(connection, source, live_sources) if not is_at_rest(connection, other, look.at)
    ]
    if not dead:
        return 0
    judgement = covering(connection, source, look)
    ended = 0
    for other in dead:
        note_covering(connection, look.scan_id, other)
        ended += record(connection, other, judgement).ended_by(look.scan_id)
    return ended


def newest_moment(connection: Connection, source: str) -> datetime | None:
    """When the source was last seen whole, by the clock of that scan."""
    whole = select(SCAN.c.observed_at).where(SCAN.c.source == source, SCAN.c.state == ScanState.COMPLETE.value)
    moment: datetime | None = connection.execute(whole.order_by(SCAN.c.observed_at.desc()).limit(1)).scalar()
    return moment


def own_moment(connection: Connection, source: str, wanted: datetime) -> datetime:
    """Two looks at one source cannot have one moment: the second is moved by a microsecond."""
    taken = select(SCAN.c.id).where(SCAN.c.source == source, SCAN.c.state == ScanState.COMPLETE.value)
    while connection.execute(taken.where(SCAN.c.observed_at == wanted)).first():
        wanted += _MICROSECOND
    return wanted
