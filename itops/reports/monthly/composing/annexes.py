"""The annexes: everything the pages before counted, row by row, and how each figure is counted."""

from collections.abc import Iterator

from itops.reports.monthly.composing.backups import odd_slots
from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.exceptions import all_exceptions
from itops.reports.monthly.composing.figures import definition_row
from itops.reports.monthly.composing.hardware import all_assets
from itops.reports.monthly.composing.papers import hashes
from itops.reports.monthly.composing.servers import technical_file
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, Heading, Table


def annexes(report: Report, pen: Pen) -> Iterator[Block]:
    """In the order of the chapters; each under a heading of its own, so that it can be found."""
    yield Heading(level=1, title=pen.say("heading", "annexes"), id="annexes")
    tables = (
        all_exceptions(report, pen),
        technical_file(report, pen),
        all_assets(report, pen),
        odd_slots(report, pen),
        hashes(report, pen),
        _definitions(report, pen),
    )
    shown = [table for table in tables if table.rows or not pen.is_public]  # of those all was taken out
    for number, table in enumerate(shown, start=1):
        yield Heading(level=2, title=pen.say("annex", number=number, title=table.title), id=f"{table.id}-heading")
        yield table


def _definitions(report: Report, pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "definitions"),
        columns=pen.columns(
            ("figure_id", 2.4, "code"),
            ("figure", 2.6, "text"),
            ("value", 1.4, "number"),
            ("definition", 5, "text"),
            ("evidence", 1, "number"),
        ),
        rows=tuple(definition_row(figure, pen) for figure in report.figures.values()),
        id="annex-definitions",
        empty=pen.say("no_figures"),
        note=pen.say("explain_note"),
        is_annex=True,
    )
