"""Lines and tables of a page: every code isolated, every column with room for its longest piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itops.reports.paper.model import Cell, Column, HeatMap, Line, Mark, Row, Span, Table, text
from itops.text import plain

if TYPE_CHECKING:
    from markupsafe import Markup

_LONGEST = 36  # letters of a code or word that stay on one line; a longer one (a hash, a path) may break anywhere


def drawn(line: Line) -> "Markup":
    """A line with every code isolated: left to right whatever stands around it, and on one line unless very long."""
    from markupsafe import Markup  # noqa: PLC0415  with jinja2, which only this writer needs

    return Markup("".join(map(_drawn_span, line)))  # noqa: S704  every span is escaped


def _drawn_span(span: Span) -> str:
    from markupsafe import escape  # noqa: PLC0415  as above

    words = str(escape(plain(span.text)))
    if span.is_code:
        return f'<bdi dir="ltr"{_classes(_long(span))}>{words}</bdi>'
    return f'<span class="long">{words}</span>' if _long(span) else words


def _long(span: Span) -> str:
    if len(span.text) <= _LONGEST:
        return ""
    is_long = span.is_code or any(len(word) > _LONGEST for word in span.text.split())
    return "long" if is_long else ""


def rows(table: Table) -> "Markup":
    """The rows of a table; here and not in the template, where thousands of rows would take a second."""
    from markupsafe import Markup  # noqa: PLC0415  as above

    kinds = [_class_of(column.kind) for column in table.columns]
    lines = [_row(row, kinds, "") for row in table.rows]
    if table.total is not None:
        lines.append(_row(table.total, kinds, "total"))
    return Markup("\n".join(lines))  # noqa: S704  made of drawn lines


def _row(row: Row, kinds: Sequence[str], role: str) -> str:
    shade = f"shade-{row.mark}" if row.mark else ""
    cells = row.cells
    if row.mark and cells and not any(cell.mark for cell in cells):
        # A shade alone is a colour alone: the sign then stands in the first cell.
        cells = (Cell(line=cells[0].line, mark=row.mark), *cells[1:])
    width = max(len(kinds) - len(cells), 0)
    drawn_cells = "".join(_cell(cell, kind) for cell, kind in zip(cells, kinds, strict=False))
    return f"<tr{_classes(role, shade)}>{drawn_cells}{'<td></td>' * width}</tr>"


def _cell(cell: Cell, kind: str) -> str:
    return f"<td{_classes(kind, cell.mark or '')}>{drawn(cell.line)}</td>"


def _classes(*names: str) -> str:
    present = " ".join(filter(None, names))
    return f' class="{present}"' if present else ""


def _class_of(kind: str) -> str:
    return {"number": "number", "percent": "number", "day": "day"}.get(kind, "")


def kind_attribute(kind: str) -> "Markup":
    """How the cells of a column are set, as an attribute or nothing."""
    from markupsafe import Markup  # noqa: PLC0415  as above

    return Markup(_classes(_class_of(kind)))  # noqa: S704  one of three names


def legend(block: HeatMap) -> Mapping[tuple[str, Mark], str]:
    """What each sign says, of cells that do not say it themselves."""
    words = {(cell.sign, cell.mark): meaning for cell, meaning in block.legend}
    return {(cell.sign, cell.mark): words.get((cell.sign, cell.mark), "") for row in block.rows for cell in row.cells}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a table is made to fit: its size in print, its least width on a screen, the shares of its columns."""

    size: str
    least_em: int
    shares: tuple[int, ...]  # percent


# Widths in em: of a letter, what a capital has more, what a long piece is given at least, the padding of a cell.
# Measured in DejaVu, the widest of the fonts that a reader is likely to have.
_LETTER_EM, _CAPITAL_EM, _LONG_EM, _PADDING_EM = 0.64, 0.1, 12.0, 1.1
_PORTRAIT_PT, _LANDSCAPE_PT = 520.0, 765.0
_PRINT_SIZES = (9.0, 8.0, 7.0, 6.0, 5.5)


def fit(table: Table) -> Fit:
    """The largest size of print at which every column has room for its longest piece, so that none is cut off.

    What is too wide for the smallest size is `tight`: its codes may break.
    """
    needed = [_needed_em(column, place, table) for place, column in enumerate(table.columns)]
    room = _LANDSCAPE_PT if table.is_annex else _PORTRAIT_PT
    sizes = (f"print-{size:g}".replace(".", "-") for size in _PRINT_SIZES if sum(needed) * size <= room)
    weights = [max(column.weight, 0.1) for column in table.columns]
    return Fit(
        size=next(sizes, "tight"),
        least_em=round(sum(needed)),
        shares=tuple(round(100 * weight / sum(weights)) for weight in weights),
    )


def _needed_em(column: Column, place: int, table: Table) -> float:
    every = (*table.rows, *filter(None, [table.total]))
    cells = [row.cells[place] for row in every if place < len(row.cells)]
    is_whole = bool(_class_of(column.kind))  # numbers and days stay on one line, with their units
    pieces = max((_line_em(cell.line, is_whole=is_whole) for cell in cells), default=0.0)
    has_sign = any(cell.mark for cell in cells)
    return max(pieces + has_sign, _line_em(text(column.title), is_whole=False)) + _PADDING_EM


def _line_em(line: Line, *, is_whole: bool) -> float:
    """The width of the widest piece that cannot be broken, or of the whole line."""
    if is_whole:
        return sum(_extent_em(span.text) for span in line)
    pieces = ((span.text,) if span.is_code else span.text.split() for span in line)
    return max((_extent_em(piece) for some in pieces for piece in some), default=0.0)


def _extent_em(piece: str) -> float:
    if len(piece) > _LONGEST:
        return _LONG_EM
    return _LETTER_EM * len(piece) + _CAPITAL_EM * sum(map(str.isupper, piece))
