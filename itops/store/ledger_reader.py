"""Reading the ledger of backups. As the rest of reading: plain SQL, no SQLAlchemy."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from itops.backup.copies import Copy, Database, ServerFact
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord, RecordedVerdict
from itops.backup.proofs import Proof
from itops.documents import from_document
from itops.store.encoding import storable
from itops.store.moments import from_micros, maybe_from_micros, to_micros

if TYPE_CHECKING:
    from itops.store.connections import Connection

_Proofs: TypeAlias = Mapping[tuple[str, str, str], list[Proof]]

# However often a repository failed since, its last whole look is not forgotten: nothing else proves an absence.
_LOOKS = """
SELECT document FROM backup_look
WHERE id IN (SELECT id FROM (SELECT id FROM backup_look /*where*/ ORDER BY looked_at DESC, id DESC LIMIT ?) newest)
   OR id IN (SELECT max(id) FROM backup_look WHERE is_complete = 1 GROUP BY repository)
   OR id IN (SELECT max(id) FROM backup_look WHERE sees_absence = 1 GROUP BY repository)
ORDER BY looked_at DESC, id DESC"""
_WATCHED = "SELECT repository, min(looked_at) FROM backup_look WHERE is_complete = 1 GROUP BY repository"
_COPIES = """
SELECT first_seen_at, last_seen_at, gone_at, document FROM backup_copy /*where*/
ORDER BY repository, job, key, first_seen_at, id"""
_PROOFS = """
SELECT p.document FROM backup_proof p WHERE EXISTS (
    SELECT 1 FROM backup_copy c
    WHERE c.repository = p.repository AND c.key = p.key AND c.fingerprint = p.fingerprint /*and*/)
ORDER BY p.proved_at, p.id"""
_DATABASES = """
SELECT first_seen_at, last_seen_at, gone_at, document FROM server_database ORDER BY server, name, repository"""
_FACTS = "SELECT document FROM server_fact ORDER BY id"
_VERDICTS = "SELECT document FROM backup_verdict WHERE judged_at >= ? AND judged_at < ? ORDER BY judged_at, id"
_DRILLS = "SELECT document FROM backup_drill /*where*/ ORDER BY started_at DESC, id DESC"


class LedgerReader:
    """See itops.backup.ledger.Ledger."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def looks(self, repository: str | None = None, limit: int = 1000) -> list[LookRecord]:
        """See Ledger."""
        conditions = _Conditions().equal("repository", repository)
        rows = self._connection.rows(conditions.where(_LOOKS), [*conditions.parameters, limit])
        looks = [from_document(LookRecord, row[0]) for row in rows]
        return looks if repository is None else [look for look in looks if look.repository == repository]

    def watched_since(self) -> dict[str, datetime]:
        """See Ledger."""
        return {repository: from_micros(first) for repository, first in self._connection.rows(_WATCHED)}

    def copies(self, job: str | None = None, gone_after: datetime | None = None) -> list[KnownCopy]:
        """See Ledger."""
        conditions = _Conditions().equal("job", job).still_there("gone_at", gone_after)
        proofs = self._proofs(conditions)
        known = []
        for first, last, gone, document in self._connection.rows(conditions.where(_COPIES), conditions.parameters):
            copy = from_document(Copy, document)
            known.append(
                KnownCopy(
                    copy=copy,
                    first_seen_at=from_micros(first),
                    last_seen_at=from_micros(last),
                    gone_at=maybe_from_micros(gone),
                    proofs=tuple(proofs.get((copy.repository, copy.key, copy.fingerprint), ())),
                )
            )
        return known

    def databases(self) -> list[KnownDatabase]:
        """See Ledger."""
        return [
            KnownDatabase(
                database=from_document(Database, document),
                first_seen_at=from_micros(first),
                last_seen_at=from_micros(last),
                gone_at=maybe_from_micros(gone),
            )
            for first, last, gone, document in self._connection.rows(_DATABASES)
        ]

    def server_facts(self) -> list[ServerFact]:
        """See Ledger."""
        return [from_document(ServerFact, row[0]) for row in self._connection.rows(_FACTS)]

    def drills(self, job: str | None = None) -> list[DrillRecord]:
        """See Ledger."""
        conditions = _Conditions().equal("job", job)
        rows = self._connection.rows(conditions.where(_DRILLS), conditions.parameters)
        return [from_document(DrillRecord, row[0]) for row in rows]

    def verdicts(self, begin: datetime, end: datetime) -> list[RecordedVerdict]:
        """See Ledger."""
        rows = self._connection.rows(_VERDICTS, (to_micros(begin), to_micros(end)))
        return [from_document(RecordedVerdict, row[0]) for row in rows]

    def _proofs(self, conditions: "_Conditions") -> _Proofs:
        proofs: dict[tuple[str, str, str], list[Proof]] = defaultdict(list)
        for row in self._connection.rows(conditions.and_(_PROOFS), conditions.parameters):
            proof = from_document(Proof, row[0])
            proofs[proof.repository, proof.key, proof.fingerprint].append(proof)
        return proofs


class _Conditions:
    """What rows are wanted, and the parameters that say so."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self.parameters: list[str | int] = []

    def equal(self, column: str, value: str | None) -> "_Conditions":
        if value is not None:
            self._texts.append(f"{column} = ?")
            self.parameters.append(storable(value))
        return self

    def still_there(self, column: str, moment: datetime | None) -> "_Conditions":
        if moment is not None:
            self._texts.append(f"({column} IS NULL OR {column} > ?)")
            self.parameters.append(to_micros(moment))
        return self

    def where(self, query: str) -> str:
        return query.replace("/*where*/", f"WHERE {' AND '.join(self._texts)}" if self._texts else "")

    def and_(self, query: str) -> str:
        return query.replace("/*and*/", "".join(f" AND {text}" for text in self._texts))
