"""A file of any office as sheets: what it is is seen from its first bytes, not from its name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from itops.assets.tables.grid import Cell, Merged, Row, Sheet, is_blank
from itops.errors import InputInvalid, UsageWrong
from itops.sheets import guard
from itops.workbooks import reading

MAX_ROWS = 100_000
"""Of one list, its header included: three hundred times the biggest office we know."""
MAX_COLUMNS = 2_000
_HEAD_ROWS = 60
_MOST_MERGED = 10_000
_SAVE_AS = "open it in a spreadsheet and save it as .xlsx"


class Book(Protocol):
    """A file with one sheet or more."""

    path: Path

    def names(self) -> list[str]:
        """The sheets that a person sees."""
        ...

    def head(self, name: str) -> Sheet:
        """The first rows of a sheet: enough to find its header. Raises InputInvalid."""
        ...

    def sheet(self, name: str) -> Sheet:
        """The whole sheet. Raises InputInvalid when it is broken or too long."""
        ...


def open_book(path: Path) -> Book:
    """Open a workbook or a text file. Raises InputInvalid for what is neither, UsageWrong where nothing can be read."""
    from itops.sheets.text_file import TextBook  # noqa: PLC0415  whichever of the two it is

    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as failure:
        raise UsageWrong(f"{path} cannot be read: {failure.strerror or failure}", remedy="check the path") from None
    if head.startswith(b"PK"):
        guard.check(path)
        return XlsxBook(path)
    if problem := _what_it_is(head):
        raise InputInvalid(f"{path}: {problem}", remedy=_SAVE_AS)
    return TextBook(path)


def _what_it_is(head: bytes) -> str | None:
    if not head:
        return "the file is empty"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old .xls file or one with a password, not an .xlsx workbook"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<style", b"<div", b"<?xml")):
        return "a web page or XML with the name of a list, as many systems export them"
    if start.startswith(b"%pdf"):
        return "a PDF: its text comes back with digits and words reversed"
    return None


class XlsxBook:
    """A workbook. The reader is native code; whatever it throws at a broken file is an InputInvalid here."""

    def __init__(self, path: Path) -> None:
        from python_calamine import (  # noqa: PLC0415  needed only when a workbook is read
            CalamineWorkbook,
            SheetTypeEnum,
            SheetVisibleEnum,
        )

        self.path = path
        with reading(path, remedy=_SAVE_AS):
            self._workbook = CalamineWorkbook.from_path(str(path))
            self._names = [
                found.name
                for found in self._workbook.sheets_metadata
                if found.typ == SheetTypeEnum.WorkSheet and found.visible == SheetVisibleEnum.Visible
            ]

    def names(self) -> list[str]:
        """The sheets that a person sees; hidden ones and charts are none."""
        return self._names

    def head(self, name: str) -> Sheet:
        """The first rows of a sheet, and what is merged there."""
        return self._sheet(name, _HEAD_ROWS)

    def sheet(self, name: str) -> Sheet:
        """The whole sheet."""
        return self._sheet(name, None)

    def _sheet(self, name: str, row_count: int | None) -> Sheet:
        with reading(self.path, name, remedy=_SAVE_AS):
            found = self._workbook.get_sheet_by_name(name)
            height = found.end[0] + 1 if found.end else 0
            if height > MAX_ROWS:
                raise too_long(self.path, height)
            rows = found.to_python(skip_empty_area=False, nrows=row_count)
            blocks = [block for block in found.merged_cell_ranges or () if block[0][0] < _HEAD_ROWS][:_MOST_MERGED]
        merged = tuple(
            Merged(top=top, left=left, bottom=bottom, right=right) for (top, left), (bottom, right) in blocks
        )
        return Sheet(name=name, rows=_without_blank_end([_row(row) for row in rows]), merged=merged)


def _row(cells: Sequence[Any]) -> Row:
    """A blank cell is None; the reader has empty texts."""
    return tuple(None if cell == "" else cell for cell in cells)


def _without_blank_end(rows: list[Row]) -> Sequence[Sequence[Cell]]:
    while rows and all(is_blank(cell) for cell in rows[-1]):
        rows.pop()
    return rows


def too_long(path: Path, row_count: int) -> InputInvalid:
    """More rows than a list of an office can have."""
    return InputInvalid(
        f"{path}: {row_count:,} rows; at most {MAX_ROWS:,} are read", remedy="leave out what is no list of hardware"
    )
