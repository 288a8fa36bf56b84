"""The first sheet of a workbook: the words of the report in their order, indicators, charts, and ways to the lists."""

import re
from typing import TYPE_CHECKING, Any

from itops.dates import persian_digits
from itops.reports.paper.model import (
    Bars,
    Bullets,
    Cell,
    FactList,
    Heading,
    IndicatorRow,
    Indicators,
    Line,
    Paper,
    Paragraph,
    Signatures,
    Span,
    Table,
    code,
    said,
    text,
)
from itops.reports.paper.office_text import clean, sign_of
from itops.reports.paper.xlsx_cells import INK, LINE, PALE, ROW_HEIGHT, Pen, shade
from itops.reports.paper.xlsx_tables import draw_table, natural_widths
from itops.reports.paper.xlsx_values import Field, fields, number_format, value_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = (44, 24, 14, 12)  # of the first columns, letters; the others are as the last
_MOST_ROWS = 40  # of a table that stands on this sheet
_VALUE_LETTERS = 110  # that fit beside a label
_COLUMNS = 12  # that a sentence stretches over
_FIRST_PERIOD = 6  # the column of the first period of the trends
_SENTENCE_LETTERS = 160  # that fit on one of its lines
_PIXELS_A_ROW = 24
_CHART_ROWS, _CHARTS_ABREAST = 7, 4
_CHART_PIXELS = 347  # a quarter of the sheet
_BAR_COLOR = "#5B84B1"
_REFERENCE = re.compile(r"!(?=\$?[A-Z])")
_HIGHEST = 400.0  # points; a row cannot be much higher
_EDGE: dict[str, Any] = {"border": 1, "border_color": LINE, "valign": "vcenter"}
_HEAD: dict[str, Any] = {**_EDGE, "bold": True, "bg_color": PALE, "text_wrap": True}
_HEADINGS = {1: 15, 2: 12, 3: 11}


class Summary:
    """Writes the first sheet from the top down."""

    def __init__(self, sheet: "Worksheet", pen: Pen, font: str) -> None:
        self._sheet, self._pen, self._font, self._row = sheet, pen, font, 0
        if pen.is_right_to_left:
            sheet.right_to_left()
        sheet.hide_gridlines(2)
        sheet.set_default_row(ROW_HEIGHT)
        sheet.set_column(2, _COLUMNS + 12, _WIDTHS[-1])
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def cover(self, paper: Paper) -> None:
        """Title, subtitle, and the lines of the cover that say more than those."""
        self._sentence(text(paper.title), bold=True, font_size=20, font_color=INK)
        self._sentence(text(paper.subtitle), font_size=13, font_color="#44546A")
        told = f"{paper.title}\n{paper.subtitle}"
        for line in paper.cover:
            if said(line) not in told:
                self._sentence(line, font_color="#595959")

    def heading(self, block: Heading) -> None:
        """A heading, with room above."""
        self._row += 1
        self._sentence(text(block.title), bold=True, font_size=_HEADINGS[min(max(block.level, 1), 3)], font_color=INK)

    def paragraph(self, block: Paragraph) -> None:
        """A paragraph as its role wants it."""
        sign = sign_of(Cell(line=block.line, mark=block.mark))
        roles: dict[str, dict[str, Any]] = {"lead": {"bold": True, "font_size": 13}, "note": {"font_color": "#595959"}}
        self._sentence(block.line, sign=sign, **roles.get(block.role, {}), **shade(block.mark))

    def bullets(self, block: Bullets) -> None:
        """A list, one line a row."""
        for number, line in enumerate(block.lines, 1):
            front = Span(f"{self._numeral(number)}. " if block.is_numbered else "• ")
            self._sentence((front, *line), indent=1)

    def link(self, title: str, sheet_name: str, count: int) -> None:
        """The way to a list, and how long that is."""
        way = self._pen.format(font_color="#1F5FA8", underline=1, valign="vcenter", **self._pen.direction(text(title)))
        words = self._pen.text(text(f"{title} ({self._numeral(count)})"))
        self._sheet.write_url(self._row, 0, f"internal:'{sheet_name}'!A1", way, words)
        self._row += 1

    def _numeral(self, number: int) -> str:
        return persian_digits(str(number)) if self._pen.is_right_to_left else str(number)

    def empty(self, title: str, words: str) -> None:
        """What stands where a list has no rows."""
        self._sentence(text(title), bold=True)
        self._sentence(text(words))

    def facts(self, block: FactList) -> None:
        """Names and values, one a row."""
        for name, line in block.facts:
            self._pen.line(self._sheet, self._row, 0, text(name), **_HEAD)
            self._spread(line or text("—"), 1, _COLUMNS - 1, **_EDGE, text_wrap=True)
            lines = -(-len(said(line)) // _VALUE_LETTERS)
            self._sheet.set_row(self._row, min(ROW_HEIGHT * max(lines, 1), _HIGHEST))
            self._row += 1
        self._row += 1

    def table(self, block: Table, name: str, *, iso: str) -> bool:
        """Draw a table here if it is short and fits the columns; whether it was."""
        made = fields(block.columns, block.rows, iso=iso)
        wishes = natural_widths(block, made)
        is_narrow = len(made) <= len(_WIDTHS) and all(
            wish <= width for wish, width in zip(wishes, _WIDTHS, strict=False)
        )
        if block.is_annex or len(block.rows) > _MOST_ROWS or not is_narrow:
            return False
        self._row += 1
        self._sentence(text(block.title), bold=True)
        widths = _WIDTHS[: len(made)]
        self._row = 1 + draw_table(self._sheet, block, self._pen, at=self._row, name=name, made=made, widths=widths)
        self._sentence(text(block.note), font_color="#595959")
        return True

    def indicators(self, block: Indicators) -> None:
        """The indicators with their course as numbers beside them, and below them a chart of each."""
        name, now, target, before, change, trend, state = block.headings
        labels: tuple[str, ...] = max((row.trend_labels for row in block.rows), key=len, default=())
        if labels:
            self._spread(text(trend), _FIRST_PERIOD, _FIRST_PERIOD + len(labels) - 1, **_HEAD, align="center")
            self._row += 1
        for column, title in enumerate((name, now, target, before, change, state)):
            self._put(self._row, column, text(title), **_HEAD, **({"align": "center"} if column else {}))
        for column, label in enumerate(labels, _FIRST_PERIOD):
            self._put(self._row, column, code(label), **_HEAD, align="center")
        head, first = self._row, self._row + 1
        for number, row in enumerate(block.rows, first):
            self._indicator(number, row)
        self._row = first + len(block.rows) + 1
        drawn = [(number, row) for number, row in enumerate(block.rows, first) if _points(row) > 1]
        for place, (number, row) in enumerate(drawn):
            self._trend_chart(place, number, row, head)
        self._row += -(-len(drawn) // _CHARTS_ABREAST) * _CHART_ROWS

    def _put(self, row: int, column: int, line: Line, **look: Any) -> None:
        self._pen.line(self._sheet, row, column, line, **look)

    def _indicator(self, number: int, row: IndicatorRow) -> None:
        pen, sheet = self._pen, self._sheet
        self._put(number, 0, text(row.name), **_EDGE, text_wrap=True)
        for column, cell in enumerate((row.now, row.target, row.before, row.change), 1):
            value = value_of(cell)
            is_number = isinstance(value, int | float) and number_format(said(cell.line), value) is not None
            field = Field(place=column, title="", kind="number", is_value=is_number, has_line=True)
            look = {**_EDGE, "bold": column == 1, **shade(cell.mark)}
            pen.cell(sheet, number, column, cell, field, sign=sign_of(cell), **look)
        self._put(number, 5, text(row.state), **_EDGE, align="center", bold=True, **shade(row.mark))
        for column, (value, words) in enumerate(zip(row.trend, row.trend_texts, strict=False), _FIRST_PERIOD):
            if value is None:
                self._put(number, column, text(words), **_EDGE, align="center")
            else:
                pen.number(sheet, number, column, words, value, align="center", **_EDGE)

    def _trend_chart(self, place: int, number: int, row: IndicatorRow, head: int) -> None:
        """One indicator over the periods; the base is zero, and periods run as the columns do."""
        pen, name = self._pen, self._sheet.get_name()
        chart = pen.workbook.add_chart({"type": "column"})
        first, last = _FIRST_PERIOD, _FIRST_PERIOD + len(row.trend) - 1
        series = {"categories": [name, head, first, head, last], "values": [name, number, first, number, last]}
        chart.add_series({**series, "fill": {"color": _BAR_COLOR}, "gap": 60})
        font = {"name": self._font, "size": 8}
        chart.set_title({"name": _name(row.name), "name_font": {**font, "size": 10}, "overlay": False})
        chart.set_x_axis({"num_font": font, "reverse": pen.is_right_to_left})
        scale = {"max": row.ceiling} if row.ceiling else {}
        known = next(pair for pair in zip(row.trend, row.trend_texts, strict=False) if pair[0] is not None)
        shown = number_format(known[1], known[0] or 0.0) or "General"
        lines = {"visible": True, "line": {"color": LINE, "width": 0.5}}
        chart.set_y_axis({"min": 0, **scale, "num_font": font, "num_format": shown, "major_gridlines": lines})
        chart.set_legend({"none": True})
        chart.set_size({"width": _CHART_PIXELS - 12, "height": (_CHART_ROWS - 1) * _PIXELS_A_ROW})
        top = self._row + place // _CHARTS_ABREAST * _CHART_ROWS
        offset = place % _CHARTS_ABREAST * _CHART_PIXELS
        self._sheet.insert_chart(top, 0, chart, {"object_position": 1, "x_offset": offset})

    def bars(self, block: Bars) -> None:
        """The numbers, and beside them the chart."""
        self._row += 1
        self._sentence(text(block.title), bold=True)
        pen, sheet, first = self._pen, self._sheet, self._row
        pen.line(sheet, first, 0, (), **_HEAD)
        pen.line(sheet, first, 1, text(block.value_title), **_HEAD)
        for number, (label, value, words) in enumerate(
            zip(block.labels, block.values, block.texts, strict=False), first + 1
        ):
            pen.line(sheet, number, 0, label, **_EDGE)
            pen.number(sheet, number, 1, words, value, align="center", **_EDGE)
            if number_format(words, value) is None:
                pen.line(sheet, number, 2, text(words))
        rows = max(len(block.values) + 2, 6)
        if block.values:
            self._bar_chart(block, first, rows * _PIXELS_A_ROW)
        self._row = first + rows + 1

    def _bar_chart(self, block: Bars, first: int, height: int) -> None:
        pen, name, last = self._pen, self._sheet.get_name(), first + len(block.values)
        chart = pen.workbook.add_chart({"type": "bar"})
        labels = [{"value": _name(words)} for words in block.texts]
        font = {"name": self._font, "size": 9}
        chart.add_series({"categories": [name, first + 1, 0, last, 0], "values": [name, first + 1, 1, last, 1],
                          "fill": {"color": _BAR_COLOR}, "gap": 50,
                          "data_labels": {"value": True, "custom": labels, "font": font}})  # fmt: skip
        scale = {"max": block.ceiling} if block.ceiling else {}
        # The first label on top, and bars that grow from the side where reading begins; their texts say the values.
        bare = {"visible": False, "major_gridlines": {"visible": False}}
        chart.set_x_axis({"min": 0, **scale, **bare, "reverse": pen.is_right_to_left})  # of a bar chart: the values
        chart.set_y_axis({"reverse": True, "num_font": font})
        chart.set_title({"name": _name(block.title), "name_font": {**font, "size": 11}})
        chart.set_legend({"none": True})
        chart.set_size({"width": 560, "height": height})
        self._sheet.insert_chart(first, 3, chart, {"object_position": 1})

    def signatures(self, block: Signatures) -> None:
        """Places to sign, side by side."""
        self._row += 1
        for place, one in enumerate(block.signatures):
            lines = (one.role, *(f"{label}: {'' if number else one.name}" for number, label in enumerate(one.labels)))
            first, last = (0, 0) if place == 0 else (3 * place - 2, 3 * place)
            for number, words in enumerate(lines):
                look = _HEAD if number == 0 else {**_EDGE, "valign": "top"}
                self._spread(text(words), first, last, row=self._row + number, **look)
        for number in range(1, 4):
            self._sheet.set_row(self._row + number, 28)
        self._row += 5

    def footer(self, line: Line) -> None:
        """Which tool made this from which facts."""
        self._row += 1
        self._sentence(line, font_color="#595959", font_size=8)

    def _sentence(self, line: Line, **look: Any) -> None:
        """A line over the whole width, as high as it needs: merged cells do not grow by themselves."""
        if not line:
            return
        self._spread(line, 0, _COLUMNS - 1, text_wrap=True, valign="vcenter", **look)
        scale = look.get("font_size", 10) / 10
        lines = max(-(-int(len(said(line)) * scale) // _SENTENCE_LETTERS), 1)
        height = ROW_HEIGHT * lines * scale + (6 if "bg_color" in look else 0)
        self._sheet.set_row(self._row, min(height, _HIGHEST))
        self._row += 1

    def _spread(self, line: Line, first: int, last: int, *, row: int | None = None, **look: Any) -> None:
        at = self._row if row is None else row
        if last > first:
            shown = {name: value for name, value in look.items() if name != "sign"}
            self._sheet.merge_range(at, first, at, last, "", self._pen.format(**shown))
        self._pen.line(self._sheet, at, first, line, **look)


def _name(words: str) -> str:
    """Words of a chart. XlsxWriter takes what looks like "Sheet!A1" for a reference, so it must not look so."""
    return _REFERENCE.sub("! ", clean(words))


def _points(row: IndicatorRow) -> int:
    return sum(value is not None for value in row.trend)
