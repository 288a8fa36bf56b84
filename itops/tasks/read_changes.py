"""Tell what changed in a period, and what of it nobody can know."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from itops.inventory.changes import Change, Coverage, changes_between
from itops.inventory.entities import Kind
from itops.inventory.freshness import Freshness, SourceReport, unwatched_gaps
from itops.inventory.history import Scan, ScanState
from itops.inventory.reading import Reader
from itops.tasks.read_inventory import Hole, holes

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_JUST = timedelta(microseconds=1)


def read_changes(reader: Reader, begin: datetime, end: datetime, kinds: Collection[Kind]) -> list[Change]:
    """The changes of things of these kinds in [begin, end), oldest first."""
    return changes_between(reader.touched(begin, end, kinds), begin, end, coverage(reader, begin, end))


def coverage(reader: Reader, begin: datetime, end: datetime) -> Coverage:
    """Since when somebody looks at each host, server and source, as far as it matters for this period."""
    return Coverage(
        hosts=_known_since(reader, Kind.HOST, begin, end),
        servers=_known_since(reader, Kind.ENDPOINT, begin, end),
        sources=_watched_since(reader.scans()),
    )


def _known_since(reader: Reader, kind: Kind, begin: datetime, end: datetime) -> Mapping[str, datetime]:
    """When each thing was first seen; those that were there when the period began count as known for ever."""
    known: dict[str, datetime] = {}
    for revisions in reader.touched(begin, end, {kind}):
        known[revisions[0].entity.key] = min(revision.valid_from for revision in revisions)
    return known | {entity.key: _ALWAYS for entity in reader.entities(kind, as_of=begin - _JUST)}


def _watched_since(scans: Iterable[Scan]) -> Mapping[str, datetime]:
    since: dict[str, datetime] = {}
    for scan in scans:
        if scan.state is ScanState.COMPLETE:
            since[scan.source] = min(scan.observed_at, since.get(scan.source, scan.observed_at))
    return since


def period_holes(
    reader: Reader, reports: Sequence[SourceReport], begin: datetime, end: datetime, now: datetime
) -> list[Hole]:
    """What a list of changes must confess: sources nobody looked at in the period, and what its last scans missed."""
    watched = [report.source for report in reports if report.state not in {Freshness.RETIRED, Freshness.NEVER_SEEN}]
    unwatched = [Hole(gap=gap, observed_at=None) for gap in unwatched_gaps(reader.scans(), watched, begin, end)]
    told = {hole.gap.source for hole in unwatched}
    others = holes(reader, reports, as_of=None if end > now else end - _JUST)
    return unwatched + [hole for hole in others if hole.gap.source not in told]
