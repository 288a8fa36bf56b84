"""What a server says of its own database beside the copies: was it checked, are its pages damaged, can it have logs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from itops.backup.copies import CopyKind, Database, ServerFact
from itops.backup.judgement.identity import kind_of
from itops.backup.judgement.proven import header_of
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.ledger import KnownCopy
from itops.backup.policy import Job
from itops.verdict import State


def server_findings(
    database: Database, facts: Iterable[ServerFact], job: Job, copies: Sequence[KnownCopy], now: datetime
) -> Iterator[BackupFinding]:
    """Of one database; nothing where its server tells nothing of the kind (only SQL Server does)."""
    if CopyKind.FULL in job.kinds:
        yield from _checked(database, copies, now)
    pages = sum(
        fact.code == "suspect-page" and _is_of(fact, database) for fact in facts
    )  # mended ones are not listed by the adapter
    if pages:
        yield BackupFinding(code="suspect-pages", state=State.CRITICAL, facts={"pages": pages})
    if database.recovery_model == "SIMPLE" and _wants_logs(job):
        yield BackupFinding(code="logs-not-expected", state=State.WARNING)


def _is_of(fact: ServerFact, database: Database) -> bool:
    return (fact.server.casefold(), fact.object.casefold()) == (database.server.casefold(), database.name.casefold())


def _wants_logs(job: Job) -> bool:
    return CopyKind.LOG in {*job.kinds, *(kind for tier in job.tiers().values() for kind in tier.kinds)}


def _checked(database: Database, copies: Sequence[KnownCopy], now: datetime) -> Iterator[BackupFinding]:
    """DBCC CHECKDB before the oldest full that is kept: whatever it would find now may be in all of them."""
    oldest = min((_made_at(known) for known in copies if known.is_here and _is_full(known)), default=None)
    said = database.facts.get("last_good_checkdb")
    if oldest is None or (said is None and not database.facts.get("checkdb_never")):
        return
    checked_at = datetime.fromisoformat(said) if isinstance(said, str) else None
    if checked_at is None:
        yield BackupFinding(code="checkdb-never", state=State.WARNING)
    elif checked_at < oldest:
        yield BackupFinding(code="checkdb-old", state=State.WARNING, facts={"age_days": (now - checked_at).days})


def _is_full(known: KnownCopy) -> bool:
    return kind_of(header_of(known.proofs), known.copy.catalogue, known.copy.kind) is CopyKind.FULL


def _made_at(known: KnownCopy) -> datetime:
    identity = header_of(known.proofs) or known.copy.catalogue
    return (identity and identity.started_at) or known.copy.named_at or known.copy.modified_at or known.first_seen_at
