"""The change log and the documents' records in a real store: numbered, durable, never rewritten, hostile rows named."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import StoreLocked
from itops.store import StoreLocation, open_reader, open_store
from itops.store.worklog_reader import record_of, to_typed
from itops.worklog.documents import DOCUMENT_RECORDS, Made, Uploaded
from itops.worklog.entries import RECORDS, Attachment, Linked, Order, Withdrawn, WorkKind, ref_of
from tests.worklog.making import NOW, change, entries, entry

ORDER = Order(
    issuer="اداره کل زیرساخت سازمان",
    letter_no="۴۰۱۲",
    on=date(2026, 10, 25),
    attachment=Attachment(path="letters/12.pdf", sha256="a" * 64, size_bytes=12),
)
RECORDS_OF_ALL_KINDS = [
    entry(WorkKind.REMOVED, "kaspersky", "RDC", order=ORDER, links=(ref_of(change("RDC")),)),
    Linked(entry=1, changes=(ref_of(change("kaspersky")), ref_of(change("x", field="host"))), at=NOW, by="B"),
    Withdrawn(entry=1, at=NOW, by="C", reason="twice"),
]
MADE = Made(document="servers", period="1405-08", at=NOW, by="A", path="f.pdf", sha256="b" * 64, size_bytes=5)
UPLOADED = Uploaded(document="servers", period="1405-08", system="goals", at=NOW, by="A", sha256="b" * 64, receipt="7")


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return StoreLocation(folder=tmp_path / "state")


def test_what_was_written_is_read_back_by_writer_and_reader(location):
    with open_store(location, NOW) as store:
        for number, record in enumerate(RECORDS_OF_ALL_KINDS):
            assert store.worklog.append(record, NOW, after=number).record == record
        written = store.worklog.rows()
    with open_reader(location) as reader:
        assert reader.worklog.rows() == written
    assert [row.record for row in written] == RECORDS_OF_ALL_KINDS
    assert [row.number for row in written] == [1, 2, 3]
    assert {row.recorded_at for row in written} == {NOW}


def test_who_judged_by_an_older_log_is_refused(location):
    with open_store(location, NOW) as store:
        store.worklog.append(entry(), NOW, after=0)
        with pytest.raises(StoreLocked):
            store.worklog.append(entry(), NOW, after=0)
        assert len(store.worklog.rows()) == 1


def test_documents_are_read_in_the_order_they_were_written_and_by_period(location):
    with open_store(location, NOW) as store:
        for record in (MADE, UPLOADED, Made(**{**_fields(MADE), "period": "1405-07"})):
            store.worklog.record_document(record, NOW)
    with open_reader(location) as reader:
        assert reader.worklog.documents("1405-08") == [MADE, UPLOADED]
        assert len(reader.worklog.documents()) == 3


def _fields(record: Made) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}


@pytest.mark.parametrize(
    "document",
    [
        "", "[]", "null", "{}", '{"type": "entry"}', '{"type": "newer", "record": {}}', '{"type": [], "record": {}}',
        '{"type": "entry", "record": {"kind": "unheard-of"}}', '{"type": "entry", "record": 5}', "[" * 100_000,
        '{"type": "linked", "record": {"entry": 1, "changes": 5, "at": "2026-01-01", "by": "x"}}',
    ],
)  # fmt: skip
def test_a_row_that_somebody_forged_is_named_and_stops_nothing(location, document):
    with open_store(location, NOW) as store:
        store.worklog.append(entry(), NOW, after=0)
    with closing(sqlite3.connect(location.database)) as connection, connection:
        connection.execute("INSERT INTO worklog VALUES (2, 5, ?)", (document,))
        connection.execute("INSERT INTO document_event VALUES (1, 'a', '1405-08', 5, ?)", (document,))
    with open_reader(location) as reader:
        assert [row.record is None for row in reader.worklog.rows()] == [False, True]
        assert reader.worklog.documents() == []


@given(entries())
def test_every_entry_survives_the_way_through_the_store(written):
    assert record_of(RECORDS, to_typed(written.TYPE, written)) == written


@given(st.text())
def test_no_text_makes_reading_fail(text):
    record_of(RECORDS, text)
    record_of(DOCUMENT_RECORDS, text)


def test_what_no_column_can_hold_is_replaced(location):
    with open_store(location, NOW) as store:
        row = store.worklog.append(entry(note="a\ud800\0b"), NOW, after=0)
        assert store.worklog.rows() == [row]
