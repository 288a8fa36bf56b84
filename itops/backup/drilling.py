"""Restore tests: which copy to take, and what the tests so far say about a job."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from itops.backup.copies import CopyKind
from itops.backup.judgement.identity import is_other_object, kind_of
from itops.backup.judgement.proven import header_of
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.ledger import DrillRecord, KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import DrillPolicy, Protected
from itops.verdict import State


def best_copy(copies: Iterable[KnownCopy], protected: Protected) -> KnownCopy | None:
    """The copy to restore: the newest that is here and not known to be damaged, among equals the better proven.

    One that says it is of another object is none; one that stands alone comes before one that needs others.
    """
    usable = [known for known in copies if known.is_here and not known.copy.faults and not _is_damaged(known)]
    usable = [known for known in usable if not is_other_object(protected, header_of(known.proofs))]
    alone = [known for known in usable if _kind(known) in (CopyKind.FULL, CopyKind.UNKNOWN)]
    return max(alone or [known for known in usable if _kind(known) is not CopyKind.LOG], key=_newness, default=None)


def _kind(known: KnownCopy) -> CopyKind:
    return kind_of(header_of(known.proofs), known.copy.catalogue, known.copy.kind)


def _is_damaged(known: KnownCopy) -> bool:
    return bool(known.proofs) and bool(known.proofs[-1].examination.faults)


def _newness(known: KnownCopy) -> tuple[float, int, str]:
    copy = known.copy
    identity = next((proof.examination.identity for proof in reversed(known.proofs)), None) or copy.catalogue
    made_at = (identity and identity.started_at) or copy.named_at or copy.modified_at or known.first_seen_at
    level = max((proof.examination.level or Level.SEEN for proof in known.proofs), default=Level.SEEN)
    return made_at.timestamp(), level, copy.key


def drill_findings(policy: DrillPolicy, drills: Sequence[DrillRecord], now: datetime) -> Iterator[BackupFinding]:
    """What the restore tests of one object say; `drills` newest first."""
    if not drills:
        yield BackupFinding(code="never-restored", state=State.WARNING)
        return
    last = drills[0]
    good = next((drill for drill in drills if is_good(drill)), None)
    if not is_good(last):
        code = "answer-wrong" if last.is_restored else "restore-failed"
        yield BackupFinding(code=code, state=State.CRITICAL, subject=last.key, facts={"answer": last.answer})
    if good is None or now - good.started_at > policy.every:
        days = None if good is None else (now - good.started_at).days
        facts = {"age_days": days, "limit_days": policy.every.days}
        yield BackupFinding(code="restore-overdue", state=State.WARNING, facts=facts)
    if good is not None and policy.rto is not None and good.seconds > policy.rto.total_seconds():
        facts = {"seconds": round(good.seconds), "limit_seconds": round(policy.rto.total_seconds())}
        yield BackupFinding(code="restore-slow", state=State.WARNING, subject=good.key, facts=facts)


def is_good(drill: DrillRecord) -> bool:
    """Restored, and answered as expected where there was a question; or verified where no more was asked for."""
    return (drill.is_restored and drill.is_answered is not False) or (drill.is_verified_only and not drill.faults)


def is_answer_enough(answer: float | None, question: str | None, at_least: float | None) -> bool | None:
    """None without a question; an answer that never came is not enough."""
    if question is None:
        return None
    return answer is not None and (at_least is None or answer >= at_least)
