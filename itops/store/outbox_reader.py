"""Reading the outbox and its receipts. As the rest of reading: plain SQL, no SQLAlchemy."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from itops.bundles.outbox import OutboxRow
from itops.documents import from_document
from itops.store.encoding import storable
from itops.store.moments import from_micros

if TYPE_CHECKING:
    from itops.store.connections import Connection

_ROWS = "SELECT document FROM outbox /*where*/ ORDER BY place"
_RECEIPTS = "SELECT bundle, came_at, raw FROM delivery_receipt /*where*/ ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReceipt:
    """A receipt as it came; it was verified before it was kept."""

    bundle: str
    came_at: datetime
    raw: bytes


class OutboxReader:
    """The outbox, for those who only look."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def rows(self, period: str | None = None) -> list[OutboxRow]:
        """Every bundle that was ever made, or those of a period, in the order of making."""
        if period is None:
            return rows_of(row[0] for row in self._connection.rows(_ROWS))
        found = self._connection.rows(_ROWS.replace("/*where*/", "WHERE period = ?"), (storable(period),))
        return rows_of(row[0] for row in found)

    def receipts(self, bundle: str | None = None) -> list[KeptReceipt]:
        """Every receipt that was accepted, or those of a bundle, in the order in which they came."""
        query = _RECEIPTS.replace("/*where*/", "WHERE bundle = ?") if bundle is not None else _RECEIPTS
        found = self._connection.rows(query, () if bundle is None else (storable(bundle),))
        return [KeptReceipt(bundle=row[0], came_at=from_micros(row[1]), raw=bytes(row[2])) for row in found]


def rows_of(documents: Iterable[str]) -> list[OutboxRow]:
    """Rows from their documents."""
    return [from_document(OutboxRow, document) for document in documents]
