"""The office's calendar as slots: half-open intervals of instants, one for each day, week and month of it.

A working day begins at `days.start`, so that a run at 01:30 belongs to the day before when that is 06:00. Slots are cut
between instants and not between wall clocks: the days of 23 and 25 hours come out right, and no two slots overlap.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice, takewhile
from typing import Literal
from zoneinfo import ZoneInfo

from itops.backup.policy import (
    WEEKDAYS,
    DailyPolicy,
    DaysPolicy,
    Exemption,
    Job,
    MonthlyPolicy,
    Tier,
    TierPolicy,
    WeeklyPolicy,
)
from itops.dates import Period, parse_period, show_day
from itops.facts import Fact

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_LOOK_AHEAD = 1000  # slots: a tier that expects nothing in so many expects nothing at all
_CACHED_DAYS = 1 << 15


class SlotState(StrEnum):
    """What became of a slot."""

    OK = "OK"
    OK_LATE = "OK-LATE"  # filled by a copy made after its end, in its grace
    WEAK = "WEAK"  # there is a copy, not proven as far as it should be
    DAMAGED = "DAMAGED"  # every copy in it is worthless
    OPEN = "OPEN"  # not over
    PENDING = "PENDING"  # over, in its grace
    MISSING = "MISSING"  # over, and somebody looked
    UNKNOWN = "UNKNOWN"  # over, and nobody could look: absence proves nothing
    EXEMPT = "EXEMPT"  # nothing was demanded


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One day, week or month of the office. All moments are aware, UTC."""

    tier: Tier
    name: str  # in the office's calendar: 1405-08-30 a day, w1405-08-23 a week by its first day, 1405-08 a month
    first_day: date
    begins_at: datetime
    ends_at: datetime  # the beginning of the next one: not in it
    due_at: datetime  # when its copy should be there
    graced_until: datetime  # a late copy made before this moment still fills it

    @property
    def overdue_at(self) -> datetime:
        """When its copy should have been there for as long as the grace; at the latest when it is over."""
        return min(self.due_at + (self.graced_until - self.ends_at), self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How the office divides time."""

    days: DaysPolicy = field(default_factory=DaysPolicy)
    calendar: Literal["jalali", "gregorian"]
    zone: ZoneInfo

    def begin_of(self, day: date) -> datetime:
        """The instant a working day begins, UTC; an hour that the clocks skip begins when they have skipped it."""
        return _begin(day, self.days.start, self.zone)

    def day_of(self, moment: datetime) -> date:
        """The working day a moment belongs to."""
        day = moment.astimezone(self.zone).date()
        while self.begin_of(day) > moment:
            day -= _DAY
        return day

    def show(self, day: date) -> str:
        """A day as the office writes it, with Latin digits."""
        return _shown(day, self.calendar)

    def month_of(self, day: date) -> Period:
        """The month a day lies in."""
        return _month(_shown(day, self.calendar)[:7])


@lru_cache(maxsize=_CACHED_DAYS)
def _begin(day: date, start: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, start, zone).astimezone(UTC)


@lru_cache(maxsize=_CACHED_DAYS)
def _shown(day: date, calendar: str) -> str:
    return show_day(day, calendar)


@lru_cache(maxsize=_CACHED_DAYS)
def _month(name: str) -> Period:
    return parse_period(name)


def slots_between(tier: Tier, policy: TierPolicy, calendar: Calendar, begin: datetime, end: datetime) -> Iterator[Slot]:
    """The slots that have a moment in [begin, end), oldest first."""
    forwards = slots_forwards(tier, policy, calendar, begin)
    return takewhile(lambda slot: slot.begins_at < end, forwards)


def slots_forwards(tier: Tier, policy: TierPolicy, calendar: Calendar, moment: datetime) -> Iterator[Slot]:
    """The slot that `moment` lies in and all after it, without end."""
    first = _first_day(tier, calendar, calendar.day_of(moment))
    while True:
        slot = _slot(tier, policy, calendar, first)
        if slot.begins_at < slot.ends_at:  # a day that the office's zone skipped whole has no moment
            yield slot
        first = _next_first_day(tier, calendar, first)


def slots_backwards(tier: Tier, policy: TierPolicy, calendar: Calendar, moment: datetime) -> Iterator[Slot]:
    """The slot that `moment` lies in and all before it, without end."""
    first = _first_day(tier, calendar, calendar.day_of(moment))
    while True:
        slot = _slot(tier, policy, calendar, first)
        if slot.begins_at < slot.ends_at:
            yield slot
        first = _first_day(tier, calendar, first - _DAY)


def _first_day(tier: Tier, calendar: Calendar, day: date) -> date:
    """The first day of the slot that `day` lies in."""
    if tier is Tier.DAILY:
        return day
    if tier is Tier.WEEKLY:
        return day - timedelta(days=(day.weekday() - WEEKDAYS.index(calendar.days.week)) % _WEEK_DAYS)
    return calendar.month_of(day).first


def _next_first_day(tier: Tier, calendar: Calendar, first: date) -> date:
    if tier is Tier.MONTHLY:
        return calendar.month_of(first).last + _DAY
    return first + (_DAY if tier is Tier.DAILY else _WEEK_DAYS * _DAY)


def _slot(tier: Tier, policy: TierPolicy, calendar: Calendar, first: date) -> Slot:
    ends_at = calendar.begin_of(_next_first_day(tier, calendar, first))
    shown = calendar.show(first)
    return Slot(
        tier=tier,
        name=shown if tier is Tier.DAILY else f"w{shown}" if tier is Tier.WEEKLY else shown[:7],
        first_day=first,
        begins_at=calendar.begin_of(first),
        ends_at=ends_at,
        due_at=_due_at(policy, calendar, _expected_day(policy, calendar, first)),
        graced_until=ends_at + policy.grace,
    )


def _expected_day(policy: TierPolicy, calendar: Calendar, first: date) -> date:
    """The day of the slot its copy is expected on."""
    if isinstance(policy, WeeklyPolicy):
        return first + timedelta(days=(WEEKDAYS.index(policy.on) - first.weekday()) % _WEEK_DAYS)
    if isinstance(policy, MonthlyPolicy):
        month = calendar.month_of(first)
        return month.last if policy.on.number is None else min(first + (policy.on.number - 1) * _DAY, month.last)
    return first


def _due_at(policy: TierPolicy, calendar: Calendar, day: date) -> datetime:
    """The first `due` hour strictly after the working day began; its end where no hour is given."""
    begin, end = calendar.begin_of(day), calendar.begin_of(day + _DAY)
    if policy.due is None:
        return end
    due = _begin(day, policy.due, calendar.zone)
    return due if due > begin else _begin(day + _DAY, policy.due, calendar.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Why nothing was demanded of a slot: a stable code and what belongs to it."""

    code: str  # "not-expected", "holiday", "exempted"; the judgement adds "before-policy", "before-object"
    facts: Mapping[str, Fact] = field(default_factory=dict)


NOT_EXPECTED = Excuse(code="not-expected")
HOLIDAY = Excuse(code="holiday")


def excuse_for(
    slot: Slot, policy: TierPolicy, calendar: Calendar, exemptions: Iterable[Exemption], subject: str = ""
) -> Excuse | None:
    """Why the office demands nothing of this slot, None when it does; `subject` is the text of the protected object.

    An exemption that has run out still covers the days it was given for, and no others.
    """
    if isinstance(policy, DailyPolicy):
        if WEEKDAYS[slot.first_day.weekday()] not in (policy.on or calendar.days.working):
            return NOT_EXPECTED
        if slot.first_day in calendar.days.holidays:
            return HOLIDAY
    for exemption in exemptions:
        if _covers(exemption, slot, subject):
            facts = {"reason": exemption.reason, "owner": exemption.owner, "until": exemption.until.isoformat()}
            return Excuse(code="exempted", facts=facts)
    return None


def _covers(exemption: Exemption, slot: Slot, subject: str) -> bool:
    if exemption.tier not in (None, slot.tier):
        return False
    if exemption.object is not None and not fnmatchcase(subject.casefold(), exemption.object.casefold()):
        return False
    return (exemption.since or date.min) <= slot.first_day <= exemption.until


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSlot:
    """A slot that a job's next copy is for."""

    job: str
    slot: Slot


def next_slots(jobs: Iterable[tuple[str, Job]], calendar: Calendar, now: datetime, count: int) -> tuple[DueSlot, ...]:
    """The next `count` slots over all jobs that something is demanded of, by the moment they are due."""
    due = [
        DueSlot(job=name, slot=slot)
        for name, job in jobs
        for tier, policy in job.tiers().items()
        for slot in islice(_due_slots(tier, policy, calendar, job, now), count)
    ]
    return tuple(sorted(due, key=lambda one: (one.slot.due_at, one.job, one.slot.name))[:count])


def _due_slots(tier: Tier, policy: TierPolicy, calendar: Calendar, job: Job, now: datetime) -> Iterator[Slot]:
    since = now if job.since is None or job.since <= calendar.day_of(now) else calendar.begin_of(job.since)
    for slot in islice(slots_forwards(tier, policy, calendar, since), _LOOK_AHEAD):
        is_demanded = excuse_for(slot, policy, calendar, job.exempt) is None
        is_promised = job.since is None or slot.first_day >= job.since
        if is_demanded and is_promised and slot.due_at > now:
            yield slot
