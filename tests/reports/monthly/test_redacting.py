"""Redaction: what must not leave the office stands nowhere in what leaves it, in no form; the figures stay."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from itops.errors import UsageWrong
from itops.reports.monthly.composing import compose
from itops.reports.monthly.figures import Evidence, count_of
from itops.reports.monthly.parts import AssetChangeRow, FindingRow, GapRow
from itops.reports.monthly.plain import report_json
from itops.reports.monthly.records import Report
from itops.reports.monthly.redacting import redacted
from itops.reports.paper.html import write_html
from itops.reports.words import load_words
from itops.verdict import State
from tests.reports.monthly.reports import empty_report, sample_report

REPORT = sample_report()
_SHORTEST = 4  # a site called "HQ" is also a word


def forms_of(report: Report) -> str:
    """The facts, and both languages as a page: everything that any form can hold."""
    pages = [write_html(compose(report, load_words(language, calendar="jalali"))) for language in ("fa", "en")]
    return b"".join([report_json(report), *pages]).decode()


def persons_and_paths(report: Report) -> Iterator[str]:
    yield from (item.holder for item in report.hardware.items)
    yield from (document.path for document in report.papers.documents)
    yield from (source.file for source in report.quality.sources)
    yield from (slot.copy_key for slot in report.backups.slots)
    yield from (gap.problem for gap in report.quality.gaps)
    yield from (job.owner for job in report.backups.jobs if job.owner not in dict(report.signers).values())


def names_of_things(report: Report) -> Iterator[str]:
    for server in report.servers.rows:
        yield from (server.id, server.name, server.host, server.serial, *server.addresses)
    yield from (change.name for change in report.servers.changes)
    for item in report.hardware.items:
        yield from (item.id, item.serial, item.asset_tag)
    for job in report.backups.jobs:
        yield from (job.job, job.object)
    for deposit in report.backups.deposits:
        yield from (deposit.place, *deposit.media)
    yield from (document.sha256 for document in report.papers.documents)
    yield from (name for source in report.quality.sources for name in (source.name, source.sha256))
    yield from (change.order.letter_no for change in report.servers.changes if change.order)


def found_in(text: str, wanted: Iterator[str]) -> set[str]:
    return {one for one in wanted if len(one) >= _SHORTEST and one in text}


def test_headquarters_gets_neither_persons_nor_paths() -> None:
    assert found_in(forms_of(REPORT), persons_and_paths(REPORT))  # else this proves nothing
    assert found_in(forms_of(redacted(REPORT, "hq")), persons_and_paths(REPORT)) == set()


def test_headquarters_still_gets_every_server_and_item() -> None:
    report = redacted(REPORT, "hq")
    assert [row.name for row in report.servers.rows] == [row.name for row in REPORT.servers.rows]
    assert [item.serial for item in report.hardware.items] == [item.serial for item in REPORT.hardware.items]
    assert [row.key for row in report.exceptions] == [row.key for row in REPORT.exceptions]


def test_nothing_is_named_for_everybody() -> None:
    text = forms_of(redacted(REPORT, "public"))
    assert found_in(text, persons_and_paths(REPORT)) == set()
    assert found_in(text, names_of_things(REPORT)) == set()


@pytest.mark.parametrize("profile", ["hq", "public"])
def test_the_figures_stay_as_they_were_counted(profile: str) -> None:
    told = {name: (figure.value, figure.part, figure.of) for name, figure in redacted(REPORT, profile).figures.items()}
    assert told == {name: (figure.value, figure.part, figure.of) for name, figure in REPORT.figures.items()}


def test_exceptions_are_counted_by_room_and_state_for_everybody() -> None:
    report = redacted(REPORT, "public")
    assert sum(row.count for row in report.exceptions) == len(REPORT.exceptions)
    assert report.verdict.state is REPORT.verdict.state
    assert {finding for part in (report.servers, report.backups) for finding in part.findings} == set[FindingRow]()


@pytest.mark.parametrize("profile", ["hq", "public"])
def test_an_empty_report_can_be_redacted_and_told(profile: str) -> None:
    assert forms_of(redacted(empty_report(), profile))


def test_nothing_is_taken_out_for_the_office_itself() -> None:
    assert redacted(REPORT, "internal") is REPORT


def test_another_profile_is_refused() -> None:
    with pytest.raises(UsageWrong, match="no profile 'secret'"):
        redacted(REPORT, "secret")


AT = datetime(2026, 11, 9, 9, tzinfo=UTC)
SECRET = "/mnt/secret"


def _with_finding(table: str, code: str, owner: str = "", **facts: Any) -> Report:
    finding = FindingRow(room="backup", table=table, code=code, subject="insurance-db sql01/Insurance", owner=owner,
                         state=State.CRITICAL, facts=facts)  # fmt: skip
    row = replace(REPORT.exceptions[0], table=table, code=code, owner=owner, facts=facts)
    return replace(REPORT, backups=replace(REPORT.backups, findings=(finding,)), exceptions=(row,))


def _with_gap(subject: str) -> Report:
    gap = GapRow(source="nas-backups", subject=subject, code="folder.unreadable", problem="no right")
    figure = count_of("quality.gaps", (Evidence(kind="scan", ref=f"nas-backups {subject}"),))
    quality = replace(REPORT.quality, gaps=(gap,), figures=(figure,))
    return replace(REPORT, quality=quality, figures={**REPORT.figures, "quality.gaps": figure})


def _with_register_change(field: str) -> Report:
    change = AssetChangeRow(asset="AST-0047", what="changed", at=AT, field=field, before=SECRET, after=f"{SECRET}-2")
    return replace(REPORT, hardware=replace(REPORT.hardware, changes=(change,)))


@pytest.mark.parametrize("report", [
    pytest.param(_with_gap(f"folder {SECRET}"), id="a folder that a look could not open"),
    pytest.param(_with_finding("backup", "look-failed", repository="nas", problem=f"no {SECRET}"), id="problem"),
    pytest.param(_with_finding("backup", "look-failed", repository="nas", remedy=f"check {SECRET}"), id="remedy"),
    pytest.param(_with_finding("backup", "look-partial", place=f"folder {SECRET}", copies=3), id="a place of copies"),
    pytest.param(_with_finding("backup", "pruned-early", good=f"{SECRET}/1.bak"), id="the copy that is good"),
    pytest.param(_with_finding("health", "vm.cdrom-connected", medium=f"[NAS] {SECRET}"), id="a medium in a drive"),
    pytest.param(_with_finding("health", "any", told=f"it is {SECRET}"), id="a path in whatever fact"),
    pytest.param(_with_finding("report", "report.slots-missing", SECRET, slot_count=1), id="who answers for it"),
    *(pytest.param(_with_register_change(field), id=field)
      for field in ("assigned_to", "personnel_code", "tests.1.by", "disposal.to", "tests.2.document")),
])  # fmt: skip
@pytest.mark.parametrize("profile", ["hq", "public"])
def test_a_person_or_a_path_is_taken_out_wherever_a_room_told_of_it(report: Report, profile: str) -> None:
    assert SECRET in forms_of(report)
    assert SECRET not in forms_of(redacted(report, profile))


def test_headquarters_still_gets_what_is_no_path() -> None:
    of_database = _with_finding("service", "service.not-tested", database="sql01/Insurance", tag="A [1] b")
    assert redacted(of_database, "hq").exceptions[0].facts == {"database": "sql01/Insurance", "tag": "A [1] b"}
    deposit = _with_finding("report", "report.deposit-missing", place="bank-box", month="1405-08", slot_count=3)
    assert redacted(deposit, "hq").exceptions[0].facts["place"] == "bank-box"
    assert redacted(_with_gap("vm DC"), "hq").quality.gaps[0].subject == "vm DC"
    assert redacted(_with_finding("backup", "look-partial", copies=3), "hq").exceptions[0].facts == {"copies": 3}


def test_half_a_character_from_a_machine_does_not_keep_the_report_from_being_written() -> None:
    server = replace(REPORT.servers.rows[0], guest_os="Windows \ud800")
    written = report_json(replace(REPORT, servers=replace(REPORT.servers, rows=(server,))))
    assert "Windows \ufffd" in written.decode()
