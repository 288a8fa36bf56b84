"""C03, C04, C05, C11: was it made when it should be, is it young enough, is it whole, is it kept?"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from itops.backup.controls.facts import ControlFacts, hours
from itops.backup.controls.proofs import best_proof, made_at, moment_source
from itops.backup.controls.verdicts import (
    Evidence,
    Found,
    Reason,
    as_bad_as,
    not_evaluated,
    ok,
    together,
    unknown,
    warning,
)
from itops.backup.judgement.verdicts import Freshness, ObjectVerdict, SlotVerdict, TierVerdict
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.slots import SlotState
from itops.verdict import State, worst

_WORTHLESS = frozenset({"damaged", "wrong-object", "newest-damaged-last-good-expiring"})
_FILLED = (SlotState.OK, SlotState.OK_LATE)
_MISSED = {
    SlotState.MISSING: "slots-missed",
    SlotState.DAMAGED: "slots-damaged",
    SlotState.UNKNOWN: "slots-unknown",
    SlotState.PENDING: "slots-pending",
    SlotState.WEAK: "slots-weak",
    SlotState.OPEN: "slots-overdue",
}


def schedule_met(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C03: every day, week and month that is over has its copy."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    if not any(job.tiers() for job in facts.plan.jobs.values()):
        yield not_evaluated("no-tiers")
        return
    tiers = [(one, tier) for one in facts.current for tier in one.tiers]
    slots = [(one, slot) for one, tier in tiers for slot in tier.slots if slot.state is not SlotState.EXEMPT]
    closed = [slot for _, slot in slots if slot.is_over]
    if closed:
        late = sum(slot.state is SlotState.OK_LATE for slot in closed)
        yield ok("slots-met", slots=len(closed), late=late)
    else:
        yield unknown("no-slot-over")
    for state, code in _MISSED.items():
        yield from _missed([pair for pair in slots if pair[1].state is state and pair[1].alarm is not State.OK], code)
    for one, tier in tiers:
        yield Evidence(code="slots", at=facts.looked_at(one.job), source=one.job, facts=_counted(one, tier))


def _missed(pairs: Sequence[tuple[ObjectVerdict, SlotVerdict]], code: str) -> Iterator[Reason]:
    if pairs:
        one, slot = max(pairs, key=lambda pair: pair[1].slot.begins_at)
        first = f"{one.object} {slot.slot.tier.value} {slot.slot.name}"
        yield as_bad_as(worst(slot.alarm for _, slot in pairs), code, slots=len(pairs), first=first)


def _counted(one: ObjectVerdict, tier: TierVerdict) -> dict[str, str | int | None]:
    demanded = [slot for slot in tier.slots if slot.state is not SlotState.EXEMPT]
    return {
        "object": one.object,
        "tier": tier.tier.value,
        "filled": sum(slot.state in _FILLED for slot in demanded),
        "demanded": len(demanded),
        "oldest": tier.slots[0].slot.name if tier.slots else None,
        "newest": tier.slots[-1].slot.name if tier.slots else None,
    }


def rpo_met(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C04: the newest proven moment one could go back to is younger than what the office can lose."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    limited = [one for one in facts.current if one.freshness.max_age is not None or one.freshness.rpo is not None]
    if not limited:
        yield not_evaluated("no-rpo")
        return
    named = {one.object.casefold() for one in limited}
    bare = sorted({one.object for one in facts.current if one.object.casefold() not in named})
    if bare:
        yield not_evaluated("rpo-undeclared", objects=len(bare), first=bare[0])
    yield from together(found for one in limited for found in _recovery_point(one, now))


def _recovery(fresh: Freshness) -> datetime | None:
    """The newest moment that counts against the limit there is."""
    return fresh.recovery_at if fresh.rpo is not None else fresh.newest_at


def _recovery_point(one: ObjectVerdict, now: datetime) -> Iterator[Found]:
    fresh = one.freshness
    at, limit = _recovery(fresh), fresh.rpo if fresh.rpo is not None else fresh.max_age
    told = {
        "object": one.object,
        "age_hours": None if at is None else hours(max(now - at, timedelta())),
        "limit_hours": None if limit is None else hours(limit),
    }
    if fresh.state is State.UNKNOWN:
        yield unknown("rpo-unknown", **told)
    elif fresh.state is not State.OK:
        code = "rpo-missed" if at else "no-recovery-point"
        yield as_bad_as(fresh.state, code, **told)
    elif fresh.reason == "new-object":
        yield unknown("object-new", object=one.object)
    else:
        yield ok("rpo-met", **told)
    if at is not None and fresh.newest is not None:
        copy = fresh.newest.copy
        seen = {**told, "copy": copy.key, "known_by": moment_source(fresh.newest)}
        yield Evidence(code="recovery-point", at=at, source=copy.repository, facts=seen)


def copies_proven(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C05: complete and intact, to the level the plan asks for, and not too long ago."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    proven, bare = [], []
    for one in facts.current:
        newest = one.freshness.newest
        proof = best_proof(newest) if newest is not None else None
        if newest is None or proof is None:
            bare.append(one)
        else:
            level = proof.examination.level or Level.SEEN
            proven.append(level)
            yield _proof_shown(one, newest, facts)
    if proven:
        yield ok("copies-proven", objects=len(proven), lowest=min(proven).title)
    if bare:
        yield unknown("nothing-proven", objects=len(bare), first=bare[0].object)
    yield from _worthless(facts)
    yield from _aged(facts)
    yield from together(
        warning("newest-unproven", object=one.object, needed=facts.plan.jobs[one.job].level.title)
        for one in facts.current
        if not facts.plan.jobs[one.job].tiers() and one.freshness.is_attempt_good is False
    )
    weak = [
        (one, slot)
        for one in facts.current
        for tier in one.tiers
        for slot in tier.slots
        if slot.state is SlotState.WEAK and slot.alarm is not State.OK
    ]
    yield from _missed(weak, "slots-weak")


def _proof_shown(one: ObjectVerdict, known: KnownCopy, facts: ControlFacts) -> Evidence:
    proof = best_proof(known)
    assert proof is not None, "asked only of proven copies"
    found = proof.examination
    told = {
        "object": one.object,
        "copy": known.copy.key,
        "level": (found.level or Level.SEEN).title,
        "needed": facts.plan.jobs[one.job].level.title,
        "format": found.format,
        "tool": f"{found.tool} {found.tool_version}".strip(),
        "sha256": found.sha256,
    }
    return Evidence(code="proof", at=proof.proved_at, source=known.copy.repository, facts=told)


def _worthless(facts: ControlFacts) -> Iterator[Reason]:
    found = [(one, held) for one in facts.current for held in one.findings if held.code in _WORTHLESS]
    if found:
        one, held = found[0]
        state = worst(finding.state for _, finding in found)
        yield as_bad_as(state, "copies-worthless", copies=len(found), first=f"{one.object} {held.subject}")


def _aged(facts: ControlFacts) -> Iterator[Reason]:
    found = [(one, held) for one in facts.current for held in one.findings if held.code == "reread-due"]
    if found:
        one, held = max(found, key=lambda pair: int(pair[1].facts.get("age_days") or 0))
        ages = {name: held.facts.get(name) for name in ("age_days", "limit_days")}
        yield as_bad_as(held.state, "proof-old", objects=len(found), first=f"{one.object} {held.subject}", **ages)


def retention_kept(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C11: as many are held as must be, and none is older than anybody decided."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    if not any(job.tiers() for job in facts.plan.jobs.values()):
        yield not_evaluated("no-tiers")
        return
    tiers = [(one, tier) for one in facts.current for tier in one.tiers if tier.required]
    short = [(one, tier) for one, tier in tiers if tier.held < tier.required]
    if tiers:
        yield ok("retention-kept", tiers=len(tiers))
    else:
        yield unknown("no-slot-over")
    if short:
        one, tier = min(short, key=lambda pair: pair[1].held / pair[1].required)
        state = State.WARNING if tier.held else State.CRITICAL
        first = f"{one.object} {tier.tier.value}"
        yield as_bad_as(state, "retention-short", tiers=len(short), first=first, held=tier.held, required=tier.required)
    yield from _pruned(facts)
    yield from _too_long(facts, now)
    for one, tier in tiers:
        told = {"object": one.object, "tier": tier.tier.value, "held": tier.held, "required": tier.required}
        oldest = tier.oldest_usable_at
        oldest_on = None if oldest is None else facts.today(oldest).isoformat()
        seen = {**told, "oldest_on": oldest_on}
        yield Evidence(code="kept", at=facts.looked_at(one.job), source=one.job, facts=seen)


def _pruned(facts: ControlFacts) -> Iterator[Reason]:
    found = [(one, held) for one in facts.current for held in one.findings if held.code == "pruned-early"]
    if found:
        one, held = found[0]
        state = worst(finding.state for _, finding in found)
        yield as_bad_as(state, "pruned-early", objects=len(found), first=one.object, slots=held.facts.get("slots"))


def _too_long(facts: ControlFacts, now: datetime) -> Iterator[Reason]:
    limit = facts.policy.keep_at_most
    if limit is None:
        yield not_evaluated("maximum-undeclared")
        return
    dated = [(made_at(known), known) for known in facts.copies if known.is_here]
    old = [(at, known) for at, known in dated if at is not None and now - at > limit]
    if old:
        at, known = min(old, key=lambda pair: (pair[0], pair[1].copy.key))
        age = (now - at).days
        yield warning("kept-too-long", copies=len(old), first=known.copy.key, age_days=age, limit_days=limit.days)
