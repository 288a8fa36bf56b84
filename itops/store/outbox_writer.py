"""Writing the outbox: each step of a bundle one durable transaction, for a receipt is not asked for twice."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from itops.bundles.outbox import OutboxRow, judged
from itops.bundles.receipts import Receipt
from itops.documents import from_document, to_document
from itops.errors import StoreLocked
from itops.store.gate import Gate
from itops.store.outbox_reader import rows_of
from itops.store.schema import DELIVERY_RECEIPT, OUTBOX


class OutboxStore:
    """The outbox, for those who write into it. No row is ever removed."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def rows(self) -> list[OutboxRow]:
        """All of it, in the order of making."""
        with self._gate.writing() as connection:
            return rows_of(connection.execute(select(OUTBOX.c.document).order_by(OUTBOX.c.place)).scalars())

    def enqueue(self, row: OutboxRow) -> OutboxRow:
        """Take a new bundle in, whose files are on the disk already; see `enqueue_within`."""
        with self._gate.writing(is_durable=True) as connection:
            return enqueue_within(connection, row)

    def change(self, sha256: str, step: Callable[[OutboxRow], OutboxRow]) -> OutboxRow | None:
        """Take one step with a row as it is now; None where there is no such bundle.

        The step is taken inside the transaction: two processes never judge by the same old row.
        """
        with self._gate.writing(is_durable=True) as connection:
            return _change(connection, sha256, step)

    def keep_receipt(self, receipt: Receipt, raw: bytes, now: datetime) -> OutboxRow | None:
        """Keep a receipt that was verified and let it close its row, in one transaction.

        The same one again changes nothing: an old rejection must not close a bundle that was sent once more.
        """
        row = {
            "bundle": receipt.bundle,
            "came_at": now,
            "state": receipt.state.value,
            "digest": hashlib.sha256(raw).hexdigest(),
            "raw": raw,
        }
        known = select(DELIVERY_RECEIPT.c.id).where(DELIVERY_RECEIPT.c.digest == row["digest"])
        with self._gate.writing(is_durable=True) as connection:
            if connection.execute(known).first() is not None:
                return _change(connection, receipt.bundle, lambda held: held)
            changed = _change(connection, receipt.bundle, lambda held: judged(held, receipt, now))
            if changed is not None:
                connection.execute(insert(DELIVERY_RECEIPT), [row])
            return changed


def enqueue_within(connection: Connection, row: OutboxRow) -> OutboxRow:
    """Take a new bundle in, inside the transaction that writes what it is a bundle of.

    A bundle that is there already stays as it is and is returned. Raises StoreLocked when another one was made
    meanwhile: the manifest then names the wrong bundle before it, or a number that is taken.
    """
    held = connection.execute(select(OUTBOX.c.document).where(OUTBOX.c.sha256 == row.sha256)).scalar()
    if held is not None:
        return from_document(OutboxRow, held)
    own = select(OUTBOX.c.sha256).where(OUTBOX.c.office == row.office)
    last = connection.execute(own.order_by(OUTBOX.c.place.desc()).limit(1)).scalar()
    edition = (OUTBOX.c.office == row.office, OUTBOX.c.period == row.period, OUTBOX.c.sequence >= row.sequence)
    taken = connection.execute(select(OUTBOX.c.sha256).where(*edition).limit(1)).scalar()
    if last != row.previous or taken is not None:
        raise StoreLocked("another bundle was made at the same moment", remedy="run the command again")
    place = connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one() + 1
    connection.execute(insert(OUTBOX), [{"place": place, **_values(row)}])
    return row


def _change(connection: Connection, sha256: str, step: Callable[[OutboxRow], OutboxRow]) -> OutboxRow | None:
    document = connection.execute(select(OUTBOX.c.document).where(OUTBOX.c.sha256 == sha256)).scalar()
    if document is None:
        return None
    row = from_document(OutboxRow, document)
    changed = step(row)
    if changed != row:
        connection.execute(update(OUTBOX).where(OUTBOX.c.sha256 == sha256).values(**_values(changed)))
    return changed


def _values(row: OutboxRow) -> dict[str, object]:
    return {
        "sha256": row.sha256,
        "office": row.office,
        "period": row.period,
        "sequence": row.sequence,
        "state": row.state.value,
        "document": to_document(row),
    }
