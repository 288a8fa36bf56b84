"""Chains: a differential is worth as much as its base, a log as much as what leads to it without a gap."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from itops.backup.copies import Chain, CopyKind
from itops.backup.judgement.candidates import BY_AGE, Candidate, told
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.levels import Level
from itops.facts import Fact
from itops.verdict import State

_DEPENDENT = (CopyKind.DIFFERENTIAL, CopyKind.INCREMENTAL)
BASE_MISSING, BASE_DAMAGED, LOG_GAP = "base-missing", "base-damaged", "log-gap"
_OF_THE_CHAIN = (None, BASE_MISSING, LOG_GAP)
"""Flaws of a log that are not its own."""


def chained(candidates: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, those that hang on others worth no more than what they hang on.

    `others` are the object's copies in other jobs. What was *made* may hang on a base that has gone since; what is
    *kept* may not.
    """
    if not any(candidate.kind in _DEPENDENT or candidate.kind is CopyKind.LOG for candidate in candidates):
        return list(candidates)
    family = [*candidates, *others]  # those with an impossible date too: a chain is made of numbers
    bases = _Bases(family)
    logs = _Logs([_hung_on_base(candidate, bases) for candidate in family])
    return [_hung_log(_hung_on_base(candidate, bases), logs) for candidate in candidates]


def _hung_on_base(candidate: Candidate, bases: "_Bases") -> Candidate:
    if candidate.kind not in _DEPENDENT or candidate.made is None:
        return candidate
    line = bases.line_of(candidate)
    if line is None:
        return replace(candidate, flaw=BASE_MISSING, made=None, kept=None)
    if any(base.flaw is not None for base in line):
        return replace(candidate, flaw=BASE_DAMAGED, made=None, kept=None)
    return replace(
        candidate,
        made=_least(candidate.made, *(base.made for base in line)),
        kept=_least(candidate.kept, *(base.kept for base in line)),
    )


def _hung_log(candidate: Candidate, logs: "_Logs") -> Candidate:
    why = logs.ever.get(candidate.place)
    if why is not None:
        return replace(candidate, flaw=why, made=None, kept=None)
    return replace(candidate, kept=None) if logs.now.get(candidate.place) is not None else candidate


def _least(*levels: Level | None) -> Level | None:
    """The lowest; None when any is."""
    known = [level for level in levels if level is not None]
    return min(known) if len(known) == len(levels) else None


class _Bases:
    """Finds what a copy hangs on."""

    def __init__(self, family: Sequence[Candidate]) -> None:
        self._by_id: dict[str, list[Candidate]] = defaultdict(list)
        self._by_lsn: dict[int, list[Candidate]] = defaultdict(list)
        self._fulls: list[Candidate] = []
        for candidate in family:
            if candidate.kind is CopyKind.FULL and not _is_copy_only(candidate):
                self._fulls.append(candidate)
                if candidate.chain is not None and candidate.chain.checkpoint_lsn is not None:
                    self._by_lsn[candidate.chain.checkpoint_lsn].append(candidate)
            if candidate.chain is not None and candidate.chain.set_id and not _is_copy_only(candidate):
                self._by_id[candidate.chain.set_id.lower()].append(candidate)

    def line_of(self, candidate: Candidate) -> list[Candidate] | None:
        """Everything it hangs on, the nearest first, down to a full; None when something of it was never seen."""
        line: list[Candidate] = []
        seen = {candidate.place}
        while candidate.kind in _DEPENDENT:
            base = self._base_of(candidate)
            if base is None or base.place in seen:
                return None
            seen.add(base.place)
            line.append(base)
            candidate = base
        return line

    def _base_of(self, candidate: Candidate) -> Candidate | None:
        chain = candidate.chain or Chain()
        if chain.base_id and chain.base_id.lower() in self._by_id:
            return _best(self._by_id[chain.base_id.lower()], chain)
        if chain.database_backup_lsn is not None and chain.database_backup_lsn in self._by_lsn:
            return _best(self._by_lsn[chain.database_backup_lsn], chain, but_not=chain.base_id)
        if chain.base_id or chain.database_backup_lsn is not None:
            return None
        before = [full for full in self._fulls if full.is_dated and full.at <= candidate.at]
        return _best(before, chain, is_newest=True)


def _best(
    bases: Iterable[Candidate], chain: Chain, *, but_not: str | None = None, is_newest: bool = False
) -> Candidate | None:
    """Of several copies of one base the one of most use: not worthless, here, proven furthest."""
    fitting = [base for base in bases if _is_same_database(base.chain, chain) and not _is_told_apart(base, but_not)]
    return max(
        fitting,
        key=lambda base: (
            base.at if is_newest else True,
            base.flaw is None,
            base.kept is not None,
            -1 if base.made is None else base.made,
            base.place,
        ),
        default=None,
    )


def _is_copy_only(candidate: Candidate) -> bool:
    return candidate.chain is not None and candidate.chain.is_copy_only is True


def _is_told_apart(base: Candidate, set_id: str | None) -> bool:
    """Whether the base has an id, and another than the one wanted."""
    known = base.chain.set_id if base.chain is not None else None
    return bool(known and set_id) and str(known).lower() != str(set_id).lower()


def _is_same_database(one: Chain | None, other: Chain | None) -> bool:
    """Whether nothing tells two copies to be of different databases that only share a name."""
    ids = {chain.database_id.lower() for chain in (one, other) if chain is not None and chain.database_id}
    return len(ids) < 2


class _Logs:
    """Which logs can be reached from a base without a gap: None, or why not, by the place of the log."""

    def __init__(self, family: Sequence[Candidate]) -> None:
        sound = [candidate for candidate in family if candidate.is_good]
        here = [candidate for candidate in sound if candidate.kept is not None]
        self.ever = _reach(_spans(sound), sound)
        self.now = _reach(_spans(here), here)


class _Span(NamedTuple):
    """A log by what it covers."""

    last_lsn: int
    first_lsn: int
    place: tuple[str, str, str]
    log: Candidate


def _spans(family: Iterable[Candidate]) -> dict[tuple[str | None, str | None], list[_Span]]:
    """The sound logs of each database and recovery fork, in the order of their LSNs, never of their dates."""
    groups: dict[tuple[str | None, str | None], list[_Span]] = defaultdict(list)
    for log in family:
        chain = log.chain
        if log.kind is not CopyKind.LOG or chain is None or chain.is_copy_only is True:
            continue
        if chain.first_lsn is not None and chain.last_lsn is not None:
            span = _Span(chain.last_lsn, chain.first_lsn, log.place, log)
            groups[chain.database_id, chain.fork_id].append(span)
    for spans in groups.values():
        spans.sort(key=lambda span: span[:3])
    return groups


def _anchors(family: Iterable[Candidate], database_id: str | None, fork_id: str | None) -> list[int]:
    """The LSNs that restored fulls and differentials end at: a log that covers one goes on from it."""
    wanted = Chain(database_id=database_id)
    return sorted(
        lsn
        for base in family
        if base.kind in (CopyKind.FULL, *_DEPENDENT) and base.made is not None and base.chain is not None
        if _is_same_database(base.chain, wanted)
        and (None in (base.chain.fork_id, fork_id) or base.chain.fork_id == fork_id)
        for lsn in (base.chain.last_lsn if base.chain.last_lsn is not None else base.chain.checkpoint_lsn,)
        if lsn is not None
    )


def _reach(
    groups: dict[tuple[str | None, str | None], list[_Span]], family: Sequence[Candidate]
) -> dict[tuple[str, str, str], str | None]:
    reached: dict[tuple[str, str, str], str | None] = {}
    for (database_id, fork_id), spans in groups.items():
        anchors = _anchors(family, database_id, fork_id)
        end: int | None = None
        for span in spans:
            nearest = bisect_left(anchors, span.first_lsn)
            is_anchored = nearest < len(anchors) and anchors[nearest] <= span.last_lsn
            if is_anchored or (end is not None and span.first_lsn <= end):
                end = span.last_lsn
                reached[span.place] = None
            else:
                reached[span.place] = BASE_MISSING if end is None else LOG_GAP
    return reached


def chain_findings(candidates: Sequence[Candidate], others: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """What hangs in the air: copies whose base is lost or damaged, and gaps between logs."""
    here = [candidate for candidate in candidates if candidate.is_here]
    if not any(candidate.kind in _DEPENDENT or candidate.kind is CopyKind.LOG for candidate in here):
        return
    everything = [*here, *chained(others, candidates)]
    family = [candidate for candidate in everything if candidate.kept is not None]
    logs = [log for log in everything if log.is_here and log.level is not None and log.flaw in _OF_THE_CHAIN]
    yield from _based(BASE_MISSING, [one for one in here if _lost_its_base(one, family)], here)
    yield from _based(BASE_DAMAGED, [one for one in here if one.flaw == BASE_DAMAGED], here)
    for (database_id, fork_id), spans in sorted(_spans(logs).items(), key=repr):
        yield from _gaps(spans, _anchors(family, database_id, fork_id))


def _lost_its_base(candidate: Candidate, family: Sequence[Candidate]) -> bool:
    """Whether it is sound and useless. Logs from before the oldest full are no loss while there is any full."""
    is_lost = candidate.flaw == BASE_MISSING or (candidate.made is not None and candidate.kept is None)
    if not is_lost or candidate.kind is not CopyKind.LOG:
        return is_lost
    return not any(base.kind is CopyKind.FULL for base in family)


def _based(code: str, hanging: Sequence[Candidate], here: Sequence[Candidate]) -> Iterator[BackupFinding]:
    if not hanging:
        return
    newest = max(hanging, key=BY_AGE)
    is_newest = newest.at == max(candidate.at for candidate in here if candidate.is_dated or candidate is newest)
    facts: dict[str, Fact] = {
        "copies": len(hanging),
        "kind": newest.kind.value,
        "base": newest.chain.base_id if newest.chain is not None else None,
        "reference_at": told(newest.reference.at),
    }
    state = State.CRITICAL if is_newest else State.WARNING
    yield BackupFinding(code=code, state=state, subject=newest.known.copy.key, facts=facts)


def _gaps(spans: Sequence[_Span], anchors: Sequence[int]) -> Iterator[BackupFinding]:
    """Gaps behind the oldest base: no moment within can be restored, and none after it until the next base."""
    for before, after in pairwise(_furthest(spans)):
        if not anchors or after.first_lsn <= max(before.last_lsn, anchors[0]):
            continue
        is_healed = anchors[-1] >= after.first_lsn
        yield BackupFinding(
            code=LOG_GAP,
            state=State.WARNING if is_healed else State.CRITICAL,
            subject=after.log.known.copy.key,
            facts={
                "after_lsn": str(before.last_lsn),
                "before_lsn": str(after.first_lsn),
                "after_at": told(before.log.reference.at),
                "before_at": told(after.log.reference.at),
            },
        )


def _furthest(spans: Sequence[_Span]) -> Iterator[_Span]:
    """Each log once, whatever number of copies it has; sorted by their ends, the one before reaches furthest."""
    last: tuple[int, int] | None = None
    for span in spans:
        if span[:2] != last:
            yield span
        last = span[:2]
