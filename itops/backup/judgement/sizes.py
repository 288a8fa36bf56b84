"""Sizes: the floor the office set, and the habit of the copies before."""

from collections.abc import Iterator, Sequence
from statistics import median

from itops.backup.copies import Copy, CopyKind
from itops.backup.judgement.candidates import Candidate, in_order, told
from itops.backup.judgement.question import Question, SizeLimits
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.policy import Job
from itops.verdict import State

_WHOLE = (CopyKind.FULL, CopyKind.UNKNOWN)
"""Kinds that are as large as their object. Differentials and logs are as large as what happened."""


def is_too_small(copy: Copy, kind: CopyKind, job: Job) -> bool:
    """Whether it is below the floor; an empty file is below every floor."""
    if copy.size_bytes is None:
        return False
    floor = job.min_size_bytes or 0 if kind in _WHOLE else 0
    return copy.size_bytes < floor or (copy.size_bytes == 0 and copy.modified_at is not None)


def size_findings(question: Question, candidates: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """Every copy below the floor; of each kind the newest copy, beside the good ones before it, gone ones included."""
    for candidate in candidates:
        is_settled = candidate.is_here and candidate.level is not None
        if is_settled and is_too_small(candidate.known.copy, candidate.kind, question.job):
            yield BackupFinding(
                code="too-small",
                state=State.CRITICAL,
                subject=candidate.known.copy.key,
                facts={
                    "repository": candidate.known.copy.repository,
                    "size_bytes": candidate.known.copy.size_bytes,
                    "min_size_bytes": question.job.min_size_bytes or 1,
                },
            )
    for kind in _WHOLE:
        good = [candidate for candidate in in_order(candidates) if candidate.kind is kind and candidate.is_good]
        yield from _beside_its_history(
            [candidate for candidate in good if (candidate.known.copy.size_bytes or 0) > 0], question.sizes
        )


def _beside_its_history(good: Sequence[Candidate], limits: SizeLimits) -> Iterator[BackupFinding]:
    if not good or not good[-1].is_here:
        return
    newest = good[-1]
    before = [candidate for candidate in good if candidate.at < newest.at][-limits.most_copies :]
    if len(before) < limits.least_copies:
        return
    usual = median(candidate.known.copy.size_bytes or 0 for candidate in before)
    size = newest.known.copy.size_bytes or 0
    ratio = size / usual
    if limits.shrunk_ratio <= ratio <= limits.grown_ratio:
        return
    yield BackupFinding(
        code="size-grown" if ratio > 1 else "size-shrunk",
        state=State.CRITICAL if ratio < limits.collapsed_ratio else State.WARNING,
        subject=newest.known.copy.key,
        facts={
            "repository": newest.known.copy.repository,
            "size_bytes": size,
            "usual_bytes": int(usual),
            "size_ratio": round(ratio, 4),
            "copies": len(before),
            "reference_at": told(newest.reference.at),
        },
    )
