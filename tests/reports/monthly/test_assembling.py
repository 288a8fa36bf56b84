"""Putting the report together: everything is in it once, and the same facts make the same record."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from itops.names import Names
from itops.reports.monthly.assembling import Earlier, Heading, Parts, assemble
from itops.reports.monthly.exceptions import OPEN
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import AssetRow, BackupPart, HardwarePart, QualityPart
from itops.reports.monthly.records import OfficeRow, Report
from itops.verdict import State
from itops.worklog.notes import Note, NoteKind, PeriodNotes
from tests.reports.monthly.judged_office import MONTH, YEAR, finding, found, office

OFFICE = OfficeRow(id="alborz", name=Names(fa="اداره کل البرز", en="Alborz"), unit=Names(fa="فناوری", en="IT"),
                   calendar="jalali", timezone="Asia/Tehran")  # fmt: skip
KEY = "backup.slot-missing:insurance-db"


def build(parts: Parts, notes: tuple[Note, ...] = (), earlier: Earlier | None = None, **more: Any) -> Report:
    heading = Heading(office=OFFICE, period=more.pop("period", MONTH), tool_version="0.3.0", **more)
    return assemble(heading, parts, PeriodNotes(notes=notes), earlier)


def note(kind: NoteKind, about: str = "", **more: Any) -> Note:
    text = Names(fa="متن", en=f"text of {about or kind}")
    return Note(kind=kind, period="1402-12", about=about, at=datetime(2024, 3, 20, tzinfo=UTC), by="A",
                **({"text": text} | more))  # fmt: skip


def item(name: str, kind: str = "computer", status: str = "in_use", holder: str = "") -> AssetRow:
    return AssetRow(id=name, kind=kind, status=status, site="head", holder=holder)


def test_everything_of_the_period_is_in_the_report() -> None:
    parts = office()
    report = build(parts, owners={"backup": "B"}, signers={"prepared": "A. Karimi"})
    assert (report.office, report.period, report.tool_version) == (OFFICE, MONTH, "0.3.0")
    rooms = (report.servers, report.hardware, report.backups, report.papers, report.quality)
    assert rooms == (parts.servers, parts.hardware, parts.backups, parts.papers, parts.quality)
    assert len(report.indicators) == 8
    assert report.statements
    assert report.signers == (("prepared", "A. Karimi"), ("approved", ""), ("ratified", ""))
    assert report.verdict.state is State.OK


def test_every_figure_of_every_room_is_in_the_book_with_those_of_all_rooms() -> None:
    parts = office()
    report = build(parts)
    own = {"quality.no_holder", "exceptions.open", "exceptions.new", "exceptions.closed"}
    assert set(report.figures) == {one.id for one in parts.figures} | own
    assert all(name == figure.id for name, figure in report.figures.items())
    assert all(one.figure in report.figures for one in report.indicators if one.value is not None)
    assert {name for one in report.statements for name in one.figures} <= set(report.figures)


def test_two_truths_under_one_name_are_refused() -> None:
    twice = Figure(id="servers.total", value=1)
    with pytest.raises(ValueError, match=r"servers\.total"):
        build(office(quality=QualityPart(figures=(twice,))))


def test_what_people_typed_stands_where_it_belongs() -> None:
    notes = (
        note(NoteKind.PROBLEM, "power"),
        note(NoteKind.PROPOSAL, "ups"),
        note(NoteKind.SUMMARY),
        note(NoteKind.CAUSE, KEY, owner="C"),
        note(NoteKind.PROBLEM, "nobody", text=None, owner="D"),
    )
    report = build(found(finding()), notes)
    assert [one.en for one in report.problems] == ["text of power"]
    assert [one.en for one in report.proposals] == ["text of ups"]
    assert report.summary == Names(fa="متن", en="text of summary")
    assert (report.exceptions[0].cause, report.exceptions[0].owner) == (Names(fa="متن", en=f"text of {KEY}"), "C")
    assert build(found()).summary is None


def test_earlier_periods_give_months_changes_and_history() -> None:
    past = Earlier(periods=(("1402-10", found(finding())), ("1402-11", found(finding(), finding(subject="b")))))
    report = build(found(finding(), finding(subject="c")), earlier=past)
    months = {one.subject: one.months for one in report.exceptions}
    assert months == {"insurance-db": 3, "c": 1}
    assert (report.verdict.new, report.verdict.closed) == (1, 1)
    assert [point.period for point in report.indicators[0].history] == ["1402-10", "1402-11", "1402-12"]
    assert report.figures["exceptions.new"].value == 1


def test_a_year_is_compared_with_the_year_before_and_drawn_by_its_months() -> None:
    past = Earlier(periods=(("1401", found(finding())),), months=tuple((name, found()) for name in YEAR.months))
    report = build(found(finding()), earlier=past, period=YEAR)
    assert report.exceptions[0].months == 2
    assert [point.period for point in report.indicators[0].history] == ["1401", *YEAR.months, "1402"]
    assert [point.period for point in report.indicators[0].drawn] == [*YEAR.months, "1402"]


@pytest.mark.parametrize(
    ("items", "value", "of"),
    [
        ((), None, None),
        ((item("P1", "printer"),), None, None),
        ((item("C1", holder="A"),), 0, 1),
        ((replace(item("C1"), is_held=True),), 0, 1),
        ((item("C1"), item("N1", "notebook", holder="A"), item("C2", status="store"), item("P1", "printer")), 1, 2),
    ],
)
def test_machines_that_nobody_took_charge_of_are_counted(items: Any, value: float | None, of: float | None) -> None:
    figure = build(Parts(hardware=HardwarePart(items=items))).figures["quality.no_holder"]
    assert (figure.value, figure.of) == (value, of)


def test_the_same_facts_make_the_same_record() -> None:
    assert build(office(), (note(NoteKind.PROBLEM, "power"),)) == build(office(), (note(NoteKind.PROBLEM, "power"),))


def test_of_nothing_a_report_can_be_made() -> None:
    report = build(Parts())
    assert (report.exceptions, report.statements) == ((), ())
    assert build(replace(Parts(), backups=BackupPart(findings=(finding(),)))).verdict.state is State.CRITICAL


def test_a_year_shows_the_value_of_the_year_before() -> None:
    past = Earlier(periods=(("1401", found(finding(), finding(subject="b"))),), months=(("1402-01", found()),))
    (one,) = [row for row in build(found(finding()), earlier=past, period=YEAR).indicators if row.figure == OPEN]
    assert (one.value, one.before, one.change) == (1, 2, -1)
