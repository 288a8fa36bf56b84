"""What there was at the period's end and who backs it up: "all databases" is a claim only where servers list theirs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from itops.backup.coverage import Cover, Coverage
from itops.backup.coverage import CoverRow as Covered
from itops.backup.ledger import KnownDatabase, LookRecord
from itops.backup.slots import Calendar
from itops.dates import start_of
from itops.reports.monthly.backups_findings import ROOM
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import CoverRow, FindingRow

_DAY = timedelta(days=1)
_LISTED = frozenset({Cover.PROTECTED, Cover.UNPROTECTED, Cover.EXEMPT, Cover.EXPIRED})
_UNPROTECTED = frozenset({Cover.UNPROTECTED, Cover.EXPIRED})


def cover_rows(covered: Coverage) -> tuple[CoverRow, ...]:
    """All of them, the worst first."""
    return tuple(
        CoverRow(object=row.object, kind=row.kind, cover=row.cover.value, jobs=row.jobs) for row in covered.rows
    )


def unknown_coverage(reason: str) -> Iterator[Figure]:
    """The figures where nobody can tell."""
    yield Figure(id="backup.databases", value=None, reason=reason)
    yield Figure(id="backup.databases_protected", value=None, unit="ratio", reason=reason)


def has_old_lists(databases: Iterable[KnownDatabase], looks: Sequence[LookRecord], begin: datetime) -> bool:
    """Whether some server whose databases are known was last looked at to the end before the period began.

    By the looks at it, which nobody rewrites; of a server that no look is known of nothing is said.
    """
    servers = {known.database.server for known in databases if known.gone_at is None}
    whole = {
        server: [one.looked_at for one in looks if one.repository == server and one.is_complete] for server in servers
    }
    return any(moments and max(moments) < begin for moments in whole.values())


def coverage_figures(covered: Coverage, databases: Sequence[KnownDatabase]) -> Iterator[Figure]:
    """How many databases servers list, their own left out, and how many of those a job protects.

    One that the office exempted is not protected either: "all databases" must not be said of it.
    """
    if not databases:
        yield from unknown_coverage("never-listed")
        return
    listed_at = _listed_at(databases)
    listed = [row for row in _listed(covered) if not row.is_system]
    evidence = [
        Evidence(kind="database", ref=row.object, at=listed_at.get(row.object.casefold()), note=row.cover.value)
        for row in listed
    ]
    yield count_of("backup.databases", evidence)
    protected = sum(row.cover is Cover.PROTECTED for row in listed)
    yield ratio_of("backup.databases_protected", protected, len(listed), evidence)


def coverage_findings(
    covered: Coverage, databases: Iterable[KnownDatabase], calendar: Calendar
) -> Iterator[FindingRow]:
    """Databases that nobody backs up."""
    listed_at = _listed_at(databases)
    for row in _listed(covered):
        if row.cover in _UNPROTECTED:
            since = listed_at.get(row.object.casefold())
            yield FindingRow(
                room=ROOM,
                table="report",
                code="report.unprotected",
                subject=row.object,
                state=row.state,
                since=_since(row, since, calendar),
                owner=row.exemption.owner if row.exemption else "",
                facts={"cover": row.cover.value},
                evidence=(Evidence(kind="database", ref=row.object, at=since, note=row.cover.value),),
            )


def _since(row: Covered, listed_at: datetime | None, calendar: Calendar) -> datetime | None:
    """When it was first listed, or the exemption ran out."""
    if row.cover is not Cover.EXPIRED or row.exemption is None:
        return listed_at
    ended_at = start_of(row.exemption.until + _DAY, calendar.zone)
    return ended_at if listed_at is None else max(ended_at, listed_at)


def _listed(covered: Coverage) -> Iterator[Covered]:
    return (row for row in covered.rows if row.kind == "database" and row.cover in _LISTED)


def _listed_at(databases: Iterable[KnownDatabase]) -> dict[str, datetime]:
    """When each was first listed."""
    found: dict[str, datetime] = {}
    for known in databases:
        text = f"{known.database.server}/{known.database.name}".casefold()
        found[text] = min(known.first_seen_at, found.get(text, known.first_seen_at))
    return found
