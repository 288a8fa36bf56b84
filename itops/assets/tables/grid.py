"""A sheet as it lies in a file, whatever the file is: rows of cells and which cells were merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeAlias

from itops.text import plain

_SHOWN = 60
Cell: TypeAlias = str | int | float | bool | date | time | timedelta | None  # a datetime is a date, too
Row: TypeAlias = Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A block of merged cells, all from 0 and inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet. `rows[0]` is the first row that a person sees, blank or not."""

    name: str
    rows: Sequence[Row]
    merged: tuple[Merged, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table that is written."""

    header: str
    width: float | None = None  # in characters; None: as wide as its content


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table that is written: texts stay texts, numbers are numbers, nothing is ever a formula."""

    name: str
    columns: tuple[TableColumn, ...]
    rows: Sequence[Sequence[str | int | float | None]]
    is_right_to_left: bool = False


def column_letters(position: int) -> str:
    """What a spreadsheet calls the column at `position` (from 0): A, B, ... AA."""
    letters, number = "", position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def shown(text: object) -> str:
    """Outside text as a message quotes it: short, on one line."""
    said = plain(str(text))
    return f"'{said[:_SHOWN]}...'" if len(said) > _SHOWN else f"'{said}'"


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands there, or only spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
