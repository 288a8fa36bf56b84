"""A paper as a workbook: the report in words and charts on the first sheet, behind it one sheet for each list.

A short and narrow table stands among the words; all others have a sheet, where their header stays in sight.

Nothing in it is a formula, and no text becomes one. The same paper gives the same bytes.
"""

import re
from datetime import UTC
from io import BytesIO
from typing import assert_never

from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    FactList,
    Heading,
    HeatMap,
    Indicators,
    PageBreak,
    Paper,
    Paragraph,
    Signatures,
    Table,
)
from itops.reports.paper.office_text import clean
from itops.reports.paper.xlsx_cells import Pen
from itops.reports.paper.xlsx_summary import Summary
from itops.reports.paper.xlsx_tables import fill_heat_map, fill_table, print_on_paper

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FONTS = {True: "Tahoma", False: "Calibri"}  # a workbook cannot carry a font; Windows has these
_TABLE_NAME_MAX = 200
_NAME_MAX = 31  # of a sheet, in UTF-16 units
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']+")
_RESERVED = frozenset({"history"})  # Excel's own
_LONGEST_PROPERTY = 255


def write_xlsx(paper: Paper, *, font: str | None = None) -> bytes:
    """The paper as an .xlsx file; `font` is the name of one that the reader's machine has.

    Of `paper.words` it uses "summary" (the first sheet's name) and "iso" (the mark of a true date's column).
    Moments stand in cells as they are in the zone they come with.
    """
    import xlsxwriter  # noqa: PLC0415  needed only when a workbook is written

    font = clean(font or "") or _FONTS[paper.is_right_to_left]
    made = BytesIO()
    looks = {"font_name": font, "font_size": 10}
    workbook = xlsxwriter.Workbook(made, {**_OPTIONS, "default_format_properties": looks})
    workbook.set_properties(
        {
            "title": clean(paper.title)[:_LONGEST_PROPERTY],
            "subject": clean(paper.subtitle)[:_LONGEST_PROPERTY],
            "author": clean(paper.author)[:_LONGEST_PROPERTY],
            "created": paper.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        }
    )
    words = dict(paper.words)
    names = SheetNames()
    first = names.name(words.get("summary") or paper.title)
    sheet = workbook.add_worksheet(first)
    pen = Pen(workbook, is_right_to_left=paper.is_right_to_left)
    summary = Summary(sheet, pen, font)
    summary.cover(paper)
    for block in paper.blocks:
        _write(block, summary, pen, names, back=first, iso=words.get("iso") or "ISO")
    summary.footer(paper.footer)
    print_on_paper(sheet)
    workbook.close()
    return made.getvalue()


def _write(block: Block, summary: Summary, pen: Pen, names: "SheetNames", *, back: str, iso: str) -> None:  # noqa: C901, PLR0912  one line for each kind of block
    match block:
        case Heading():
            summary.heading(block)
        case Paragraph():
            summary.paragraph(block)
        case Bullets():
            summary.bullets(block)
        case FactList():
            summary.facts(block)
        case Indicators():
            summary.indicators(block)
        case Bars():
            summary.bars(block)
        case Signatures():
            summary.signatures(block)
        case PageBreak():
            pass
        case Table() if not block.rows:
            summary.empty(block.title, block.empty)
        case Table():
            own = names.table(block.id)
            if not summary.table(block, own, iso=iso):
                name = names.name(block.title or block.id)
                summary.link(block.title or block.id, name, len(block.rows))
                fill_table(pen.workbook.add_worksheet(name), block, pen, name=own, back=back, iso=iso)
        case HeatMap():
            name = names.name(block.title or block.id)
            summary.link(block.title or block.id, name, len(block.rows))
            fill_heat_map(pen.workbook.add_worksheet(name), block, pen, back=back)
        case _:
            assert_never(block)


class SheetNames:
    """Names of sheets: short enough, unlike each other, without the signs that a reference cannot hold."""

    def __init__(self) -> None:
        self._taken: set[str] = set(_RESERVED)
        self._tables: set[str] = set()

    def name(self, title: str) -> str:
        """The name of the next sheet, cut at a word where it must be cut."""
        whole = " ".join(_NOT_IN_NAMES.sub(" ", clean(title)).split()) or "-"
        name, count = _cut(whole, _NAME_MAX), 2
        while name.casefold() in self._taken:
            tail = f" {count}"
            name, count = _cut(whole, _NAME_MAX - len(tail)) + tail, count + 1
        self._taken.add(name.casefold())
        return name

    def table(self, table_id: str) -> str:
        """The name under which formulas and queries of others find a table: its id in the paper."""
        whole = f"report_{re.sub('[^A-Za-z0-9_]', '_', table_id)}"[:_TABLE_NAME_MAX]
        name, count = whole, 2
        while name.casefold() in self._tables:
            name, count = f"{whole}_{count}", count + 1
        self._tables.add(name.casefold())
        return name


def _cut(name: str, most: int) -> str:
    if _units(name) <= most:
        return name
    words = name.split()
    while len(words) > 1 and _units(" ".join(words)) > most:
        words.pop()
    cut = " ".join(words)
    while _units(cut) > most:
        cut = cut[:-1]
    return cut


def _units(name: str) -> int:
    return len(name.encode("utf-16-le")) // 2
