"""Exceptions, worst first, with their age, who answers for them, until when, and why they are there."""

from collections.abc import Iterator

from itops.reports.monthly.composing.cells import DASH, Pen, cell, mark_of
from itops.reports.monthly.composing.findings import finding_line, subject_line, whole_line
from itops.reports.monthly.records import ExceptionRow, Report
from itops.reports.monthly.redacting import REDACTED
from itops.reports.paper.model import Block, Cell, Heading, Line, Paragraph, Row, Table, code, text
from itops.text import plain
from itops.verdict import State

SHOWN = 10
_NAMED = 12  # ordinals that have words


def exceptions(report: Report, pen: Pen) -> Iterator[Block]:
    """The ten worst; how many more there are, and where."""
    yield Heading(level=1, title=pen.say("heading", "exceptions"), id="exceptions")
    if not report.exceptions:
        yield Paragraph(line=text(pen.say("no_exceptions")), mark=None)
        return
    more = len(report.exceptions) - SHOWN
    yield Table(
        title=pen.say("table", "exceptions"),
        columns=pen.columns(
            ("what", 5, "text"),
            ("state", 1.3, "text"),
            ("age", 1.3, "number"),
            ("months", 1.4, "text"),
            ("owner", 1.6, "text"),
            ("due", 1.5, "day"),
            ("cause", 2.6, "text"),
        ),
        rows=tuple(_row(one, pen, is_year=report.period.is_year) for one in report.exceptions[:SHOWN]),
        id="exceptions-worst",
        note=pen.say("more_in_annex", more=more) if more > 0 else "",
    )


def _row(one: ExceptionRow, pen: Pen, *, is_year: bool) -> Row:
    return Row(
        cells=(
            Cell(line=_counted(whole_line(one, pen), one, pen)),
            pen.state_cell(one.state),
            _age(one, pen),
            months_cell(one, pen, is_year=is_year),
            pen.name_cell(one.owner),
            pen.day_cell(one.due_on),
            cause_cell(one, pen),
        ),
        mark=mark_of(one.state) if one.state is State.CRITICAL else None,
    )


def _counted(line: Line, one: ExceptionRow, pen: Pen) -> Line:
    """How often, where the sentence itself does not say so."""
    is_told = one.count <= 1 or one.code == REDACTED
    return line if is_told else pen.fill("times", what=line, count=pen.number(one.count))


def _age(one: ExceptionRow, pen: Pen) -> Cell:
    return pen.number_cell(one.age_days, "days")


def months_cell(one: ExceptionRow, pen: Pen, *, is_year: bool) -> Cell:
    """Its place in the row of these reports: the third month is louder than any colour."""
    if one.code == REDACTED:
        return Cell(line=text(DASH))
    key = "nth_year" if is_year else "nth_month"
    if 1 <= one.months <= _NAMED:
        line = text(pen.say(key, nth=pen.say("nth", str(one.months))))
    else:
        line = pen.fill(f"{key}_more", number=pen.number(one.months))
    if one.is_longer:
        line = pen.fill("nth_or_later", nth=line)
    return Cell(line=line, value=one.months)


def cause_cell(one: ExceptionRow, pen: Pen) -> Cell:
    """What people wrote; and that nobody did."""
    return Cell(line=pen.prose(one.cause) or text(f"{DASH} {pen.none('not_written')}"))


def all_exceptions(report: Report, pen: Pen) -> Table:
    """Every one of them, for the annex."""
    return Table(
        title=pen.say("table", "all_exceptions"),
        columns=pen.columns(
            ("number", 0.6, "number"),
            ("room", 1.3, "text"),
            ("subject", 2.2, "text"),
            ("what", 5, "text"),
            ("state", 1.1, "text"),
            ("since", 1.3, "day"),
            ("age", 1.1, "number"),
            ("months", 1.2, "text"),
            ("owner", 1.4, "text"),
            ("due", 1.4, "day"),
            ("cause", 2.2, "text"),
            ("code", 2.4, "code"),
        ),
        rows=tuple(_whole_row(number, one, report, pen) for number, one in enumerate(report.exceptions, start=1)),
        id="annex-exceptions",
        empty=pen.say("no_exceptions"),
        is_annex=True,
    )


def _whole_row(number: int, one: ExceptionRow, report: Report, pen: Pen) -> Row:
    return Row(
        cells=(
            pen.number_cell(number),
            cell(pen.label("room", one.room)),
            cell(subject_line(one, pen)),
            cell(_counted(finding_line(one, pen), one, pen)),
            pen.state_cell(one.state),
            pen.day_cell(None if one.since is None else one.since.astimezone(pen.zone).date()),
            _age(one, pen),
            months_cell(one, pen, is_year=report.period.is_year),
            pen.name_cell(one.owner),
            pen.day_cell(one.due_on),
            cause_cell(one, pen),
            cell(code(plain(one.code))),
        )
    )
