"""What the store remembers of copies: who was looked at when, what was there, what was proven. Append-mostly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from itops.backup.copies import Copy, Database, Fault, ServerFact
from itops.backup.levels import Level
from itops.backup.proofs import Proof
from itops.backup.repositories import LookGap
from itops.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRecord:
    """One look at one repository, done."""

    repository: str
    looked_at: datetime
    ended_at: datetime
    is_complete: bool  # False: it failed, and says why
    hides: bool = False  # a gap may have hidden copies: absence proves nothing
    facts: Mapping[str, Fact] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)  # copies, files, unclaimed, databases
    problem: str | None = None
    remedy: str | None = None
    gaps: tuple[LookGap, ...] = ()
    claims: tuple[str, ...] | None = None  # of the jobs it looked for (itops.backup.claims.claim_of); None: not told

    @property
    def sees_absence(self) -> bool:
        """Whether what was not in it was not there."""
        return self.is_complete and not self.hides

    @property
    def ends_copies(self) -> bool:
        """Whether what left it is gone: not where a server tells only of the last days, or only of the last copy."""
        return self.sees_absence and "history_days" not in self.facts and self.facts.get("keeps") != "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCopy:
    """A copy in one state of its content, and everything ever proven of that state."""

    copy: Copy
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None = None  # the first look that sees absence and did not see it
    proofs: tuple[Proof, ...] = ()  # oldest first

    @property
    def is_here(self) -> bool:
        """Whether it was there when its repository was last seen whole."""
        return self.gone_at is None


def unchanged_since(known: Iterable[KnownCopy], repository: str, copies: Sequence[Copy]) -> datetime | None:
    """The moment of the last look at a repository, where it saw exactly these copies; None where anything differs."""
    here = [held for held in known if held.is_here and held.copy.repository == repository]
    moments = {held.last_seen_at for held in here}
    if len(here) != len(copies) or len(moments) != 1:
        return None
    before = {(held.copy.job, held.copy.key, held.copy.fingerprint): held.copy for held in here}
    same = all(before.get((copy.job, copy.key, copy.fingerprint)) == copy for copy in copies)
    return moments.pop() if same else None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDatabase:
    """A database, and when it was seen."""

    database: Database
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRecord:
    """One restore test: what was restored into what, how long it took, and what the application answered."""

    job: str
    object: str
    repository: str
    key: str
    fingerprint: str
    started_at: datetime
    seconds: float  # from the first byte to the answer
    into: str  # the drill plugin
    is_restored: bool
    is_verified_only: bool = False  # the server was asked to verify, not to restore
    question: str | None = None
    answer: float | None = None
    at_least: float | None = None
    is_answered: bool | None = None  # None: there was no question
    size_bytes: int | None = None
    tool: str = ""
    tool_version: str = ""
    faults: tuple[Fault, ...] = ()
    evidence: Mapping[str, Fact] = field(default_factory=dict)
    by: str | None = None  # the person, where one did it


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedVerdict:
    """What was judged of one slot, when; a later verdict stands beside it, never in its place."""

    job: str
    object: str
    slot: str  # its name, with the tier: "daily 1405-08-30"
    state: str  # a SlotState
    judged_at: datetime
    reason: str
    needed: Level
    level: Level | None = None
    copy_key: str | None = None
    reference_at: datetime | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


class Ledger(Protocol):
    """Reading what is remembered."""

    def looks(self, repository: str | None = None, limit: int = 1000) -> list[LookRecord]:
        """Newest first: the newest `limit`, and of each repository the last that was whole, however old."""
        ...

    def watched_since(self) -> Mapping[str, datetime]:
        """When each repository was first looked at to the end."""
        ...

    def copies(self, job: str | None = None, gone_after: datetime | None = None) -> list[KnownCopy]:
        """All that were ever seen, with their proofs; without those gone before `gone_after`."""
        ...

    def databases(self) -> list[KnownDatabase]:
        """Of all servers."""
        ...

    def server_facts(self) -> list[ServerFact]:
        """What servers' own histories tell."""
        ...

    def drills(self, job: str | None = None) -> list[DrillRecord]:
        """Newest first."""
        ...

    def verdicts(self, begin: datetime, end: datetime) -> list[RecordedVerdict]:
        """Those of [begin, end), oldest first."""
        ...


class LedgerWriter(Protocol):
    """Writing it; each call is one transaction."""

    def record_look(
        self,
        look: LookRecord,
        copies: Sequence[Copy],
        databases: Sequence[Database],
        facts: Sequence[ServerFact],
        *,
        unchanged_since: datetime | None = None,
    ) -> None:
        """A look: copies seen again live on; those not seen are gone if the look sees absence.

        `unchanged_since`: see the function of that name; then they are not written anew.
        """
        ...

    def record_proof(self, proof: Proof) -> None:
        """An examination."""
        ...

    def record_drill(self, drill: DrillRecord) -> None:
        """A restore test."""
        ...

    def record_verdicts(self, verdicts: Iterable[RecordedVerdict]) -> int:
        """Append those that differ from the last one of their slot; how many did."""
        ...
