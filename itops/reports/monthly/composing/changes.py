"""What was done: the sentences that the facts support, every changed server by name, what people wrote down."""

from collections.abc import Iterator, Mapping, Sequence

from itops.facts import Fact
from itops.reports.monthly.composing.cells import DASH, Pen, cell
from itops.reports.monthly.parts import ChangeRow, DeedRow, OrderRow
from itops.reports.monthly.records import Report
from itops.reports.monthly.statement_words import sentence
from itops.reports.paper.model import Block, Cell, Heading, Line, Mark, Paragraph, Row, Table, text

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("created", ("added",)),
    ("removed", ("removed",)),
    ("upgraded", ("upgraded",)),
    ("moved", ("moved",)),
    ("resized", ("resized",)),
    ("other", ("renamed", "reconfigured")),
)
_UNCHANGED = frozenset({"discovered"})  # there before anybody looked: no change
_WITH_FIELDS = frozenset({"upgraded", "moved", "resized", "other"})
_NEEDS_ORDER: Mapping[str, Mark] = {"removed": Mark.BAD, "added": Mark.NOTICE}
"""How loudly it is said that nobody ordered it; of other changes the word alone is enough."""


def changes(report: Report, pen: Pen) -> Iterator[Block]:
    """Statements, then names, then the log."""
    yield Heading(level=1, title=pen.say("heading", "changes"), id="changes")
    if report.statements:
        yield from (Paragraph(line=sentence(one, pen.words), role="statement") for one in report.statements)
    else:
        yield Paragraph(line=text(pen.none("no_statements")), role="note")
    yield from _observed(report, pen)
    yield _log(report.servers.deeds, pen)


def _observed(report: Report, pen: Pen) -> Iterator[Block]:
    yield Heading(level=2, title=pen.say("heading", "changes_by_name"), id="changes-by-name")
    seen = [one for one in report.servers.changes if one.action not in _UNCHANGED]
    known = {action for _, actions in _GROUPS for action in actions}
    for group, actions in _GROUPS:
        rows = [one for one in seen if one.action in actions or (group == "other" and one.action not in known)]
        if rows:
            yield _group(group, rows, pen)
    if not seen:
        yield Paragraph(line=text(pen.none("no_changes")))
    if found := len(report.servers.changes) - len(seen):
        yield Paragraph(line=text(pen.say("discovered", discovered=found)), role="note")


def _group(group: str, rows: Sequence[ChangeRow], pen: Pen) -> Table:
    fields = (("field", 1.4, "text"), ("before", 1.8, "code"), ("after", 1.8, "code")) if group in _WITH_FIELDS else ()
    missing = sum(one.order is None for one in rows)
    return Table(
        title=pen.say("change_group", group),
        columns=pen.columns(
            ("number", 0.5, "number"),
            ("name", 2, "code"),
            ("kind", 1, "text"),
            *fields,
            ("seen", 1.6, "day"),
            ("explained", 2.6, "text"),
            ("order", 2.8, "text"),
        ),
        rows=tuple(_row(number, one, pen, has_fields=bool(fields)) for number, one in enumerate(rows, start=1)),
        id=f"changes-{group}",
        note=pen.say("without_order_count", missing=missing, total=len(rows)) if missing else "",
    )


def _row(number: int, one: ChangeRow, pen: Pen, *, has_fields: bool) -> Row:
    mark = _NEEDS_ORDER.get(one.action) if one.order is None else None
    told = (
        (cell(pen.label("field", one.field)), _value(one.field, one.before, pen), _value(one.field, one.after, pen))
        if has_fields
        else ()
    )
    return Row(
        cells=(
            pen.number_cell(number),
            pen.name_cell(one.name),
            cell(pen.label("thing", one.kind)),
            *told,
            pen.day_cell(one.at.astimezone(pen.zone).date()),
            cell(_explained(one, pen)),
            Cell(line=order_line(one.order, pen) or text(pen.say("without_order")), mark=mark),
        ),
        mark=mark,
    )


def _value(field: str, value: Fact, pen: Pen) -> Cell:
    if value is None or value == "":
        return Cell(line=text(DASH))
    if isinstance(value, bool):
        return Cell(line=text(pen.say("yes" if value else "no")))
    if isinstance(value, int | float):
        return pen.number_cell(value, field.rpartition("_")[2])
    return pen.name_cell(value)


def _explained(one: ChangeRow, pen: Pen) -> Line:
    """What the change log says of it, and in which entry."""
    entries = pen.listed(pen.number(number) for number in one.entries)
    what = pen.listed((pen.prose(names) for names in one.what), "semicolon")
    if not one.entries:
        return what or text(pen.say("in_no_entry"))
    entry = pen.fill("entry", numbers=entries)
    return pen.fill("what_in_entry", what=what, entry=entry) if what else entry


def order_line(order: OrderRow | None, pen: Pen) -> Line:
    """Issuer, letter, day, attachment; nothing without an order. A missing letter number is said as such."""
    if order is None:
        return ()
    letter = (
        pen.fill("letter", number=pen.name(order.letter_no)) if order.letter_no else text(pen.say("no_letter_number"))
    )
    told = (
        pen.name(order.issuer),
        letter,
        pen.day(order.on) if order.on is not None else (),
        text(pen.say("attached")) if order.has_attachment else (),
    )
    return pen.listed(told)


def _log(deeds: Sequence[DeedRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "deeds"),
        columns=pen.columns(
            ("entry", 0.7, "number"),
            ("day", 1.4, "day"),
            ("kind", 1.3, "text"),
            ("explained", 3, "text"),
            ("subjects", 2, "code"),
            ("count", 0.8, "number"),
            ("by", 1.4, "text"),
            ("order", 2.4, "text"),
        ),
        rows=tuple(_deed(one, pen) for one in deeds),
        id="deeds",
        empty=pen.none("no_deeds"),
    )


def _deed(one: DeedRow, pen: Pen) -> Row:
    what = pen.listed((pen.prose(one.what), pen.name(one.note)), "semicolon")
    return Row(
        cells=(
            pen.number_cell(one.number),
            pen.day_cell(one.at.astimezone(pen.zone).date()),
            cell(pen.label("work_kind", one.kind)),
            cell(what),
            cell(pen.names(one.subjects)),
            pen.number_cell(one.count),
            pen.name_cell(one.by),
            cell(order_line(one.order, pen)),
        )
    )
