"""The backups of the report: every demanded slot of the period, what was proven and restored, and what lay off-site.

Two judgements of one moment are told together: the plan as it is gives findings and ages, and a plan that keeps more
(`plan_for`) tells what became of every slot of the period. See itops/tasks/report/backups.py for both.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from itops.backup.coverage import Coverage, KnownVm, coverage
from itops.backup.custody.records import Row
from itops.backup.judgement.verdicts import ObjectVerdict
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar
from itops.dates import Period
from itops.reports.monthly.backups_coverage import (
    cover_rows,
    coverage_figures,
    coverage_findings,
    has_old_lists,
    unknown_coverage,
)
from itops.reports.monthly.backups_deposits import (
    Demands,
    ToldDeposit,
    deposit_figures,
    deposit_findings,
    place_names,
    told_deposits,
    unknown_deposits,
)
from itops.reports.monthly.backups_drills import Restores, drill_figures, drill_rows, unknown_drills
from itops.reports.monthly.backups_findings import backup_findings
from itops.reports.monthly.backups_jobs import job_figure, job_rows, levels_of
from itops.reports.monthly.backups_places import CustodyThen, custody_then
from itops.reports.monthly.backups_slots import Standing, plan_for, slot_figures, standings, unknown_slots
from itops.reports.monthly.backups_then import LedgerThen
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import BackupPart, DrillRow, FindingRow
from itops.verdict import severity

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFacts:
    """What the part is made of."""

    plan: BackupPlan
    calendar: Calendar
    period: Period
    judged_at: datetime  # until when late copies, proofs and deposits count
    today: date  # of the period: exemptions are held against it
    ledger: LedgerThen  # of `judged_at`
    judged: Sequence[ObjectVerdict]  # by the plan as it is
    told: Sequence[ObjectVerdict]  # by plan_for(plan, period, judged_at)
    custody: Sequence[Row] = ()  # the whole register
    vms: Iterable[KnownVm] = ()  # at the period's end


def no_backups(period: Period, reason: str = "no-plan") -> BackupPart:
    """What is said where there is no plan: nothing is known, which is not nothing."""
    figures = (*_unknown_jobs(reason), *unknown_coverage(reason), *unknown_deposits(reason))
    return BackupPart(days=_days(period), figures=figures)


def _unknown_jobs(reason: str) -> Iterator[Figure]:
    yield Figure(id="backup.jobs", value=None, reason=reason)
    yield from unknown_slots(reason)
    yield from unknown_drills(reason)


def backup_part(facts: BackupFacts) -> BackupPart:
    """The backups of the period."""
    plan, period, databases = facts.plan, facts.period, facts.ledger.databases()
    begin, end = period.moments(facts.calendar.zone)
    told = standings(plan, period, facts.judged, facts.told)
    restores = Restores(plan, facts.ledger.drills(), facts.judged_at)
    drills = drill_rows(facts.ledger.drills(), begin, end)
    covered = coverage(plan, databases, facts.vms, facts.today)
    custody = custody_then(facts.custody, facts.judged_at)
    deposits = _deposits(facts, custody, told)
    return BackupPart(
        jobs=job_rows(told, restores),
        slots=tuple(slot.row for one in told for slot in one.slots),
        days=_days(period),
        levels=levels_of(facts.ledger.copies(), plan),
        drills=drills,
        deposits=tuple(one.row for one in deposits),
        places=place_names(plan),
        covers=cover_rows(covered),
        lists_databases=bool(databases),
        has_old_lists=has_old_lists(databases, facts.ledger.looks(), begin),
        figures=(
            *(_job_figures(plan, told, restores, drills) if plan.jobs else _unknown_jobs("no-plan")),
            *coverage_figures(covered, databases),
            *deposit_figures(deposits, custody, plan),
        ),
        findings=_findings(facts, told, covered, deposits),
    )


def _job_figures(
    plan: BackupPlan, told: Sequence[Standing], restores: Restores, drills: Iterable[DrillRow]
) -> Iterator[Figure]:
    yield job_figure(told)
    yield from slot_figures(told, plan)
    yield from drill_figures(told, restores, drills)


def _days(period: Period) -> tuple[date, ...]:
    return tuple(period.first + number * _DAY for number in range((period.last - period.first).days + 1))


def _deposits(facts: BackupFacts, custody: CustodyThen, told: Sequence[Standing]) -> tuple[ToldDeposit, ...]:
    known = (one.database for one in facts.ledger.databases() if not one.database.is_system)
    demands = Demands(
        plan=plan_for(facts.plan, facts.period, facts.judged_at),
        calendar=facts.calendar,
        period=facts.period,
        judged_at=facts.judged_at,
        databases=tuple((database.server, database.name) for database in known),
    )
    return told_deposits(demands, custody, told)


def _findings(
    facts: BackupFacts, told: Sequence[Standing], covered: Coverage, deposits: Iterable[ToldDeposit]
) -> tuple[FindingRow, ...]:
    """The worst first; of equals those of one code and subject together."""
    found = [
        *backup_findings(told, facts.judged_at),
        *coverage_findings(covered, facts.ledger.databases(), facts.calendar),
        *deposit_findings(deposits),
    ]
    return tuple(sorted(found, key=lambda one: (-severity(one.state), one.room, one.code, one.subject)))
