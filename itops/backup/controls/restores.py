"""C06 and C07: does every kind of copy restore, and does it restore in the time the office has?"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from itops.backup.controls.facts import ControlFacts
from itops.backup.controls.proofs import best_proof
from itops.backup.controls.verdicts import (
    Evidence,
    Found,
    critical,
    not_evaluated,
    ok,
    together,
    unknown,
    warning,
)
from itops.backup.drilling import is_good
from itops.backup.judgement.verdicts import ObjectVerdict
from itops.backup.ledger import DrillRecord
from itops.backup.policy import Protected
from itops.facts import Fact

_MINUTE = 60
_SHOWN = 10


def restores_tested(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C06: each type of data was restored within a year, and some object within a quarter."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    types = _types(facts)
    restored = {name: _restored(facts.drills, objects) for name, objects in types.items()}
    good = [drill for drills in restored.values() for drill in drills]
    if not good:
        yield critical("never-restored", types=len(types))
    else:
        yield ok("restores-tested", types=len(types), tests=len(good))
        yield from _by_type(restored, facts, now)
    yield from _failed(types, facts)
    yield from _sample(types, good, facts, now)
    yield from _told_by_servers(facts)


def _types(facts: ControlFacts) -> dict[str, list[ObjectVerdict]]:
    """The objects by the type of their data: the format of their newest copy, else what the plan says, else their kind.

    A restore of one type says nothing of another: a SQL Server dump is not a VM image.
    """
    types: dict[str, list[ObjectVerdict]] = {}
    for one in facts.current:
        newest = one.freshness.newest
        proof = best_proof(newest) if newest is not None else None
        read = proof.examination.format if proof is not None else None
        name = read or facts.plan.jobs[one.job].format or Protected.parse(one.object).kind
        types.setdefault(name, []).append(one)
    return types


def _restored(drills: Sequence[DrillRecord], objects: Sequence[ObjectVerdict]) -> list[DrillRecord]:
    """Those that really restored one of the objects and answered as they should; newest first."""
    names = {one.object.casefold() for one in objects}
    good = [one for one in drills if one.object.casefold() in names and one.is_restored and is_good(one)]
    return sorted(good, key=lambda one: one.started_at, reverse=True)


def _by_type(restored: dict[str, list[DrillRecord]], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    limit = facts.policy.restore_test_every
    for name, drills in restored.items():
        if not drills:
            yield warning("type-never-restored", type=name)
            continue
        last = drills[0]
        if now - last.started_at > limit:
            age = (now - last.started_at).days
            yield warning("type-restore-overdue", type=name, age_days=age, limit_days=limit.days)
        yield Evidence(code="restored", at=last.started_at, source=last.repository, facts=_shown(last, name))


def _shown(drill: DrillRecord, type_: str) -> dict[str, Fact]:
    return {
        "type": type_,
        "object": drill.object,
        "copy": drill.key,
        "into": drill.into,
        "minutes": round(drill.seconds / _MINUTE, 1),
        "answer": drill.answer,
        "tool": f"{drill.tool} {drill.tool_version}".strip(),
        "by": drill.by,
    }


def _failed(types: dict[str, list[ObjectVerdict]], facts: ControlFacts) -> Iterator[Found]:
    """Objects whose last test did not succeed, whatever the tests before it did."""
    names = {one.object.casefold() for objects in types.values() for one in objects}
    last: dict[str, DrillRecord] = {}
    for drill in sorted(facts.drills, key=lambda one: one.started_at):
        if drill.object.casefold() in names:
            last[drill.object.casefold()] = drill
    failed = [drill for drill in last.values() if not is_good(drill)]
    if failed:
        yield critical("restore-failed", objects=len(failed), first=failed[0].object)
    for drill in failed[:_SHOWN]:
        told: dict[str, Fact] = {"object": drill.object, "copy": drill.key, "into": drill.into}
        yield Evidence(code="restored-in-vain", at=drill.started_at, source=drill.repository, facts=told)


def _sample(
    types: dict[str, list[ObjectVerdict]], good: Sequence[DrillRecord], facts: ControlFacts, now: datetime
) -> Iterator[Found]:
    """Which objects were tried in the last quarter, out of how many."""
    limit = facts.policy.sample_every
    lately = [drill for drill in good if now - drill.started_at <= limit]
    if good and not lately:
        newest = max(drill.started_at for drill in good)
        yield warning("sample-overdue", age_days=(now - newest).days, limit_days=limit.days)
    if lately:
        objects = {one.object.casefold() for held in types.values() for one in held}
        names = sorted({drill.object for drill in lately})
        told: dict[str, Fact] = {
            "tests": len(lately),
            "sampled": len(names),
            "objects": len(objects),
            "names": ", ".join(names[:_SHOWN]),
            "limit_days": limit.days,
        }
        yield Evidence(code="sample", at=max(drill.started_at for drill in lately), source="itops", facts=told)


def _told_by_servers(facts: ControlFacts) -> Iterator[Evidence]:
    """Restores in a server's own history: shown, not counted, for nobody knows what became of them."""
    told = [fact for fact in facts.server_facts if fact.code == "restored" and fact.at is not None]
    newest = sorted(told, key=lambda fact: (fact.at is None, fact.at, fact.object), reverse=True)
    for fact in newest[:_SHOWN]:
        yield Evidence(code="restored-by-server", at=fact.at, source=fact.server, facts={"object": fact.object})


def rto_credible(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C07: the last restore, made as much longer as the newest copy is bigger, takes no longer than was promised."""
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    promised = [one for one in facts.current if _rto(one, facts) is not None]
    if not promised:
        yield not_evaluated("no-rto")
        return
    named = {one.object.casefold() for one in promised}
    bare = sorted({one.object for one in facts.current if one.object.casefold() not in named})
    if bare:
        yield not_evaluated("rto-undeclared", objects=len(bare), first=bare[0])
    yield from together(found for one in promised for found in _estimated(one, facts))


def _rto(one: ObjectVerdict, facts: ControlFacts) -> float | None:
    """Seconds; None where the job promises none."""
    policy = facts.plan.jobs[one.job].drill
    return None if policy is None or policy.rto is None else policy.rto.total_seconds()


def _estimated(one: ObjectVerdict, facts: ControlFacts) -> Iterator[Found]:
    limit = _rto(one, facts) or 0.0
    own = [drill for drill in facts.drills if drill.job == one.job]
    drill = next(iter(_restored(own, [one])), None)
    if drill is None:
        yield unknown("rto-unmeasured", object=one.object)
        return
    newest = one.freshness.newest
    size = newest.copy.size_bytes if newest is not None else None
    if not drill.size_bytes or size is None:
        is_late = drill.seconds > limit
        told: dict[str, Fact] = {"object": one.object, "minutes": round(drill.seconds / _MINUTE, 1)}
        yield (
            critical("rto-missed", **told, limit_minutes=limit / _MINUTE)
            if is_late
            else unknown("rto-size-unknown", **told)
        )
        return
    # A smaller copy is not counted as faster: making the place ready takes its time whatever the size.
    seconds = drill.seconds * max(1.0, size / drill.size_bytes)
    minutes = {"minutes": round(seconds / _MINUTE, 1), "limit_minutes": round(limit / _MINUTE, 1)}
    if seconds > limit:
        yield critical("rto-missed", object=one.object, **minutes)
    else:
        yield ok("rto-met", object=one.object, **minutes)
    rate = round(drill.size_bytes / drill.seconds) if drill.seconds > 0 else None
    measured: dict[str, Fact] = {"object": one.object, "size_bytes": drill.size_bytes, "now_bytes": size}
    shown = {**measured, "test_minutes": round(drill.seconds / _MINUTE, 1), "rate_bytes": rate, **minutes}
    yield Evidence(code="restore-measured", at=drill.started_at, source=drill.repository, facts=shown)
