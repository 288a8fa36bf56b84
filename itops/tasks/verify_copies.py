"""Read the copies whose turn it is and keep each result as soon as it is known: a stopped run loses nothing."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from typing import TypeAlias

from itops.backup.copies import Copy, ListedFile
from itops.backup.ledger import LedgerWriter
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit, Proof
from itops.backup.repositories import HoldsFiles, ProvesItself, Repository
from itops.backup.rota import Turn, baseline
from itops.errors import ItopsError, SourceUnavailable
from itops.tasks.examine_things import Examiner
from itops.tasks.listed_hashes import BadList, ListedHashes
from itops.tasks.stopping import stoppable

_MOST_READERS = 4
_REFUSALS = 3
"""A repository that refused so often in a row, and for one reason, is not asked again in this run: each asking may wait
for the time limit of a network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One turn, done: a proof, or why nothing could be read."""

    turn: Turn
    proof: Proof | None = None
    problem: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOutcome:
    """A run over the rota."""

    verified: tuple[Verified, ...]
    left: tuple[Turn, ...]  # what the budget left for the next run
    unprovable: int  # copies of catalogues, of which nothing can be read here
    bad_lists: tuple[tuple[str, BadList], ...] = ()  # by repository


Listener: TypeAlias = Callable[[Verified], None]


@dataclass(slots=True, kw_only=True)
class Verifier:
    """Reads copies of several repositories."""

    repositories: Mapping[str, Repository]
    hash_lists: Mapping[str, Sequence[ListedFile]]  # by repository, from the look before
    writer: LedgerWriter
    examiner: Examiner
    clock: Callable[[], datetime]
    budget: timedelta | None = None
    on_verified: Listener = lambda verified: None
    monotonic: Callable[[], float] = time.monotonic
    _deadline: float = field(init=False, default=float("inf"))
    _listed: ListedHashes = field(init=False)
    _refusals: dict[str, list[ItopsError]] = field(init=False, default_factory=dict)
    _lock: Lock = field(init=False, default_factory=Lock)
    _stop: Event = field(init=False, default_factory=Event)

    def __post_init__(self) -> None:
        self._listed = ListedHashes(self.hash_lists)

    def run(self, turns: Sequence[Turn]) -> VerifyOutcome:
        """Every turn, until the budget is used up. Products that check themselves do all their copies in one run."""
        if self.budget is not None:
            self._deadline = self.monotonic() + self.budget.total_seconds()
        mine: list[Turn] = []
        theirs: dict[str, list[Turn]] = {}
        unprovable = 0
        for turn in turns:
            repository = self.repositories[turn.known.copy.repository]
            if isinstance(repository, HoldsFiles):
                mine.append(turn)
            elif isinstance(repository, ProvesItself):
                theirs.setdefault(repository.name, []).append(turn)
            else:
                unprovable += 1
        verified = [*self._read(mine), *self._let_prove(theirs)]
        done = {one.turn.place for one in verified}
        mine += [turn for turns in theirs.values() for turn in turns]
        return VerifyOutcome(
            verified=tuple(verified),
            left=tuple(turn for turn in mine if turn.place not in done),
            unprovable=unprovable,
            bad_lists=tuple(self._listed.bad),
        )

    @property
    def _is_over(self) -> bool:
        return self.monotonic() >= self._deadline

    def _read(self, turns: Sequence[Turn]) -> Iterator[Verified]:
        """Files, several at once: hashing and checksums run outside the interpreter's lock."""
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_READERS)) as pool:
            running: list[Future[Verified | None]] = [pool.submit(self._read_one, turn) for turn in turns]
            try:
                for ended in as_completed(running):
                    verified = ended.result()
                    if verified is not None:
                        yield self._kept(verified)
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _read_one(self, turn: Turn) -> Verified | None:
        if self._is_over:
            return None
        copy = turn.known.copy
        repository = self.repositories[copy.repository]
        assert isinstance(repository, HoldsFiles)
        started, began_at = self.monotonic(), self.clock()
        try:
            self._refuse_again(copy.repository)
            with repository.open(copy) as thing:
                examination = self.examiner.examine(
                    stoppable(thing, self._stop.is_set),
                    turn.level,
                    listed=self._listed.of(copy, repository),
                    baseline=baseline(turn.known),
                    has_changed=lambda: not repository.still_same(copy),
                )
        except (ItopsError, OSError) as failure:
            self._remember(copy.repository, failure)
            return _unread(turn, failure)
        self._remember(copy.repository, None)
        if self._listed.is_unread(copy.repository):
            examination = _without_lists(examination, turn.level)
        return Verified(turn=turn, proof=_proof(copy, began_at, self.monotonic() - started, examination))

    def _remember(self, repository: str, failure: ItopsError | OSError | None) -> None:
        with self._lock:
            before = self._refusals.get(repository, [])
            if not isinstance(failure, ItopsError):
                self._refusals[repository] = []
            elif len(before) < _REFUSALS:
                same = [one for one in before if one.problem == failure.problem]
                self._refusals[repository] = [*same, failure]

    def _refuse_again(self, repository: str) -> None:
        """Raise what it said the last times, without asking it."""
        with self._lock:
            refusals = self._refusals.get(repository, [])
        if len(refusals) >= _REFUSALS:
            raise refusals[-1]

    def _let_prove(self, theirs: Mapping[str, list[Turn]]) -> Iterator[Verified]:
        for name, turns in theirs.items():
            if not self._is_over:
                yield from map(self._kept, self._proven_by(name, turns))

    def _proven_by(self, name: str, turns: Sequence[Turn]) -> Iterator[Verified]:
        repository = self.repositories[name]
        assert isinstance(repository, ProvesItself)
        by_key = {turn.known.copy.key: turn for turn in turns}
        level = max(turn.level for turn in turns)
        started, began_at = self.monotonic(), self.clock()
        try:
            with TemporaryDirectory(prefix="itops-", dir=self.examiner.scratch) as scratch:
                effort = self.examiner.effort(level, Path(scratch))
                effort.max_seconds = min(effort.max_seconds, self._deadline - self.monotonic())
                for copy, examination in repository.prove([turn.known.copy for turn in turns], effort):
                    proof = _proof(copy, began_at, self.monotonic() - started, examination)
                    yield Verified(turn=by_key.pop(copy.key), proof=proof)
            for turn in by_key.values():
                remedy = "look again; if it stays so, run the product's own check by hand"
                yield Verified(turn=turn, problem=f"the check of {name} said nothing of it", remedy=remedy)
        except (ItopsError, OSError) as failure:
            for turn in by_key.values():
                yield _unread(turn, failure)

    def _kept(self, verified: Verified) -> Verified:
        if verified.proof is not None:
            self.writer.record_proof(verified.proof)
        self.on_verified(verified)
        return verified


def _proof(copy: Copy, proved_at: datetime, seconds: float, examination: Examination) -> Proof:
    return Proof(
        repository=copy.repository,
        key=copy.key,
        fingerprint=copy.fingerprint,
        proved_at=proved_at,
        duration_seconds=round(seconds, 3),
        examination=examination,
    )


def _without_lists(found: Examination, level: Level) -> Examination:
    """Of a reading that missed what a hash list says: where that was wanted, it is to be read again."""
    if found.faults or (found.level is not None and found.level >= level):
        return found
    return replace(found, limits=(*found.limits, Limit(code="hash-list-unread")))


def _unread(turn: Turn, failure: ItopsError | OSError) -> Verified:
    """Nothing was read, nothing is known: no proof is made of it, and none of the past is touched."""
    if isinstance(failure, ItopsError):
        return Verified(turn=turn, problem=failure.problem, remedy=failure.remedy)
    unavailable = SourceUnavailable(
        f"cannot read {turn.known.copy.key}: {failure.strerror or failure}",
        remedy="look whether the file is still there and whether the account that runs itops may read it",
    )
    return Verified(turn=turn, problem=unavailable.problem, remedy=unavailable.remedy)


def level_of(verified: Verified) -> Level | None:
    """The level a turn reached; None when nothing was read or it is damaged."""
    if verified.proof is None or verified.proof.examination.faults:
        return None
    return verified.proof.examination.level
