"""Which slots something is demanded of, and which of them count now."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from itops.backup.judgement.looking import Watch
from itops.backup.judgement.question import Question
from itops.backup.policy import Tier, TierPolicy
from itops.backup.slots import Excuse, Slot, excuse_for, slots_backwards

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1)  # older copies are quarantined, older slots would all be empty
BEFORE_POLICY = Excuse(code="before-policy")
BEFORE_OBJECT = Excuse(code="before-object")
RETIRED = Excuse(code="retired")
_BEFORE = (BEFORE_POLICY, BEFORE_OBJECT)


@dataclass(frozen=True, slots=True)
class Beginning:
    """From when on slots are demanded."""

    policy_at: datetime  # the day `since`, or the day of the first complete look
    object_at: datetime | None  # when the object was first told of, where that is later and no `since` says otherwise

    @property
    def at(self) -> datetime:
        """No slot that began earlier is demanded."""
        return max(self.policy_at, self.object_at or self.policy_at)


def beginning_of(question: Question, watch: Watch) -> Beginning | None:
    """None while nothing says when it begins: no `since`, and nobody ever saw the repositories."""
    calendar = question.calendar
    if question.job.since is not None:
        return Beginning(calendar.begin_of(max(question.job.since, _FIRST_DAY)), None)
    if watch.since is None:
        return None
    return Beginning(calendar.begin_of(calendar.day_of(watch.since)), question.object_seen_at)


@dataclass(frozen=True, slots=True)
class Demand:
    """A slot, and why nothing is demanded of it; None when something is."""

    slot: Slot
    excuse: Excuse | None

    @property
    def is_optional(self) -> bool:
        """Whether a copy there anyway is as good as one demanded: a holiday, an exemption."""
        return self.excuse is not None and self.excuse not in (*_BEFORE, RETIRED)


def demands(
    question: Question, tier: Tier, policy: TierPolicy, beginning: Beginning, known: "Known", now: datetime
) -> list[Demand]:
    """The slots that may count now, oldest first: the last `keep` closed ones that are demanded, and all after them.

    Before them come as many as may have eaten a late copy that lies in these: back to a slot that surely ate none.
    Slots from before the policy are there as far as there are copies.
    """
    found: list[Demand] = []
    counted = 0
    gone_at = question.object_gone_at
    for slot in slots_backwards(tier, policy, question.calendar, now if gone_at is None else min(now, gone_at)):
        is_before = slot.begins_at < beginning.at
        if slot.begins_at < _EPOCH or (is_before and not known.reaches(slot)):
            break
        demand = Demand(slot, _excuse(question, policy, beginning, slot))
        found.append(demand)
        if slot.graced_until <= now and (is_before or demand.excuse is None):
            counted += 1
        if counted >= policy.keep and (is_before or known.is_cut(demand)):
            break
    return found[::-1]


def _excuse(question: Question, policy: TierPolicy, beginning: Beginning, slot: Slot) -> Excuse | None:
    if slot.begins_at < beginning.at:
        return BEFORE_POLICY if slot.begins_at < beginning.policy_at else BEFORE_OBJECT
    if question.object_gone_at is not None and slot.due_at > question.object_gone_at:
        return RETIRED
    return excuse_for(slot, policy, question.calendar, question.job.exempt, question.object.text)


class Known:
    """The moments of a tier's copies: how far back they reach, and behind which slots nothing can matter any more."""

    def __init__(self, good: Iterable[datetime], weak: Iterable[datetime], *, is_whole: bool = False) -> None:
        self._good = sorted(good)
        self._oldest = min((*self._good[:1], *weak), default=None)
        self._is_whole = is_whole  # a copy may serve one tier only: then every slot there is a copy for matters

    def reaches(self, slot: Slot) -> bool:
        """Whether there is a copy in or before the slot."""
        return self._oldest is not None and self._oldest < slot.ends_at

    def is_cut(self, demand: Demand) -> bool:
        """Whether no slot before this one can have eaten a late copy that a later slot would want.

        So it is when there are no copies so early, or when the slot has a good copy of its own that no earlier slot's
        grace reaches: then it eats none itself.
        """
        slot = demand.slot
        if self._oldest is None or self._oldest >= slot.graced_until:
            return True
        if self._is_whole:
            return False
        reached_until = slot.begins_at + (slot.graced_until - slot.ends_at)
        if reached_until > slot.ends_at:
            return False
        own = bisect_left(self._good, reached_until)
        has_own = own < len(self._good) and self._good[own] < slot.ends_at
        return demand.excuse is not None or reached_until == slot.begins_at or has_own
