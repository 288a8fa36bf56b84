"""Reading the register of custody, and its entries as JSON texts. As the rest of reading: plain SQL, no SQLAlchemy."""

import json
from typing import TYPE_CHECKING

from itops.backup.custody.records import KINDS, Entry, Row
from itops.documents import from_plain, to_document

if TYPE_CHECKING:
    from itops.store.connections import Connection

_ROWS = "SELECT number, recorded_at, medium, document, previous_hash, hash FROM custody ORDER BY number"
_YEARS = range(1990, 2200)
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class CustodyReader:
    """The register, for those who only look."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def rows(self) -> list[Row]:
        """All of it, in order; also rows that somebody forged: whether the chain holds, `register_of` says."""
        return [row_of(*row) for row in self._connection.rows(_ROWS)]


def row_of(number: int, recorded_micros: int, medium: str, document: str, previous_hash: str, hash_: str) -> Row:
    """A row as the database has it, with the entry in it."""
    return Row(
        number=number,
        recorded_micros=recorded_micros,
        medium=medium,
        document=document,
        previous_hash=previous_hash,
        hash=hash_,
        entry=from_entry_document(document, medium),
    )


def to_entry_document(entry: Entry) -> str:
    """An entry as canonical JSON: its kind, and its fields without those at their default."""
    return _encode({"kind": entry.KIND, "entry": json.loads(to_document(entry))})


def from_entry_document(document: str, medium: str) -> Entry | None:
    """The entry; None where the text is not one, is of a kind unknown here, or is about another medium."""
    try:
        whole = json.loads(document)
        cls = KINDS[whole["kind"]]
        entry = from_plain(cls, whole["entry"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if entry.medium != medium or entry.at.year not in _YEARS:
        return None
    return entry
