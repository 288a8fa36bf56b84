"""The verdict on one tier: what became of each slot, and how much of what must be kept is held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from itops.backup.judgement.candidates import Candidate, in_order
from itops.backup.judgement.demands import Beginning, Demand, Known, demands
from itops.backup.judgement.filling import Filling, Pools, best, fill, pools_of
from itops.backup.judgement.looking import Watch
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import SlotVerdict, TierVerdict
from itops.backup.levels import Level
from itops.backup.policy import Tier, TierPolicy
from itops.backup.slots import Slot, SlotState
from itops.facts import Fact

_Place = tuple[str, str, str]
_FILLED = (SlotState.OK, SlotState.OK_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What every tier of an object is judged by."""

    question: Question
    watch: Watch
    beginning: Beginning
    now: datetime


def judge_tiers(moment: Moment, candidates: Sequence[Candidate]) -> tuple[TierVerdict, ...]:
    """The tiers of the job, in its order. One that wants copies of its own gets those that no other tier needs."""
    tiers = moment.question.job.tiers()
    dated = in_order(candidates)
    is_whole = any(policy.own_copy for policy in tiers.values())
    taken: set[_Place] = set()
    verdicts: dict[Tier, TierVerdict] = {}
    for tier, policy in sorted(tiers.items(), key=lambda pair: pair[1].own_copy):
        verdicts[tier], serving = _judge_tier(
            moment, tier, policy, dated, taken if policy.own_copy else (), is_whole=is_whole
        )
        taken.update(serving)
    return tuple(verdicts[tier] for tier in tiers)


def _judge_tier(
    moment: Moment,
    tier: Tier,
    policy: TierPolicy,
    dated: Sequence[Candidate],
    taken: Collection[_Place],
    *,
    is_whole: bool,
) -> tuple[TierVerdict, set[_Place]]:
    """The verdict, and the copies that serve the tier's demanded slots."""
    question = moment.question
    needed = question.job.level if policy.level is None else policy.level
    kinds = policy.kinds or question.job.kinds
    fitting = [one for one in dated if one.kind in kinds and one.place not in taken]
    pools = pools_of(fitting, needed)
    known = Known(pools.good.moments, pools.weak.moments, is_whole=is_whole)
    listed = demands(question, tier, policy, moment.beginning, known, moment.now)
    filled = fill(listed, pools, moment.now)
    slots = [_slot_verdict(moment, demand, filled.get(place), pools, needed) for place, demand in enumerate(listed)]
    serving = {best(filling.candidates).place for place, filling in filled.items() if listed[place].excuse is None}
    return _tier_verdict(tier, policy, needed, listed, slots, _usable(fitting, needed), moment.now), serving


def _usable(candidates: Sequence[Candidate], needed: Level) -> list[Candidate]:
    return [one for one in candidates if one.kept is not None and one.kept >= needed]


def _tier_verdict(
    tier: Tier,
    policy: TierPolicy,
    needed: Level,
    listed: Sequence[Demand],
    slots: Sequence[SlotVerdict],
    usable: Sequence[Candidate],
    now: datetime,
) -> TierVerdict:
    """Count the last `keep` slots that are closed, or held before they were: the next run's pruning counts those."""
    counted = [
        place
        for place, (demand, slot) in enumerate(zip(listed, slots, strict=True))
        if demand.excuse is None and (demand.slot.graced_until <= now or (slot.is_kept and slot.state in _FILLED))
    ][-policy.keep :]
    shown = slots[counted[0] :] if len(counted) == policy.keep else slots
    return TierVerdict(
        tier=tier,
        needed=needed,
        slots=tuple(shown),
        held=sum(slots[place].is_kept for place in counted),
        required=len(counted),
        extra=len(usable) - sum(slot.is_kept for slot in shown),
        oldest_usable=usable[0].known if usable else None,
        oldest_usable_at=usable[0].at if usable else None,
    )


def _slot_verdict(moment: Moment, demand: Demand, filling: Filling | None, pools: Pools, needed: Level) -> SlotVerdict:
    slot, now = demand.slot, moment.now
    state, reason = _state(moment, demand, filling, pools)
    inside = tuple(one for pool in pools for one in pool.between(slot.begins_at, slot.ends_at))
    speaking = filling.candidates if filling is not None else _unfilling(demand, pools, inside)
    chosen = best(speaking) if speaking else None
    is_open = slot.ends_at > now
    return SlotVerdict(
        slot=slot,
        state=state,
        reason=reason,
        needed=needed,
        copy=chosen.known if chosen else None,
        reference_at=chosen.at if chosen else None,
        level=chosen.made if chosen else None,
        others=_others((*speaking, *inside), chosen),
        is_over=not is_open,
        is_overdue=is_open and now >= slot.overdue_at and state in (SlotState.OPEN, SlotState.WEAK),
        is_kept=filling is not None and bool(_usable(filling.candidates, needed)),
        facts=_facts(demand, state, chosen),
    )


def _unfilling(demand: Demand, pools: Pools, inside: Sequence[Candidate]) -> Sequence[Candidate]:
    """The copies that speak for a slot that none fills: any where none is demanded, else the bad, else the growing."""
    if demand.excuse is not None:
        return inside
    slot = demand.slot
    bad = pools.bad.between(slot.begins_at, slot.ends_at)
    return bad or pools.growing.between(slot.begins_at, slot.graced_until)


def _others(candidates: Sequence[Candidate], chosen: Candidate | None) -> tuple[str, ...]:
    """The keys of all but the one chosen, each once."""
    places = dict.fromkeys(one.place for one in candidates)
    return tuple(place[1] for place in places if chosen is None or place != chosen.place)


def _state(moment: Moment, demand: Demand, filling: Filling | None, pools: Pools) -> tuple[SlotState, str]:
    if demand.excuse is not None:
        return (SlotState.EXEMPT, demand.excuse.code) if filling is None else (SlotState.OK, "anyway")
    if filling is not None and filling.is_good:
        return (SlotState.OK_LATE, "late") if filling.is_late else (SlotState.OK, "in-slot")
    if filling is not None:
        return SlotState.WEAK, "below-level"
    slot = demand.slot
    bad = pools.bad.between(slot.begins_at, slot.ends_at)
    if bad:
        return SlotState.DAMAGED, best(bad).flaw or "damaged"
    is_growing = bool(pools.growing.between(slot.begins_at, slot.graced_until))
    return _empty(moment, slot, is_growing=is_growing)


def _empty(moment: Moment, slot: Slot, *, is_growing: bool) -> tuple[SlotState, str]:
    """The state of a slot with nothing in it, or with something that may still be written."""
    if moment.now < slot.ends_at:
        is_overdue = moment.now >= slot.overdue_at
        return SlotState.OPEN, "growing" if is_growing else "overdue" if is_overdue else "not-over"
    if moment.now < slot.graced_until:
        return SlotState.PENDING, "growing" if is_growing else "in-grace"
    if is_growing:
        return SlotState.UNKNOWN, "growing"
    seen_at = moment.watch.absence_seen_at
    if seen_at is not None and seen_at >= slot.graced_until:
        return SlotState.MISSING, "nothing-there"
    return SlotState.UNKNOWN, "not-looked"


def _facts(demand: Demand, state: SlotState, chosen: Candidate | None) -> Mapping[str, Fact]:
    """Who excused the slot and why; what is wrong with its copy; what kept the proof from going further."""
    if demand.excuse is not None:
        return demand.excuse.facts
    if chosen is None or state in _FILLED:
        return {}
    if chosen.faults:
        return {"faults": ", ".join(dict.fromkeys(fault.code for fault in chosen.faults))}
    limits = chosen.proofs[-1].examination.limits if chosen.proofs else ()
    return {"limits": ", ".join(dict.fromkeys(limit.code for limit in limits))} if limits else {}
