"""Which copies are to be read now, to which level, and in which order: what is new, what is weak, what is old."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.backup.copies import Copy
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, Job
from itops.backup.proofs import TEST_READ, Proof

_EARLY = 0.8
"""A copy is read again at this part of the time allowed, so that a night without a run breaks no promise."""
_TRANSIENT = frozenset(
    {"out-of-time", "not-local", "program-missing", "changed-while-read", "busy", "hash-list-unread"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One copy whose turn it is."""

    known: KnownCopy
    level: Level
    is_reread: bool  # proven before, and due again

    @property
    def place(self) -> tuple[str, str, str]:
        """Of no other turn: the copy in this state."""
        return place_of(self.known.copy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """What is to be read, first things first, and what need not be."""

    turns: tuple[Turn, ...]
    settled: tuple[KnownCopy, ...]  # copies that were read before, and of which another reading would tell nothing new


def rota(copies: Iterable[KnownCopy], plan: BackupPlan, level: Level | None, now: datetime) -> Rota:
    """Every copy that is here is in it or settled; a copy that two jobs claim is read once, to the higher level."""
    wanted: dict[tuple[str, str, str], tuple[KnownCopy, Level]] = {}
    for known in copies:
        copy = known.copy
        if not known.is_here or copy.job not in plan.jobs:
            continue
        asked = level if level is not None else needed(plan.jobs[copy.job])
        state = place_of(copy)
        if state not in wanted or wanted[state][1] < asked:
            wanted[state] = known, asked
    turns = {state: turn for state, held in wanted.items() if (turn := _turn(*held, plan.reread_within, now))}
    return Rota(
        turns=tuple(sorted(turns.values(), key=_order)),
        settled=tuple(known for state, (known, _) in wanted.items() if state not in turns),
    )


def place_of(copy: Copy) -> tuple[str, str, str]:
    """What tells one copy in one state from all others."""
    return copy.repository, copy.key, copy.fingerprint


def needed(job: Job) -> Level:
    """The highest level that any of its tiers asks for."""
    return max([job.level, *(tier.level for tier in job.tiers().values() if tier.level is not None)])


def settled(proofs: Sequence[Proof], level: Level) -> Proof | None:
    """The newest proof after which another reading at this level would tell nothing new; the file did not change."""
    for proof in reversed(proofs):
        found = proof.examination
        if found.tool == TEST_READ:
            continue  # another medium was read, not the copy here
        if found.attempted >= level and not any(limit.code in _TRANSIENT for limit in found.limits):
            return proof
    return None


def _turn(known: KnownCopy, level: Level, reread_within: timedelta, now: datetime) -> Turn | None:
    proof = settled(known.proofs, level)
    if proof is None or _can_compare(known, proof):
        return Turn(known=known, level=level, is_reread=False)
    if now - proof.proved_at >= reread_within * _EARLY:
        return Turn(known=known, level=level, is_reread=True)
    return None


def _can_compare(known: KnownCopy, proof: Proof) -> bool:
    """Whether what it lacked was a hash to compare with, and that reading, or one before, has taken one in time."""
    return any(limit.code == "no-early-hash" for limit in proof.examination.limits) and any(baseline(known).values())


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
