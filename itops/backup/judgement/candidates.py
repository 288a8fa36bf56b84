"""A copy as the judgement sees it: read once, judged for every tier."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from itops.backup.copies import Chain, CopyKind, Fault, Identity
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.proofs import Proof

FIRST = datetime.min.replace(tzinfo=UTC)


class Times(NamedTuple):
    """Every moment that is told of a copy; one without a zone is not told."""

    header: tuple[datetime | None, datetime | None]  # start, finish
    catalogue: tuple[datetime | None, datetime | None]
    named_at: datetime | None
    named_for: timedelta  # how long the named moment lasts: a day where the name tells no hour
    modified_at: datetime | None


class Reference(NamedTuple):
    """The moment a copy is of, and how it is known."""

    at: datetime | None  # aware, UTC
    evidence: str = ""  # "header", "catalogue", "name", "modified"
    quarantine: str | None = None  # "undated", "dated-before-2000", "future-dated": it fills no slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A copy, its best evidence joined."""

    known: KnownCopy
    place: tuple[str, str, str]  # repository, key, fingerprint: the last word where everything else is equal
    proofs: tuple[Proof, ...]  # of this content, oldest first
    identity: Identity  # what its header says, over all proofs; empty without any
    chain: Chain | None
    kind: CopyKind
    times: Times
    reference: Reference
    at: datetime  # the reference instant; of an undated one the first moment of all
    faults: tuple[Fault, ...]  # those that stand
    flaw: str | None  # why it is worthless: "damaged", "wrong-object", "base-missing" ...
    is_here: bool
    level: Level | None  # its own; None: it may still be growing
    made: Level | None  # how far it was ever proven, with what it depends on
    kept: Level | None  # how far it is proven and restorable now, with what it depends on; None: it is not

    @property
    def is_dated(self) -> bool:
        """Whether it has a moment that can be believed."""
        return self.reference.quarantine is None

    @property
    def is_growing(self) -> bool:
        """Whether it is there and may still be written."""
        return self.level is None and self.flaw is None and self.is_here

    @property
    def is_good(self) -> bool:
        """Whether nothing is known to be wrong with it."""
        return self.flaw is None and self.level is not None


BY_AGE = attrgetter("at", "place")


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The dated ones, oldest first."""
    return sorted((candidate for candidate in candidates if candidate.is_dated), key=BY_AGE)


def told(moment: datetime | None) -> str | None:
    """A moment as a fact of a finding: ISO 8601, UTC where it can be said in UTC."""
    return None if moment is None else moment.isoformat()


def aware(moment: datetime | None) -> datetime | None:
    """The moment, None for one without a zone: nobody knows when that was."""
    return None if moment is None or moment.tzinfo is None else moment
