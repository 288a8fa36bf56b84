"""What became of each slot of the period: told from a judgement whose tiers keep so much that none is left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from itops.backup.judgement.verdicts import ObjectVerdict, SlotVerdict
from itops.backup.policy import WEEKDAYS, BackupPlan, Job, Tier, TierPolicy, WeeklyPolicy
from itops.backup.slots import Slot, SlotState
from itops.dates import Period
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import SlotRow
from itops.verdict import State

_WEEK_DAYS = 7
_SHORTEST = {Tier.DAILY: 1, Tier.WEEKLY: _WEEK_DAYS, Tier.MONTHLY: 28}  # days of a slot
_FILLED = frozenset({SlotState.OK.value, SlotState.OK_LATE.value})
_NOT_COUNTED = frozenset({SlotState.EXEMPT.value, SlotState.OPEN.value, SlotState.PENDING.value})
_ANYWAY = "anyway"  # filled, though nothing was demanded
_COUNTS = {
    "backup.missing": SlotState.MISSING,
    "backup.damaged": SlotState.DAMAGED,
    "backup.unknown": SlotState.UNKNOWN,
    "backup.weak": SlotState.WEAK,
    "backup.late": SlotState.OK_LATE,
}
_RATIOS = ("backup.slots_ok", *(f"backup.{tier.value}" for tier in Tier))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSlot:
    """One slot of the period."""

    row: SlotRow
    begins_at: datetime
    alarm: State
    evidence: Evidence

    @property
    def is_demanded(self) -> bool:
        """Whether it counts: something was demanded, and the time for it is over."""
        return self.row.state not in _NOT_COUNTED and self.row.reason != _ANYWAY

    @property
    def is_ok(self) -> bool:
        """Whether it got what was demanded, in time or in its grace."""
        return self.row.state in _FILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One object of one job: the verdict on it by the plan as it is, and its slots of the period."""

    job: str
    object: str
    owner: str
    verdict: ObjectVerdict
    slots: tuple[ToldSlot, ...]  # by tier, then by day

    @property
    def name(self) -> str:
        """As findings and evidence name it."""
        return f"{self.job} {self.object}"


def plan_for(plan: BackupPlan, period: Period, judged_at: datetime) -> BackupPlan:
    """The plan whose judgement at `judged_at` tells every slot of the period: its tiers keep all there can be."""
    days = max((judged_at.date() - period.first).days, 0) + _WEEK_DAYS
    return replace(plan, jobs={name: _keeping(job, days) for name, job in plan.jobs.items()})


def _keeping(job: Job, days: int) -> Job:
    keep = {tier: days // shortest + 2 for tier, shortest in _SHORTEST.items()}
    return replace(
        job,
        daily=job.daily and replace(job.daily, keep=keep[Tier.DAILY]),
        weekly=job.weekly and replace(job.weekly, keep=keep[Tier.WEEKLY]),
        monthly=job.monthly and replace(job.monthly, keep=keep[Tier.MONTHLY]),
    )


def expected_day(slot: Slot, policy: TierPolicy) -> date:
    """The day by which a slot belongs to a month: of a week the day its copy is expected on, else its first."""
    if not isinstance(policy, WeeklyPolicy):
        return slot.first_day
    return slot.first_day + timedelta(days=(WEEKDAYS.index(policy.on) - slot.first_day.weekday()) % _WEEK_DAYS)


def is_of(period: Period, slot: Slot, policy: TierPolicy) -> bool:
    """Whether the slot belongs to the period; of a year it does when it belongs to one of its months."""
    return period.first <= expected_day(slot, policy) <= period.last


def standings(
    plan: BackupPlan, period: Period, judged: Sequence[ObjectVerdict], told: Sequence[ObjectVerdict]
) -> tuple[Standing, ...]:
    """Every object: `judged` by the plan as it is, `told` by `plan_for`. In the order of the jobs, then by object."""
    slots = {(one.job, one.object): one for one in told}
    order = {name: place for place, name in enumerate(plan.jobs)}
    found = [
        Standing(
            job=one.job,
            object=one.object,
            owner=plan.jobs[one.job].owner or "",
            verdict=one,
            slots=tuple(_told(slots[one.job, one.object], plan.jobs[one.job], period)),
        )
        for one in judged
    ]
    return tuple(sorted(found, key=lambda one: (order[one.job], one.object.casefold(), one.object)))


def _told(verdict: ObjectVerdict, job: Job, period: Period) -> Iterator[ToldSlot]:
    policies = job.tiers()
    for tier in verdict.tiers:
        for slot in tier.slots:
            if is_of(period, slot.slot, policies[tier.tier]):
                yield _told_slot(verdict, tier.tier, slot)


def _told_slot(verdict: ObjectVerdict, tier: Tier, one: SlotVerdict) -> ToldSlot:
    row = SlotRow(
        job=verdict.job,
        object=verdict.object,
        tier=tier.value,
        slot=one.slot.name,
        on=one.slot.first_day,
        state=one.state.value,
        reason=one.reason,
        level=None if one.level is None else int(one.level),
        needed=int(one.needed),
        copy_at=one.reference_at,
        copy_key=one.copy.copy.key if one.copy else "",
        facts=one.facts,
    )
    ref = f"{row.tier} {row.slot} {row.job} {row.object}"
    evidence = Evidence(kind="slot", ref=ref, at=row.copy_at, note=row.state)
    return ToldSlot(row=row, begins_at=one.slot.begins_at, alarm=one.alarm, evidence=evidence)


def tier_counts(slots: Iterable[ToldSlot]) -> Mapping[str, Mapping[str, int]]:
    """Tier -> state -> how many; a state that no slot has is not there."""
    found: dict[str, Counter[str]] = {}
    for slot in slots:
        found.setdefault(slot.row.tier, Counter())[slot.row.state] += 1
    return {
        tier: {state.value: counts[state.value] for state in SlotState if counts[state.value]}
        for tier, counts in found.items()
    }


def slot_figures(told: Sequence[Standing], plan: BackupPlan) -> Iterator[Figure]:
    """How many slots were demanded, and what became of them."""
    demanded = [slot for one in told for slot in one.slots if slot.is_demanded]
    if not demanded and _is_unseen(told, plan):
        yield from unknown_slots("never-looked")
        return
    yield count_of("backup.slots", (slot.evidence for slot in demanded))
    yield _ratio("backup.slots_ok", demanded)
    for tier in Tier:
        yield _ratio(f"backup.{tier.value}", [slot for slot in demanded if slot.row.tier == tier.value])
    for figure_id, state in _COUNTS.items():
        yield count_of(figure_id, (slot.evidence for slot in demanded if slot.row.state == state.value))


def unknown_slots(reason: str) -> Iterator[Figure]:
    """The same figures where nobody can tell."""
    yield Figure(id="backup.slots", value=None, reason=reason)
    for figure_id in _RATIOS:
        yield Figure(id=figure_id, value=None, unit="ratio", reason=reason)
    for figure_id in _COUNTS:
        yield Figure(id=figure_id, value=None, reason=reason)


def _is_unseen(told: Sequence[Standing], plan: BackupPlan) -> bool:
    """Whether nothing says since when slots are demanded: no job does, and nobody has looked. Then none is not none."""
    return any(not one.verdict.tiers and plan.jobs[one.job].tiers() for one in told)


def _ratio(figure_id: str, slots: Sequence[ToldSlot]) -> Figure:
    """Unknown where nobody could look at any of them: nothing is proven then, and nothing failed."""
    evidence = tuple(slot.evidence for slot in slots)
    if slots and all(slot.row.state == SlotState.UNKNOWN.value for slot in slots):
        return Figure(id=figure_id, value=None, unit="ratio", of=len(slots), reason="never-looked", evidence=evidence)
    return ratio_of(figure_id, sum(slot.is_ok for slot in slots), len(slots), evidence)
