"""C15: was every failure noticed, and did somebody act?

itops keeps no acknowledgements. A failure was acted on when its slot was filled after all, when a later slot of the
same object was, or when the office exempted it with a reason and a name. All three are in the history of verdicts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.backup.controls.facts import ControlFacts, hours
from itops.backup.controls.verdicts import Evidence, Found, Reason, critical, not_evaluated, ok, unknown, warning
from itops.backup.ledger import RecordedVerdict
from itops.backup.slots import SlotState
from itops.facts import Fact
from itops.verdict import State

_FAILED = frozenset({SlotState.MISSING.value, SlotState.DAMAGED.value})
_GOOD = frozenset({SlotState.OK.value, SlotState.OK_LATE.value})
_JUDGED = _FAILED | _GOOD | {SlotState.WEAK.value, SlotState.UNKNOWN.value}
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One slot that failed, from the run that told it to the run that saw it dealt with."""

    object: str
    slot: str  # "daily 1405-08-30"
    state: str
    told_at: datetime
    ended_at: datetime | None = None

    def lasted(self, now: datetime) -> timedelta:
        """So far, or in all."""
        return (self.ended_at or now) - self.told_at


def failures_handled(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C15: every failed slot was told by a run, and dealt with in time."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    if not any(job.tiers() for job in facts.plan.jobs.values()):
        yield not_evaluated("no-tiers")
        return
    if not facts.history:
        yield unknown("no-history")
        return
    failures = failures_in(facts.history)
    yield _history(facts, failures)
    yield from _dealt_with(failures, facts, now)
    yield from _unnoticed(facts, now)
    last = max(one.judged_at for one in facts.history)
    looked = max((look.looked_at for look in facts.looks if look.is_complete), default=last)
    if now - looked > 2 * facts.policy.run_every:
        yield unknown("history-stale", age_hours=hours(now - looked), limit_hours=hours(2 * facts.policy.run_every))


def failures_in(history: Sequence[RecordedVerdict]) -> list[Failure]:
    """Every failure of the history, by the moment it was told."""
    series: dict[tuple[str, str, str], list[RecordedVerdict]] = {}
    for one in sorted(history, key=lambda one: (one.judged_at, one.slot)):
        series.setdefault((one.job, one.object, one.slot.partition(" ")[0]), []).append(one)
    found = [failure for verdicts in series.values() for failure in _failures(verdicts)]
    return sorted(found, key=lambda one: (one.told_at, one.object, one.slot))


def _failures(verdicts: Sequence[RecordedVerdict]) -> Iterator[Failure]:
    """Of one tier of one object; `verdicts` by time."""
    told: set[str] = set()
    for position, one in enumerate(verdicts):
        if one.state not in _FAILED:
            told.discard(one.slot)
            continue
        if one.slot in told:
            continue
        told.add(one.slot)
        yield Failure(
            object=one.object,
            slot=one.slot,
            state=one.state,
            told_at=one.judged_at,
            ended_at=_ended_at(one, verdicts, position),
        )


def _ended_at(failed: RecordedVerdict, verdicts: Sequence[RecordedVerdict], position: int) -> datetime | None:
    """When a run first saw the slot itself otherwise, or a later one filled; that may have been so already."""
    later_filled = any(one.slot > failed.slot and one.state in _GOOD for one in verdicts[:position])
    if later_filled:
        return failed.judged_at
    for one in verdicts[position + 1 :]:
        if one.slot == failed.slot and one.state not in _FAILED:
            return one.judged_at
        if one.slot > failed.slot and one.state in _GOOD:
            return one.judged_at
    return None


def _dealt_with(failures: Sequence[Failure], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    limit = facts.policy.handled_within
    late = [one for one in failures if one.lasted(now) > limit]
    open_late = [one for one in late if one.ended_at is None]
    slow = [one for one in late if one.ended_at is not None]
    if open_late:
        yield _told_worst(critical, "failure-unhandled", open_late, facts, now)
    if slow:
        yield _told_worst(warning, "failure-slow", slow, facts, now)
    judged = {(one.job, one.object, one.slot) for one in facts.history if one.state in _JUDGED}
    if failures:
        yield ok("failures-handled", failures=len(failures))
    elif judged:
        yield ok("no-failures", slots=len(judged))
    else:
        yield unknown("no-slot-over")
    for one in sorted(failures, key=lambda one: one.told_at, reverse=True)[:_SHOWN]:
        told: dict[str, Fact] = {
            "object": one.object,
            "slot": one.slot,
            "state": one.state,
            "lasted_hours": hours(one.lasted(now)),
        }
        code = "failure-open" if one.ended_at is None else "failure-ended"
        yield Evidence(code=code, at=one.told_at, source="history", facts=told)


def _told_worst(
    make: Callable[..., Reason], code: str, failures: Sequence[Failure], facts: ControlFacts, now: datetime
) -> Found:
    longest = max(failures, key=lambda one: one.lasted(now))
    return make(
        code,
        failures=len(failures),
        first=f"{longest.object} {longest.slot}",
        age_hours=hours(longest.lasted(now)),
        limit_hours=hours(facts.policy.handled_within),
    )


def _unnoticed(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """Slots that failed long enough ago and that no run has told of."""
    told = {(one.job, one.object, one.slot) for one in facts.history if one.state in _FAILED}
    since = facts.history_since
    missed = [
        f"{one.object} {tier.tier.value} {slot.slot.name}"
        for one in facts.current
        for tier in one.tiers
        for slot in tier.slots
        if slot.state.value in _FAILED
        and slot.alarm is not State.OK
        and (since is None or slot.slot.graced_until >= since)
        and now - slot.slot.graced_until > facts.policy.handled_within
        and (one.job, one.object, f"{tier.tier.value} {slot.slot.name}") not in told
    ]
    if missed:
        yield warning("failure-unnoticed", slots=len(missed), first=missed[-1])


def _history(facts: ControlFacts, failures: Sequence[Failure]) -> Evidence:
    """How many failures, and how many came back: objects that failed again after they had been well."""
    ended = {(one.object, one.slot.partition(" ")[0]) for one in failures if one.ended_at is not None}
    last = max(one.judged_at for one in facts.history)
    again = [
        one
        for one in failures
        if (one.object, one.slot.partition(" ")[0]) in ended
        and any(
            other.object == one.object and other.ended_at is not None and other.ended_at < one.told_at
            for other in failures
        )
    ]
    told: dict[str, Fact] = {
        "verdicts": len(facts.history),
        "since_on": facts.today(min(one.judged_at for one in facts.history)).isoformat(),
        "failures": len(failures),
        "again": len(again),
    }
    return Evidence(code="history", at=last, source="history", facts=told)
