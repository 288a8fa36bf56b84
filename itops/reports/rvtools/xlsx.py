"""One xlsx file in bounded memory and with the same bytes for the same input.

XlsxWriter's constant_memory mode keeps one row of each sheet and spools the rest to files; tables do not work in it,
an autofilter does. Types are said with every cell (`write_string`, `write_number`), so that no text is ever taken for
a formula, a link or a number.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from itops.inventory.rvtools.catalogue import catalogue
from itops.inventory.rvtools.cells import Cell
from itops.reports.rvtools.book import Append
from itops.reports.rvtools.replacing import replacing
from itops.reports.rvtools.safe_text import xlsx_text

MAX_ROWS = 1_048_576  # of a sheet, the header included
_FIRST_YEAR = 1900  # a spreadsheet has no date before
_WIDTH_ROWS = 200  # rows that decide how wide a column is shown
_MAX_WIDTH = 45
_MAX_WIDTH_OF_FEW = 100  # where all columns fit on a screen: the messages of vHealth are whole sentences
_FEW_COLUMNS = 8
_LINES_HEIGHT = 15.75  # of a row with a note of several lines: the first is seen, as in every other row
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class XlsxBook:
    """A book that becomes the file `out` when its `with` block ends well; otherwise `out` is not touched."""

    def __init__(self, out: Path, *, zone: ZoneInfo, created_at: datetime) -> None:
        self._out, self._zone, self._created_at = out, zone, created_at
        self._sheets: list[_Sheet] = []

    def __enter__(self) -> "XlsxBook":
        self._replacing = replacing(self._out)
        partial = self._replacing.__enter__()
        self._spool = TemporaryDirectory(prefix="itops-xlsx-")
        self._workbook = xlsxwriter.Workbook(str(partial), {**_OPTIONS, "tmpdir": self._spool.name})
        self._workbook.set_properties({"created": self._created_at.astimezone(UTC).replace(tzinfo=None)})
        self._formats = _Formats(self._workbook)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                error = self._close()
        finally:
            self._spool.cleanup()
            self._replacing.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)

    def add_sheet(self, name: str, headers: Sequence[str], types: Sequence[str]) -> Append:
        """A new sheet: header row in white on black, first row and column frozen, a filter on every column."""
        sheet = _Sheet(self._workbook.add_worksheet(name), headers, types, self._formats, self._zone)
        self._sheets.append(sheet)
        return sheet.append

    def _close(self) -> OSError | None:
        for sheet in self._sheets:
            sheet.finish()
        try:
            self._workbook.close()
        except FileCreateError as failure:  # XlsxWriter's wrapper around the OSError
            reason = failure.args[0] if failure.args else failure
            return reason if isinstance(reason, OSError) else OSError(str(reason))
        return None


class _Formats:
    """The cell formats of a workbook: the header's, and one for each type that has a number format."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self.header: Format = workbook.add_format(
            {"font_name": "Verdana", "font_size": 9, "bold": True, "font_color": "white", "bg_color": "black"}
        )
        # Left, or a Persian name sticks to the next column.
        self.text: Format = workbook.add_format({"align": "left"})
        # In a row of fixed height, or the lines of a note are drawn over the row below.
        self.lines: Format = workbook.add_format({"align": "left", "valign": "top", "text_wrap": True})
        self.of_type: dict[str, Format] = {
            type_: workbook.add_format({"num_format": form, **({"align": "left"} if type_ == "datetime" else {})})
            for type_, form in catalogue().formats.items()
        }


class _Sheet:
    def __init__(
        self, sheet: Worksheet, headers: Sequence[str], types: Sequence[str], formats: _Formats, zone: ZoneInfo
    ) -> None:
        self._sheet, self._zone, self._next = sheet, zone, 1
        self._formats = [formats.of_type.get(type_) for type_ in types]
        self._moment_format, self._text_format, self._lines_format = (
            formats.of_type["datetime"],
            formats.text,
            formats.lines,
        )
        self._widths = [len(header) + 3 for header in headers]
        sheet.freeze_panes(1, 1)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, xlsx_text(header), formats.header)

    def append(self, row: Sequence[Cell]) -> bool:
        if self._next >= MAX_ROWS:
            return False
        if any("\n" in cell for cell in row if isinstance(cell, str)):
            self._sheet.set_row(self._next, _LINES_HEIGHT)
        for column, cell in enumerate(row):
            if cell is not None:  # most cells of a wide sheet are empty: do not even call
                self._write(column, cell)
        self._next += 1
        return True

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, self._next - 1, len(self._widths) - 1)
        limit = _MAX_WIDTH_OF_FEW if len(self._widths) <= _FEW_COLUMNS else _MAX_WIDTH
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, min(width, limit))

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            local = cell.astimezone(self._zone).replace(tzinfo=None)
            if local.year >= _FIRST_YEAR:
                self._sheet.write_datetime(self._next, column, local, self._moment_format)
                self._fit(column, 19)
                return
            cell = local.isoformat(" ")
        if isinstance(cell, str | bool):
            text = xlsx_text(str(cell))
            if text:
                self._sheet.write_string(
                    self._next, column, text, self._lines_format if "\n" in text else self._text_format
                )
                self._fit(column, len(text))
        elif cell is not None:
            self._sheet.write_number(self._next, column, cell, self._formats[column])
            self._fit(column, len(f"{cell:,}"))

    def _fit(self, column: int, length: int) -> None:
        if self._next <= _WIDTH_ROWS and length + 1 > self._widths[column]:
            self._widths[column] = length + 1
