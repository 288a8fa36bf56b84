"""The ledger of backups as it could be read at a moment that lies behind us: what was recorded later is not there.

A Ledger around lists. What the store keeps only in its last state is left out, for nobody knows what it said then: the
servers' own histories, and of a database everything but its name and when it was made.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from itops.backup.copies import ServerFact
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord, RecordedVerdict
from itops.backup.proofs import Proof


class LedgerThen:
    """See itops.backup.ledger.Ledger. Looks, proofs and restore tests count when they had ended: then they were kept.

    `watched_since` tells the first complete looks where `looks` does not go back so far.
    """

    def __init__(
        self,
        moment: datetime,
        *,
        copies: Iterable[KnownCopy] = (),
        looks: Iterable[LookRecord] = (),
        databases: Iterable[KnownDatabase] = (),
        drills: Iterable[DrillRecord] = (),
        watched_since: Mapping[str, datetime] | None = None,
    ) -> None:
        self._moment = moment
        self._all_copies = copies
        self._all_databases = databases
        self._drills = [drill for drill in drills if self._is_over(drill.started_at, drill.seconds)]
        self._watched = watched_since or {}
        self._looks: dict[str, list[LookRecord]] = defaultdict(list)
        self._running: set[tuple[str, datetime]] = set()
        for look in looks:
            if look.ended_at <= moment:
                self._looks[look.repository].append(look)
            elif look.looked_at <= moment:
                self._running.add((look.repository, look.looked_at))
        for found in self._looks.values():
            found.sort(key=lambda look: look.looked_at, reverse=True)

    def looks(self, repository: str | None = None, limit: int = 1000) -> list[LookRecord]:
        """See Ledger."""
        names = self._looks if repository is None else [repository]
        found = [look for name in names for look in self._looks.get(name, ())]
        found.sort(key=lambda look: look.looked_at, reverse=True)
        whole = [one for name in names for one in self._last_whole(name)]
        kept = found[:limit]
        rest = [look for look in found[limit:] if any(look is one for one in whole)]
        return [*kept, *rest]

    def watched_since(self) -> dict[str, datetime]:
        """See Ledger."""
        first = {name: at for name, at in self._watched.items() if not self._is_later(name, at)}
        for name, looks in self._looks.items():
            whole = [look.looked_at for look in looks if look.is_complete]
            if whole:
                first[name] = min(first.get(name, whole[-1]), whole[-1])
        return first

    def copies(self, job: str | None = None, gone_after: datetime | None = None) -> list[KnownCopy]:
        """See Ledger."""
        return [
            known
            for known in self._copies
            if job in {None, known.copy.job}
            and (gone_after is None or known.gone_at is None or known.gone_at > gone_after)
        ]

    def databases(self) -> list[KnownDatabase]:
        """See Ledger."""
        return self._databases

    def server_facts(self) -> list[ServerFact]:
        """None: only those of the last look are kept."""
        return []

    def drills(self, job: str | None = None) -> list[DrillRecord]:
        """See Ledger."""
        return [drill for drill in self._drills if job in {None, drill.job}]

    def verdicts(self, begin: datetime, end: datetime) -> list[RecordedVerdict]:
        """None: what was judged then is judged anew."""
        return []

    @cached_property
    def _copies(self) -> list[KnownCopy]:
        return [
            self._copy_then(known)
            for known in self._all_copies
            if not self._is_later(known.copy.repository, known.first_seen_at)
        ]

    @cached_property
    def _databases(self) -> list[KnownDatabase]:
        return [
            self._database_then(known)
            for known in self._all_databases
            if not self._is_later(known.database.server, known.first_seen_at)
        ]

    def _copy_then(self, known: KnownCopy) -> KnownCopy:
        repository = known.copy.repository
        proofs = tuple(proof for proof in known.proofs if self._is_proven(proof))
        gone_at = self._unless_later(repository, known.gone_at)
        seen_at = self._seen_at(repository, known.first_seen_at, known.last_seen_at)
        if (seen_at, gone_at, len(proofs)) == (known.last_seen_at, known.gone_at, len(known.proofs)):
            return known
        return replace(known, last_seen_at=seen_at, gone_at=gone_at, proofs=proofs)

    def _database_then(self, known: KnownDatabase) -> KnownDatabase:
        database = known.database
        made_at = self._unless_later(database.server, database.created_at)
        return replace(
            known,
            database=replace(database, created_at=made_at, recovery_model=None, state=None, facts={}),
            last_seen_at=self._seen_at(database.server, known.first_seen_at, known.last_seen_at),
            gone_at=self._unless_later(database.server, known.gone_at),
        )

    def _seen_at(self, repository: str, first: datetime, last: datetime) -> datetime:
        """When it was last seen then: what was seen later, too, was seen by every whole look before."""
        if not self._is_later(repository, last):
            return last
        looks = (look.looked_at for look in self._looks.get(repository, ()) if look.is_complete)
        return max(first, next(looks, min(last, self._moment)))

    def _is_later(self, repository: str, moment: datetime) -> bool:
        """Whether a look of that moment had not ended."""
        return moment > self._moment or (repository, moment) in self._running

    def _unless_later(self, repository: str, moment: datetime | None) -> datetime | None:
        return None if moment is None or self._is_later(repository, moment) else moment

    def _is_proven(self, proof: Proof) -> bool:
        return self._is_over(proof.proved_at, proof.duration_seconds)

    def _is_over(self, begun_at: datetime, seconds: float) -> bool:
        return (self._moment - begun_at).total_seconds() >= seconds

    def _last_whole(self, repository: str) -> Iterator[LookRecord]:
        looks = self._looks.get(repository, ())
        yield from [look for look in looks if look.is_complete][:1]
        yield from [look for look in looks if look.sees_absence][:1]
