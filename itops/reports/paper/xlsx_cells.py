"""Cells of a workbook: every one says its type, so that no text is ever a formula, a link or a number.

On a sheet that is read from the right, a code keeps reading order 1 and stands at the right, and words have reading
order 2. The sign of a mark is part of the number format: it is printed, but a lookup finds the bare value.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from itops.reports.paper.model import Cell, Line, Mark, said
from itops.reports.paper.office_text import SHADES, cell_text, is_left_to_right
from itops.reports.paper.xlsx_values import Field, number_format, plain_format, value_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROW_HEIGHT = 18.0  # points: Persian fonts are taller than what programs reckon with
INK, PALE, LINE = "#1F3A5F", "#DCE6F1", "#BFC8D2"
_LONGEST_AS_TEXT = 255  # Excel prints a row of # instead of a longer text in the format of texts
_CENTERED = {"number", "percent", "day", "date", "moment"}
_TURNS = re.compile(r"[^\W\d_].*\d|\d.*[^\W\d_]|^\W")  # words beside numbers, or a sign in front
_OF_LETTERS = ("bold", "font_color", "font_size")
_DATE_FORMATS = {"date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm"}


class Pen:
    """Writes the cells of one workbook; formats are made once for each look."""

    def __init__(self, workbook: "Workbook", *, is_right_to_left: bool) -> None:
        self.workbook, self.is_right_to_left = workbook, is_right_to_left
        self.start, self.end = ("right", "left") if is_right_to_left else ("left", "right")
        from itops.reports.rvtools.safe_text import xlsx_text  # noqa: PLC0415  its room loads XlsxWriter

        self._held = xlsx_text
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def format(self, **look: object) -> "Format":
        """The format of a look, as XlsxWriter names its properties."""
        key = tuple(sorted(look.items(), key=lambda one: one[0]))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(dict(look))
        return self._formats[key]

    def line(self, sheet: "Worksheet", row: int, column: int, line: Line, *, sign: object = "", **look: object) -> None:
        """A line as text. `sign`: printed before it, and no part of it."""
        words = self.text(line)
        if not words and not sign:
            sheet.write_blank(row, column, None, self.format(**look))
            return
        whole = {**self.direction(line), **look}
        if len(words) <= _LONGEST_AS_TEXT:
            whole["num_format"] = f'"{sign} "@' if sign else "@"
        first, space, rest = words.partition(" ")
        if whole.get("reading_order") == 2 and first and rest and _TURNS.search(words):
            # LibreOffice minds the reading order of no cell but those with letters of two looks, be they alike.
            letters = self.format(**{name: whole[name] for name in _OF_LETTERS if name in whole})
            sheet.write_rich_string(row, column, letters, first + space, letters, rest, self.format(**whole))
        else:
            sheet.write_string(row, column, words, self.format(**whole))

    def text(self, line: Line) -> str:
        """A line as a cell's text."""
        return self._held(cell_text(line, is_right_to_left=self.is_right_to_left))

    def direction(self, line: Line) -> Mapping[str, Any]:
        """Where a text begins, and from which side it is read."""
        if not self.is_right_to_left:
            return {"align": "left"}
        return {"align": "right", "reading_order": 1 if is_left_to_right(line) else 2}

    def cell(self, sheet: "Worksheet", row: int, column: int, cell: Cell, field: Field, **look: object) -> None:
        """A cell of a table: its value where the field is one and the value is known, else its line.

        `look` may hold a `sign`, which is printed before it.
        """
        value = value_of(cell)
        aligned = {"align": "center"} if field.is_value or field.kind in _CENTERED else {}
        if not field.is_value or (value is None and cell.line and field.has_line):
            self.line(sheet, row, column, cell.line, **{**aligned, **look})
            return
        sign = str(look.pop("sign", ""))
        if isinstance(value, date):
            moment = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            shown = _DATE_FORMATS.get(field.kind, _DATE_FORMATS["date"])
            sheet.write_datetime(row, column, moment, self.format(**look, **aligned, num_format=shown))
        elif value is None:
            sheet.write_blank(row, column, None, self.format(**look))
        else:
            self.number(sheet, row, column, said(cell.line), value, sign=sign, **aligned, **look)

    def number(
        self, sheet: "Worksheet", row: int, column: int, line: str, value: float, *, sign: str = "", **look: object
    ) -> None:
        """A number that prints as the paper has it."""
        shown = number_format(line, value, sign=sign)
        shown = shown or plain_format(value, is_persian=self.is_right_to_left, sign=sign)
        sheet.write_number(row, column, value, self.format(**look, num_format=shown))


def shade(mark: Mark | None) -> Mapping[str, Any]:
    """The fill of a mark."""
    return {} if mark is None else {"bg_color": f"#{SHADES[mark]}"}
