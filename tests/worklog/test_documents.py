"""Documents and where they were uploaded: one file, one hash, a state for each system; what is missing is named."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.policy import MonthDay
from itops.dates import parse_period
from itops.names import Identifier, Names
from itops.reports.words import load_words, placeholders
from itops.worklog.document_findings import judge_documents
from itops.worklog.documents import (
    DocumentRecord,
    Made,
    Uploaded,
    UploadState,
    documents_of,
    of_report,
    readings_of,
)
from itops.worklog.findings import DOCUMENT_CODES
from itops.worklog.periods import due_on, months_of, year_of
from itops.worklog.policy import DocumentCatalogue, DocumentPolicy

AT = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Tehran"))
WORDS = [load_words("en"), load_words("fa")]
MONTH = parse_period("1405-08")
AFTER = date(2026, 11, 23)  # 2 Azar
GOALS, FESTIVAL, QUALITY = Identifier("goals"), Identifier("festival"), Identifier("quality")
SYSTEMS = {
    GOALS: Names(fa="اهداف عملیاتی", en="Operational goals"),
    FESTIVAL: Names(fa="طرح شهید رجایی", en="Festival"),
    QUALITY: Names(fa="کنترل کیفیت", en="Quality control"),
}


def document(**more: object) -> DocumentPolicy:
    known: dict[str, object] = {"title": Names(fa="گزارش", en="Report"), "systems": (GOALS,)}
    return DocumentPolicy(**(known | more))  # type: ignore[arg-type]


def catalogue(**documents: DocumentPolicy) -> DocumentCatalogue:
    return DocumentCatalogue(systems=SYSTEMS, documents=documents)


SAMPLE = catalogue(**{f"doc{number:02}": document() for number in range(1, 28)})
"""27 documents, as in the sample office."""


def made(name: str, sha256: str = "a" * 64, period: str = "1405-08") -> Made:
    return Made(document=name, period=period, at=AT, by="A", path=f"{name}.pdf", sha256=sha256, size_bytes=1)


def uploaded(name: str, system: str = GOALS, sha256: str = "a" * 64, **more: object) -> Uploaded:
    known: dict[str, object] = {"period": "1405-08", "receipt": "77"}
    return Uploaded(document=name, system=system, at=AT, by="A", sha256=sha256, **(known | more))  # type: ignore[arg-type]


def test_both_readings_of_27_documents_monthly_are_counted():
    readings = readings_of(SAMPLE)
    assert (readings.kinds, readings.per_month, readings.per_year) == (27, 27, 324)
    assert len(documents_of(SAMPLE, [], parse_period("1402")).documents) == 324


def test_a_month_with_26_of_27_has_one_open_item_and_it_is_named():
    records: list[DocumentRecord] = []
    for name in list(SAMPLE.documents)[:-1]:
        records += [made(name), uploaded(name)]
    report = documents_of(SAMPLE, records, MONTH)
    assert (report.done, report.missing) == (26, ("doc27",))
    assert [(one.code, one.subject) for one in judge_documents(report, AFTER)] == [("document.missing", "doc27")]


def test_one_file_in_three_systems_has_three_states_and_one_hash():
    asked = catalogue(plan=document(systems=(GOALS, FESTIVAL, QUALITY)))
    first, second = "a" * 64, "b" * 64
    records = [
        made("plan", first), uploaded("plan", FESTIVAL, first), made("plan", second), uploaded("plan", GOALS, second),
    ]  # fmt: skip
    (one,) = documents_of(asked, records, MONTH).documents
    assert {upload.system: upload.state for upload in one.uploads} == {
        GOALS: UploadState.UPLOADED,
        FESTIVAL: UploadState.OUTDATED,
        QUALITY: UploadState.TO_UPLOAD,
    }
    assert one.made is not None
    assert (one.made.sha256, one.versions) == (second, 2)
    codes = Counter(finding.code for finding in judge_documents(documents_of(asked, records, MONTH), AFTER))
    assert codes == {"document.outdated": 1, "document.not-uploaded": 1}


def test_the_same_file_made_again_outdates_nothing():
    records = [made("doc01"), uploaded("doc01"), made("doc01")]
    assert documents_of(SAMPLE, records, MONTH).documents[0].is_done


def test_an_upload_that_was_undone_never_was():
    records = [made("doc01"), uploaded("doc01"), uploaded("doc01", is_undone=True)]
    assert documents_of(SAMPLE, records, MONTH).documents[0].uploads[0].state is UploadState.TO_UPLOAD


@pytest.mark.parametrize(
    ("today", "due", "code"),
    [
        (MONTH.last, None, "document.open"),
        (AFTER, None, "document.missing"),
        (date(2026, 11, 26), 5, "document.missing"),  # 5 Azar itself is not late
        (date(2026, 11, 27), 5, "document.missing-overdue"),
        (date(2026, 12, 21), None, "document.missing"),  # without a day of the office's own nothing is overdue
    ],
)
def test_what_is_late_depends_on_the_offices_own_day(today, due, code):
    asked = catalogue(plan=document(due=None if due is None else MonthDay(due)))
    assert [one.code for one in judge_documents(documents_of(asked, [], MONTH), today)] == [code]


def test_a_document_without_receipt_is_advice_and_one_of_nobody_is_told():
    records = [made("doc01"), uploaded("doc01", receipt=""), made("old"), uploaded("doc01", FESTIVAL)]
    findings = judge_documents(documents_of(catalogue(doc01=document()), records, MONTH), AFTER)
    assert [(one.code, one.subject) for one in findings] == [
        ("document.no-receipt", "doc01"), ("document.not-in-catalogue", "doc01"), ("document.not-in-catalogue", "old"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "code"), [({}, None), ({"doc01.pdf": None}, "gone"), ({"doc01.pdf": "b" * 64}, "differs")]
)
def test_a_file_that_is_no_longer_what_was_recorded_is_told(now, code):
    report = documents_of(catalogue(doc01=document()), [made("doc01"), uploaded("doc01")], MONTH)
    codes = [one.code for one in judge_documents(report, AFTER, now)]
    assert codes == ([] if code is None else [f"document.file-{code}"])


def test_a_yearly_document_is_of_the_year_and_open_until_it_ends():
    asked = catalogue(plan=document(), festival=document(cadence="yearly", systems=(FESTIVAL,)))
    report = documents_of(asked, [made("plan"), uploaded("plan")], MONTH)
    assert [one.period.name for one in report.yearly] == ["1405"]
    assert [one.code for one in judge_documents(report, AFTER)] == ["document.open"]
    assert readings_of(asked).per_year == 13


def test_a_document_that_is_a_report_of_itops_is_found_by_it():
    asked = catalogue(servers=document(made_by="itops", report="servers"), letter=document())
    assert of_report(asked, "servers") == ["servers"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: document(report="servers"),
        lambda: document(made_by="itops"),
        lambda: catalogue(plan=document(systems=("nowhere",))),
        lambda: catalogue(plan=document(systems=(GOALS, GOALS))),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(make):
    with pytest.raises(ValueError, match=r"report|system"):
        make()


def test_a_due_day_is_of_the_next_month_and_at_most_its_last():
    assert due_on(MONTH, MonthDay(1)) == date(2026, 11, 22)
    assert due_on(parse_period("1405-11"), MonthDay(31)) == due_on(parse_period("1405-11"), MonthDay(None))
    assert due_on(parse_period("2026-01"), MonthDay(31)) == date(2026, 2, 28)
    assert due_on(parse_period("1405"), MonthDay(1)) == parse_period("1406").first
    assert year_of(MONTH).name == "1405"


@pytest.mark.parametrize("name", ["1402", "1403", "2024"])
def test_the_months_of_a_year_are_all_its_days(name):
    year = parse_period(name)
    months = months_of(year)
    assert (months[0].first, months[-1].last) == (year.first, year.last)
    assert sum((month.last - month.first).days + 1 for month in months) == (year.last - year.first).days + 1


_EVENTS = st.lists(
    st.one_of(
        st.builds(made, st.sampled_from(["doc01", "doc02"]), st.sampled_from(["a" * 64, "b" * 64])),
        st.builds(
            uploaded,
            st.sampled_from(["doc01", "doc02"]),
            st.just(GOALS),
            st.sampled_from(["a" * 64, "b" * 64]),
            is_undone=st.booleans(),
        ),
    ),
    max_size=8,
)


@given(_EVENTS)
def test_nothing_is_done_without_a_file_and_its_upload_of_that_hash(records):
    report = documents_of(SAMPLE, records, MONTH)
    for one in report.documents:
        last = [record for record in records if isinstance(record, Made) and record.document == one.name]
        assert (one.made is None) == (not last)
        for upload in one.uploads:
            if upload.state is UploadState.UPLOADED:
                assert upload.record is not None
                assert one.made is not None
                assert upload.record.sha256 == one.made.sha256 == last[-1].sha256
    files: dict[str, str | None] = {"doc01.pdf": None, "doc02.pdf": "c" * 64}
    for finding in judge_documents(report, AFTER, files):
        assert finding.code in DOCUMENT_CODES
        for words in WORDS:
            assert placeholders(words.template("document", finding.code)) <= set(finding.facts), finding.code
    assert report.done + len({one.subject for one in judge_documents(report, AFTER) if one.state}) >= 27


@given(_EVENTS)
def test_records_of_another_month_change_nothing(records):
    others = [replace(record, period="1405-07") for record in records]
    assert documents_of(SAMPLE, others, MONTH).documents == documents_of(SAMPLE, [], MONTH).documents
