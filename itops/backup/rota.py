"""Which copies are to be read now, to which level, and in which order: what is new, what is weak, what is old."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, Job
from itops.backup.proofs import Proof

_EARLY = 0.8
"""A copy is read again at this part of the time allowed, so that a night without a run breaks no promise."""
_TRANSIENT = frozenset({"out-of-time", "not-local", "program-missing", "changed-while-read", "busy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One copy whose turn it is."""

    known: KnownCopy
    level: Level
    is_reread: bool  # proven before, and due again


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """What is to be read, first things first, and what need not be."""

    turns: tuple[Turn, ...]
    proven: int  # copies whose proof still holds


def rota(copies: Iterable[KnownCopy], plan: BackupPlan, level: Level | None, now: datetime) -> Rota:
    """Every copy that is here is in it or proven; a copy that two jobs claim is read once, to the higher level."""
    wanted: dict[tuple[str, str, str], tuple[KnownCopy, Level]] = {}
    for known in copies:
        copy = known.copy
        if not known.is_here or copy.job not in plan.jobs:
            continue
        asked = level if level is not None else needed(plan.jobs[copy.job])
        state = (copy.repository, copy.key, copy.fingerprint)
        if state not in wanted or wanted[state][1] < asked:
            wanted[state] = known, asked
    turns = [turn for known, asked in wanted.values() if (turn := _turn(known, asked, plan.reread_within, now))]
    return Rota(turns=tuple(sorted(turns, key=_order)), proven=len(wanted) - len(turns))


def needed(job: Job) -> Level:
    """The highest level that any of its tiers asks for."""
    return max([job.level, *(tier.level for tier in job.tiers().values() if tier.level is not None)])


def settled(proofs: Sequence[Proof], level: Level) -> Proof | None:
    """The newest proof after which another reading at this level would tell nothing new; the file did not change."""
    for proof in reversed(proofs):
        found = proof.examination
        if found.attempted >= level and not any(limit.code in _TRANSIENT for limit in found.limits):
            return proof
    return None


def _turn(known: KnownCopy, level: Level, reread_within: timedelta, now: datetime) -> Turn | None:
    proof = settled(known.proofs, level)
    if proof is None:
        return Turn(known=known, level=level, is_reread=False)
    if now - proof.proved_at >= reread_within * _EARLY:
        return Turn(known=known, level=level, is_reread=True)
    return None


def _order(turn: Turn) -> tuple[bool, float, str, str]:
    """Never proven before proven; of the new the newest first, of the old the longest unread."""
    copy = turn.known.copy
    if turn.is_reread:
        return True, turn.known.proofs[-1].proved_at.timestamp(), copy.repository, copy.key
    moment = copy.modified_at or turn.known.first_seen_at
    return False, -moment.timestamp(), copy.repository, copy.key


def baseline(known: KnownCopy, fresh_within: timedelta = timedelta(hours=24)) -> Mapping[str, bool]:
    """SHA-256 -> whether it was taken when the copy was made, of every earlier reading of this same state."""
    made_at = known.copy.modified_at or known.first_seen_at
    hashes: dict[str, bool] = {}
    for proof in known.proofs:
        sha256 = proof.examination.sha256
        if sha256 is not None:
            hashes[sha256] = hashes.get(sha256, False) or proof.proved_at - made_at <= fresh_within
    return hashes
