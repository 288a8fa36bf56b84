"""What the proofs of a copy say together: how far it is proven, which faults stand, who it says it is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.judgement.candidates import Candidate, aware, told
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.proofs import TEST_READ, Examination, Proof
from itops.facts import Fact
from itops.verdict import State

STABLE_AFTER = timedelta(minutes=10)
NOBODY = Identity()


def proofs_of(known: KnownCopy) -> tuple[Proof, ...]:
    """Those of this very content, oldest first, in an order that does not depend on how they were handed in."""
    proofs = tuple(proof for proof in known.proofs if proof.fingerprint == known.copy.fingerprint)
    if len(proofs) < 2:
        return proofs
    if len({proof.proved_at for proof in proofs}) < len(proofs):
        return tuple(sorted(proofs, key=lambda proof: (proof.proved_at, repr(proof))))
    return tuple(sorted(proofs, key=lambda proof: proof.proved_at))


def level_of(known: KnownCopy, proofs: Sequence[Proof]) -> Level | None:
    """The highest level any proof reached; without one it is seen, or None while it may still be growing."""
    reached = [proof.examination.level for proof in proofs if proof.examination.level is not None]
    if reached:
        return max(reached)
    return Level.SEEN if _is_stable(known) else None


def _is_stable(known: KnownCopy) -> bool:
    """Seen twice in the same state, or last written a while before it was seen; a catalogue lists finished ones."""
    modified_at = aware(known.copy.modified_at)
    if known.last_seen_at > known.first_seen_at:
        return True
    if modified_at is None:
        return not known.copy.files
    return known.last_seen_at - modified_at > STABLE_AFTER


def faults_of(known: KnownCopy, proofs: Sequence[Proof]) -> tuple[Fault, ...]:
    """What is wrong with it: what the catalogue says, and every finding that no later examination has cleared."""
    standing = [
        fault
        for position, proof in enumerate(proofs)
        if proof.examination.faults and not any(_clears(later, proof) for later in proofs[position + 1 :])
        for fault in proof.examination.faults
    ]
    return (*known.copy.faults, *_once(standing))


def _once(faults: Sequence[Fault]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        if (fault.code, fault.place) not in seen:
            seen.add((fault.code, fault.place))
            yield fault


def _clears(later: Proof, faulty: Proof) -> bool:
    """Whether a later examination went as deep, got past the place where the other had stopped, and found nothing."""
    new, old = later.examination, faulty.examination
    if later.proved_at <= faulty.proved_at or new.faults or new.attempted < old.attempted:
        return False
    return _rank(new) > _rank(old) or _rank(new) >= old.attempted


def _rank(examination: Examination) -> int:
    return -1 if examination.level is None else examination.level


def header_of(proofs: Sequence[Proof]) -> Identity:
    """Who it says it is: the newest proof that tells each thing; a shallow look again takes nothing back."""
    told_by = [proof.examination.identity for proof in reversed(proofs) if proof.examination.identity is not None]
    if len(told_by) < 2:
        return told_by[0] if told_by else NOBODY
    joined = told_by[0]
    for older in told_by[1:]:
        joined = replace(
            joined,
            object=joined.object or older.object,
            server=joined.server or older.server,
            kind=older.kind if joined.kind is CopyKind.UNKNOWN else joined.kind,
            started_at=joined.started_at or older.started_at,
            finished_at=joined.finished_at or older.finished_at,
            utc_offset_minutes=older.utc_offset_minutes
            if joined.utc_offset_minutes is None
            else joined.utc_offset_minutes,
            chain=joined.chain or older.chain,
        )
    return joined


def damaged_copies(candidates: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """Every damaged copy that is here; one that is the newest of all is no mere loss of an old one."""
    newest = max((candidate.at for candidate in candidates if candidate.is_dated), default=None)
    for candidate in candidates:
        if not candidate.faults or not candidate.is_here:
            continue
        is_newest = candidate.is_dated and candidate.at == newest
        yield BackupFinding(
            code="damaged",
            state=State.CRITICAL if is_newest else State.WARNING,
            subject=candidate.known.copy.key,
            facts={
                "repository": candidate.known.copy.repository,
                "faults": ", ".join(dict.fromkeys(fault.code for fault in candidate.faults)),
                "place": candidate.faults[0].place,
                "reference_at": told(candidate.reference.at),
            },
        )


def reread_due(question: Question, candidates: Sequence[Candidate], now: datetime) -> Iterator[BackupFinding]:
    """Proofs age: what was intact in spring may have rotted since. One finding for all of the object's copies."""
    overdue = [
        (proved_at, candidate.known.copy.key)
        for candidate in candidates
        if candidate.is_here and candidate.is_good
        for proved_at in _last_read(candidate, question.job.level)
        if now - proved_at > question.reread_within
    ]
    if overdue:
        proved_at, key = min(overdue)
        facts: dict[str, Fact] = {
            "copies": len(overdue),
            "proved_at": told(proved_at),
            "age_days": (now - proved_at).days,
            "limit_days": question.reread_within.days,
        }
        yield BackupFinding(code="reread-due", state=State.WARNING, subject=key, facts=facts)


def _last_read(candidate: Candidate, needed: Level) -> Iterator[datetime]:
    """When it last reached the level that counts; nothing for one that was never examined."""
    goal = min(needed, candidate.level or Level.SEEN)
    reached = [
        proof.proved_at
        for proof in candidate.proofs
        # A test read of a medium says nothing of the copy that lies here.
        if _rank(proof.examination) >= goal and proof.examination.tool != TEST_READ
    ]
    if reached:
        yield max(reached)
