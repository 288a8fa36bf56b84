"""Writing what people tell: the change log, documents, notes, exports. Each record one durable transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine import Connection

from itops.errors import StoreLocked
from itops.store.gate import Gate
from itops.store.moments import to_micros
from itops.store.schema import DOCUMENT_EVENT, REGISTER_EXPORT, REPORT_NOTE, WORKLOG
from itops.store.worklog_reader import row_of, to_typed
from itops.worklog.documents import DocumentRecord
from itops.worklog.entries import LogRow, Record
from itops.worklog.exports import Exported
from itops.worklog.notes import Note


class WorklogStore:
    """The log and the documents, for those who write."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def rows(self) -> list[LogRow]:
        """The whole log, in order."""
        found = select(WORKLOG.c.number, WORKLOG.c.recorded_at, WORKLOG.c.document).order_by(WORKLOG.c.number)
        with self._gate.writing() as connection:
            rows = connection.execute(found).all()
        return [row_of(number, to_micros(recorded_at), document) for number, recorded_at, document in rows]

    def append(self, record: Record, recorded_at: datetime, *, after: int) -> LogRow:
        """Write one record behind the row with the number `after`, which the caller has judged it by.

        Raises StoreLocked when another one was written meanwhile. Returns when the disk has it.
        """
        document = to_typed(record.TYPE, record)
        with self._gate.writing(is_durable=True) as connection:
            number = _last(connection)
            if number != after:
                raise StoreLocked(
                    "somebody else wrote into the change log at the same moment",
                    remedy="look at `itops changes list`, then run the command again if it is still right",
                )
            values = {"number": number + 1, "recorded_at": recorded_at, "document": document}
            connection.execute(insert(WORKLOG), [values])
        return row_of(number + 1, to_micros(recorded_at), document)

    def record_document(self, record: DocumentRecord, recorded_at: datetime) -> None:
        """One more thing that became of a document."""
        self._insert(DOCUMENT_EVENT, record, recorded_at, name=record.document, period=record.period)

    def record_note(self, note: Note, recorded_at: datetime) -> None:
        """One more note for a period's report."""
        self._insert(REPORT_NOTE, note, recorded_at, period=note.period)

    def record_export(self, exported: Exported, recorded_at: datetime) -> None:
        """One more list that was made for headquarters."""
        self._insert(REGISTER_EXPORT, exported, recorded_at, profile=exported.profile)

    def _insert(
        self, table: Table, record: DocumentRecord | Note | Exported, recorded_at: datetime, **keys: Any
    ) -> None:
        values = {**keys, "recorded_at": recorded_at, "document": to_typed(record.TYPE, record)}
        with self._gate.writing(is_durable=True) as connection:
            connection.execute(insert(table), [values])


def _last(connection: Connection) -> int:
    number: int | None = connection.execute(select(func.max(WORKLOG.c.number))).scalar()
    return number or 0
