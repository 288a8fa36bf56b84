"""Writing the ledger of backups: each call one transaction through the gate."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from itops.backup.copies import Copy, Database, ServerFact
from itops.backup.ledger import DrillRecord, LookRecord, RecordedVerdict
from itops.backup.proofs import Proof
from itops.documents import to_document
from itops.store.gate import Gate
from itops.store.schema import (
    BACKUP_COPY,
    BACKUP_DRILL,
    BACKUP_LOOK,
    BACKUP_PROOF,
    BACKUP_VERDICT,
    SERVER_DATABASE,
    SERVER_FACT,
)
from itops.store.upsert import insert_or_replace

_FILES_KEPT = 64
"""A folder that is one backup may have thousands of files; a look lists them again when they are to be read."""


class LedgerStore:
    """See itops.backup.ledger.LedgerWriter."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def record_look(
        self,
        look: LookRecord,
        copies: Sequence[Copy],
        databases: Sequence[Database],
        facts: Sequence[ServerFact],
        *,
        unchanged_since: datetime | None = None,
    ) -> None:
        """See LedgerWriter. A failed look changes nothing but the list of looks."""
        with self._gate.writing() as connection:
            connection.execute(insert(BACKUP_LOOK), [_look_row(look)])
            if not look.is_complete:
                return
            if unchanged_since is None or not _are_there(connection, look, unchanged_since, len(copies)):
                _see(connection, BACKUP_COPY, _COPY_KEY, [_copy_row(copy, look) for copy in copies])
            _see(connection, SERVER_DATABASE, _DATABASE_KEY, [_database_row(held, look) for held in databases])
            connection.execute(delete(SERVER_FACT).where(SERVER_FACT.c.repository == look.repository))
            if facts:
                rows = [{"repository": look.repository, "document": to_document(fact)} for fact in facts]
                connection.execute(insert(SERVER_FACT), rows)
            if look.ends_copies:
                _end(connection, BACKUP_COPY, look)
                _end(connection, SERVER_DATABASE, look)

    def record_proof(self, proof: Proof) -> None:
        """See LedgerWriter."""
        row = {
            "repository": proof.repository,
            "key": proof.key,
            "fingerprint": proof.fingerprint,
            "proved_at": proof.proved_at,
            "document": to_document(proof),
        }
        with self._gate.writing() as connection:
            connection.execute(insert(BACKUP_PROOF), [row])

    def record_drill(self, drill: DrillRecord) -> None:
        """See LedgerWriter. Durable: a restore test cost hours and a person's attention."""
        row = {"job": drill.job, "started_at": drill.started_at, "document": to_document(drill)}
        with self._gate.writing(is_durable=True) as connection:
            connection.execute(insert(BACKUP_DRILL), [row])

    def record_verdicts(self, verdicts: Iterable[RecordedVerdict]) -> int:
        """See LedgerWriter."""
        with self._gate.writing() as connection:
            newest = select(func.max(BACKUP_VERDICT.c.id)).group_by(*(BACKUP_VERDICT.c[name] for name in _SLOT))
            last = select(*(BACKUP_VERDICT.c[name] for name in _SLOT), BACKUP_VERDICT.c.state)
            known = {tuple(row[:3]): row[3] for row in connection.execute(last.where(BACKUP_VERDICT.c.id.in_(newest)))}
            changed = [one for one in verdicts if known.get((one.job, one.object, one.slot)) != one.state]
            if changed:
                connection.execute(insert(BACKUP_VERDICT), [_verdict_row(one) for one in changed])
        return len(changed)


_SLOT = ("job", "object", "slot")
_COPY_KEY = ("repository", "key", "fingerprint", "job")
_DATABASE_KEY = ("repository", "server", "name")
_SEEN = ("last_seen_at", "gone_at", "document")


def _see(connection: Connection, table: Table, key: Sequence[str], rows: list[dict[str, Any]]) -> None:
    """Seen for the first time, or again: what had gone and came back lives on under its first moment."""
    if rows:
        connection.execute(insert_or_replace(connection, table, key, _SEEN), rows)


def _are_there(connection: Connection, look: LookRecord, since: datetime, count: int) -> bool:
    """Move the copies of that earlier look up to this one; False where somebody else wrote in between."""
    there = update(BACKUP_COPY).where(
        BACKUP_COPY.c.repository == look.repository,
        BACKUP_COPY.c.last_seen_at == since,
        BACKUP_COPY.c.gone_at.is_(None),
    )
    return connection.execute(there.values(last_seen_at=look.looked_at)).rowcount == count


def _end(connection: Connection, table: Table, look: LookRecord) -> None:
    gone = update(table).where(
        table.c.repository == look.repository, table.c.last_seen_at < look.looked_at, table.c.gone_at.is_(None)
    )
    connection.execute(gone.values(gone_at=look.looked_at))


def _look_row(look: LookRecord) -> dict[str, Any]:
    return {
        "repository": look.repository,
        "looked_at": look.looked_at,
        "is_complete": int(look.is_complete),
        "sees_absence": int(look.sees_absence),
        "document": to_document(look),
    }


def _verdict_row(verdict: RecordedVerdict) -> dict[str, Any]:
    return {
        "job": verdict.job,
        "object": verdict.object,
        "slot": verdict.slot,
        "judged_at": verdict.judged_at,
        "state": verdict.state,
        "document": to_document(verdict),
    }


def _copy_row(copy: Copy, look: LookRecord) -> dict[str, Any]:
    kept = copy if len(copy.files) <= _FILES_KEPT else replace(copy, files=())
    return {
        "repository": copy.repository,
        "job": copy.job,
        "key": copy.key,
        "fingerprint": copy.fingerprint,
        "first_seen_at": look.looked_at,
        "last_seen_at": look.looked_at,
        "gone_at": None,
        "document": to_document(kept),
    }


def _database_row(database: Database, look: LookRecord) -> dict[str, Any]:
    return {
        "repository": look.repository,
        "server": database.server,
        "name": database.name,
        "first_seen_at": look.looked_at,
        "last_seen_at": look.looked_at,
        "gone_at": None,
        "document": to_document(database),
    }
