"""Look at every repository of the backup plan and remember which copies are there; one that fails leaves the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from itops.backup.claims import Claimer, Claims, claim_of
from itops.backup.copies import Copy, Database, ListedFile, ServerFact
from itops.backup.ledger import KnownCopy, LedgerWriter, LookRecord, unchanged_since
from itops.backup.policy import BackupPlan
from itops.backup.repositories import Listed, Look, LookGap, ReadsInventory, Repository, StampedVm
from itops.errors import ItopsError
from itops.facts import Fact

_PARALLEL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryLook:
    """One repository, looked at: what is recorded, and what is there."""

    record: LookRecord
    claims: Claims = field(default_factory=lambda: Claims(copies=(), unclaimed=0))
    databases: tuple[Database, ...] = ()
    facts: tuple[ServerFact, ...] = ()
    error: ItopsError | None = None
    unchanged_since: datetime | None = None  # when the last look saw exactly these copies, where it did

    @property
    def repository(self) -> str:
        """Its name in itops.yaml."""
        return self.record.repository


Listener: TypeAlias = Callable[[RepositoryLook], None]


@dataclass(slots=True)
class _Gathered:
    claimer: Claimer
    databases: list[Database] = field(default_factory=list)
    facts: list[ServerFact] = field(default_factory=list)
    gaps: list[LookGap] = field(default_factory=list)
    files: int = 0

    def take(self, seen: Iterable[Listed]) -> None:
        for listed in seen:
            if isinstance(listed, ListedFile):
                self.files += 1
                self.claimer.take_file(listed)
            else:
                self._take(listed)

    def _take(self, listed: Copy | Database | ServerFact | LookGap) -> None:
        if isinstance(listed, Copy):
            self.claimer.take_copy(listed)
        elif isinstance(listed, Database):
            self.databases.append(listed)
        elif isinstance(listed, ServerFact):
            self.facts.append(listed)
        else:
            self.gaps.append(listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What every look needs to know."""

    plan: BackupPlan
    zone: ZoneInfo
    now: datetime
    clock: Callable[[], datetime]
    last_looks: Sequence[LookRecord] = ()
    vms: tuple[StampedVm, ...] = ()
    known: Sequence[KnownCopy] = ()  # of these repositories; what is the same is not written anew


def look_at(
    repositories: Sequence[Repository],
    writer: LedgerWriter,
    looking: Looking,
    on_look: Listener = lambda look: None,
) -> list[RepositoryLook]:
    """Look at all at once, each in a thread of its own; a failed look is recorded and returned, and ends no copy.

    `on_look` is called as each ends, from this thread. Whatever is not an ItopsError is a bug and is raised.
    """
    looks = []
    with ThreadPoolExecutor(_PARALLEL) as pool:
        running = [pool.submit(_look, repository, looking) for repository in repositories]
        try:
            for ended in as_completed(running):
                look = ended.result()
                writer.record_look(
                    look.record,
                    look.claims.copies,
                    look.databases,
                    look.facts,
                    unchanged_since=look.unchanged_since,
                )
                on_look(look)
                looks.append(look)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # those that have not begun are not begun any more
            raise
    order = [repository.name for repository in repositories]
    return sorted(looks, key=lambda look: order.index(look.repository))


def _look(repository: Repository, looking: Looking) -> RepositoryLook:
    try:
        return _seen(repository, looking)
    except ItopsError as error:
        record = LookRecord(
            repository=repository.name,
            looked_at=looking.now,
            ended_at=looking.clock(),
            is_complete=False,
            problem=error.problem,
            remedy=error.remedy,
        )
        return RepositoryLook(record=record, error=error)


def _seen(repository: Repository, looking: Looking) -> RepositoryLook:
    look = _begun(repository, looking)
    jobs = list(looking.plan.jobs_of(repository.name))
    gathered = _Gathered(Claimer(repository.name, jobs, looking.zone))
    gathered.take(look.seen)
    claims = gathered.claimer.claims()
    record = LookRecord(
        repository=repository.name,
        looked_at=look.looked_at,
        ended_at=looking.clock(),
        is_complete=True,
        hides=any(gap.hides for gap in gathered.gaps),
        facts=look.facts,
        counts={
            "copies": len(claims.copies),
            "files": gathered.files,
            "unclaimed": claims.unclaimed,
            "databases": len(gathered.databases),
        },
        gaps=tuple(gathered.gaps),
        claims=tuple(claim_of(*named) for named in jobs),
    )
    return RepositoryLook(
        record=record,
        claims=claims,
        databases=tuple(gathered.databases),
        facts=tuple(gathered.facts),
        unchanged_since=unchanged_since(looking.known, repository.name, claims.copies),
    )


def _begun(repository: Repository, looking: Looking) -> Look:
    if isinstance(repository, ReadsInventory):
        return repository.read(looking.vms, looking.now)
    return repository.look(looking.now, _last_facts(looking.last_looks, repository.name))


def _last_facts(looks: Sequence[LookRecord], repository: str) -> Mapping[str, Fact]:
    """What the last whole look told of the place; newest first."""
    return next((look.facts for look in looks if look.repository == repository and look.is_complete), {})
