"""A table as CSV or XLSX: whole or not at all, the same bytes for the same table, and nothing in it ever runs.

In a workbook every text is a text cell whatever it begins with, formatted as text so that an edit keeps its zeros. CSV
has no types: an apostrophe goes before what a spreadsheet would run, and before what would look like one of those; the
reader takes exactly one away again.
"""

import csv
import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from itops.assets.tables.grid import Table
from itops.errors import StoreUnavailable, UsageWrong
from itops.reports.rvtools.replacing import replacing

_RISKY = re.compile(r"'*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_WIDTH_ROWS = 200  # rows that decide how wide a column is shown
_NARROWEST, _WIDEST = 8, 45
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_table(table: Table, out: Path, *, created_at: datetime) -> None:
    """Write `out`, FILE.xlsx or FILE.csv by its name. Raises UsageWrong or StoreUnavailable."""
    kind = out.suffix.lower()
    if kind not in {".xlsx", ".csv"}:
        raise UsageWrong(f"{out.name} is neither .xlsx nor .csv", remedy="end the name with one of the two")
    with replacing(out) as partial:
        if kind == ".csv":
            _write_csv(table, partial)
        else:
            _write_xlsx(table, partial, created_at)


def guarded(text: str) -> str:
    """A text as a CSV cell holds it; `text_file.unguarded` gives it back."""
    return f"'{text}" if _RISKY.match(text) else text


def _write_csv(table: Table, out: Path) -> None:
    with out.open("w", encoding="utf-8-sig", newline="", errors="strict") as file:
        writer = csv.writer(file)  # its line ends are CRLF
        writer.writerow([guarded(column.header) for column in table.columns])
        for row in table.rows:
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])


def _write_xlsx(table: Table, out: Path, created_at: datetime) -> None:
    with TemporaryDirectory(prefix=".itops-", dir=out.parent) as spool:  # on a full disk nothing of it stays
        _write_book(table, out, created_at, spool)


def _write_book(table: Table, out: Path, created_at: datetime, spool: str) -> None:
    import xlsxwriter  # noqa: PLC0415  needed only when a workbook is written
    from xlsxwriter.exceptions import FileCreateError, XlsxInputError  # noqa: PLC0415  as above

    workbook = xlsxwriter.Workbook(str(out), {**_OPTIONS, "tmpdir": spool})
    workbook.set_properties({"created": created_at.astimezone(UTC).replace(tzinfo=None)})
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    # In a right-to-left sheet a Latin text that clings to the left runs into its neighbour.
    as_text = workbook.add_format({"num_format": "@", **({"align": "right"} if table.is_right_to_left else {})})
    try:
        sheet = workbook.add_worksheet(table.name)
    except XlsxInputError as wrong:
        raise UsageWrong(
            f"{table.name!r} cannot be the name of a sheet ({wrong})", remedy="name it otherwise"
        ) from None
    if table.is_right_to_left:
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    for position, (column, width) in enumerate(zip(table.columns, _widths(table), strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, column.header, bold)
    for number, row in enumerate(table.rows, 1):
        for position, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, position, cell, as_text)
            elif cell is not None:
                sheet.write_number(number, position, cell)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    try:
        workbook.close()
    except FileCreateError as failure:  # XlsxWriter's wrapper around the OSError
        raise StoreUnavailable(f"cannot write {out.name}: {failure}", remedy="check space and rights") from failure


def _widths(table: Table) -> list[float]:
    """As wide as what stands in the first rows, within reason."""
    found: list[float] = [max(len(column.header), _NARROWEST) for column in table.columns]
    for row in table.rows[:_WIDTH_ROWS]:
        for position, cell in enumerate(row):
            found[position] = max(found[position], len(str(cell if cell is not None else "")) + 1)
    return [
        column.width if column.width is not None else min(width, _WIDEST)
        for column, width in zip(table.columns, found, strict=True)
    ]
