"""Services beside what is really there: their ids and statements, the backup plan, the last measured restore.

What nobody measured is never called met: without a restore test a recovery time is "not tested".
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from itops.backup.drilling import is_good
from itops.backup.ledger import DrillRecord
from itops.backup.policy import BackupPlan
from itops.dates import Period
from itops.verdict import State, severity, worst
from itops.worklog.findings import WorkFinding, found
from itops.worklog.policy import SECTIONS, Service, ServiceCatalogue, ServiceRules, Statement
from itops.worklog.promises import Downtime, Promise, allowed_downtime, jobs_of, last_restore, measured, promise_of

_MONTH_DAYS = 30.4375  # 365.25 / 12: terms are compared in whole months


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """What is known of the things services stand on. None: nobody ever looked, and nothing can be called unknown."""

    plan: BackupPlan = field(default_factory=BackupPlan)
    drills: tuple[DrillRecord, ...] = ()
    vms: frozenset[str] | None = None  # names and instance UUIDs, as they are
    databases: frozenset[str] | None = None  # sql01/Insurance
    links: frozenset[str] | None = None  # ids of assets of the kind link


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What stands behind the RPO and RTO of one database."""

    database: str
    promise: Promise | None  # of the plan
    restore: DrillRecord | None  # the last one, good or not
    is_restore_good: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceVerdict:
    """One service, judged."""

    key: str
    service: Service
    state: State
    findings: tuple[WorkFinding, ...]  # the worst first
    recoveries: tuple[Recovery, ...]  # one for each database
    measured: timedelta | None  # the slowest last good restore; None: not tested
    downtime: Downtime | None


def judge_services(
    catalogue: ServiceCatalogue, estate: Estate, period: Period, today: date
) -> tuple[ServiceVerdict, ...]:
    """Every service, in the order of the catalogue."""
    return tuple(_judge(key, catalogue, estate, period, today) for key in catalogue.services)


def _judge(key: str, catalogue: ServiceCatalogue, estate: Estate, period: Period, today: date) -> ServiceVerdict:
    service = catalogue.services[key]
    recoveries = tuple(_recovery(database, estate) for database in service.depends_on.databases)
    findings = [
        *_identity(key, catalogue),
        *_statement(key, service, catalogue.rules, today),
        *_things(key, service, estate),
        *(finding for one in recoveries for finding in _recovery_findings(key, service, one, estate.plan)),
        *_limits(key, service),
    ]
    findings.sort(key=lambda one: -severity(one.state))
    return ServiceVerdict(
        key=key,
        service=service,
        state=worst(one.state for one in findings),
        findings=tuple(findings),
        recoveries=recoveries,
        measured=measured(estate.drills, service.depends_on.databases),
        downtime=allowed_downtime(service, period, estate.plan.days),
    )


def _identity(key: str, catalogue: ServiceCatalogue) -> Iterator[WorkFinding]:
    service = catalogue.services[key]
    if service.service_id is None:
        yield found("service.no-id", key)
    else:
        yield from _id_form(key, service.service_id, catalogue.rules)
        twins = Counter(one.service_id for one in catalogue.services.values())
        if twins[service.service_id] > 1:
            yield found("service.id-duplicate", key, service_id=service.service_id, services=twins[service.service_id])
    if service.parent is not None and (service.parent not in catalogue.services or service.parent == key):
        yield found("service.parent-unknown", key, parent=service.parent)
    if service.profile is None:
        yield found("service.no-profile", key)


def _id_form(key: str, service_id: str, rules: ServiceRules) -> Iterator[WorkFinding]:
    is_long = rules.id_length is not None and len(service_id) != rules.id_length
    is_odd = rules.id_digits and not (service_id.isascii() and service_id.isdigit())
    if is_long or is_odd:
        yield found("service.id-form", key, service_id=service_id, length=len(service_id), wanted=rules.id_length)


def _statement(key: str, service: Service, rules: ServiceRules, today: date) -> Iterator[WorkFinding]:
    statement = service.sla
    if statement is None:
        yield found("service.no-statement", key)
        return
    for name in statement.missing():
        yield found("service.section-missing", key, name, section=SECTIONS.index(name) + 1)
    yield from _validity(key, statement, rules, today)
    yield from _terms(key, statement)


def _validity(key: str, statement: Statement, rules: ServiceRules, today: date) -> Iterator[WorkFinding]:
    if statement.valid_to is None:
        yield found("service.no-validity", key)
    elif today > statement.valid_to:
        late = (today - statement.valid_to).days
        yield found("service.expired", key, valid_on=statement.valid_to.isoformat(), late_days=late)
    elif statement.valid_to - today <= rules.warn_before:
        left = (statement.valid_to - today).days
        yield found("service.expires-soon", key, valid_on=statement.valid_to.isoformat(), left_days=left)
    if statement.valid_from is not None and today < statement.valid_from:
        yield found("service.not-yet-valid", key, valid_on=statement.valid_from.isoformat())


def _terms(key: str, statement: Statement) -> Iterator[WorkFinding]:
    """Section 6 may say three years and section 7 yearly: one of them is not meant."""
    term, renewal = statement.term_months, statement.renewal_months
    if term is not None and renewal is not None and term != renewal:
        yield found("service.term-disagrees", key, "period", "termination", term=term, renewal=renewal)
    if term is not None and statement.valid_from is not None and statement.valid_to is not None:
        months = round(((statement.valid_to - statement.valid_from).days + 1) / _MONTH_DAYS)
        if months != term:
            yield found("service.validity-disagrees", key, months=months, term=term)


def _things(key: str, service: Service, estate: Estate) -> Iterator[WorkFinding]:
    named = service.depends_on
    asked: tuple[tuple[str, Sequence[str], frozenset[str] | None], ...] = (
        ("service.vm-unknown", named.vms, estate.vms),
        ("service.database-unknown", named.databases, estate.databases),
        ("service.link-unknown", named.links, estate.links),
    )
    for code, wanted, known in asked:
        if known is not None:
            have = {one.casefold() for one in known}
            yield from (found(code, key, name, name=name) for name in wanted if name.casefold() not in have)


def _recovery(database: str, estate: Estate) -> Recovery:
    restore = last_restore(estate.drills, database)
    return Recovery(
        database=database,
        promise=promise_of(estate.plan, database),
        restore=restore,
        is_restore_good=restore is not None and is_good(restore),
    )


def _recovery_findings(key: str, service: Service, one: Recovery, plan: BackupPlan) -> Iterator[WorkFinding]:
    if not any(True for _ in jobs_of(plan, one.database)):
        yield found("service.unprotected", key, one.database, database=one.database)
    elif service.rpo is not None and (one.promise is None or one.promise.loses > service.rpo):
        yield found(
            "service.rpo-missed",
            key,
            one.database,
            *(() if one.promise is None else (one.promise.job, one.promise.by)),
            database=one.database,
            rpo_seconds=_seconds(service.rpo),
            plan_seconds=None if one.promise is None else _seconds(one.promise.loses),
            job=one.promise.job if one.promise else None,
        )
    if service.rto is not None:
        yield from _restore_findings(key, service.rto, one)


def _restore_findings(key: str, rto: timedelta, one: Recovery) -> Iterator[WorkFinding]:
    if one.restore is None:
        yield found("service.not-tested", key, one.database, database=one.database, rto_seconds=_seconds(rto))
        return
    evidence = (one.database, one.restore.job, one.restore.key)
    at = one.restore.started_at.isoformat()
    if not one.is_restore_good:
        yield found("service.restore-failed", key, *evidence, database=one.database, tested_at=at)
    elif one.restore.seconds > rto.total_seconds():
        took = round(one.restore.seconds)
        yield found(
            "service.rto-missed",
            key,
            *evidence,
            database=one.database,
            rto_seconds=_seconds(rto),
            took_seconds=took,
            tested_at=at,
        )


def _limits(key: str, service: Service) -> Iterator[WorkFinding]:
    if service.depends_on.databases and service.rpo is None:
        yield found("service.no-rpo", key)
    if service.depends_on.databases and service.rto is None:
        yield found("service.no-rto", key)


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
