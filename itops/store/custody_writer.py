"""Writing the register of custody: each entry one durable transaction, its previous hash read inside it."""

from datetime import datetime

from sqlalchemy import insert, select, type_coerce
from sqlalchemy.engine import Connection

from itops.backup.custody.chain import GENESIS, hash_of
from itops.backup.custody.records import Entry, Row
from itops.errors import StoreLocked
from itops.store.custody import row_of, to_entry_document
from itops.store.encoding import storable
from itops.store.gate import Gate
from itops.store.moments import from_micros, to_micros
from itops.store.schema import CUSTODY
from itops.store.types import Int64

_TEXTS = tuple(CUSTODY.c[name] for name in ("medium", "document", "previous_hash", "hash"))
_MICROS = type_coerce(CUSTODY.c.recorded_at, Int64)
"""As it is kept: a forged moment may be one that no calendar has."""


class CustodyStore:
    """The register, for those who write into it. Nothing here changes or removes a row."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def rows(self) -> list[Row]:
        """All of it, in order."""
        with self._gate.writing() as connection:
            found = connection.execute(select(CUSTODY.c.number, _MICROS, *_TEXTS).order_by(CUSTODY.c.number)).all()
        return [row_of(*row) for row in found]

    def append(self, entry: Entry, recorded_at: datetime, *, after: str) -> Row:
        """Write one entry behind the row whose hash is `after`, which the caller has judged it by.

        Raises StoreLocked when another one was written meanwhile. Returns when the disk has it.
        """
        with self._gate.writing(is_durable=True) as connection:
            number, previous = _head(connection)
            if previous != after:
                raise StoreLocked(
                    "somebody else wrote into the register of custody at the same moment",
                    remedy="look at `itops media show`, then run the command again if it is still right",
                )
            row = _row(number + 1, previous, entry, recorded_at)
            values = {
                "number": row.number,
                "recorded_at": from_micros(row.recorded_micros),
                "medium": row.medium,
                "document": row.document,
                "previous_hash": row.previous_hash,
                "hash": row.hash,
            }
            connection.execute(insert(CUSTODY), [values])
        return row


def _head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last row."""
    last = select(CUSTODY.c.number, CUSTODY.c.hash).order_by(CUSTODY.c.number.desc()).limit(1)
    found = connection.execute(last).first()
    return (0, GENESIS) if found is None else (found[0], found[1])


def _row(number: int, previous: str, entry: Entry, recorded_at: datetime) -> Row:
    """The row as it will be kept: what no column can hold is replaced before it is hashed."""
    micros, medium, document = to_micros(recorded_at), storable(entry.medium), storable(to_entry_document(entry))
    return row_of(number, micros, medium, document, previous, hash_of(number, micros, medium, document, previous))
