"""How old the newest copy is that could be restored now: apart from all slots, and so through 13 days of Nowruz."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from itops.backup.copies import CopyKind
from itops.backup.judgement.candidates import Candidate, in_order
from itops.backup.judgement.looking import Watch
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import Freshness
from itops.verdict import State, severity

_NOTHING = timedelta()
_SETTLED = timedelta(days=1)
"""What is first seen so soon after the first look was there before it."""


def freshness_of(question: Question, candidates: Sequence[Candidate], watch: Watch, now: datetime) -> Freshness:
    """Judge the age against `max_age` and the recovery point against `rpo`; the worse of the two is told."""
    job = question.job
    dated = in_order(candidates)
    restorable = [one for one in dated if one.kept is not None and one.kept >= job.level]
    usable = [one for one in restorable if one.kind in job.kinds]
    attempts = [one for one in dated if one.kind in job.kinds]
    newest = usable[-1] if usable else None
    newest_at = newest.at if newest else None
    recovery_at = max((one.at for one in restorable if one.kind is not CopyKind.PARTIAL), default=None)
    came_at = _came_at(question, watch)
    state, reason = max(
        _judged(job.max_age, newest_at, came_at, watch, now),
        _judged(job.rpo, recovery_at, came_at, watch, now, too_old="rpo-missed"),
        key=lambda verdict: severity(verdict[0]),
    )
    if question.object_gone_at is not None and question.object_gone_at <= now:
        state, reason = State.OK, "retired"
    elif job.max_age is None and job.rpo is None:
        state, reason = State.OK, "no-limit"
    return Freshness(
        state=state,
        reason=reason,
        newest=newest.known if newest else None,
        newest_at=newest_at,
        age=max(now - newest_at, _NOTHING) if newest_at else None,
        max_age=job.max_age,
        attempt_at=attempts[-1].at if attempts else None,
        is_attempt_good=(newest_at == attempts[-1].at) if attempts else None,
        recovery_at=recovery_at,
        rpo=job.rpo,
    )


def _came_at(question: Question, watch: Watch) -> datetime | None:
    """When the object came while somebody watched; None for one that was there when the watch began.

    One that came has its first age to get a copy; of one that was there the first look shows at once that it has none.
    """
    seen_at = question.object_seen_at
    is_new = seen_at is not None and watch.since is not None and seen_at - watch.since >= _SETTLED
    return seen_at if is_new else None


def _judged(
    limit: timedelta | None,
    newest_at: datetime | None,
    came_at: datetime | None,
    watch: Watch,
    now: datetime,
    *,
    too_old: str = "too-old",
) -> tuple[State, str]:
    """One age against one limit; it runs from the newest copy, or from when the object came.

    Too old by now but not yet when somebody last looked is not known: a newer copy may have come since.
    """
    if limit is None:
        return State.OK, "fresh"
    since = max((moment for moment in (newest_at, came_at) if moment is not None), default=None)
    if since is not None and now - since <= limit:
        return State.OK, "fresh" if since == newest_at else "new-object"
    seen_at = watch.absence_seen_at
    if seen_at is None or (since is not None and seen_at - since <= limit):
        return State.UNKNOWN, "not-looked"
    return State.CRITICAL, too_old if newest_at else "no-good-copy"
