"""How good what is known is: which inputs there were, when each was last seen whole, and what they did not show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from itops.backup.ledger import LookRecord
from itops.inventory.freshness import Freshness, SourceReport
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import FindingRow, GapRow, QualityPart, SourceRow
from itops.verdict import State

COMPLETE, FAILED, ABSENT = "complete", "failed", "absent"
UNREADABLE_ROW = "worklog.row-unreadable"
_WATCHED = ("source", "repository")  # what somebody has to look at; the others are written by people
_GOOD = frozenset({Freshness.FRESH.value, COMPLETE})


def source_row(report: SourceReport, looks: int, tool: str = "") -> SourceRow:
    """One source of servers and devices. `looks`: whole ones within the period."""
    whole = report.last_complete
    return SourceRow(
        name=report.source,
        kind="source",
        state=report.state.value,
        seen_at=None if whole is None else whole.observed_at,
        looks=looks,
        tool=tool,
    )


def repository_row(
    name: str, looks: Sequence[LookRecord], fresh_within: timedelta, period: tuple[datetime, datetime], until: datetime
) -> SourceRow:
    """One repository of copies; `looks` may hold those of others and later ones, which do not count.

    `period`: its first moment and its end, at which the last look should be fresh; `until`: a look counts as long as
    late copies do.
    """
    begin, as_of = period
    own = sorted(
        (look for look in looks if look.repository == name and look.looked_at <= until), key=lambda one: one.looked_at
    )
    whole = [look for look in own if look.is_complete]
    return SourceRow(
        name=name,
        kind="repository",
        state=_repository_state(own, whole, as_of - fresh_within).value,
        seen_at=whole[-1].looked_at if whole else None,
        looks=sum(look.looked_at >= begin for look in whole),
    )


def _repository_state(own: Sequence[LookRecord], whole: Sequence[LookRecord], limit: datetime) -> Freshness:
    if own and not own[-1].is_complete:
        return Freshness.FAILED
    if not whole:
        return Freshness.NEVER_SEEN
    return Freshness.FRESH if whole[-1].looked_at >= limit else Freshness.STALE


def quality_of(sources: Sequence[SourceRow], gaps: Sequence[GapRow]) -> QualityPart:
    """The part, its figures and what is wrong with the inputs."""
    return QualityPart(
        sources=tuple(sources),
        gaps=tuple(gaps),
        figures=_figures(sources, gaps),
        findings=tuple(_findings(sources, gaps)),
    )


def _figures(sources: Sequence[SourceRow], gaps: Iterable[GapRow]) -> tuple[Figure, ...]:
    watched = [row for row in sources if row.kind in _WATCHED and row.state != Freshness.RETIRED]
    fresh = [row for row in watched if row.state in _GOOD]
    return (
        count_of("quality.sources", map(_evidence, watched)),
        ratio_of("quality.sources_fresh", len(fresh), len(watched), map(_evidence, fresh)),
        _gaps(gaps, is_watched=bool(watched)),
    )


def _gaps(gaps: Iterable[GapRow], *, is_watched: bool) -> Figure:
    """How many there are; where nothing is there to look, none is not nought."""
    behind = [Evidence(kind="scan", ref=f"{gap.source} {gap.subject}", note=gap.code) for gap in gaps]
    if not behind and not is_watched:
        return Figure(id="quality.gaps", value=None, reason="nothing")
    return count_of("quality.gaps", behind)


def _evidence(row: SourceRow) -> Evidence:
    """As `itops inventory sources` tells it: the name, and the moment of the last whole look."""
    moment = "" if row.seen_at is None else f" {row.seen_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Evidence(kind="scan", ref=f"{row.name}{moment}", at=row.seen_at, note=row.state)


def _findings(sources: Sequence[SourceRow], gaps: Sequence[GapRow]) -> Iterator[FindingRow]:
    watched = [row for row in sources if row.kind in _WATCHED and row.state != Freshness.RETIRED]
    if not any(row.kind == "source" for row in watched):
        yield _found("report.no-source", "sources", State.UNKNOWN)
    for row in watched:
        if (told := _unwatched(row)) is not None:
            code, state = told
            facts = {"seen_at": None if row.seen_at is None else row.seen_at.isoformat()}
            yield _found(code, row.name, state, facts=facts, since=row.seen_at, evidence=(_evidence(row),))
    for row in sources:
        if row.kind in {"register", "plan"} and row.state == ABSENT:
            yield _found(f"report.{row.kind}-absent", row.name, State.UNKNOWN)
        if row.kind == "log" and row.state == FAILED:
            count = sum(gap.source == row.name and gap.code == UNREADABLE_ROW for gap in gaps)
            yield _found("report.log-unreadable", row.name, State.WARNING, facts={"row_count": count})


def _unwatched(row: SourceRow) -> tuple[str, State] | None:
    """What is wrong with an input that has to be looked at; not looked at in the period is worst."""
    if row.looks == 0:
        return f"report.{row.kind}-unwatched", State.UNKNOWN
    if row.state == Freshness.FAILED:
        return f"report.{row.kind}-failed", State.WARNING
    return (f"report.{row.kind}-stale", State.WARNING) if row.state == Freshness.STALE else None


def _found(
    code: str,
    subject: str,
    state: State,
    *,
    facts: Mapping[str, str | int | None] | None = None,
    since: datetime | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> FindingRow:
    return FindingRow(
        room="sources",
        table="report",
        code=code,
        subject=subject,
        state=state,
        since=since,
        facts=dict(facts or {}),
        evidence=evidence,
    )
