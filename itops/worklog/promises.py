"""What the backup plan promises of a database, what the last restore of it measured, how long a service may be down."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from itops.backup.drilling import is_good
from itops.backup.ledger import DrillRecord
from itops.backup.policy import WEEKDAYS, BackupPlan, DailyPolicy, DaysPolicy, Job, Protected, Tier, TierPolicy
from itops.dates import Period
from itops.worklog.policy import Service

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_LONGEST_MONTH = 31
_BASIS_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The most that may be lost of a database while one job of the plan runs as planned."""

    job: str
    by: str  # "rpo", "max_age", "daily", "weekly", "monthly": what of the job says so
    loses: timedelta


def promise_of(plan: BackupPlan, database: str) -> Promise | None:
    """The best that any job promises; None where no job protects the database, or none promises anything."""
    promises = [promise for name, job in jobs_of(plan, database) for promise in _promises(name, job, plan.days)]
    return min(promises, key=lambda one: (one.loses, one.job, one.by), default=None)


def jobs_of(plan: BackupPlan, database: str) -> Iterator[tuple[str, Job]]:
    """The jobs that protect `sql01/Insurance`, by its name or by its server's `*`."""
    wanted = Protected.parse(database)
    for name, job in plan.jobs.items():
        if any(_covers(held, wanted) for held in job.protects):
            yield name, job


def _covers(held: Protected, wanted: Protected) -> bool:
    if held.kind != wanted.kind or held.server.casefold() != wanted.server.casefold():
        return False
    return held.is_all or held.name.casefold() == wanted.name.casefold()


def _promises(name: str, job: Job, days: DaysPolicy) -> Iterator[Promise]:
    if job.rpo is not None:
        yield Promise(job=name, by="rpo", loses=job.rpo)
    if job.max_age is not None:
        yield Promise(job=name, by="max_age", loses=job.max_age)
    for tier, policy in job.tiers().items():
        loses = _longest_pause(tier, policy, days)
        if loses is not None:
            yield Promise(job=name, by=tier.value, loses=loses)


def _longest_pause(tier: Tier, policy: TierPolicy, days: DaysPolicy) -> timedelta | None:
    """The longest time between two expected copies, holidays not counted. A daily copy on six days pauses for two."""
    if isinstance(policy, DailyPolicy):
        on = sorted({WEEKDAYS.index(day) for day in policy.on or days.working})
        pauses = [
            (after - before) % _WEEK_DAYS or _WEEK_DAYS for before, after in zip(on, on[1:] + on[:1], strict=True)
        ]
        return max(pauses) * _DAY if pauses else None
    return (_WEEK_DAYS if tier is Tier.WEEKLY else _LONGEST_MONTH) * _DAY


def last_restore(drills: Iterable[DrillRecord], database: str) -> DrillRecord | None:
    """The newest restore test of a database; asking a server to verify restores nothing and measures nothing."""
    same = [one for one in drills if one.object.casefold() == database.casefold() and not one.is_verified_only]
    return max(same, key=lambda one: one.started_at, default=None)


def measured(drills: Sequence[DrillRecord], databases: Iterable[str]) -> timedelta | None:
    """How long the slowest of some databases took when it was last restored well; None: not all were ever tested."""
    seconds = []
    for database in databases:
        good = last_restore((one for one in drills if is_good(one)), database)
        if good is None:
            return None
        seconds.append(good.seconds)
    return timedelta(seconds=max(seconds)) if seconds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """How long a service may be down, and what that was counted on."""

    allowed: timedelta
    basis: timedelta  # all the hours it must be there
    days: int  # how many days that is
    is_standard: bool  # the month of 30 days, whichever month it is


def allowed_downtime(service: Service, period: Period, days: DaysPolicy) -> Downtime | None:
    """Of a month: 99 % over 30 days is 7 h 12 min. None without a target. Exact, in whole microseconds, rounded down.

    `hours: office` counts working days that are no holidays, each of `office_day`.
    """
    target = service.availability_target
    if target is None:
        return None
    count, day = _basis(service, period, days)
    basis = day * count
    microseconds = int(Decimal(basis // timedelta(microseconds=1)) * (100 - target) / 100)
    return Downtime(
        allowed=timedelta(microseconds=microseconds),
        basis=basis,
        days=count,
        is_standard=service.period_basis == "30d",
    )


def _basis(service: Service, period: Period, days: DaysPolicy) -> tuple[int, timedelta]:
    if service.period_basis == "30d":
        return _BASIS_DAYS, _DAY
    if service.office_day is None:
        return (period.last - period.first).days + 1, _DAY
    return sum(_is_worked(day, days) for day in _days_of(period)), service.office_day


def _days_of(period: Period) -> Iterator[date]:
    return (period.first + offset * _DAY for offset in range((period.last - period.first).days + 1))


def _is_worked(day: date, days: DaysPolicy) -> bool:
    return WEEKDAYS[day.weekday()] in days.working and day not in days.holidays
