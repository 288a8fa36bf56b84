"""What somebody must hear of media off-site: each medium, place and slot that the register objects to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from itops.alerts.records import Evaluation, Key
from itops.backup.custody.checks import custody_findings
from itops.backup.custody.register import Register, register_of
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar, slots_backwards
from itops.dates import start_of
from itops.facts import Fact
from itops.tasks.evaluation.backups import plain_facts
from itops.verdict import State

if TYPE_CHECKING:
    from itops.store.reader import Reader
    from itops.tasks.evaluation.watched import Watched

CHECK = "custody"
TABLE = "evaluation_custody"
"""The table of words for codes of this room; findings have theirs in `custody`."""
_BROKEN_AFTER = {"offsite-missing": "last_on", "offsite-due": "due_on", "end-of-life": "ends_on"}
"""Which day of a finding was the last one on which all was well."""
_DAY, _JUST = timedelta(days=1), timedelta(microseconds=1)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # no slot that began earlier is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class OffSite:
    """The register, and what is wrong with it beside the plan; the worst first."""

    register: Register
    findings: tuple[BackupFinding, ...]


def off_site(reader: "Reader", plan: BackupPlan, calendar: Calendar, now: datetime) -> OffSite | None:
    """None where nothing is promised and no medium is known."""
    rows = reader.custody.rows()
    promises = any(tier.offsite for job in plan.jobs.values() for tier in job.tiers().values())
    if not rows and not promises:
        return None
    known = [held.database for held in reader.ledger.databases() if not held.database.is_system]
    register = register_of(rows)
    databases = tuple((database.server, database.name) for database in known)
    return OffSite(register=register, findings=custody_findings(register, plan, calendar, now, databases))


def evaluate_custody(watched: "Watched") -> Iterable[Evaluation]:
    """One for each medium, place and slot with findings, by the worst of them; one for all where there are none."""
    plan, now = watched.settings.backup, watched.now
    if plan is None:
        media = register_of(watched.reader.custody.rows()).media
        facts = {"media": len(media)}
        return [_of_all(State.UNKNOWN, "no-plan", now, TABLE, facts=facts)] if media else []
    held = off_site(watched.reader, plan, watched.calendar, now)
    if held is None:  # places are named, and nothing is promised of them: nothing is wrong, and that is said
        return [_of_all(State.OK, "no-register", now, "control_reason", facts={})] if plan.custody.places else []
    return tuple(_evaluations(held, plan, watched.calendar, now))


def _evaluations(held: OffSite, plan: BackupPlan, calendar: Calendar, now: datetime) -> Iterator[Evaluation]:
    until = _next_change(held.register, plan, calendar, now)
    by_subject: dict[str, list[BackupFinding]] = {}
    for finding in held.findings:
        by_subject.setdefault(finding.subject, []).append(finding)
    for subject, findings in by_subject.items():
        worst = findings[0]
        yield Evaluation(
            key=Key(CHECK, subject),
            state=worst.state,
            code=worst.code,
            table="custody",
            judged_at=now,
            valid_until=until,
            facts=plain_facts({**worst.facts, "findings": len(findings)}),
            since=_since(worst, calendar),
            owner=_owner(worst, plan),
            is_finding=True,
        )
    if held.findings:
        return
    if not held.register.rows:
        yield _of_all(State.WARNING, "no-register", now, "control_reason", until=until, facts={})
    else:
        media = sum(1 for _ in held.register.in_use())
        yield _of_all(State.OK, "well", now, TABLE, until=until, facts={"media": media})


def _of_all(
    state: State, code: str, now: datetime, table: str, *, facts: Mapping[str, Fact], until: datetime | None = None
) -> Evaluation:
    """Of the register as a whole."""
    return Evaluation(
        key=Key(CHECK, ""), state=state, code=code, table=table, judged_at=now, valid_until=until, facts=facts
    )


def _since(finding: BackupFinding, calendar: Calendar) -> datetime | None:
    """The morning after the last day on which it was well; None where the finding tells no day."""
    last_on = finding.facts.get(_BROKEN_AFTER.get(finding.code, ""))
    return start_of(date.fromisoformat(last_on) + _DAY, calendar.zone) if isinstance(last_on, str) else None


def _owner(finding: BackupFinding, plan: BackupPlan) -> str:
    """The job's, where it is about a job: its subject begins with the name."""
    if not finding.code.startswith("offsite-"):
        return ""
    owners = [job.owner or "" for name, job in plan.jobs.items() if f"{finding.subject} ".startswith(f"{name} ")]
    return owners[0] if owners else ""


def _next_change(register: Register, plan: BackupPlan, calendar: Calendar, now: datetime) -> datetime:
    """The first moment after `now` at which the same rows may be judged otherwise; at the latest the end of the day.

    Days change at midnight. Every age is that of an entry, against a limit of the plan; a moment told for an entry that
    no longer counts comes to nothing.
    """
    midnight = start_of(now.astimezone(calendar.zone).date() + _DAY, calendar.zone)
    changes = [midnight, *_too_old(register, plan, now), *_demanded(plan, calendar, now)]
    return min((moment for moment in changes if moment > now), default=now + _JUST)


def _too_old(register: Register, plan: BackupPlan, now: datetime) -> Iterator[datetime]:
    """When entries pass limits within the next days: what is exactly as old as it may be is not too old."""
    policy = plan.custody
    limits = {
        policy.in_transit,
        policy.away_from_vault,
        policy.test_read_every,
        policy.key_test_every,
        policy.reconcile_every,
    }
    moments = (entry.at for _, entry in register.entries() if entry.at.tzinfo is not None)
    for left in (limit - (now - at) for at in moments for limit in limits):
        if timedelta() <= left < 2 * _DAY:
            yield now + left + _JUST


def _demanded(plan: BackupPlan, calendar: Calendar, now: datetime) -> Iterator[datetime]:
    """When the oldest slot that is still in its grace leaves it: then a copy of it is wanted off-site."""
    for job in plan.jobs.values():
        for tier, policy in job.tiers().items():
            if policy.offsite is not None:
                graced = now - policy.grace if policy.grace < now - _FIRST else _FIRST
                yield next(slots_backwards(tier, policy, calendar, graced)).graced_until
