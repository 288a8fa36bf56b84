"""How fresh what we know of a source is. Never seen, failed and stale are states of their own: not seen is not fine."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from itops.inventory.entities import Gap
from itops.inventory.history import Scan, ScanState, SourceState

_LIVE_TYPE = "vsphere"
_LIVE_LIMIT = timedelta(hours=36)
"""A source that is read daily is stale after a day and a half: one missed run is forgiven, two are not."""
_FILE_LIMIT = timedelta(days=35)
"""A source of monthly files is stale when a month has gone by without one."""


def limits_of(sources: Mapping[str, str]) -> Mapping[str, timedelta]:
    """How old a whole scan of each source may be; `sources`: the configured ones, their names and types."""
    return {name: _LIVE_LIMIT if kind == _LIVE_TYPE else _FILE_LIMIT for name, kind in sources.items()}


class Freshness(StrEnum):
    """The state of a source, worst first."""

    NEVER_SEEN = "never_seen"  # configured, and no complete scan of it exists
    FAILED = "failed"  # the last attempt failed or its process died; older facts are shown
    STALE = "stale"  # the last complete scan is too old
    FRESH = "fresh"
    RETIRED = "retired"  # scanned once, no longer configured


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """One source and how far it can be believed."""

    source: str
    state: Freshness
    last_attempt: Scan | None
    last_complete: Scan | None
    age: timedelta | None  # of what we know, since the last complete scan observed it


def source_reports(states: Iterable[SourceState], limits: Mapping[str, timedelta], now: datetime) -> list[SourceReport]:
    """Every configured source (`limits`: its name and when it is stale), then those only the store remembers."""
    known = {state.source: state for state in states}
    nothing = {name: SourceState(source=name, last_attempt=None, last_complete=None) for name in limits}
    ordered = [*limits, *sorted(known.keys() - limits.keys())]
    return [_report((nothing | known)[name], limits.get(name), now) for name in ordered]


def _report(state: SourceState, limit: timedelta | None, now: datetime) -> SourceReport:
    age = now - state.last_complete.observed_at if state.last_complete else None
    return SourceReport(
        source=state.source,
        state=_freshness(state, age, limit),
        last_attempt=state.last_attempt,
        last_complete=state.last_complete,
        age=age,
    )


def _freshness(state: SourceState, age: timedelta | None, limit: timedelta | None) -> Freshness:
    if limit is None:
        return Freshness.RETIRED
    if state.last_attempt and state.last_attempt.state in {ScanState.FAILED, ScanState.ABANDONED}:
        return Freshness.FAILED
    if age is None:
        return Freshness.NEVER_SEEN
    return Freshness.STALE if age > limit else Freshness.FRESH


def freshness_gap(report: SourceReport) -> Gap | None:
    """What a listing has to confess about a source; None when it is fresh or retired."""
    scan_it = f"run `itops inventory scan {report.source}`"
    last, whole = report.last_attempt, report.last_complete
    since = f"what is shown is of {whole.observed_at:%Y-%m-%d %H:%M} UTC" if whole else "nothing of it is known"
    if report.state is Freshness.NEVER_SEEN:
        return _gap(report, "source.never-seen", "it was never scanned completely", scan_it)
    if report.state is Freshness.FAILED and last is not None:
        why = last.problem or "the process was stopped before it ended"
        return _gap(report, "source.failed", f"its last scan failed: {why}; {since}", last.remedy or scan_it)
    if report.state is Freshness.STALE and report.age is not None:
        days, hours = report.age.days, report.age.seconds // 3600
        return _gap(report, "source.stale", f"its last complete scan is {days} d {hours} h old; {since}", scan_it)
    return None


def not_yet_seen_gap(source: str) -> Gap:
    """What a look into the past has to confess about a source that nobody had scanned by then."""
    problem = "no complete scan of it existed at that time: what was there is unknown"
    return _source_gap(source, "source.not-yet-seen", problem, "choose a later day; `itops inventory sources` helps")


def _gap(report: SourceReport, code: str, problem: str, remedy: str) -> Gap:
    return _source_gap(report.source, code, problem, remedy)


def _source_gap(source: str, code: str, problem: str, remedy: str) -> Gap:
    return Gap(source=source, subject=f"source {source}", code=code, problem=problem, remedy=remedy)


def unwatched_gaps(scans: Iterable[Scan], sources: Collection[str], begin: datetime, end: datetime) -> list[Gap]:
    """A gap for each source that no complete scan looked at in [begin, end): that nothing changed is then unproven."""
    seen = {scan.source for scan in scans if scan.state is ScanState.COMPLETE and begin <= scan.observed_at < end}
    problem = "no complete scan looked at it in this period: what changed there is unknown"
    remedy = "choose a period in which it was scanned; `itops inventory sources` helps"
    return [_source_gap(name, "source.not-watched", problem, remedy) for name in sources if name not in seen]
