"""The inventory: whether each source is seen, what its scans could not see, what the rules find, and the register.

How bad a source is. "One missed run is forgiven" (`itops.inventory.freshness`), so a scan that failed is a WARNING
while what is known is young enough; then nobody knows what is there, which is CRITICAL and explains the rest. A source
that was never scanned is UNKNOWN. What was found through a source that fails stays as it was last seen.

Rules of health that count hours from a moment (certificates, ages of snapshots) are judged anew in each round; kept,
their verdict counts until the office's day ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from itops.alerts.records import Evaluation, Key
from itops.config.settings import Settings
from itops.errors import ConfigInvalid
from itops.facts import Fact
from itops.inventory.entities import Gap
from itops.inventory.freshness import Freshness, SourceReport, limits_of
from itops.inventory.health import RULE_OF_CODE, Finding, Judgement
from itops.inventory.history import ScanState
from itops.inventory.roles.expected import ROLE_CODES
from itops.schedule.due import INSTANT
from itops.tasks.evaluation.findings import TABLE, Found, end_of_day, not_judged, not_looked, told, unknown
from itops.tasks.evaluation.hardware import evaluate_register
from itops.tasks.evaluation.watched import Watched
from itops.tasks.judge_health import judge_health, policy_of
from itops.tasks.read_inventory import source_states
from itops.verdict import State, severity

CHECK = "inventory"
HEALTH = Key(CHECK, "health")
"""That the rules were applied; when they could not be, why nobody knows what they would find."""
_GAPS = " gaps"
_CODES = frozenset({*RULE_OF_CODE, *ROLE_CODES})
_UNUSED = "sweep.silent"  # addresses that nobody uses are met in every sweep, and are no news
_LOOKED_BACK = 200  # scans that are asked for since when a source fails
STATES: Mapping[str, State] = {
    "source.fresh": State.OK,
    "source.stale": State.WARNING,
    "source.failed": State.WARNING,
    "source.failed-long": State.CRITICAL,
    "source.failed-ever": State.CRITICAL,
    "source.never-seen": State.UNKNOWN,
}
"""Every code of a source, and how bad it is."""


def evaluate_inventory(watched: Watched) -> tuple[Evaluation, ...]:
    """Sources, gaps and findings; nothing where there is neither a source nor a register."""
    found = list(evaluate_register(watched))
    if watched.settings.sources:
        reports = _reports(watched)
        found += [_source(report, watched) for report in reports]
        found += _gaps(watched, reports)
        found += _health(watched, reports)
    return _each_once(found)


def _limits(settings: Settings) -> Mapping[str, timedelta]:
    return limits_of({one.name: one.type for one in settings.sources})


def _reports(watched: Watched) -> list[SourceReport]:
    """Of configured sources alone: what is no longer configured is promised by nobody."""
    reports = source_states(watched.reader, _limits(watched.settings), watched.now)
    return [report for report in reports if report.state is not Freshness.RETIRED]


def _source(report: SourceReport, watched: Watched) -> Evaluation:
    whole = report.last_complete
    too_old_at = whole.observed_at + _limits(watched.settings)[report.source] + INSTANT if whole else None
    code = _code(report, is_old=too_old_at is not None and watched.now >= too_old_at)
    is_young = code in ("source.fresh", "source.failed")
    since = too_old_at if code == "source.stale" else None
    return Evaluation(
        key=Key(CHECK, report.source),
        state=STATES[code],
        code=code,
        table=TABLE,
        judged_at=watched.now,
        valid_until=too_old_at if is_young else None,
        facts={"seen_at": whole.observed_at.isoformat() if whole else None, **_failure(report)},
        since=_failing_since(report, watched) if report.state is Freshness.FAILED else since,
        last_good_at=whole.observed_at if whole else None,
    )


def _code(report: SourceReport, *, is_old: bool) -> str:
    if report.state is Freshness.FAILED and report.last_complete is None:
        return "source.failed-ever"
    if report.state is Freshness.FAILED:
        return "source.failed-long" if is_old else "source.failed"
    return f"source.{report.state.replace('_', '-')}"


def _failure(report: SourceReport) -> dict[str, Fact]:
    last = report.last_attempt
    if report.state is not Freshness.FAILED or last is None:
        return {}
    return {
        "tried_at": last.started_at.isoformat(),
        "problem": last.problem or "the process was stopped before it ended",
        "remedy": last.remedy or f"run: itops inventory scan {report.source}",
    }


def _failing_since(report: SourceReport, watched: Watched) -> datetime | None:
    """When the first of the scans was begun that failed on end, as far as is looked back."""
    since = None
    for scan in watched.reader.scans(report.source, limit=_LOOKED_BACK):
        if scan.state is ScanState.COMPLETE:
            break
        since = scan.started_at
    return since


def _gaps(watched: Watched, reports: Iterable[SourceReport]) -> Iterator[Evaluation]:
    """One evaluation for each source, however many gaps its newest scan met: they have one cause, or two."""
    names = {report.source for report in reports}
    gaps: dict[str, list[Gap]] = defaultdict(list)
    for recorded in watched.reader.gaps():
        if recorded.gap.source in names and recorded.gap.code != _UNUSED:
            gaps[recorded.gap.source].append(recorded.gap)
    for source, met in sorted(gaps.items()):
        first = met[0]
        yield Evaluation(
            key=Key(CHECK, f"{source}{_GAPS}"),
            state=State.WARNING,
            code="gaps",
            table=TABLE,
            judged_at=watched.now,
            facts={
                "count": len(met),
                "subject": first.subject,
                "problem": first.problem,
                "remedy": first.remedy,
            },
            depends_on=(Key(CHECK, source),),
            is_finding=True,
        )


def _health(watched: Watched, reports: Iterable[SourceReport]) -> Iterator[Evaluation]:
    settings = watched.settings
    try:
        judgement = judge_health(
            watched.reader,
            watched.judge_roles,
            policy_of(settings.health, settings.expects.roles),
            watched.now.astimezone(settings.office.zone),
            configured=[source.name for source in settings.sources],
        )
    except ConfigInvalid as failure:
        yield from not_judged(watched, HEALTH, failure, _is_finding)
        return
    never = frozenset(Key(CHECK, one.source) for one in reports if one.last_complete is None)
    if not judgement.sources:
        yield unknown(watched, HEALTH, "health.nothing-seen", depends_on=tuple(sorted(never)))
        yield from not_looked(watched, HEALTH, _is_finding)
        return
    yield _judged(judgement, watched)
    found = (_found(finding, watched, never) for finding in judgement.findings)
    yield from told(found, CHECK, watched, end_of_day(watched))


def _judged(judgement: Judgement, watched: Watched) -> Evaluation:
    """That rules could not be applied for want of data is said and no alarm: an export never tells everything."""
    return Evaluation(
        key=HEALTH,
        state=State.OK,
        code="health.judged",
        table=TABLE,
        judged_at=watched.now,
        valid_until=end_of_day(watched),
        facts={
            "count": sum(finding.state is not State.OK for finding in judgement.findings),
            "blind_count": len({(spot.rule, spot.source) for spot in judgement.not_judged}),
            "ignored_count": len(judgement.ignored),
        },
    )


def _found(finding: Finding, watched: Watched, never: frozenset[Key]) -> Found:
    """A source that cannot be seen explains its findings; a role may be with any server that was never seen."""
    is_of_source = watched.settings.source(finding.source) is not None
    return Found(
        state=finding.state,
        code=finding.code,
        table="health",
        subject=finding.subject,
        facts=finding.data,
        depends_on=frozenset({Key(CHECK, finding.source)}) if is_of_source else never,
    )


def _is_finding(name: str) -> bool:
    return name.partition(" ")[0] in _CODES


def _each_once(found: Iterable[Evaluation]) -> tuple[Evaluation, ...]:
    """The worst of each key: a source may be called as a part of this check is."""
    kept: dict[Key, Evaluation] = {}
    for one in found:
        other = kept.get(one.key)
        if other is None or severity(one.state) > severity(other.state):
            kept[one.key] = one
    return tuple(kept.values())
