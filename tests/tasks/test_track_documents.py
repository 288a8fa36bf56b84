"""Documents recorded: hashed as they are, refused where nobody asks for them, read back with what is missing."""

from datetime import date
from pathlib import Path

import pytest

from itops.dates import parse_period
from itops.errors import InputInvalid, UsageWrong
from itops.tasks.track_documents import Registrar, counts_of, read_documents
from itops.worklog.documents import DocumentRecord, UploadState
from itops.worklog.policy import DocumentCatalogue
from tests.worklog.making import NOW
from tests.worklog.test_documents import FESTIVAL, GOALS, MONTH, catalogue, document

CATALOGUE = catalogue(
    servers=document(systems=(GOALS, FESTIVAL)),
    letter=document(),
    yearly=document(cadence="yearly", systems=(FESTIVAL,)),
)
AFTER = date(2026, 11, 23)


class MemoryDocuments:
    """Records in a list."""

    def __init__(self) -> None:
        self.records: list[DocumentRecord] = []

    def record_document(self, record: DocumentRecord, recorded_at: object) -> None:
        self.records.append(record)


def registrar(store: MemoryDocuments, folder: Path, wanted: DocumentCatalogue = CATALOGUE) -> Registrar:
    return Registrar(store=store, catalogue=wanted, records=tuple(store.records), folder=folder, now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "servers.pdf"
    path.parent.mkdir()
    path.write_bytes(b"servers")
    return path


def test_a_document_goes_from_missing_to_made_to_uploaded(tmp_path, file):
    store = MemoryDocuments()
    made = registrar(store, tmp_path).made("servers", MONTH, file, "A")
    assert (made.path, made.period, made.size_bytes) == ("out/servers.pdf", "1405-08", 7)
    registrar(store, tmp_path).uploaded("servers", MONTH, GOALS, "A", receipt="77")
    found = read_documents(CATALOGUE, store.records, MONTH, AFTER, tmp_path)
    assert found.report.missing == ("letter",)
    assert counts_of(found.report) == {
        UploadState.UPLOADED: 1, UploadState.OUTDATED: 0, UploadState.TO_UPLOAD: 1, UploadState.MISSING: 1,
    }  # fmt: skip
    assert sorted(one.code for one in found.findings if one.state) == ["document.missing", "document.not-uploaded"]


def test_a_file_that_was_changed_after_it_was_recorded_is_told(tmp_path, file):
    store = MemoryDocuments()
    registrar(store, tmp_path).made("servers", MONTH, file, "A")
    file.write_bytes(b"Servers")
    codes = {one.code for one in read_documents(CATALOGUE, store.records, MONTH, AFTER, tmp_path).findings}
    assert "document.file-differs" in codes


def test_a_yearly_document_is_recorded_for_its_year(tmp_path, file):
    store = MemoryDocuments()
    assert registrar(store, tmp_path).made("yearly", MONTH, file, "A").period == "1405"
    assert registrar(store, tmp_path).uploaded("yearly", MONTH, FESTIVAL, "A").period == "1405"


@pytest.mark.parametrize(
    "act",
    [
        lambda one, file: one.made("nothing", MONTH, file, "A"),
        lambda one, file: one.made("servers", parse_period("1405"), file, "A"),
        lambda one, file: one.made("servers", MONTH, file, " "),
        lambda one, file: one.uploaded("letter", MONTH, GOALS, "A"),  # was never made
        lambda one, file: one.uploaded("servers", MONTH, "quality", "A"),  # does not ask for it
        lambda one, file: one.uploaded("servers", MONTH, FESTIVAL, "A", is_undone=True),
    ],
)
def test_what_cannot_be_is_refused_and_not_written(tmp_path, file, act):
    store = MemoryDocuments()
    registrar(store, tmp_path).made("servers", MONTH, file, "A")
    with pytest.raises(UsageWrong):
        act(registrar(store, tmp_path), file)
    assert len(store.records) == 1


def test_a_file_that_cannot_be_read_is_no_document(tmp_path):
    store = MemoryDocuments()
    with pytest.raises(InputInvalid):
        registrar(store, tmp_path).made("servers", MONTH, tmp_path / "absent.pdf", "A")
    assert store.records == []
