"""Documents and services counted: what is missing is named, and what nobody asked for or tested is unknown."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.policy import MonthDay
from itops.dates import Period, parse_period
from itops.reports.monthly.figures import Figure, FigureBook
from itops.reports.monthly.papers import PaperFacts, paper_part
from itops.reports.monthly.parts import PaperPart
from itops.verdict import State
from itops.worklog.document_findings import judge_documents
from itops.worklog.documents import DocumentRecord, UploadState, documents_of
from itops.worklog.policy import Dependencies, DocumentCatalogue, ServiceCatalogue
from itops.worklog.services import Estate, judge_services
from tests.worklog.test_documents import (
    FESTIVAL,
    GOALS,
    MONTH,
    QUALITY,
    SAMPLE,
    SYSTEMS,
    catalogue,
    document,
    made,
    uploaded,
)
from tests.worklog.test_services import ESTATE, HOUR, drill, job, service

TEHRAN = ZoneInfo("Asia/Tehran")
TODAY, JUDGED_ON = date(2026, 11, 21), date(2026, 11, 23)
END = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)


def papers(
    asked: DocumentCatalogue, records: Iterable[DocumentRecord] = (), period: Period = MONTH, **more: Any
) -> PaperPart:
    """As the gatherer puts them together."""
    report = documents_of(asked, records, period)
    known = {"documents": report, "judged": judge_documents(report, JUDGED_ON), "catalogue": asked}
    return paper_part(
        PaperFacts(**{"period": period, "today": TODAY, "judged_on": JUDGED_ON, "zone": TEHRAN, **known, **more})
    )


def figure(part: PaperPart, name: str) -> Figure:
    return FigureBook.of(part.figures)[name]


def told(part: PaperPart, name: str) -> tuple[float | None, float | None]:
    """Of how many, so many."""
    return figure(part, name).part, figure(part, name).of


def with_services(estate: Estate = ESTATE, **services: Any) -> PaperPart:
    judged = judge_services(ServiceCatalogue(services=services), estate, MONTH, TODAY)
    return paper_part(PaperFacts(period=MONTH, today=TODAY, judged_on=JUDGED_ON, zone=TEHRAN, services=judged))


def test_of_27_documents_with_26_made_the_missing_one_is_named_with_its_title():
    part = papers(SAMPLE, [made(name) for name in SAMPLE.documents if name != "doc14"])
    assert told(part, "documents.made") == (26, 27)
    assert figure(part, "documents.wanted").value == 27
    assert [(row.name, row.title.en) for row in part.documents if not row.is_made] == [("doc14", "Report")]
    assert [one.ref for one in figure(part, "documents.made").evidence if one.note == "missing"] == ["doc14 1405-08"]
    assert [one.subject for one in part.findings if one.code == "document.missing"] == ["doc14"]


def test_both_readings_of_the_offices_number_are_told():
    part = papers(catalogue(**SAMPLE.documents, festival=document(cadence="yearly")))
    values = [figure(part, f"documents.{name}").value for name in ("kinds", "per_month", "per_year")]
    assert values == [28, 27, 325]
    assert len(figure(part, "documents.per_month").evidence) == 27


def test_a_year_owes_its_months_and_what_is_made_once():
    asked = catalogue(**SAMPLE.documents, festival=document(cadence="yearly"))
    assert figure(papers(asked, period=parse_period("1402")), "documents.wanted").value == 27 * 12 + 1


def test_a_month_shows_what_is_made_once_a_year_and_owes_it_nothing():
    part = papers(catalogue(plan=document(), festival=document(cadence="yearly")))
    assert [(row.name, row.period) for row in part.documents] == [("plan", "1405-08"), ("festival", "1405")]
    assert figure(part, "documents.wanted").value == 1


def test_a_document_that_three_systems_ask_for_is_three_uploads_and_one_document():
    asked = catalogue(plan=document(systems=(GOALS, FESTIVAL, QUALITY)), letter=document(systems=()))
    part = papers(asked, [made("plan"), made("letter"), uploaded("plan"), uploaded("plan", FESTIVAL, "b" * 64)])
    assert told(part, "documents.uploaded") == (1, 3)
    assert told(part, "documents.done") == (1, 2)
    assert [told(part, f"documents.system.{system}") for system in SYSTEMS] == [(1, 1), (0, 1), (0, 1)]
    assert [one.state for one in part.documents[0].uploads] == ["uploaded", "outdated", "to-upload"]


def test_a_system_that_asks_for_nothing_has_no_share():
    lonely = figure(papers(catalogue(plan=document())), f"documents.system.{QUALITY}")
    assert (lonely.value, lonely.reason) == (None, "none-asked")


def test_an_upload_shows_its_day_in_the_offices_zone_and_its_receipt():
    late = datetime(2026, 11, 23, 22, tzinfo=UTC)  # past midnight in Tehran
    records = [replace(made("plan"), at=late), replace(uploaded("plan", receipt="R-7"), at=late)]
    (row,) = papers(catalogue(plan=document()), records).documents
    assert (row.made_on, row.path, row.sha256) == (date(2026, 11, 24), "plan.pdf", "a" * 64)
    assert (row.uploads[0].on, row.uploads[0].receipt) == (date(2026, 11, 24), "R-7")


_RECORDS = st.lists(
    st.one_of(
        st.builds(made, st.sampled_from(["a", "b", "c"]), st.sampled_from(["a" * 64, "b" * 64])),
        st.builds(uploaded, st.sampled_from(["a", "b", "c"]), st.sampled_from([GOALS, FESTIVAL]),
                  st.sampled_from(["a" * 64, "b" * 64]), is_undone=st.booleans()),
    ),
    max_size=10,
)  # fmt: skip
_ASKED = catalogue(a=document(systems=(GOALS, FESTIVAL)), b=document(systems=(FESTIVAL,)), c=document(systems=()))


@given(_RECORDS)
def test_the_systems_add_up_to_all_uploads_and_done_is_never_more_than_made(records):
    part = papers(_ASKED, records)
    shares = [told(part, f"documents.system.{system}") for system in SYSTEMS]
    assert (sum(one or 0 for one, _ in shares), sum(of or 0 for _, of in shares)) == told(part, "documents.uploaded")
    assert (figure(part, "documents.done").part or 0) <= (figure(part, "documents.made").part or 0)
    states = [upload.state for row in part.documents for upload in row.uploads]
    assert states.count(UploadState.UPLOADED) == figure(part, "documents.uploaded").part


def test_without_a_catalogue_nothing_is_known_of_documents():
    part = paper_part(PaperFacts(period=MONTH, today=TODAY, judged_on=JUDGED_ON, zone=TEHRAN, catalogue=catalogue()))
    found = [one for one in part.figures if one.id.startswith("documents.")]
    assert {(one.value, one.reason) for one in found} == {(None, "no-catalogue")}
    assert {one.id for one in found} == {one.id for one in papers(catalogue()).figures if one.id.startswith("doc")}


OWN = document(made_by="itops", report="monthly")


def test_this_very_report_is_made_by_being_built_and_recording_it_changes_nothing():
    asked = catalogue(servers=OWN, letter=document())
    before = papers(asked, [made("letter")])
    assert told(before, "documents.made") == (2, 2)
    assert [upload.state for upload in before.documents[0].uploads] == ["to-upload"]
    assert [one.subject for one in before.findings] == ["letter"]  # not uploaded
    assert papers(asked, [made("letter"), made("servers")]) == before


def test_the_report_of_another_month_is_a_document_like_any_other():
    part = papers(catalogue(servers=OWN), [made("servers", period="1402-03")], parse_period("1402"))
    assert told(part, "documents.made") == (1, 12)


@pytest.mark.parametrize(
    ("more", "code", "since"),
    [
        pytest.param({}, "document.missing", END, id="since the month is over"),
        pytest.param({"due": 2}, "document.missing", END, id="due on the day it is judged"),
        pytest.param({"due": 1}, "document.missing-overdue", END + timedelta(days=1), id="since the day after"),
    ],
)
def test_a_missing_document_is_late_since(more, code, since):
    policy = document(due=MonthDay(more["due"])) if more else document()
    (found,) = papers(catalogue(plan=policy)).findings
    assert (found.code, found.since, found.room, found.table) == (code, since, "documents", "document")
    assert [one.ref for one in found.evidence] == ["plan 1405-08"]


def test_advice_is_no_finding_of_the_report():
    assert papers(catalogue(plan=document()), [made("plan"), uploaded("plan", receipt="")]).findings == ()


def test_a_service_shows_its_promise_beside_the_plan_and_the_restore():
    (row,) = with_services(record=service()).services
    assert (row.key, row.service_id, row.title.en, row.databases) == (
        "record", "11141141104", "Electronic record", ("sql01/Insurance",),
    )  # fmt: skip
    assert (row.rpo_seconds, row.rto_seconds, row.plan_seconds, row.measured_seconds) == (86400, 7200, 86400, 3600)


def test_a_plan_that_protects_one_of_two_databases_promises_nothing_for_the_service():
    two = Dependencies(databases=("sql01/Insurance", "sql01/Other"))
    (row,) = with_services(record=service(depends_on=two)).services
    assert row.plan_seconds is None
    both = replace(ESTATE, plan=replace(ESTATE.plan, jobs={"night": job(), "other": job("sql01/Other")}))
    (row,) = with_services(both, record=service(depends_on=two)).services
    assert row.plan_seconds == 86400


def test_tested_is_counted_over_what_has_a_recovery_time():
    tested = service(depends_on=Dependencies(databases=("sql01/Insurance",)))
    untested = replace(tested, service_id="2", depends_on=Dependencies(databases=("sql01/Other",)))
    unpromised = replace(untested, service_id="3", rto=None)
    part = with_services(a=tested, b=untested, c=unpromised)
    assert told(part, "services.tested") == (1, 2)
    assert told(part, "services.in_order") == (1, 3)
    assert figure(part, "services.total").value == 3
    restores = [one for one in figure(part, "services.tested").evidence if one.kind == "drill"]
    assert [(one.ref, one.at, one.note) for one in restores] == [
        ("night sql01/Insurance", datetime(2026, 11, 1, tzinfo=UTC), "good")
    ]


def test_a_restore_that_failed_after_a_good_one_is_shown_as_failed():
    bad = drill(started_at=datetime(2026, 11, 5, tzinfo=UTC), is_restored=False)
    part = with_services(replace(ESTATE, drills=(drill(), bad)), record=service())
    assert told(part, "services.tested") == (1, 1)
    assert [one.note for one in figure(part, "services.tested").evidence] == ["CRITICAL", "failed"]


@pytest.mark.parametrize(
    ("services", "reasons"),
    [
        ({}, ("no-services", "no-services", "no-services")),
        ({"record": service(rto=None)}, ("", "no-rto", "")),
        ({"record": service(depends_on=Dependencies(vms=("SQL01",)))}, ("", "no-rto", "")),
    ],
)
def test_what_nobody_promised_has_no_share(services, reasons):
    part = with_services(**services)
    assert tuple(figure(part, f"services.{name}").reason for name in ("total", "tested", "in_order")) == reasons


def test_findings_of_services_have_their_owner_and_begin():
    slow = replace(ESTATE, drills=(drill(3 * HOUR.total_seconds()),))
    part = with_services(slow, record=service(owner_unit="IT", service_id=None))
    assert [(one.code, one.subject, one.owner, one.state, one.table) for one in part.findings] == [
        ("service.rto-missed", "record", "IT", State.CRITICAL, "service"),
        ("service.no-id", "record", "IT", State.WARNING, "service"),
    ]
    assert [one.since for one in part.findings] == [datetime(2026, 11, 1, tzinfo=UTC), None]
