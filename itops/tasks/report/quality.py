"""Gather how good what is known is: the looks at every source and repository up to the period's end, and their gaps."""

from collections.abc import Iterable, Iterator

from itops.inventory.entities import Kind
from itops.inventory.freshness import Freshness, SourceReport, limits_of, source_reports, unwatched_gaps
from itops.inventory.history import Scan, ScanState, SourceState
from itops.inventory.values import text
from itops.reports.monthly.parts import GapRow, QualityPart, SourceRow
from itops.reports.monthly.quality import (
    ABSENT,
    COMPLETE,
    FAILED,
    UNREADABLE_ROW,
    quality_of,
    repository_row,
    source_row,
)
from itops.tasks.read_inventory import holes
from itops.tasks.report.asking import Asking
from itops.worklog.entries import LogRow

LOG = "worklog"


def gather_quality(asking: Asking) -> QualityPart:
    """Every input as it stood at the period's end, repositories as they stood when late copies stopped to count."""
    reports = _reports(asking)
    sources = [*_source_rows(asking, reports), *_repository_rows(asking), *_written(asking)]
    gaps = [*_scan_gaps(asking, reports), *_look_gaps(asking), *map(_log_gap, _unreadable(asking))]
    return quality_of(sources, gaps)


def _scans(asking: Asking) -> list[Scan]:
    """Those of then: attempts that had begun, and of files those that were exported by then."""
    scans = asking.reader.scans() if asking.reader else []
    return [scan for scan in scans if scan.observed_at <= asking.as_of]


def _reports(asking: Asking) -> list[SourceReport]:
    scans = _scans(asking)
    limits = limits_of({one.name: one.type for one in asking.settings.sources})
    states = [_state(name, [scan for scan in scans if scan.source == name]) for name in {one.source for one in scans}]
    return source_reports(states, limits, asking.as_of)


def _state(name: str, scans: Iterable[Scan]) -> SourceState:
    """As it was known then; what was still running then counts as what it became."""
    attempts = sorted(scans, key=lambda scan: (scan.started_at, scan.id))
    whole = [scan for scan in attempts if scan.state is ScanState.COMPLETE]
    return SourceState(
        source=name,
        last_attempt=attempts[-1] if attempts else None,
        last_complete=max(whole, key=lambda scan: scan.observed_at, default=None),
    )


def _source_rows(asking: Asking, reports: Iterable[SourceReport]) -> Iterator[SourceRow]:
    """Configured ones; others only where somebody looked at them in the period."""
    whole = [scan for scan in _scans(asking) if scan.state is ScanState.COMPLETE and scan.observed_at >= asking.begin]
    tools = dict(_tools(asking))
    for report in reports:
        looks = sum(scan.source == report.source for scan in whole)
        if looks or report.state is not Freshness.RETIRED:
            yield source_row(report, looks, tools.get(report.source, ""))


def _tools(asking: Asking) -> Iterator[tuple[str, str]]:
    """What each source says it was: VMware vCenter Server 8.0.2 build-..."""
    for entity in asking.reader.entities(Kind.ENDPOINT, as_of=asking.as_of) if asking.reader else ():
        if told := text(entity.get("content.about.fullName")):
            yield entity.source, told


def _repository_rows(asking: Asking) -> Iterator[SourceRow]:
    plan = asking.plan
    period = asking.begin, asking.as_of
    for name in plan.repositories:
        yield repository_row(name, asking.memory.looks, plan.look_within, period, asking.judged_at)


def _written(asking: Asking) -> Iterator[SourceRow]:
    """What people write: the register, the plan, the change log."""
    register = asking.settings.register
    yield SourceRow(name=register.name, kind="register", state=COMPLETE if register.is_file() else ABSENT)
    yield SourceRow(name="backup", kind="plan", state=ABSENT if asking.settings.backup is None else COMPLETE)
    told = _log_rows(asking)
    if told:
        state = FAILED if any(row.record is None for row in told) else COMPLETE
        in_period = sum(row.recorded_at >= asking.begin for row in told)
        last = max((row.recorded_at for row in told), default=None)
        yield SourceRow(name=LOG, kind="log", state=state, seen_at=last, looks=in_period)


def _log_rows(asking: Asking) -> list[LogRow]:
    """What was written by then; later rows would change a report that was built."""
    return [row for row in asking.memory.log if row.recorded_at <= asking.judged_at]


def _unreadable(asking: Asking) -> Iterator[LogRow]:
    return (row for row in _log_rows(asking) if row.record is None)


def _log_gap(row: LogRow) -> GapRow:
    return GapRow(
        source=LOG,
        subject=f"log {row.number}",
        code=UNREADABLE_ROW,
        problem="it cannot be read, or a newer itops wrote it",
        remedy="use the itops that wrote it",
    )


def _scan_gaps(asking: Asking, reports: list[SourceReport]) -> Iterator[GapRow]:
    """Sources that nobody looked at in the period, and what the last whole look before its end could not see."""
    known = [report for report in reports if report.state is not Freshness.RETIRED]
    never = {report.source for report in known if report.last_complete is None}
    watched = [report.source for report in known if report.source not in never]
    found = unwatched_gaps(_scans(asking), watched, asking.begin, asking.end)
    missed = {gap.source for gap in found}
    met = [hole.gap for hole in holes(asking.reader, known, as_of=asking.as_of) if hole.gap.source not in missed]
    for gap in (*found, *met):
        yield GapRow(source=gap.source, subject=gap.subject, code=gap.code, problem=gap.problem, remedy=gap.remedy)


def _look_gaps(asking: Asking) -> Iterator[GapRow]:
    """What the last look at each repository could not see; of one that failed, why."""
    looks = [look for look in asking.memory.looks if look.ended_at <= asking.judged_at]
    for name in asking.plan.repositories:
        last = max((look for look in looks if look.repository == name), key=lambda one: one.looked_at, default=None)
        if last is None:
            continue
        if not last.is_complete:
            yield GapRow(
                source=name,
                subject=f"repository {name}",
                code="look-failed",
                problem=last.problem or "",
                remedy=last.remedy or "",
            )
        for gap in last.gaps:
            yield GapRow(source=name, subject=gap.subject, code=gap.code, problem=gap.problem, remedy=gap.remedy)
