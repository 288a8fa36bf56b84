"""How long a verdict stays true by itself: time alone changes it at moments that can be told beforehand.

Whoever keeps verdicts judges again when facts change, and at these moments; nothing else can make one stale. A moment
told may come to nothing, but none is left out: where a rule would have to be told twice to be told exactly, it is told
too early.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from itops.backup.drilling import is_good
from itops.backup.judgement.looking import watch_of
from itops.backup.judgement.moments import TOLERANCE, reference_of, times_of
from itops.backup.judgement.proven import header_of, proofs_of
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import ObjectVerdict
from itops.backup.ledger import DrillRecord, KnownCopy
from itops.backup.policy import DrillPolicy, Job, Tier, TierPolicy
from itops.backup.slots import slots_backwards

_JUST = timedelta(microseconds=1)
"""Limits hold to their last moment: what is exactly as old as it may be is not too old."""
_SETTLED = timedelta(days=7)
"""First seen longer ago, a copy's date is believed or it is not; a look of unknown end is given a day for it."""
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # no slot that began earlier is judged
_NOTHING = timedelta()
_LONGEST = timedelta(days=36_525)  # nobody waits longer; and sums of moments stay moments


def valid_until(question: Question, verdict: ObjectVerdict, now: datetime) -> datetime | None:
    """The first moment after `now` at which the same facts may be judged otherwise; None: they never will be.

    `verdict` is `judge(question, now)`. Until that moment its states, alarms and codes stay; ages in its facts do not.
    """
    now = now.astimezone(UTC)
    return _first(_waits(question, verdict, now), now)


def drills_valid_until(policy: DrillPolicy, drills: Sequence[DrillRecord], now: datetime) -> datetime | None:
    """The same of `drill_findings(policy, drills, now)`: when the last good restore test will be too old."""
    now = now.astimezone(UTC)
    good = next((drill for drill in drills if is_good(drill)), None)
    return None if good is None else _first(_until_older(good.started_at, policy.every, now), now)


def _first(waits: Iterable[timedelta], now: datetime) -> datetime | None:
    """The nearest; a wait that is over is none."""
    wait = min((wait for wait in waits if wait > _NOTHING), default=None)
    return None if wait is None else now + min(wait, _LONGEST)


def _waits(question: Question, verdict: ObjectVerdict, now: datetime) -> Iterator[timedelta]:
    gone_at = question.object_gone_at
    if gone_at is not None:
        yield gone_at - now
    if verdict.demanded_since is not None:
        for tier, policy in question.job.tiers().items():
            yield from _slots_go_on(question, tier, policy, now)
    yield from _grows_old(question, verdict, now)
    for seen_at in watch_of(question).last.values():
        yield from _until_older(seen_at, question.look_within, now)
    if all(finding.code != "reread-due" for finding in verdict.findings):
        yield from _proofs_age(question, now)
    yield from _dates_come_true(question, now)


def _slots_go_on(question: Question, tier: Tier, policy: TierPolicy, now: datetime) -> Iterator[timedelta]:
    """The slot of now falls overdue and ends, the next one begins; the oldest one still in its grace leaves it.

    The others in their grace leave it later, each a slot after the one before.
    """
    gone_at = question.object_gone_at
    last = now if gone_at is None else min(now, gone_at)
    current = next(slots_backwards(tier, policy, question.calendar, last))
    yield current.overdue_at - now
    yield current.ends_at - now
    graced = now - policy.grace if policy.grace < now - _FIRST else _FIRST
    oldest = next(slots_backwards(tier, policy, question.calendar, graced))
    if oldest.begins_at <= last:
        yield oldest.graced_until - now


def _grows_old(question: Question, verdict: ObjectVerdict, now: datetime) -> Iterator[timedelta]:
    """The newest copy, and the moment one could go back to; an object that came lately has its first age for both."""
    fresh = verdict.freshness
    for limit, since in ((fresh.max_age, fresh.newest_at), (fresh.rpo, fresh.recovery_at)):
        for moment in (since, question.object_seen_at):
            if limit is not None and moment is not None:
                yield from _until_older(moment, limit, now)


def _until_older(since: datetime, limit: timedelta, now: datetime) -> Iterator[timedelta]:
    """Until something is older than its limit; nothing when it is."""
    left = min(limit, _LONGEST) - (now - since)
    if left >= _NOTHING:
        yield left + _JUST


def _proofs_age(question: Question, now: datetime) -> Iterator[timedelta]:
    """Any proof of a copy that is here, whether a later one has taken its place or not."""
    for known in question.copies:
        if known.is_here:
            for proof in known.proofs:
                yield from _until_older(proof.proved_at, question.reread_within, now)


def _dates_come_true(question: Question, now: datetime) -> Iterator[timedelta]:
    """Copies dated in the future that were first seen so lately that the date may still be right."""
    is_late = any(look.ended_at > now for look in question.looks)
    others = replace(question.job, files=None)  # other jobs' names are read without this job's pattern
    for copies, job in ((question.copies, question.job), (question.bases, others)):
        for known in copies:
            if is_late or now - known.first_seen_at < _SETTLED:
                yield from _until_believed(question, known, job, now)


def _until_believed(question: Question, known: KnownCopy, job: Job, now: datetime) -> Iterator[timedelta]:
    at = reference_of(times_of(known.copy, header_of(proofs_of(known)), job), job, question.calendar).at
    if at is not None and at - now > TOLERANCE:
        yield at - now - TOLERANCE
