"""What the judgement says, as frozen records: codes, moments and numbers, never prose.

Words for the codes live in itops/reports/text/en.toml and fa.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import Tier
from itops.backup.slots import Slot, SlotState
from itops.facts import Fact
from itops.verdict import State

_STATES = {
    SlotState.MISSING: State.CRITICAL,
    SlotState.DAMAGED: State.CRITICAL,
    SlotState.UNKNOWN: State.UNKNOWN,
    SlotState.PENDING: State.WARNING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotVerdict:
    """What became of one slot, and which copy speaks for it."""

    slot: Slot
    state: SlotState
    reason: str
    needed: Level
    copy: KnownCopy | None = None  # the best of its copies; None when there is none
    reference_at: datetime | None = None  # of that copy
    level: Level | None = None  # of that copy; for a differential the lower of its own and its base's
    others: tuple[str, ...] = ()  # keys of the other copies in the slot
    is_over: bool = False
    is_overdue: bool = False  # not over, due and grace passed, and nothing good enough is there
    is_kept: bool = False  # a copy that fills it is there now, at the needed level
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def alarm(self) -> State:
        """How bad that is. A weak copy in an open slot still has until its due moment to be proven."""
        if self.state in (SlotState.OPEN, SlotState.WEAK):
            return State.WARNING if self.is_overdue or self.is_over else State.OK
        return _STATES.get(self.state, State.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierVerdict:
    """The slots of one tier that count now, and how much of what must be kept is held."""

    tier: Tier
    needed: Level
    slots: tuple[SlotVerdict, ...]  # oldest first: the last required ones, those after them, exempt ones in between
    held: int  # of the required slots, how many have a copy here at the needed level
    required: int  # `keep`, or as many as there were since the policy began
    extra: int  # good copies here beyond those that hold a slot
    oldest_usable: KnownCopy | None = None  # of all good copies here
    oldest_usable_at: datetime | None = None  # its reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the newest copy is that could be restored now, whatever the slots say."""

    state: State
    reason: str
    newest: KnownCopy | None = None  # of the job's kinds and level, here
    newest_at: datetime | None = None
    age: timedelta | None = None  # of that copy, never negative
    max_age: timedelta | None = None
    attempt_at: datetime | None = None  # of the newest copy of all, good or not
    is_attempt_good: bool | None = None
    recovery_at: datetime | None = None  # the latest moment one could go back to, logs included
    rpo: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFinding:
    """Something wrong that no slot shows."""

    code: str
    state: State
    subject: str = ""  # the key of the copy it is about
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVerdict:
    """Everything about one object of one job."""

    job: str
    object: str  # as written in itops.yaml: sql01/Insurance
    state: State
    tiers: tuple[TierVerdict, ...]
    freshness: Freshness
    findings: tuple[BackupFinding, ...]
    demanded_since: datetime | None = None  # no slot that began earlier is demanded; None: nothing was ever seen
