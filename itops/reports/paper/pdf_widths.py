"""The plan of a table, decided before drawing: measuring every cell would cost a third more time.

Lengths are in em of the table's letters. A column must hold its longest word. Where the page is wide enough for one
line a row, the columns share it by their weights; else they share it so that rows have few lines.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from itops.reports.paper.model import Column, Line, Row, Table, said
from itops.reports.paper.pdf_lettering import SANS, Lettering
from itops.reports.paper.pdf_shares import Words, lines_of, shares, wishes

_SIZES, _SIZES_FREE = (8.0, 7.5, 7.0, 6.5), 3
_ANNEX_SIZES, _ANNEX_SIZES_FREE = (8.0, 7.25, 6.5, 6.0), 4
"""Points. So many of them are free to choose from, the smaller ones only where the longest words demand it."""
_NEARLY_AS_LOW, _ROW_EXTRA = 1.06, 0.8
_POINTS_A_MM = 72 / 25.4
_INSET, _NARROW_INSET, _MANY_COLUMNS = 0.6, 0.42, 8
"""Free space left of what stands in a cell, and right of it."""
_RESERVE, _SURE = 0.3, 1.04
"""What the estimates may lack for a word, and for a longer text."""
_SIGN = 1.3
_BOLD, _HALF, _WIDEST_TITLE = 1.1, 0.6, 10.0
_WHOLE_CODE = 30
"""Letters of a word for whose sake a column grows; a longer one is broken."""
_LEAST_WEIGHT, _MOST_WEIGHT = 0.05, 100.0
_ROWS_LOOKED_AT = 60
_BETWEEN_HALVES_MM = 8.0
_ROWS_OF_TWO_HALVES, _LEAST_HALF = 4, 7.5
_LINES_KEPT_TOGETHER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a table is drawn. `size`: of its letters, points, before scaling; `widths`: of its columns, em."""

    size: float
    widths: tuple[float, ...]
    inset: float = _INSET  # left and right in each cell, em
    lettering: Lettering = SANS
    is_split: bool = False  # its second half stands beside its first
    is_kept_together: bool = False  # short: on one page

    def has_room(self, column: int, text: str) -> bool:
        """Whether a code stands in one piece."""
        return self.lettering.extent(text) <= self.widths[column] - 2 * self.inset - _RESERVE


def layout(table: Table, width_mm: float, lettering: Lettering = SANS) -> Layout:
    """The plan of a table for a page with a text so wide."""
    extent = _remembering(lambda text: lettering.extent(text) * _SURE)
    rows = [*table.rows, *([table.total] if table.total else [])]
    texts = [_texts(rows, place, extent) for place in range(len(table.columns))]
    needs = [_need(column, rows, place, extent) for place, column in enumerate(table.columns)]
    points, is_half = _points(table, width_mm / lettering.scale, needs, texts)
    size, inset, widths = _chosen(table, points, needs, texts)
    is_split = is_half and table.total is None and len(rows) >= _ROWS_OF_TWO_HALVES
    height = sum(lines_of(texts, widths)) if len(rows) < _ROWS_LOOKED_AT else math.inf
    return Layout(
        size=size,
        widths=tuple(width + 2 * inset + _RESERVE for width in widths),
        inset=inset,
        lettering=lettering,
        is_split=is_split,
        is_kept_together=height <= _LINES_KEPT_TOGETHER * (1 + is_split),
    )


def _points(
    table: Table, width_mm: float, needs: Sequence[float], texts: Sequence[Sequence[Words]]
) -> tuple[float, bool]:
    """The width of the table, and whether that is half the page: names and their values else stand far apart."""
    half = (width_mm - _BETWEEN_HALVES_MM) / 2 * _POINTS_A_MM
    least = (sum(wishes(needs, texts)) + len(texts) * (2 * _INSET + _RESERVE)) * _LEAST_HALF
    is_half = len(texts) == 2 and not table.is_annex and least <= half
    return (half if is_half else width_mm * _POINTS_A_MM), is_half


def _chosen(
    table: Table, points: float, needs: Sequence[float], texts: Sequence[Sequence[Words]]
) -> tuple[float, float, Sequence[float]]:
    """The largest size that makes the table nearly as low as the best; the inset and net widths that belong to it."""
    sizes, free = (_ANNEX_SIZES, _ANNEX_SIZES_FREE) if table.is_annex else (_SIZES, _SIZES_FREE)
    columns = max(len(needs), 1)
    inset = _NARROW_INSET if columns >= _MANY_COLUMNS else _INSET
    inset = min(inset, points / sizes[-1] / columns / 4)  # letters need room, too
    rooms = {size: points / size - columns * (2 * inset + _RESERVE) for size in sizes}
    fitting = [size for size in sizes if sum(needs) <= rooms[size]]
    weights = [_weight(one) for one in table.columns]
    seen = [column[:: 1 + len(column) // _ROWS_LOOKED_AT | 1] for column in texts]  # odd: what alternates is seen
    tried = [size for size in sizes[:free] if size in fitting] or fitting[:1] or [sizes[-1]]
    plans = [(size, inset, shares(max(rooms[size], 0.0), weights, needs, seen)) for size in tried]
    heights = [sum(lines + _ROW_EXTRA for lines in lines_of(seen, widths)) for _, _, widths in plans]
    return next(plan for plan, height in zip(plans, heights, strict=True) if height <= min(heights) * _NEARLY_AS_LOW)


def _remembering(extent: Callable[[str], float]) -> Callable[[str], float]:
    """In thousands of rows most texts come again."""
    known: dict[str, float] = {}

    def remembered(text: str) -> float:
        if text not in known:
            known[text] = extent(text)
        return known[text]

    return remembered


def _weight(column: Column) -> float:
    return min(max(column.weight, _LEAST_WEIGHT), _MOST_WEIGHT) if math.isfinite(column.weight) else 1.0


def _texts(rows: Sequence[Row], place: int, extent: Callable[[str], float]) -> list[Words]:
    """The words of a column's texts, a sign with the first."""
    cells = [(row.cells[place], place == 0 and row.mark) for row in rows if place < len(row.cells)]
    return [_words(said(cell.line), _SIGN if cell.mark or row_mark else 0.0, extent) for cell, row_mark in cells]


def _words(text: str, sign: float, extent: Callable[[str], float]) -> Words:
    first, *others = map(extent, text.split() or [""])
    return (first + sign, *others)


def _need(column: Column, rows: Sequence[Row], place: int, extent: Callable[[str], float]) -> float:
    """The longest word; titles have two lines at most, if their words allow it."""
    cells = [row.cells[place] for row in rows if place < len(row.cells)]
    has_sign = any(cell.mark for cell in cells) or (place == 0 and any(row.mark for row in rows))
    tokens = {token for cell in cells for token in _tokens(cell.line)}
    longest = max((extent(word) for word in column.title.split()), default=0.0)
    title = max(longest, min(extent(column.title) * _HALF, _WIDEST_TITLE)) * _BOLD
    return max(title, max(map(extent, tokens), default=0.0) + _SIGN * has_sign)


def _tokens(line: Line) -> Iterable[str]:
    """What stays in one piece where there is room. Between its words even a code may be broken, if it must."""
    words = (word for span in line for word in span.text.split())
    return (word if len(word) <= _WHOLE_CODE else word[:12] for word in words)
