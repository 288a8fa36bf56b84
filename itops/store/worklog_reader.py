"""Reading what people told: the change log, documents, notes, exports. As the rest: plain SQL, no SQLAlchemy."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from itops.documents import from_plain, to_plain
from itops.store.encoding import storable
from itops.store.moments import from_micros
from itops.worklog.documents import DOCUMENT_RECORDS, DocumentRecord
from itops.worklog.entries import RECORDS, LogRow
from itops.worklog.exports import Exported
from itops.worklog.notes import Note

if TYPE_CHECKING:
    from itops.store.connections import Connection

T = TypeVar("T")

_ROWS = "SELECT number, recorded_at, document FROM worklog ORDER BY number"
_EVENTS = "SELECT document FROM document_event /*where*/ ORDER BY id"
_NOTES = "SELECT document FROM report_note ORDER BY id"
_EXPORTS = "SELECT document FROM register_export ORDER BY id"
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class WorklogReader:
    """The log and the documents, for those who only look."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def rows(self) -> list[LogRow]:
        """The whole log, in order; a row that cannot be read has no record."""
        return [row_of(*row) for row in self._connection.rows(_ROWS)]

    def documents(self, period: str | None = None) -> list[DocumentRecord]:
        """What was recorded of the documents of one period, or of all, in the order it was written."""
        query = _EVENTS.replace("/*where*/", "WHERE period = ?") if period is not None else _EVENTS
        rows = self._connection.rows(query, () if period is None else (storable(period),))
        return _readable(DOCUMENT_RECORDS, rows)

    def notes(self) -> list[Note]:
        """What was written for reports, in the order it was written."""
        return _readable({Note.TYPE: Note}, self._connection.rows(_NOTES))

    def exports(self) -> list[Exported]:
        """The lists that were made for headquarters, in the order they were made."""
        return _readable({Exported.TYPE: Exported}, self._connection.rows(_EXPORTS))


def _readable(types: Mapping[str, type[T]], rows: Iterable[tuple[Any, ...]]) -> list[T]:
    found = (record_of(types, row[0]) for row in rows)
    return [record for record in found if record is not None]


def row_of(number: int, recorded_micros: int, document: str) -> LogRow:
    """A row as the database has it."""
    return LogRow(number=number, recorded_at=from_micros(recorded_micros), record=record_of(RECORDS, document))


def to_typed(type_name: str, record: object) -> str:
    """A record as canonical JSON, with the name of its type."""
    return storable(_encode({"type": type_name, "record": to_plain(record)}))


def record_of(types: Mapping[str, type[T]], document: str) -> T | None:
    """The record of that JSON; None where it is none, or of a type that is unknown here."""
    try:
        whole: Any = json.loads(document)
        record = from_plain(types[whole["type"]], whole["record"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return record
