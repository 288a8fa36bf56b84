"""Figures in words: what each is called, how it is defined, why one is not known."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from itops.reports.monthly.composing.cells import Pen, cell
from itops.reports.monthly.composing.lines import filled
from itops.reports.monthly.figures import Figure
from itops.reports.paper.model import Block, Cell, Line, Paragraph, Row, Table, code, text
from itops.reports.words import placeholders

_LABELS = ("asset_kind", "site", "asset_status", "tier", "upload_state", "system", "action", "slot_state", "work_kind")
"""Where the last part of an id finds its word, when it is a code of ours or a name of the office."""


def figure_title(figure_id: str, pen: Pen) -> Line:
    """What a figure is called; its id where nobody gave it a name."""
    return _words_of(figure_id, "title", pen) or code(figure_id)


def figure_definition(figure_id: str, pen: Pen) -> Line:
    """How it is counted, in a sentence."""
    return _words_of(figure_id, "definition", pen)


def _words_of(figure_id: str, part: str, pen: Pen) -> Line:
    found = _pattern_of(figure_id, pen)
    if found is None:
        return ()
    pattern, star = found
    template = pen.words.template("figure", pattern, part)
    return filled(template, {name: _star_line(name, star, pen) for name in placeholders(template)})


def _pattern_of(figure_id: str, pen: Pen) -> tuple[str, str] | None:
    """The key of its words, and what stood in the place of the star: "hardware.kind.*", "printer"."""
    table = pen.words.tables.get("figure", {})
    if figure_id in table:
        return figure_id, ""
    fitting = [key for key in table if "*" in key and fnmatchcase(figure_id, key)]
    if not fitting:
        return None
    pattern = max(fitting, key=len)
    before, _, after = pattern.partition("*")
    return pattern, figure_id[len(before) : len(figure_id) - len(after)]


def _star_line(name: str, star: str, pen: Pen) -> Line:
    """`name` says which words the star stands for: {kind} an asset's, {site} a place's, and so on."""
    table = {"kind": "asset_kind", "status": "asset_status", "state": "upload_state", "work": "work_kind"}.get(
        name, name
    )
    return pen.label(table, star)


def figures_table(
    figures: Iterable[Figure], all_figures: Mapping[str, Figure], table_id: str, pen: Pen
) -> Iterator[Block]:
    """The figures of a chapter, but those that a table of their own shows: kinds and places."""
    shown = [all_figures[one.id] for one in figures if one.id in all_figures and not _is_one_of_many(one.id, pen)]
    if not shown:
        return
    yield Table(
        title=pen.say("table", "figures"),
        columns=pen.columns(("figure", 4, "text"), ("value", 2, "number")),
        rows=tuple(Row(cells=(cell(figure_title(one.id, pen)), pen.figure_cell(one))) for one in shown),
        id=table_id,
    )
    yield from reasons_note(shown, pen)


def _is_one_of_many(figure_id: str, pen: Pen) -> bool:
    found = _pattern_of(figure_id, pen)
    return found is not None and "*" in found[0]


def reasons_note(figures: Iterable[Figure], pen: Pen) -> Iterator[Paragraph]:
    """Why some of the figures are dashes, each reason once."""
    by_reason: dict[str, list[Line]] = {}
    for figure in figures:
        if figure.value is None:
            by_reason.setdefault(figure.reason, []).append(figure_title(figure.id, pen))
    for reason, titles in by_reason.items():
        line = pen.fill("unknown_because", figures=pen.listed(titles), reason=reason_line(reason, pen))
        yield Paragraph(line=line, role="note")


def reason_line(reason: str, pen: Pen) -> Line:
    """Why a figure is not known."""
    return pen.label("reason", reason)


def definition_row(figure: Figure, pen: Pen) -> Row:
    """One figure of the annex: its name for `itops report explain`, its value, its definition."""
    return Row(
        cells=(
            Cell(line=code(figure.id)),
            cell(figure_title(figure.id, pen)),
            pen.figure_cell(figure),
            cell(figure_definition(figure.id, pen) or (reason_line(figure.reason, pen) if figure.reason else text(""))),
            pen.number_cell(len(figure.evidence)),
        )
    )
