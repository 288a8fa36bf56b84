"""Which copies fill which slots: a matching, one run to a slot.

A run may fill the slot it lies in, or, late, one whose grace it lies in; copies of one moment in several repositories
are one run. Slots are filled from the oldest on, by runs inside them before late ones, by good ones before weak ones;
a slot once filled stays filled, but may move on to another run that serves it so that a slot without any gets one.

So as many slots are filled as can be, and as many by good runs as can be: to lose a copy, or to ask for more proof,
can never fill another slot, and to prove a copy can never empty one.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from itops.backup.judgement.candidates import BY_AGE, Candidate
from itops.backup.judgement.demands import Demand
from itops.backup.levels import Level
from itops.backup.slots import Slot


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a slot."""

    candidates: tuple[Candidate, ...]  # all of the run when late, else all inside that fill no other slot; never none
    is_late: bool
    is_good: bool


class Pool:
    """Copies by their moments, oldest first."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = sorted(candidates, key=BY_AGE)
        self.moments = [candidate.at for candidate in self._candidates]

    def between(self, begin: datetime, end: datetime) -> Sequence[Candidate]:
        """Those in [begin, end)."""
        return self._candidates[bisect_left(self.moments, begin) : bisect_left(self.moments, end)]


class Pools(NamedTuple):
    """A tier's copies by their worth."""

    good: Pool
    weak: Pool  # not proven as far as the tier needs
    bad: Pool  # worthless
    growing: Pool  # not yet copies at all


def pools_of(candidates: Sequence[Candidate], needed: Level) -> Pools:
    """Sort them out."""
    good: list[Candidate] = []
    weak: list[Candidate] = []
    bad: list[Candidate] = []
    growing: list[Candidate] = []
    for candidate in candidates:
        if candidate.flaw is not None:
            bad.append(candidate)
        elif candidate.made is None:
            growing.append(candidate)
        else:
            (good if candidate.made >= needed else weak).append(candidate)
    return Pools(Pool(good), Pool(weak), Pool(bad), Pool(growing))


class _Matching:
    """Slots by their place, and the moments of the runs that fill them."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = slots
        self.run_of: dict[int, datetime] = {}
        self.slot_of: dict[datetime, int] = {}

    def fill(self, place: int, moments: Sequence[datetime], *, may_move: bool = True) -> None:
        """Find a run for one more slot; the slots that hold those it could have may move on to others.

        The search goes in widening rings from the slot: the first free run ends it, and everybody on the way moves.
        """
        reached_from: dict[datetime, int] = {}
        waiting = deque([place])
        while waiting:
            current = waiting.popleft()
            for moment in _serving(self._slots[current], moments):
                if moment in reached_from:
                    continue
                reached_from[moment] = current
                holder = self.slot_of.get(moment)
                if holder is None:
                    self._move(moment, reached_from)
                    return
                if may_move:
                    waiting.append(holder)

    def _move(self, moment: datetime | None, reached_from: dict[datetime, int]) -> None:
        while moment is not None:
            place = reached_from[moment]
            before = self.run_of.get(place)
            self.run_of[place], self.slot_of[moment] = moment, place
            moment = before


def _serving(slot: Slot, moments: Sequence[datetime]) -> Iterator[datetime]:
    """The runs that can fill a slot: those inside it, then the late ones, each from the earliest on."""
    yield from moments[bisect_left(moments, slot.begins_at) : bisect_left(moments, slot.graced_until)]


def fill(demands: Sequence[Demand], pools: Pools, now: datetime) -> dict[int, Filling]:
    """What fills the slots, by their place in `demands` (oldest first); the empty ones are left out.

    A slot that still has time takes no run for which another would have to be content with a weak one.
    """
    good, sound = sorted(set(pools.good.moments)), sorted({*pools.good.moments, *pools.weak.moments})
    matching = _Matching([demand.slot for demand in demands])
    demanded = [place for place, demand in enumerate(demands) if demand.excuse is None]
    for place in demanded:
        matching.fill(place, good)
    for place in demanded:
        if place not in matching.run_of:
            matching.fill(place, sound, may_move=demands[place].slot.overdue_at <= now)
    filled = {place: _filling(place, demands[place].slot, matching, pools) for place in matching.run_of}
    for place, demand in enumerate(demands):
        inside = _free(place, pools.good, demand.slot, matching) if demand.is_optional else ()
        if inside:
            filled[place] = Filling(inside, is_late=False, is_good=True)
    return filled


def _filling(place: int, slot: Slot, matching: _Matching, pools: Pools) -> Filling:
    moment = matching.run_of[place]
    good, weak = (_speaking(place, pool, slot, matching) for pool in (pools.good, pools.weak))
    return Filling(good or weak, is_late=moment >= slot.ends_at, is_good=bool(good))


def _speaking(place: int, pool: Pool, slot: Slot, matching: _Matching) -> tuple[Candidate, ...]:
    """All copies inside the slot that fill no other; of a late run just its own."""
    moment = matching.run_of[place]
    if moment < slot.ends_at:
        return _free(place, pool, slot, matching)
    return tuple(one for one in pool.between(moment, slot.graced_until) if one.at == moment)


def _free(place: int, pool: Pool, slot: Slot, matching: _Matching) -> tuple[Candidate, ...]:
    """The copies inside a slot that fill no other."""
    inside = pool.between(slot.begins_at, slot.ends_at)
    return tuple(one for one in inside if matching.slot_of.get(one.at, place) == place)


def best(candidates: Sequence[Candidate]) -> Candidate:
    """The one that speaks for a slot: one that is here, then the highest level, then the newest."""
    return max(
        candidates,
        key=lambda one: (one.is_here, -1 if one.made is None else one.made, one.at, one.place),
    )
