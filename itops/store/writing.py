"""The store as its one writer has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from itops.inventory.entities import Observation
from itops.inventory.history import Answer, ScanState
from itops.store import samples
from itops.store.custody_writer import CustodyStore
from itops.store.gate import Gate
from itops.store.ledger_writer import LedgerStore
from itops.store.location import StoreLocation
from itops.store.migrate import migrate
from itops.store.migrations import STEPS
from itops.store.outbox_writer import OutboxStore
from itops.store.postgresql_gate import PostgresqlGate
from itops.store.register_writer import RegisterStore
from itops.store.scan_writer import Begun, ScanWriter
from itops.store.schema import ANSWER, SCAN
from itops.store.sqlite_gate import SqliteGate
from itops.store.upsert import insert_or_replace
from itops.store.watch_writer import WatchStore
from itops.store.worklog_writer import WorklogStore

_DEAD_PROBLEM = "the process that ran this scan ended before the scan did"
_DEAD_REMEDY = "run: itops inventory scan"


class Store:
    """Writes. Several scans may be filled at once, each from one thread; what they do to the store is serialised."""

    def __init__(self, gate: Gate, location: StoreLocation, writer: str) -> None:
        self._gate = gate
        self._location = location
        self._writer = writer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def ledger(self) -> LedgerStore:
        """What is known of backups."""
        return LedgerStore(self._gate)

    @property
    def custody(self) -> CustodyStore:
        """The register of off-site media."""
        return CustodyStore(self._gate)

    @property
    def register(self) -> RegisterStore:
        """The memory of the hardware register."""
        return RegisterStore(self._gate)

    @property
    def outbox(self) -> OutboxStore:
        """Bundles on their way to headquarters, and the receipts for them."""
        return OutboxStore(self._gate)

    @property
    def worklog(self) -> WorklogStore:
        """The change log, and what became of the documents."""
        return WorklogStore(self._gate)

    @property
    def watch(self) -> WatchStore:
        """Runs and the beat, evaluations, incidents, silences, notifications."""
        return WatchStore(self._gate)

    def close(self) -> None:
        """Let others write, and checkpoint."""
        self._gate.close()

    def begin_scan(self, observation: Observation, started_at: datetime) -> ScanWriter:
        """A writer for one observation; the caller feeds it `observation.seen`."""
        begun = Begun(observation=observation, started_at=started_at, writer=self._writer)
        return ScanWriter(self._gate, self._location.folder, begun)

    def already_loaded(self, source: str, fingerprint: str) -> bool:
        """Has a file with this fingerprint been scanned through this source, to the end?"""
        found = select(SCAN.c.id).where(
            SCAN.c.source == source,
            SCAN.c.fingerprint == fingerprint,
            SCAN.c.state == ScanState.COMPLETE.value,
        )
        with self._gate.writing() as connection:
            return connection.execute(found.limit(1)).first() is not None

    def remember(self, answer: Answer) -> None:
        """Keep what a person said; said again, the later word counts."""
        row = {
            "vm_id": answer.vm_id,
            "role": answer.role,
            "answered_by": answer.answered_by,
            "answered_at": answer.answered_at,
        }
        with self._gate.writing(is_durable=True) as connection:
            said = insert_or_replace(connection, ANSWER, ("vm_id", "role"), ("answered_by", "answered_at"))
            connection.execute(said, [row])

    def forget(self, vm_id: str, role: str | None = None) -> int:
        """Forget one answer about a VM, or all of them; how many there were."""
        gone = delete(ANSWER).where(ANSWER.c.vm_id == vm_id)
        if role is not None:
            gone = gone.where(ANSWER.c.role == role)
        with self._gate.writing(is_durable=True) as connection:
            return connection.execute(gone).rowcount

    def condense_samples(self, before: datetime) -> int:
        """Keep lowest, mean and highest of each whole month (UTC) before `before` for each VM; samples folded."""
        with self._gate.writing() as connection:
            return samples.condense(connection, before)

    def abandon_dead_scans(self, now: datetime) -> int:
        """Mark the running scans of processes that are gone; done at every opening. How many there were."""
        running = select(SCAN.c.writer).where(SCAN.c.state == ScanState.RUNNING.value).distinct()
        with self._gate.writing() as connection:
            writers = connection.execute(running).scalars().all()
        dead = [writer for writer in writers if not self._gate.is_alive(writer)]
        if not dead:
            return 0
        with self._gate.writing() as connection:
            return _abandon(connection, dead, now)


def _abandon(connection: Connection, writers: Sequence[str], now: datetime) -> int:
    left = update(SCAN).where(SCAN.c.state == ScanState.RUNNING.value, SCAN.c.writer.in_(writers))
    values = {"state": ScanState.ABANDONED.value, "ended_at": now, "problem": _DEAD_PROBLEM, "remedy": _DEAD_REMEDY}
    return connection.execute(left.values(values)).rowcount


def open_store(
    location: StoreLocation,
    now: datetime,
    *,
    lock_wait_seconds: float = 10.0,
    steps: Sequence[Sequence[str]] = STEPS,
) -> Store:
    """Open for writing: make or migrate what is there, and mark what dead processes left behind.

    Raises StoreUnavailable, or StoreLocked when another process writes for longer than `lock_wait_seconds`.
    """
    writer = uuid4().hex
    kind = SqliteGate if location.url is None else PostgresqlGate
    gate: Gate = kind(location, writer, lock_wait_seconds)
    try:
        migrate(gate, now, steps)
        store = Store(gate, location, writer)
        store.abandon_dead_scans(now)
    except BaseException:
        gate.close()
        raise
    return store
