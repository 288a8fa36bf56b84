"""What stands in a cell of a workbook: a true number or a true date wherever a format can say what the paper says.

A number keeps the digits of the paper by its format: `[$-3000429]` draws Persian ones (`[$-3000401]` Arabic ones,
`[$-fa-IR,3]` none). Where a line says more than its value ("26 of 27", "12 GiB", a Jalali day), the line stands as
text and the value in a column of its own beside it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import TypeAlias

from itops.reports.paper.model import Cell, Column, Row, said
from itops.reports.paper.office_text import clean

Value: TypeAlias = int | float | date | datetime

_PERSIAN_FORMAT = "[$-3000429]"
_FOLDED = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٪−", "0123456789.%-", "٬,")
_NUMBER = re.compile(r"(?P<sign>[+-]?)\s*\d+(?:\.(?P<decimals>\d+))?\s*(?P<percent>%?)")
_PERSIAN_DIGIT = re.compile("[۰-۹]")
_MOST_DECIMALS = 6
_FIRST_YEAR = 1900  # a spreadsheet has no date before
_LARGEST = 1e15  # beyond it a spreadsheet forgets digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a sheet, made of a column of a table: its line, its value, or a value that says the whole line."""

    place: int  # of the column in the table
    title: str
    kind: str  # the column's, "date" or "moment"
    is_value: bool
    has_line: bool  # whether it also shows what has no value; else that stands in the column before


def value_of(cell: Cell) -> Value | None:
    """The value, if a spreadsheet can hold it."""
    value = cell.value
    if isinstance(value, date):
        return value if value.year >= _FIRST_YEAR else None
    return value if value is not None and isfinite(value) and abs(value) < _LARGEST else None


def number_format(line: str, value: float, *, sign: str = "") -> str | None:
    """The format that makes a spreadsheet print `value` as `line` has it; None: there is none.

    `sign`: printed before it. "99.9%" cut from 0.9996 gets more decimals, never a rounded 100.0%.
    """
    found = _NUMBER.fullmatch(line.translate(_FOLDED).strip())
    if not found:
        return None
    said_number = float(found[0].replace("%", "").replace(" ", ""))
    decimals = len(found["decimals"] or "")
    near = 1.001 * 10.0**-decimals
    is_percent = bool(found["percent"])  # points of a share, "-9.9" for -0.099, have no format: they are no percent
    shown = value * 100 if is_percent else value
    if abs(said_number - shown) >= near:
        return None
    while decimals < _MOST_DECIMALS and float(f"{shown:.{decimals}f}") > shown and said_number < shown:
        decimals += 1
    language = _PERSIAN_FORMAT if _PERSIAN_DIGIT.search(line) else ""
    return _format(
        f"{decimals}%" if is_percent else f"{decimals}", language, sign, plus="+" if found["sign"] == "+" else ""
    )


def plain_format(value: float, *, is_persian: bool, sign: str = "") -> str:
    """A format for a number whose line says something else."""
    return _format("0" if float(value).is_integer() else "2", _PERSIAN_FORMAT if is_persian else "", sign)


def _format(kind: str, language: str, sign: str, *, plus: str = "") -> str:
    """`kind`: the count of decimals, and "%" behind it for a share."""
    decimals = int(kind.removesuffix("%"))
    core = ("0" if kind.endswith("%") else "#,##0") + (f".{'0' * decimals}" if decimals else "")
    core += "%" if kind.endswith("%") else ""
    front = language + (f'"{sign} "' if sign else "")
    return f"{front}{plus}{core};{front}-{core};{front}{core}" if sign or plus else f"{front}{core}"


def fields(columns: Sequence[Column], rows: Sequence[Row], *, iso: str) -> tuple[Field, ...]:
    """The columns of the sheet. `iso`: the word that marks the true date beside a day in the office's calendar."""
    made: list[Field] = []
    for place, column in enumerate(columns):
        title = clean(column.title)
        cells = [row.cells[place] for row in rows if place < len(row.cells)]
        valued = [cell for cell in cells if value_of(cell) is not None]
        kind = _kind(column, valued)
        is_pair = bool(valued) and not all(map(_says_all, valued))
        if not valued or is_pair:
            made.append(Field(place=place, title=title, kind=column.kind, is_value=False, has_line=True))
        if valued:
            shown = f"{title} ({iso if kind in {'date', 'moment'} else '#'})" if is_pair else title
            made.append(Field(place=place, title=shown, kind=kind, is_value=True, has_line=not is_pair))
    return tuple(made)


def _kind(column: Column, cells: Sequence[Cell]) -> str:
    if any(isinstance(cell.value, datetime) for cell in cells):
        return "moment"
    return "date" if any(isinstance(cell.value, date) for cell in cells) else column.kind


def _says_all(cell: Cell) -> bool:
    """Whether the value in its format says what the line says."""
    value, line = value_of(cell), said(cell.line).strip()
    if isinstance(value, datetime):
        return line == f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return line == value.isoformat()
    return value is not None and number_format(line, value) is not None
