"""A table as the template places it: its cells, its widths, whether it stands in two halves."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from itops.reports.paper.model import Cell, Mark, Row, Table
from itops.reports.paper.pdf_text import cell_text, parted_words, parts, words
from itops.reports.paper.pdf_widths import Layout

Data: TypeAlias = dict[str, Any]


def table_data(table: Table, plan: Layout) -> Data:
    """Names and values of short tables stand in two halves side by side; a sum keeps its rows above it."""
    rows = table.rows
    middle = (len(rows) + 1) // 2 if plan.is_split else len(rows)
    halves = [rows[:middle], rows[middle:]] if plan.is_split else [rows]
    return {
        "t": "table",
        "title": words(table.title),
        "size": plan.size,
        "widths": [round(width, 3) for width in plan.widths],
        "inset": round(plan.inset, 3),
        "together": plan.is_kept_together,
        "aligns": ["right" if column.kind in {"number", "percent"} else "start" for column in table.columns],
        "header": [words(column.title) for column in table.columns],
        "halves": [_half(half, plan) for half in halves] if rows and table.columns else [],
        "total": list(_row(table.total, plan)) if table.total else [],
        "note": words(table.note),
        "empty": words(table.empty),
    }


def _half(rows: Sequence[Row], plan: Layout) -> Data:
    marks = [row.mark for row in rows]
    return {
        "cells": [cell for row in rows for cell in _row(row, plan)],
        "marks": marks if any(marks) else [],
    }


def _row(row: Row, plan: Layout) -> Iterator[str | Data]:
    """As many cells as there are columns. A shaded row has a sign too: in its first cell, if no cell has one."""
    sign = row.mark if row.mark and not any(cell.mark for cell in row.cells) else None
    for place in range(len(plan.widths)):
        cell = row.cells[place] if place < len(row.cells) else Cell()
        yield _cell(cell, cell.mark or (sign if place == 0 else None), place, plan)


def _cell(cell: Cell, mark: Mark | None, place: int, plan: Layout) -> str | Data:
    is_long = any(span.is_code and not plan.has_room(place, span.text) for span in cell.line)
    if not is_long:
        shown = cell_text(cell.line)
        return {"m": mark, "s": shown} if mark else shown
    line = [("k", _parts(span.text, place, plan)) if span.is_code else ("w", words(span.text)) for span in cell.line]
    return {"m": mark, "l": line}


def _parts(code: str, place: int, plan: Layout) -> Sequence[str]:
    fits = all(plan.has_room(place, word) for word in code.split())
    return parted_words(code) if fits else parts(code)
