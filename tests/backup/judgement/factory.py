"""Facts about a fictional office in Tehran: copies, proofs, looks and jobs, by short words."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.copies import Chain, Copy, CopyKind, Fault, Identity
from itops.backup.judgement import ObjectVerdict, Question, TierVerdict, judge
from itops.backup.ledger import KnownCopy, LookRecord
from itops.backup.levels import Level
from itops.backup.policy import (
    DailyPolicy,
    DaysPolicy,
    Job,
    MonthDay,
    MonthlyPolicy,
    Protected,
    ProtectedList,
    Texts,
    Tier,
    WeeklyPolicy,
)
from itops.backup.proofs import Examination, Limit, Proof
from itops.backup.slots import Calendar

TEHRAN = ZoneInfo("Asia/Tehran")
WORKING = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday")
DAYS = DaysPolicy(start=time(6), week="saturday", working=WORKING, holidays=(date(2026, 11, 18),))
JALALI = Calendar(days=DAYS, calendar="jalali", zone=TEHRAN)
GREGORIAN = Calendar(days=DAYS, calendar="gregorian", zone=TEHRAN)
INSURANCE = Protected.parse("sql01/Insurance")
NAS = "nas"


def at(text: str) -> datetime:
    """ "11-20 23:30" of 2026, or "2025-03-21 01:00", by the clock of Tehran."""
    day, _, hour = text.partition(" ")
    full = day if day.count("-") == 2 else f"2026-{day}"
    return datetime.fromisoformat(f"{full} {hour or '00:00'}").replace(tzinfo=TEHRAN).astimezone(UTC)


NOW = at("11-22 09:00")


def proof(
    known_at: datetime,
    *,
    level: Level | None = Level.COMPLETE,
    attempted: Level | None = None,
    faults: tuple[str, ...] = (),
    limits: tuple[str, ...] = (),
    identity: Identity | None = None,
    fingerprint: str = "f",
    made_as: str | None = "mtf",
) -> Proof:
    examination = Examination(
        format=made_as,
        attempted=attempted if attempted is not None else (level or Level.COMPLETE),
        level=level,
        identity=identity,
        faults=tuple(Fault(code=code) for code in faults),
        limits=tuple(Limit(code=code) for code in limits),
    )
    return Proof(
        repository=NAS,
        key="",
        fingerprint=fingerprint,
        proved_at=known_at,
        duration_seconds=1,
        examination=examination,
    )


def copy(
    moment: str | datetime,
    *,
    level: Level | None = Level.COMPLETE,
    faults: tuple[str, ...] = (),
    header: Identity | None = None,
    proofs: tuple[Proof, ...] | None = None,
    key: str | None = None,
    repository: str = NAS,
    gone: datetime | None = None,
    seen: datetime | None = None,
    **facts: Any,
) -> KnownCopy:
    """A copy whose header tells `moment`, seen twice from an hour later on, proven two hours later."""
    made_at = at(moment) if isinstance(moment, str) else moment
    identity = header if header is not None else Identity(started_at=made_at)
    if proofs is None:
        found = proof(
            made_at + timedelta(hours=2), level=level, attempted=Level.COMPLETE, faults=faults, identity=identity
        )
        proofs = (found,) if level is not None or faults else ()
    first_seen = seen or made_at + timedelta(hours=1)
    held: dict[str, Any] = {"size_bytes": 1000, "modified_at": made_at + timedelta(minutes=20), **facts}
    return KnownCopy(
        copy=Copy(
            repository=repository,
            key=key or f"Insurance_{made_at:%Y%m%d_%H%M}.bak",
            fingerprint="f",
            job="insurance",
            object=INSURANCE.text,
            **held,
        ),
        first_seen_at=first_seen,
        last_seen_at=max(gone or NOW, first_seen + timedelta(minutes=30)),
        gone_at=gone,
        proofs=proofs,
    )


def nightly(first: str, last: str, *, without: tuple[str, ...] = (), **facts: Any) -> list[KnownCopy]:
    """A copy at 23:30 of each day, but for some."""
    day, end = at(f"{first} 23:30"), at(f"{last} 23:30")
    skipped = {at(f"{text} 23:30") for text in without}
    days = [day + timedelta(days=number) for number in range((end - day).days + 1)]
    return [copy(moment, **facts) for moment in days if moment not in skipped]


def look(
    moment: str | datetime,
    *,
    repository: str = NAS,
    is_complete: bool = True,
    hides: bool = False,
) -> LookRecord:
    looked_at = at(moment) if isinstance(moment, str) else moment
    return LookRecord(
        repository=repository,
        looked_at=looked_at,
        ended_at=looked_at + timedelta(minutes=1),
        is_complete=is_complete,
        hides=hides,
    )


LOOKS = (look("11-10 08:00"), look("11-22 08:55"))


def daily(keep: int = 14, **settings: Any) -> DailyPolicy:
    return DailyPolicy(keep=keep, **settings)


def weekly(keep: int = 4, on: Any = "thursday", **settings: Any) -> WeeklyPolicy:
    return WeeklyPolicy(keep=keep, on=on, **settings)


def monthly(keep: int = 3, on: int | None = None, **settings: Any) -> MonthlyPolicy:
    return MonthlyPolicy(keep=keep, on=MonthDay(on), **settings)


def job(**settings: Any) -> Job:
    given: dict[str, Any] = {"since": date(2026, 11, 10), **settings}
    repositories = Texts(given.pop("repositories", (NAS,)))
    return Job(protects=ProtectedList([INSURANCE]), repository=repositories, **given)


def question(copies: Any = (), policy: Job | None = None, **facts: Any) -> Question:
    given: dict[str, Any] = {"calendar": JALALI, "looks": LOOKS, "object": INSURANCE, **facts}
    return Question(job_name="insurance", job=policy or job(daily=daily()), copies=tuple(copies), **given)


def judged(copies: Any = (), policy: Job | None = None, now: datetime = NOW, **facts: Any) -> ObjectVerdict:
    return judge(question(copies, policy, **facts), now)


def tier_of(verdict: ObjectVerdict, tier: Tier = Tier.DAILY) -> TierVerdict:
    return next(one for one in verdict.tiers if one.tier is tier)


def states(verdict: ObjectVerdict, tier: Tier = Tier.DAILY) -> dict[str, str]:
    """The state of each slot by the Gregorian day it begins on, as "11-21"."""
    return {f"{slot.slot.first_day:%m-%d}": slot.state.value for slot in tier_of(verdict, tier).slots}


def reasons(verdict: ObjectVerdict, tier: Tier = Tier.DAILY) -> dict[str, str]:
    return {f"{slot.slot.first_day:%m-%d}": slot.reason for slot in tier_of(verdict, tier).slots}


def codes(verdict: ObjectVerdict) -> list[str]:
    return [finding.code for finding in verdict.findings]


def log(moment: str, first_lsn: int, last_lsn: int, **facts: Any) -> KnownCopy:
    chain = Chain(first_lsn=first_lsn, last_lsn=last_lsn, database_id="db")
    return _in_chain(moment, CopyKind.LOG, chain, **facts)


def full(moment: str, lsn: int, *, set_id: str | None = None, is_copy_only: bool = False, **facts: Any) -> KnownCopy:
    chain = Chain(
        first_lsn=lsn - 5,
        last_lsn=lsn,
        checkpoint_lsn=lsn - 5,
        set_id=set_id,
        database_id="db",
        is_copy_only=is_copy_only,
    )
    return _in_chain(moment, CopyKind.FULL, chain, **facts)


def differential(moment: str, *, base_id: str | None = None, base_lsn: int | None = None, **facts: Any) -> KnownCopy:
    chain = Chain(
        base_id=base_id,
        database_backup_lsn=None if base_lsn is None else base_lsn - 5,
        database_id="db",
        last_lsn=facts.pop("last_lsn", None),
    )
    return _in_chain(moment, CopyKind.DIFFERENTIAL, chain, **facts)


def _in_chain(moment: str, kind: CopyKind, chain: Chain, **facts: Any) -> KnownCopy:
    header = Identity(started_at=at(moment), kind=kind, chain=chain)
    return copy(moment, header=header, **facts)
