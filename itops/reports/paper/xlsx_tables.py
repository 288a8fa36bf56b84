"""The sheets of a workbook that hold one table each, or one calendar: filtered, frozen, ready to print."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from itops.reports.paper.model import HeatMap, Row, Table, said, text
from itops.reports.paper.office_text import clean, sign_of, sign_of_row
from itops.reports.paper.xlsx_cells import LINE, PALE, ROW_HEIGHT, Pen, shade
from itops.reports.paper.xlsx_values import Field, fields

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HEAD_ROW = 2  # below the title and the way back
_WIDTH_ROWS = 200  # rows that decide how wide a column is shown
_NARROWEST, _WIDEST = 8, 48
_WIDEST_FROZEN = 32
_BARE_NUMBER = 12  # whose line stands beside it
_RAGGED = 4  # letters that the ends of lines waste
_LINE_HEIGHT, _HIGHEST = 16.0, 400.0  # points
_HEADER_MAX = 255
_A4 = 9


def fill_table(sheet: "Worksheet", table: Table, pen: Pen, *, name: str, back: str, iso: str) -> None:
    """One table with its own sheet. `name`: the one that formulas of others know it by; `back`: the first sheet's."""
    _begin(sheet, table.title, pen, back)
    made = fields(table.columns, table.rows, iso=iso)
    widths = [min(width, _WIDEST) for width in natural_widths(table, made)]
    last = draw_table(sheet, table, pen, at=HEAD_ROW, name=name, made=made, widths=widths)
    if table.note:
        pen.line(sheet, last + 2, 0, text(table.note), font_color="#595959")
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # serial numbers are texts on purpose
    _finish(sheet, 1 if widths[0] <= _WIDEST_FROZEN and len(made) > 1 else 0)


def draw_table(
    sheet: "Worksheet", table: Table, pen: Pen, *, at: int, name: str, made: Sequence[Field], widths: Sequence[float]
) -> int:
    """The table with its header in row `at` and its filter; the number of its last row, which may be the sum."""
    for number, row in enumerate(table.rows, at + 1):
        _fill_row(sheet, number, row, made, pen, widths)
    head = pen.format(bold=True, text_wrap=True, valign="vcenter", align="center", bg_color=PALE, border=1,
                      border_color=LINE, reading_order=2 if pen.is_right_to_left else 1)  # fmt: skip
    columns = [{"header": title, "header_format": head} for title in _headers(made)]
    last = at + len(table.rows)
    sheet.add_table(at, 0, last, len(made) - 1, {"columns": columns, "style": None, "name": name})
    if table.total is None:
        return last
    _fill_row(sheet, last + 1, table.total, made, pen, widths, bold=True, bg_color=PALE)
    return last + 1


def natural_widths(table: Table, made: Sequence[Field]) -> list[float]:
    """How wide each column would be, were there room for all, letters."""
    widths: list[float] = [max(_NARROWEST, len(field.title) + 4) for field in made]
    for row in table.rows[:_WIDTH_ROWS]:
        widths = [max(width, _length(row, field)) for width, field in zip(widths, made, strict=True)]
    return widths


def _begin(sheet: "Worksheet", title: str, pen: Pen, back: str) -> None:
    if pen.is_right_to_left:
        sheet.right_to_left()
    sheet.set_default_row(ROW_HEIGHT)
    look = {"bold": True, "font_size": 14, "valign": "vcenter", "reading_order": 2 if pen.is_right_to_left else 1}
    sheet.write_string(0, 0, clean(title), pen.format(**look, align=pen.start))
    sheet.set_row(0, 26)
    way = pen.format(font_color="#1F5FA8", underline=1, align=pen.start)
    sheet.write_url(1, 0, f"internal:'{back}'!A1", way, back)


def _finish(sheet: "Worksheet", frozen_columns: int) -> None:
    sheet.freeze_panes(HEAD_ROW + 1, frozen_columns)
    sheet.repeat_rows(HEAD_ROW)
    print_on_paper(sheet)


def print_on_paper(sheet: "Worksheet") -> None:
    """A4 across, as wide as the page, with page numbers; words beside those would come out shuffled."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&P / &N")


def _fill_row(
    sheet: "Worksheet",
    number: int,
    row: Row,
    made: Sequence[Field],
    pen: Pen,
    widths: Sequence[float],
    **look: object,
) -> None:
    """One row, as high as its longest text needs: rows of a set height do not grow by themselves."""
    sign = sign_of_row(row)
    base: dict[str, Any] = {"valign": "vcenter", "border": 1, "border_color": LINE, **look, **shade(row.mark)}
    lines = 1
    for column, (field, width) in enumerate(zip(made, widths, strict=True)):
        if field.place >= len(row.cells):
            continue
        cell = row.cells[field.place]
        own = {**base, **shade(cell.mark), "sign": sign if column == 0 and sign else sign_of(cell)}
        if not field.is_value and len(said(cell.line)) > width:
            own["text_wrap"] = True
            lines = max(lines, -(-len(said(cell.line)) // max(int(width) - _RAGGED, 1)))
        pen.cell(sheet, number, column, cell, field, **own)
    if lines > 1:
        sheet.set_row(number, min(lines * _LINE_HEIGHT, _HIGHEST))


def _length(row: Row, field: Field) -> int:
    if field.place >= len(row.cells):
        return 0
    cell = row.cells[field.place]
    if not field.is_value or (cell.value is None and field.has_line):
        return len(said(cell.line)) + 3
    number = len(said(cell.line)) + 3 if field.has_line else _BARE_NUMBER
    return {"date": 12, "moment": 18}.get(field.kind, max(number, _NARROWEST))


def _headers(made: Sequence[Field]) -> list[str]:
    """A table of a spreadsheet wants every header filled and no two alike."""
    taken: set[str] = set()
    headers = []
    for number, field in enumerate(made, 1):
        title = field.title.strip()[: _HEADER_MAX - 8] or f"{number}"
        unique, count = title, 2
        while unique.casefold() in taken:
            unique, count = f"{title} {count}", count + 1
        taken.add(unique.casefold())
        headers.append(unique)
    return headers


def fill_heat_map(sheet: "Worksheet", block: HeatMap, pen: Pen, *, back: str) -> None:
    """A calendar as a grid of signs and shades with its legend."""
    _begin(sheet, block.title, pen, back)
    edge: dict[str, Any] = {"border": 1, "border_color": LINE}
    head = {**edge, "bold": True, "bg_color": PALE, "align": "center"}
    sheet.write_blank(HEAD_ROW, 0, None, pen.format(**head))
    for column, day in enumerate(block.days, 1):
        pen.line(sheet, HEAD_ROW, column, text(day), **head)
    for number, row in enumerate(block.rows, HEAD_ROW + 1):
        pen.line(sheet, number, 0, row.label, **edge)
        for column, cell in enumerate(row.cells, 1):
            filled = shade(cell.mark) if cell.sign else {}
            pen.line(sheet, number, column, text(cell.sign), **{**edge, "align": "center", **filled})
    at = HEAD_ROW + len(block.rows) + 2
    for number, (cell, meaning) in enumerate(block.legend, at):
        pen.line(sheet, number, 0, text(meaning))
        pen.line(sheet, number, 1, text(cell.sign), **{**edge, "align": "center", **shade(cell.mark)})
    labels = [len(said(row.label)) for row in block.rows] + [len(meaning) for _, meaning in block.legend]
    sheet.set_column(0, 0, min(max(labels, default=0) + 3, _WIDEST))
    sheet.set_column(1, max(len(block.days), 1), 4)
    _finish(sheet, 1)
