"""Read the copies whose turn it is and keep each result as soon as it is known: a stopped run loses nothing."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TypeAlias

from itops.backup.copies import Copy, ListedFile
from itops.backup.hash_lists import Hash, parse_hash_list
from itops.backup.ledger import LedgerWriter
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Proof
from itops.backup.repositories import HoldsFiles, ProvesItself, Repository
from itops.backup.rota import Turn, baseline
from itops.errors import ItopsError, SourceUnavailable
from itops.tasks.examine_things import Examiner

_MOST_READERS = 4
_LONGEST_LIST = 64 << 20


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
    left: int  # turns that the budget left for the next run
    unprovable: int  # copies of catalogues, of which nothing can be read here


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
    _lists: dict[str, Mapping[str, Hash]] = field(init=False, default_factory=dict)
    _lock: Lock = field(init=False, default_factory=Lock)

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
        left = len(mine) + sum(map(len, theirs.values())) - len(verified)
        return VerifyOutcome(verified=tuple(verified), left=left, unprovable=unprovable)

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
            with repository.open(copy) as thing:
                examination = self.examiner.examine(
                    thing,
                    turn.level,
                    listed=self._listed(repository, copy),
                    baseline=baseline(turn.known),
                    has_changed=lambda: not repository.still_same(copy),
                )
        except (ItopsError, OSError) as failure:
            return _unread(turn, failure)
        return Verified(turn=turn, proof=_proof(copy, began_at, self.monotonic() - started, examination))

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
        except ItopsError as failure:
            for turn in by_key.values():
                yield _unread(turn, failure)

    def _kept(self, verified: Verified) -> Verified:
        if verified.proof is not None:
            self.writer.record_proof(verified.proof)
        self.on_verified(verified)
        return verified

    def _listed(self, repository: HoldsFiles, copy: Copy) -> Mapping[str, Hash]:
        """Of the copy's files, by their names in its thing: what the repository's hash lists say."""
        told = self._told_by_lists(copy.repository, repository)
        if not told or not copy.files:
            return {}
        is_folder, is_set = copy.key.endswith("/"), len(copy.files) > 1
        shared = copy.key if is_folder else os.path.commonpath([file.path.rpartition("/")[0] for file in copy.files])
        start = len(shared) if is_folder or not shared else len(shared) + 1
        begins = {file.path: file.path[start:] if is_folder or is_set else _name(file.path) for file in copy.files}
        return {name: told[path] for path, name in begins.items() if path in told}

    def _told_by_lists(self, name: str, repository: HoldsFiles) -> Mapping[str, Hash]:
        """Every hash of every list in the repository, by the path in it; each list is read once."""
        with self._lock:
            if name not in self._lists:
                self._lists[name] = dict(self._read_lists(name, repository))
            return self._lists[name]

    def _read_lists(self, name: str, repository: HoldsFiles) -> Iterator[tuple[str, Hash]]:
        for file in self.hash_lists.get(name, ()):
            folder = file.path[: len(file.path) - len(_name(file.path))]
            with repository.open(Copy(repository=name, key=file.path, fingerprint="", files=(file,))) as thing:
                content = thing.file.read_at(0, min(file.size_bytes, _LONGEST_LIST))
            for path, told in parse_hash_list(content, file.path).hashes.items():
                yield folder + path, told


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _proof(copy: Copy, proved_at: datetime, seconds: float, examination: Examination) -> Proof:
    return Proof(
        repository=copy.repository,
        key=copy.key,
        fingerprint=copy.fingerprint,
        proved_at=proved_at,
        duration_seconds=round(seconds, 3),
        examination=examination,
    )


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
