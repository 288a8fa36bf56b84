"""What somebody must hear of backups: each object of each job, each repository, each database that nobody backs up.

The states are those of `itops backup check`; of all that is wrong with an object the worst is told, and of what is as
bad the one that says most. The controls (`itops backup controls`) are not asked: what they find at single objects is
told here, the rest is for an auditor; and they look into folders, where a share that does not answer would hold up
every round.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any

from itops.alerts.records import Evaluation, Key
from itops.backup.coverage import Cover, CoverRow, coverage
from itops.backup.judgement.verdicts import BackupFinding, Freshness, ObjectVerdict, SlotVerdict
from itops.backup.ledger import KnownDatabase, Ledger, LookRecord
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar, SlotState
from itops.dates import start_of
from itops.facts import Fact
from itops.tasks.judge_backups import Judged, judge_backups
from itops.verdict import State, severity

if TYPE_CHECKING:
    from itops.tasks.evaluation.watched import Watched

CHECK = "backup"
TABLE = "evaluation_backup"
"""The table of words for codes of this room; what the judgement found has words in `backup` and `slot`."""
NO_PLAN, UNPROTECTED, EXPIRED = "no-plan", "unprotected", "exemption-expired"
_UNCOVERED = frozenset({Cover.UNPROTECTED, Cover.EXPIRED})
_WELL = frozenset({SlotState.OK, SlotState.OK_LATE, SlotState.OPEN})
_LOOKS = 100  # at a repository of no job: enough to tell since when it fails
_LONGEST_FACT = 500  # letters; the names of ten thousand slots are no fact that anybody reads
_LONGEST = timedelta(days=36_525)
_HOUR, _JUST = timedelta(hours=1), timedelta(microseconds=1)


def evaluate_backups(watched: "Watched", judged: Judged | None = None) -> Iterable[Evaluation]:
    """All of it. `judged`: where somebody has judged the very facts at this very moment."""
    plan, ledger = watched.settings.backup, watched.reader.ledger
    if plan is None:
        return tuple(_unplanned(ledger.databases(), watched.now))
    return backup_evaluations(plan, ledger, watched.calendar, watched.now, judged)


def backup_evaluations(
    plan: BackupPlan, ledger: Ledger, calendar: Calendar, now: datetime, judged: Judged | None = None
) -> tuple[Evaluation, ...]:
    """The same for those who hold a ledger and no more; of a key that comes twice the worse."""
    judged = judge_backups(plan, ledger, calendar, now) if judged is None else judged
    repositories = {one.key: one for one in _repositories(plan, ledger, judged, now)}
    judging = _Judging(plan=plan, judged=judged, repositories=repositories, now=now)
    found = chain(
        map(judging.of_object, judged.verdicts),
        repositories.values(),
        _uncovered(plan, ledger.databases(), calendar, now),
    )
    worst: dict[Key, Evaluation] = {}
    for one in found:
        if one.key not in worst or severity(one.state) > severity(worst[one.key].state):
            worst[one.key] = one
    return tuple(worst.values())


def repository_key(name: str) -> Key:
    """What the evaluation of a repository is kept under."""
    return Key(CHECK, f"repository {name}")


# Objects of jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reason:
    """Why an object stands as it does."""

    state: State
    code: str
    table: str = "backup"
    facts: Mapping[str, Fact] = field(default_factory=dict)
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judging:
    """What every object is told with."""

    plan: BackupPlan
    judged: Judged
    repositories: Mapping[Key, Evaluation]
    now: datetime

    def of_object(self, verdict: ObjectVerdict) -> Evaluation:
        """The evaluation of one verdict."""
        reason = _well(verdict) if verdict.state is State.OK else self._worst(verdict)
        job = self.plan.jobs[verdict.job]
        # What is proven to be lost or damaged is so whether its repository can be looked at today or not.
        is_proven = verdict.state is State.CRITICAL
        return Evaluation(
            key=Key(CHECK, f"{verdict.job} {verdict.object}"),
            state=verdict.state,
            code=reason.code,
            table=reason.table,
            judged_at=self.now,
            valid_until=self.judged.valid_until(verdict, self.now),
            facts=plain_facts(reason.facts),
            since=_past(reason.since, self.now),
            owner=job.owner or "",
            last_good_at=verdict.freshness.newest_at,
            depends_on=() if is_proven else tuple(map(repository_key, dict.fromkeys(job.repository))),
        )

    def _worst(self, verdict: ObjectVerdict) -> _Reason:
        """Of what nobody could see the look that failed says most; of all else the age, then the newest slot."""
        findings = map(self._of_finding, verdict.findings)
        fresh = [self._of_age(verdict)]
        slots = _of_slots(verdict)
        is_unseen = verdict.state is State.UNKNOWN
        reasons = chain(findings, fresh, slots) if is_unseen else chain(fresh, slots, findings)
        return next(reason for reason in reasons if reason.state is verdict.state)

    def _of_finding(self, finding: BackupFinding) -> _Reason:
        """One about a look is as old as what is told of its repository, where that tells the same."""
        told = self.repositories.get(repository_key(str(finding.facts.get("repository"))))
        since = told.since if told is not None and told.code == finding.code else None
        return _Reason(state=finding.state, code=finding.code, facts=_facts_of(finding), since=since)

    def _of_age(self, verdict: ObjectVerdict) -> _Reason:
        fresh = verdict.freshness
        grounds = self.judged.grounds.get((verdict.job, verdict.object))
        came_at = grounds.question.object_seen_at if grounds is not None else None
        since = _too_old_since(fresh, came_at) if fresh.state is State.CRITICAL else None
        return _Reason(state=fresh.state, code=fresh.reason, facts=_ages(fresh), since=since)


def _facts_of(finding: BackupFinding) -> Mapping[str, Fact]:
    """The place of a fault may be a path, and its sentence does not show it; that of a gap is in its sentence."""
    if finding.code == "look-partial":
        return finding.facts
    return {name: fact for name, fact in finding.facts.items() if name != "place"}


def _too_old_since(fresh: Freshness, came_at: datetime | None) -> datetime | None:
    """When the limit was passed; None for what was never good, or is younger than its newest copy."""
    newest_at, limit = (fresh.newest_at, fresh.max_age) if fresh.reason == "too-old" else (fresh.recovery_at, fresh.rpo)
    if newest_at is None or limit is None or (came_at is not None and came_at > newest_at):
        return None
    return newest_at + limit


def _ages(fresh: Freshness) -> dict[str, Fact]:
    return {
        "newest_at": _iso(fresh.newest_at),
        "age_hours": _hours(fresh.age),
        "limit_hours": _hours(fresh.max_age),
        "recovery_at": _iso(fresh.recovery_at),
        "rpo_hours": _hours(fresh.rpo),
    }


def _of_slots(verdict: ObjectVerdict) -> Iterator[_Reason]:
    """Slots that alarm, the newest first; what is the same of several once, since it is so of the first of them."""
    alarming: dict[tuple[State, str], list[tuple[str, SlotVerdict]]] = {}
    for tier in verdict.tiers:
        for slot in tier.slots:
            if slot.alarm is not State.OK:
                alarming.setdefault((slot.alarm, slot.reason), []).append((tier.tier.value, slot))
    count = sum(map(len, alarming.values()))
    told = [_of_alike(state, slots, verdict.findings, count) for (state, _), slots in alarming.items()]
    return (reason for _, reason in sorted(told, key=lambda pair: (pair[0], pair[1].code), reverse=True))


def _of_alike(
    state: State, slots: Sequence[tuple[str, SlotVerdict]], findings: Iterable[BackupFinding], count: int
) -> tuple[datetime, _Reason]:
    """With the end of the newest of them; in the words of the finding about its copy, where one says the same."""
    tier, newest = max(slots, key=lambda pair: (pair[1].slot.ends_at, pair[0]))
    key = newest.copy.copy.key if newest.copy is not None else ""
    same = [one for one in findings if (one.code, one.subject, one.state) == (newest.reason, key, state)]
    facts = {**newest.facts, "tier": tier, "slot": newest.slot.name, "slots": len(slots)}
    facts |= {"others": count - len(slots)} if count > len(slots) else {}
    begun = [_alarming_since(slot) for _, slot in slots]
    reason = _Reason(
        state=state,
        code=newest.reason,
        table="backup" if same else "slot",
        facts={**_facts_of(same[0]), **facts} if same else facts,
        since=min((moment for moment in begun if moment is not None), default=None),
    )
    return newest.slot.ends_at, reason


def _alarming_since(slot: SlotVerdict) -> datetime | None:
    """When its time had run out; None for a damaged one: when that happened nobody knows."""
    if slot.state in (SlotState.OPEN, SlotState.WEAK):
        return slot.slot.overdue_at
    if slot.state is SlotState.PENDING:
        return slot.slot.ends_at
    return slot.slot.graced_until if slot.state in (SlotState.MISSING, SlotState.UNKNOWN) else None


def _well(verdict: ObjectVerdict) -> _Reason:
    """By the age; where no age is promised by the newest slot that something can be said of."""
    fresh = verdict.freshness
    slots = [slot for tier in verdict.tiers for slot in tier.slots if slot.state in _WELL]
    if fresh.reason != "no-limit" or not slots:
        return _Reason(state=State.OK, code=fresh.reason, facts=_ages(fresh))
    newest = max(slots, key=lambda slot: (slot.state is not SlotState.OPEN, slot.slot.ends_at, slot.slot.tier.value))
    facts = {**_ages(fresh), "tier": newest.slot.tier.value, "slot": newest.slot.name}
    return _Reason(state=State.OK, code=newest.reason, table="slot", facts=facts)


# Repositories


def _repositories(plan: BackupPlan, ledger: Ledger, judged: Judged, now: datetime) -> Iterator[Evaluation]:
    for name in plan.repositories:
        looks = judged.looks[name] if name in judged.looks else ledger.looks(name, _LOOKS)
        # Of two looks of one moment the one that failed counts, as in the judgement.
        ordered = sorted(looks, key=lambda look: (look.looked_at, not look.is_complete, look.hides))
        here = _copies_in(name, judged) if any(look.hides for look in ordered) else ()
        yield _repository(name, ordered, here, plan.look_within, now)


def _copies_in(name: str, judged: Judged) -> Sequence[datetime]:
    """When each copy that the judged objects have there was last seen."""
    copies = {
        (known.copy.job, known.copy.key, known.last_seen_at)
        for grounds in judged.grounds.values()
        for known in grounds.question.copies
        if known.is_here and known.copy.repository == name
    }
    return [seen_at for _, _, seen_at in copies]


def _repository(
    name: str, looks: Sequence[LookRecord], copies: Sequence[datetime], look_within: timedelta, now: datetime
) -> Evaluation:
    """Whether somebody sees it; `looks` oldest first, `copies` wanted only where some look hid anything."""
    newest = looks[-1] if looks else None
    seen_at = max((look.looked_at for look in looks if _has_seen(look, copies)), default=None)
    facts: dict[str, Fact] = {"repository": name, "looked_at": _iso(newest.looked_at if newest else None)}
    state, code, since, until = State.UNKNOWN, "never-looked", None, None
    if newest is not None and not newest.is_complete:
        code, since = "look-failed", _failing_since(looks)
        facts |= {"problem": newest.problem or "", "remedy": newest.remedy or ""}
    elif seen_at is not None and now - seen_at > look_within:
        code, since = "look-stale", seen_at + look_within
        facts |= {"age_hours": int((now - seen_at) // _HOUR), "limit_hours": int(look_within // _HOUR)}
    elif newest is not None and seen_at is not None:
        state, code = (State.WARNING, "look-partial") if newest.hides else (State.OK, "looked")
        until = now + min(look_within - (now - seen_at), _LONGEST) + _JUST
        facts |= _hidden(newest, copies) if newest.hides else {}
    table = "control_evidence" if state is State.OK else "backup"
    key = repository_key(name)
    since = _past(since, now)
    return _evaluation(key, state, code, now, table, facts, since=since, valid_until=until, last_good_at=seen_at)


def _has_seen(look: LookRecord, copies: Iterable[datetime]) -> bool:
    """Whether it saw the place whole, or in part and in it a copy of ours."""
    return look.sees_absence or (look.is_complete and any(seen_at >= look.looked_at for seen_at in copies))


def _failing_since(looks: Sequence[LookRecord]) -> datetime:
    """The first of those that failed on end; the last of them did."""
    return list(takewhile(lambda look: not look.is_complete, reversed(looks)))[-1].looked_at


def _hidden(look: LookRecord, copies: Iterable[datetime]) -> dict[str, Fact]:
    """What it could not see, and how many copies that were there before are behind it."""
    gap = next((gap for gap in look.gaps if gap.hides), None)
    told = {"place": gap.subject, "problem": gap.problem, "remedy": gap.remedy} if gap else {}
    return {"copies": sum(seen_at < look.looked_at for seen_at in copies), **told}


# What nobody backs up


def _uncovered(
    plan: BackupPlan, databases: Sequence[KnownDatabase], calendar: Calendar, now: datetime
) -> Iterator[Evaluation]:
    """Databases that servers have and no job protects. VMs may be backed up by others; jobs tell of promises."""
    today = now.astimezone(calendar.zone).date()
    starts = [held.since for held in plan.exempt if held.object and held.since is not None and held.since > today]
    until = start_of(min(starts), calendar.zone) if starts else None
    for row in coverage(plan, databases, (), today).rows:
        if row.kind == "database" and row.cover in _UNCOVERED:
            yield _unprotected(row, until, calendar, now)


def _unprotected(row: CoverRow, until: datetime | None, calendar: Calendar, now: datetime) -> Evaluation:
    facts: dict[str, Fact] = {"object": row.object, "seen_at": _iso(row.seen_at), "is_system": row.is_system}
    key = Key(CHECK, f"coverage {row.object}")
    exemption = row.exemption
    if exemption is None:
        return _evaluation(key, row.state, UNPROTECTED, now, TABLE, facts, valid_until=until, is_finding=True)
    facts |= {"reason": exemption.reason, "until_on": exemption.until.isoformat()}
    more = {"since": start_of(exemption.until + timedelta(days=1), calendar.zone), "owner": exemption.owner}
    return _evaluation(key, row.state, EXPIRED, now, TABLE, facts, valid_until=until, is_finding=True, **more)


def _unplanned(databases: Iterable[KnownDatabase], now: datetime) -> Iterator[Evaluation]:
    """Without a plan nothing is promised; but where databases are known, somebody should promise something."""
    here = [held.database for held in databases if held.gone_at is None and not held.database.is_system]
    if here:
        yield _evaluation(Key(CHECK, ""), State.CRITICAL, NO_PLAN, now, TABLE, {"databases": len(here)})


# Evaluations


def _evaluation(
    key: Key, state: State, code: str, now: datetime, table: str, facts: Mapping[str, Fact], **more: Any
) -> Evaluation:
    return Evaluation(key=key, state=state, code=code, table=table, judged_at=now, facts=plain_facts(facts), **more)


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    """A clock that was set back must not make anything begin in the future."""
    return None if moment is None else min(moment, now)


def plain_facts(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """As a store can keep them for months: no text without an end, no number that is none."""
    return {name: _plain(fact) for name, fact in facts.items()}


def _plain(fact: Fact) -> Fact:
    if isinstance(fact, str):
        return fact[:_LONGEST_FACT]
    return None if isinstance(fact, float) and not math.isfinite(fact) else fact


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _hours(span: timedelta | None) -> float | None:
    return None if span is None else round(span / _HOUR, 1)
