"""What an examination of a copy found, and how that is kept as a proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from itops.backup.copies import Fault, Identity
from itops.backup.levels import Level
from itops.facts import Fact

TEST_READ = "itops media test-read"
"""The tool of a proof that was won by reading another medium, which says nothing of the copy here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Why no higher level could be reached though nothing is wrong: `compressed`, `no-checksums`, `out-of-time` ..."""

    code: str  # every code is in docs/reference/backup-faults.md
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What one look into a copy found. Facts: whether it is good enough, the judgement says."""

    format: str | None  # None: no format recognised it
    attempted: Level  # what was asked for
    level: Level | None  # the highest level reached without a fault; None: not even seen
    identity: Identity | None = None
    faults: tuple[Fault, ...] = ()
    limits: tuple[Limit, ...] = ()
    sha256: str | None = None  # of a lone file, when it was read whole
    tool: str = "itops"
    tool_version: str = ""
    evidence: Mapping[str, Fact] = field(default_factory=dict)  # what the tool said, shortened; bytes and pages read


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An examination of one state of one copy, when and how long. Append-only."""

    repository: str
    key: str
    fingerprint: str
    proved_at: datetime
    duration_seconds: float
    examination: Examination
