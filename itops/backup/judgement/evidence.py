"""Copies read once: their proofs joined, their moment found, what makes them worthless named."""

from collections.abc import Iterable
from datetime import datetime

from itops.backup.copies import Fault, Identity
from itops.backup.judgement.candidates import FIRST, Candidate
from itops.backup.judgement.identity import is_other_object, kind_of
from itops.backup.judgement.moments import believed, reference_of, times_of
from itops.backup.judgement.proven import faults_of, header_of, level_of, proofs_of
from itops.backup.judgement.question import Question
from itops.backup.judgement.sizes import is_too_small
from itops.backup.ledger import KnownCopy


def read(question: Question, copies: Iterable[KnownCopy], now: datetime) -> list[Candidate]:
    """Every copy as a candidate, but for states that were only seen growing and have been written over since."""
    copies = tuple(copies)
    newest = _newest_states(copies)
    candidates = (_candidate(question, known, newest, now) for known in copies)
    return [one for one in candidates if one.is_here or one.level is not None or one.faults]


def _newest_states(copies: Iterable[KnownCopy]) -> dict[tuple[str, str], datetime]:
    """When each key was last seen: a state of it that was not seen then has been written over, whatever a look hid."""
    newest: dict[tuple[str, str], datetime] = {}
    for known in copies:
        key = known.copy.repository, known.copy.key
        if key not in newest or known.last_seen_at > newest[key]:
            newest[key] = known.last_seen_at
    return newest


def _candidate(
    question: Question, known: KnownCopy, newest: dict[tuple[str, str], datetime], now: datetime
) -> Candidate:
    copy, job = known.copy, question.job
    proofs = proofs_of(known)
    header = header_of(proofs)
    kind = kind_of(header, copy.catalogue, copy.kind)
    faults = faults_of(known, proofs)
    level = level_of(known, proofs)
    flaw = _flaw(question, header, faults, is_small=level is not None and is_too_small(copy, kind, job))
    times = times_of(copy, header, job)
    reference = believed(reference_of(times, job, question.calendar), known, question.looks, now)
    is_current = known.last_seen_at >= newest[copy.repository, copy.key]
    is_here = known.is_here and is_current and copy.repository in job.repository  # elsewhere nobody looks any more
    worth = None if flaw else level
    return Candidate(
        known=known,
        place=(copy.repository, copy.key, copy.fingerprint),
        proofs=proofs,
        identity=header,
        chain=header.chain or (copy.catalogue.chain if copy.catalogue else None),
        kind=kind,
        times=times,
        reference=reference,
        at=reference.at or FIRST,
        faults=faults,
        flaw=flaw,
        is_here=is_here,
        level=level,
        made=worth,
        kept=worth if is_here else None,
    )


def _flaw(question: Question, header: Identity, faults: tuple[Fault, ...], *, is_small: bool) -> str | None:
    if faults:
        return "damaged"
    if is_other_object(question.object, header):
        return "wrong-object"
    return "too-small" if is_small else None
