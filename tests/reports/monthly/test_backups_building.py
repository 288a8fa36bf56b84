"""The backups of the fictional office as facts, by short words; `part` makes the report's part of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, Database, Fault, Identity
from itops.backup.coverage import KnownVm
from itops.backup.custody.records import Row
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DailyPolicy, DaysPolicy, Job, Protected, ProtectedList, Texts
from itops.backup.proofs import Examination, Proof
from itops.backup.slots import Calendar
from itops.dates import Period, parse_period, start_of
from itops.reports.monthly.backups import BackupFacts, backup_part
from itops.reports.monthly.backups_slots import plan_for
from itops.reports.monthly.backups_then import LedgerThen
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import BackupPart, FindingRow
from itops.tasks.judge_backups import judge_backups, remembered

TEHRAN = ZoneInfo("Asia/Tehran")
ABAN = parse_period("1405-08")
OBJECT = "sql01/Insurance"
JOB = "insurance-db"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SETTLE = timedelta(days=2)
EVERY_DAY = DailyPolicy(keep=14, on=("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"))


def job(*protects: str, **settings: Any) -> Job:
    given: dict[str, Any] = {"repository": Texts(("nas",)), "daily": EVERY_DAY, "since": date(2023, 1, 1), **settings}
    return Job(protects=ProtectedList(Protected.parse(one) for one in protects or (OBJECT,)), **given)


def plan(held: Job | None = None, **settings: Any) -> BackupPlan:
    days = settings.pop("days", DaysPolicy(start=time(6)))
    return BackupPlan(jobs={JOB: held or job()}, days=days, **settings)


def settled(period: Period) -> datetime:
    """When a report of the period is final."""
    return period.moments(TEHRAN)[1] + SETTLE


def night(day: date) -> datetime:
    """When the copy of a day is made."""
    return start_of(day, TEHRAN) + 23 * HOUR


def days_of(period: Period) -> list[date]:
    return [period.first + number * DAY for number in range((period.last - period.first).days + 1)]


def proof(at: datetime, *, level: Level | None = Level.COMPLETE, fault: str = "", started_at: datetime) -> Proof:
    found = Examination(
        format="mtf",
        attempted=Level.COMPLETE,
        level=level,
        identity=Identity(started_at=started_at),
        faults=(Fault(code=fault),) if fault else (),
    )
    return Proof(repository="nas", key="", fingerprint="f", proved_at=at, duration_seconds=60, examination=found)


def copy(
    made_at: datetime,
    *,
    seen_at: datetime | None = None,
    last_at: datetime | None = None,
    gone_at: datetime | None = None,
    proofs: tuple[Proof, ...] | None = None,
    about: str = OBJECT,
    name: str = JOB,
) -> KnownCopy:
    """Seen by the look after it was made and proven an hour later, unless something else is said."""
    first = seen_at or made_at + 9 * HOUR
    return KnownCopy(
        copy=Copy(
            repository="nas",
            key=f"{about.replace('/', '_')}_{made_at:%Y%m%d_%H%M}.bak",
            fingerprint="f",
            job=name,
            object=about,
            size_bytes=1000,
            modified_at=made_at,
        ),
        first_seen_at=first,
        last_seen_at=last_at or first + HOUR,
        gone_at=gone_at,
        proofs=(proof(first + HOUR, started_at=made_at),) if proofs is None else proofs,
    )


def nightly(period: Period, *, without: Iterable[date] = (), about: str = OBJECT) -> list[KnownCopy]:
    return [copy(night(day), about=about) for day in days_of(period) if day not in set(without)]


def look(at: datetime, *, is_complete: bool = True, minutes: int = 1) -> LookRecord:
    return LookRecord(repository="nas", looked_at=at, ended_at=at + timedelta(minutes=minutes), is_complete=is_complete)


def looks_of(period: Period) -> list[LookRecord]:
    """One each morning, and those of the days in which late copies still count."""
    days = [*days_of(period), period.last + DAY, period.last + 2 * DAY]
    return [look(start_of(day, TEHRAN) + 8 * HOUR) for day in reversed(days)]


def database(name: str, *, seen_at: datetime | None = None, server: str = "sql01", **facts: Any) -> KnownDatabase:
    """Listed since the beginning of 1402."""
    first = seen_at or datetime(2023, 3, 21, tzinfo=UTC)
    gone_at = facts.pop("gone_at", None)
    held = Database(server=server, name=name, **facts)
    return KnownDatabase(database=held, first_seen_at=first, last_seen_at=first + HOUR, gone_at=gone_at)


def drill(at: datetime, *, about: str = OBJECT, is_restored: bool = True, **facts: Any) -> DrillRecord:
    return DrillRecord(
        job=facts.pop("job", JOB),
        object=about,
        repository="nas",
        key="k",
        fingerprint="f",
        started_at=at,
        seconds=facts.pop("seconds", 600),
        into="postgresql",
        is_restored=is_restored,
        **facts,
    )


def part(
    held: BackupPlan,
    period: Period = ABAN,
    *,
    copies: Sequence[KnownCopy] = (),
    looks: Sequence[LookRecord] | None = None,
    databases: Sequence[KnownDatabase] = (),
    drills: Sequence[DrillRecord] = (),
    custody: Sequence[Row] = (),
    vms: Sequence[KnownVm] = (),
    judged_at: datetime | None = None,
) -> BackupPart:
    """The part, judged when the period has settled, by all that the store holds by now."""
    moment = judged_at or settled(period)
    calendar = Calendar(days=held.days, calendar="jalali", zone=TEHRAN)
    seen = looks_of(period) if looks is None else looks
    ledger = LedgerThen(moment, copies=copies, looks=seen, databases=databases, drills=drills)
    known = remembered(ledger, moment)
    facts = BackupFacts(
        plan=held,
        calendar=calendar,
        period=period,
        judged_at=moment,
        today=min(period.last, moment.astimezone(TEHRAN).date()),
        ledger=ledger,
        judged=judge_backups(held, ledger, calendar, moment, known).verdicts,
        told=judge_backups(plan_for(held, period, moment), ledger, calendar, moment, known).verdicts,
        custody=custody,
        vms=vms,
    )
    return backup_part(facts)


def figure(found: BackupPart, figure_id: str) -> Figure:
    (one,) = [held for held in found.figures if held.id == figure_id]
    return one


def value(found: BackupPart, figure_id: str) -> float | None:
    return figure(found, figure_id).value


def findings(found: BackupPart, code: str) -> list[FindingRow]:
    return [one for one in found.findings if one.code == code]
