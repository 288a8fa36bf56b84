"""Tables as WordprocessingML: rows from the right, widths said, the heading on every page, charts made of cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from itops.reports.paper.docx_rtl import Typist, attribute
from itops.reports.paper.docx_styles import CELL_SIZES, PALE
from itops.reports.paper.model import (
    Bars,
    Cell,
    Column,
    FactList,
    HeatMap,
    Indicators,
    Line,
    Row,
    Signatures,
    Table,
    code,
    said,
    text,
)
from itops.reports.paper.office_text import SHADES, Piece, clean, sign_of, sign_of_row
from itops.reports.paper.pdf_widths import layout

_MARGIN = 150  # of a cell, both sides, twentieths of a point
_SMALL_LETTER = 90  # the width of one at 7.5 points
_TWIPS_A_MM = 56.7
_WIDER_FONTS = 0.94  # nobody knows the fonts of the reader's machine: they may be wider than those of the PDF
_NEARLY_WHOLE = 0.8
_MANY_COLUMNS, _NARROW_MARGIN = 11, 45
_NEARLY = 1.0  # half points that a style may be larger than planned
_BAR_STEPS = 40  # the width of a bar in parts of the whole; each wider than the margins of a cell
_BAR_FILL, _BAR_GROUND = "5B84B1", "EDF1F6"
_GAPS = "".join(
    f'<w:{edge} w:val="{kind}" w:sz="24" w:space="0" w:color="FFFFFF"/>'
    for edge, kind in (("top", "single"), ("left", "nil"), ("bottom", "single"), ("right", "nil"))
)
_ALIGN = {"number": "center", "percent": "center", "day": "center"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One cell: a paragraph or more, and how it looks."""

    content: str
    shade: str = ""
    span: int = 1
    edges: str = ""


def grid(
    typist: Typist,
    widths: Sequence[int],
    rows: Iterable[Sequence[Box]],
    *,
    has_head: bool,
    title: str = "",
    margin: int | None = None,
    height: int = 0,
) -> str:
    """A table of boxes. `widths` and `margin` in twentieths of a point; `has_head`: the first row is repeated."""
    visual = "<w:bidiVisual/>" if typist.is_right_to_left else ""
    sides = "".join(f'<w:{side} w:w="{margin}" w:type="dxa"/>' for side in ("left", "right"))
    margins = "" if margin is None else f"<w:tblCellMar>{sides}</w:tblCellMar>"
    caption = f"<w:tblCaption w:val={attribute(clean(title))}/>" if title else ""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if has_head else ""
    tall = f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""
    parts = [
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{typist.style("ReportTable")}"/>{visual}'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>{margins}'
        f'<w:tblLook w:val="{"0620" if has_head else "0600"}" w:firstRow="{int(has_head)}" w:lastRow="0" '
        f'w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>{caption}</w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>"
    ]
    for row in rows:
        parts.append(f"<w:tr>{head or f'<w:trPr><w:cantSplit/>{tall}</w:trPr>'}")
        head = ""
        at = 0
        for box in row:
            parts.append(_box(box, sum(widths[at : at + box.span])))
            at += box.span
        parts.append("</w:tr>")
    parts.append("</w:tbl>")
    return "".join(parts)


def _box(box: Box, width: int) -> str:
    span = f'<w:gridSpan w:val="{box.span}"/>' if box.span > 1 else ""
    borders = f"<w:tcBorders>{box.edges}</w:tcBorders>" if box.edges else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{box.shade}"/>' if box.shade else ""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}{borders}{shade}<w:vAlign w:val="center"/>'
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{box.content}</w:tc>"


def table(block: Table, typist: Typist, width: int) -> str:
    """A table under its title, or what stands there instead."""
    caption = typist.line(text(block.title), "Caption") if block.title else ""
    note = typist.line(text(block.note), "ReportNote") if block.note else ""
    if not block.rows:
        return caption + typist.line(text(block.empty), "Normal") + note
    plan = layout(block, width / _TWIPS_A_MM * _WIDER_FONTS)
    planned = int(sum(plan.widths) * plan.size * 20 / _WIDER_FONTS)
    whole = planned if planned < width * _NEARLY_WHOLE else width  # names and their values shall not stand far apart
    widths = shared(whole, plan.widths, [0] * len(plan.widths))
    ending = next((name for name, size in CELL_SIZES.items() if size <= plan.size * 2 + _NEARLY), "Finest")
    head = [
        Box(content=typist.line(text(one.title), f"ReportCellHead{ending}", align=_ALIGN.get(one.kind, "")), shade=PALE)
        for one in block.columns
    ]
    kept = len(block.rows) - (block.total is None) if plan.is_kept_together else 0  # rows that cling to the next one
    rows = (
        _row(row, block.columns, typist, f"ReportCell{ending}", is_kept=number < kept)
        for number, row in enumerate(block.rows)
    )
    strong = f"ReportCellStrong{ending}"
    total = [_row(block.total, block.columns, typist, strong, fill=PALE)] if block.total else []
    margin = _NARROW_MARGIN if len(widths) >= _MANY_COLUMNS else None
    body = grid(typist, widths, chain([head], rows, total), has_head=True, title=block.title, margin=margin)
    return caption + body + (note or gap(typist))


def gap(typist: Typist) -> str:
    """A little room below a table; two tables without it would become one."""
    return typist.paragraph("", "ReportNote")


def _row(
    row: Row, columns: Sequence[Column], typist: Typist, style: str, *, fill: str = "", is_kept: bool = False
) -> list[Box]:
    sign = sign_of_row(row)
    fill = SHADES[row.mark] if row.mark else fill
    kept = "<w:keepNext/>" if is_kept else ""
    boxes = []
    for place, (cell, column) in enumerate(zip(row.cells, columns, strict=False)):
        own = sign if place == 0 and sign else sign_of(cell)
        shade = SHADES[cell.mark] if cell.mark else fill
        content = typist.line(cell.line, style, sign=own, align=_ALIGN.get(column.kind, ""), properties=kept)
        boxes.append(Box(content=content, shade=shade))
    return boxes


def shared(width: int, weights: Sequence[float], least: Sequence[int]) -> list[int]:
    """The whole width in whole numbers: each at least `least`, the rest to those whose weight asks for more."""
    whole = sum(weights) or 1.0
    wishes = [max(width * weight / whole - minimum, 0.0) for weight, minimum in zip(weights, least, strict=True)]
    free = max(width - sum(least), 0)
    asked = sum(wishes) or 1.0
    widths = [minimum + int(free * wish / asked) for minimum, wish in zip(least, wishes, strict=True)]
    if widths:
        widths[-1] += width - sum(widths)
    return widths


def indicators(block: Indicators, typist: Typist, width: int) -> str:
    """The indicators, and below them their trends as numbers: one column a period."""
    name, now, target, before, change, trend, state = block.headings
    head = [Box(content=typist.line(text(one), "ReportCellHead", align="center" if place else ""), shade=PALE)
            for place, one in enumerate((name, now, target, before, change, state))]  # fmt: skip
    rows = []
    for row in block.rows:
        cells = [row.now, row.target, row.before, row.change]
        shown = [Box(content=typist.line(text(row.name), "ReportCell"))]
        shown += [_number(cell, typist, "ReportCellStrong" if cell is row.now else "ReportCell") for cell in cells]
        shown.append(Box(content=typist.line(text(row.state), "ReportCellStrong", align="center"),
                         shade=SHADES[row.mark]))  # fmt: skip
        rows.append(shown)
    widths = shared(width, (4.0, 1.3, 1.3, 1.3, 1.3, 1.5), (0,) * 6)
    main = grid(typist, widths, chain([head], rows), has_head=True, title=name)
    return main + gap(typist) + _trends(block, typist, width, name, trend)


def _number(cell: Cell, typist: Typist, style: str) -> Box:
    content = typist.line(cell.line, style, sign=sign_of(cell), align="center")
    return Box(content=content, shade=SHADES[cell.mark] if cell.mark else "")


def _trends(block: Indicators, typist: Typist, width: int, name: str, trend: str) -> str:
    made = ""
    for labels in dict.fromkeys(row.trend_labels for row in block.rows if row.trend_labels):
        head = [Box(content=typist.line(text(name), "ReportCellHead"), shade=PALE)]
        head += [Box(content=typist.line(code(one), "ReportCellHead", align="center"), shade=PALE) for one in labels]
        rows = [
            [
                Box(content=typist.line(text(row.name), "ReportCell")),
                *(Box(content=typist.line(text(one), "ReportCell", align="center")) for one in row.trend_texts),
            ]
            for row in block.rows
            if row.trend_labels == labels
        ]
        widths = shared(width, (3.2, *(1.0,) * len(labels)), (0,) * (len(labels) + 1))
        made += typist.line(text(trend), "Caption") + grid(
            typist, widths, chain([head], rows), has_head=True, title=trend
        )
        made += gap(typist)
    return made


def facts(block: FactList, typist: Typist, width: int) -> str:
    """Names and values, one a row."""
    widths = shared(width, (1.0, 3.0), (0, 0))
    rows = ([Box(content=typist.line(text(name), "ReportCellHead"), shade=PALE),
             Box(content=typist.line(line or text("—"), "ReportCell"))] for name, line in block.facts)  # fmt: skip
    return grid(typist, widths, rows, has_head=False) + gap(typist)


def bars(block: Bars, typist: Typist, width: int) -> str:
    """A bar chart of cells: it prints as a chart and stays a table that people can edit."""
    top = max(block.ceiling or 0.0, *block.values, 1e-9)
    step = width * 6 // 10 // _BAR_STEPS
    side = (width - step * _BAR_STEPS) // 3
    widths = [width - step * _BAR_STEPS - side, *(step,) * _BAR_STEPS, side]
    rows = [_bar_row(typist, label, value / top, words)
            for label, value, words in zip(block.labels, block.values, block.texts, strict=False)]  # fmt: skip
    name = f"{block.title} ({block.value_title})" if block.value_title else block.title
    caption = typist.line(text(name), "Caption")
    return caption + grid(typist, widths, rows, has_head=False, title=block.title) + gap(typist)


def _bar_row(typist: Typist, label: Line, share: float, words: str) -> list[Box]:
    filled = round(min(max(share, 0.0), 1.0) * _BAR_STEPS)
    filled = max(filled, 1) if share > 0 else 0
    empty = typist.paragraph("", "ReportSign")
    drawn = [Box(content=empty, shade=_BAR_FILL, span=filled, edges=_GAPS)] if filled else []
    rest = [Box(content=empty, shade=_BAR_GROUND, span=_BAR_STEPS - filled, edges=_GAPS)] if filled < _BAR_STEPS else []
    ends = (typist.line(label, "ReportCell"), typist.line(text(words), "ReportCell"))
    return [Box(content=ends[0], edges=_GAPS), *drawn, *rest, Box(content=ends[1], edges=_GAPS)]


def heat_map(block: HeatMap, typist: Typist, width: int) -> str:
    """A calendar of signs and shades, and what the signs mean."""
    longest = max((len(said(row.label)) for row in block.rows), default=0)
    day = max((width - min(longest * _SMALL_LETTER + _MARGIN, width // 3)) // max(len(block.days), 1), 100)
    widths = [width - day * len(block.days), *(day,) * len(block.days)]
    head = [Box(content=typist.paragraph("", "ReportSign"), shade=PALE)]
    head += [Box(content=typist.line(text(one), "ReportSign", align="center"), shade=PALE) for one in block.days]
    rows = (
        [
            Box(content=typist.line(row.label, "ReportCellSmall")),
            *(Box(content=typist.line(text(one.sign), "ReportSign", align="center"),
                  shade=SHADES[one.mark] if one.sign else "") for one in row.cells),
        ]
        for row in block.rows
    )  # fmt: skip
    caption = typist.line(text(block.title), "Caption")
    drawn = grid(typist, widths, chain([head], rows), has_head=True, title=block.title, margin=15)
    return caption + drawn + _legend(block, typist)


def _legend(block: HeatMap, typist: Typist) -> str:
    kind = "rtl" if typist.is_right_to_left else "ltr"
    runs = ""
    for cell, meaning in block.legend:
        runs += typist.run(Piece(f"\u00a0{clean(cell.sign) or chr(0xA0)}\u00a0", kind), shade=SHADES[cell.mark])
        runs += typist.runs(text(f"\u00a0{meaning}      "))
    return typist.paragraph(runs, "ReportNote")


def signatures(block: Signatures, typist: Typist, width: int) -> str:
    """Places to sign, side by side: a role, and room for name, signature and date."""
    count = len(block.signatures)
    if not count:
        return ""
    widths = shared(width, (1.0,) * count, (0,) * count)
    rows = [[Box(content=typist.line(text(one.role), "ReportCellHead", align="center"), shade=PALE)
             for one in block.signatures]]  # fmt: skip
    rows += [
        [
            Box(content=typist.line(text(f"{label}: {'' if place else one.name}"), "ReportCell", properties=kept))
            for one, label in ((one, one.labels[place]) for one in block.signatures)
        ]
        for place, kept in enumerate(("<w:keepNext/>", "<w:keepNext/>", ""))
    ]
    return gap(typist) + grid(typist, widths, rows, has_head=False, height=560) + gap(typist)
