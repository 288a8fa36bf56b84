"""A paper as the plain data that templates/paper.typ places: strings, numbers and lists, everything decided."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any, TypeAlias, cast

from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    CalendarCell,
    FactList,
    Heading,
    HeatMap,
    IndicatorRow,
    Indicators,
    PageBreak,
    Paper,
    Paragraph,
    Signatures,
    Table,
    said,
)
from itops.reports.paper.pdf_lettering import SANS, Lettering
from itops.reports.paper.pdf_tables import table_data
from itops.reports.paper.pdf_text import clean, pieces, words
from itops.reports.paper.pdf_widths import layout

Data: TypeAlias = dict[str, Any]

PORTRAIT_MM, LANDSCAPE_MM = 170.0, 261.0
"""Width of the text: A4 without its margins, as in paper.typ."""
_HEADINGS_WITHOUT_CONTENTS = 6
_MOST_DAYS = 31
_MOST_ROWS_TOGETHER = 20
_WIDEST_LABEL = 17.0
_MOST_FACTS_TOGETHER, _MOST_LETTERS_TOGETHER = 16, 1600
"""On one page, with what follows: who signs has before his eyes what he signs."""
_LEAD_WITHIN = 6
"""The verdict is among the first blocks, or it is none."""


def document(paper: Paper, lettering: Lettering = SANS) -> Data:
    """Everything that the template places."""
    blocks = _without_repeated_titles(_with_even_headings(paper.blocks))
    chapters = sum(isinstance(block, Heading) and block.level == 1 for block in blocks)
    named = dict(paper.words)
    contents = (clean(named.get("contents", "")) or None) if chapters > _HEADINGS_WITHOUT_CONTENTS else None
    sections = list(_sections(blocks, lettering))
    return {
        "language": paper.language,
        "scale": lettering.scale,
        "leading": lettering.leading,
        "kerning": lettering.is_kerned,
        "arabic_scale": lettering.arabic_scale,
        "rtl": paper.is_right_to_left,
        "title": clean(paper.title) or "—",
        "subtitle": clean(paper.subtitle),
        "author": clean(paper.author),
        "page_of": clean(paper.page_of),
        "footer": pieces(paper.footer),
        "cover": [pieces(line) for line in paper.cover],
        "verdict": _verdict(blocks) if paper.cover else None,
        "contents": contents,
        "opens_landscape": not paper.cover and contents is None and bool(sections) and sections[0]["landscape"],
        "sections": sections,
    }


def _with_even_headings(blocks: Sequence[Block]) -> list[Block]:
    """Readers of tags accept no document that begins below level 1 or skips a level."""
    even: list[Block] = []
    level = 0
    for block in blocks:
        if isinstance(block, Heading):
            level = max(1, min(block.level, level + 1, 3))
            even.append(Heading(level=level, title=block.title, id=block.id))
        else:
            even.append(block)
    return even


def _without_repeated_titles(blocks: Sequence[Block]) -> list[Block]:
    """A table directly below a heading that says the same needs no title of its own."""
    pairs = zip([None, *blocks], blocks, strict=False)
    return [_untitled(above, block) for above, block in pairs]


def _untitled(above: Block | None, block: Block) -> Block:
    if isinstance(block, Table) and isinstance(above, Heading) and above.title.endswith(block.title):
        return replace(block, title="")
    return block


def _verdict(blocks: Sequence[Block]) -> Data | None:
    leads = (block for block in blocks[:_LEAD_WITHIN] if isinstance(block, Paragraph) and block.role == "lead")
    first = next(leads, None)
    return None if first is None else _paragraph(first)


def _sections(blocks: Sequence[Block], lettering: Lettering) -> Iterator[Data]:
    """Runs of blocks that are on paper of the same orientation."""
    sides = _is_landscape(blocks)
    for wide, run in groupby(zip(sides, blocks, strict=True), key=lambda pair: pair[0]):
        width = LANDSCAPE_MM if wide else PORTRAIT_MM
        drawn = [data for _, block in run for data in _drawn(block, width, lettering)]
        yield {"landscape": wide, "blocks": _with_their_notes(drawn)}


def _with_their_notes(drawn: list[Data]) -> list[Data]:
    """A picture or a short table stays with the small print below it."""
    for block, below in pairwise(drawn):
        if block.get("together") and below.get("role") == "note":
            block["with_next"] = True
    return drawn


def _is_landscape(blocks: Sequence[Block]) -> list[bool]:
    """Annexes lie; with each goes what introduces it: the headings and paragraphs since the block before."""
    sides = [isinstance(block, Table) and block.is_annex for block in blocks]
    for place in range(len(blocks) - 2, -1, -1):
        if sides[place + 1] and isinstance(blocks[place], Heading):
            sides[place] = True
        elif sides[place + 1] and isinstance(blocks[place], Paragraph):
            sides[place] = _is_introduction(blocks, place)
    return sides


def _is_introduction(blocks: Sequence[Block], place: int) -> bool:
    """Whether only paragraphs stand between it and a heading above."""
    while place >= 0 and isinstance(blocks[place], Paragraph):
        place -= 1
    return place >= 0 and isinstance(blocks[place], Heading)


def _drawn(block: Block, width_mm: float, lettering: Lettering) -> Iterator[Data]:
    if isinstance(block, Table):
        yield table_data(block, layout(block, width_mm, lettering))
    elif isinstance(block, HeatMap):
        yield from _heat_maps(block, lettering)
    else:
        draw = cast("Callable[[Block], Data]", _SIMPLE[type(block)])
        yield draw(block)


def _heading(block: Heading) -> Data:
    return {"t": "heading", "level": block.level, "title": words(block.title).strip() or "—"}


def _paragraph(block: Paragraph) -> Data:
    return {"t": "paragraph", "role": block.role, "mark": block.mark, "line": pieces(block.line)}


def _bullets(block: Bullets) -> Data:
    return {"t": "bullets", "numbered": block.is_numbered, "lines": [pieces(line) for line in block.lines]}


def _facts(block: FactList) -> Data:
    letters = sum(len(name) + len(said(line)) for name, line in block.facts)
    return {
        "t": "facts",
        "facts": [[words(name), pieces(line)] for name, line in block.facts],
        "together": len(block.facts) <= _MOST_FACTS_TOGETHER and letters <= _MOST_LETTERS_TOGETHER,
    }


def _page_break(_: PageBreak) -> Data:
    return {"t": "break"}


def _signatures(block: Signatures) -> Data:
    places = [
        {"role": clean(one.role), "name": clean(one.name), "labels": [clean(label) for label in one.labels]}
        for one in block.signatures
    ]
    return {"t": "signatures", "places": places}


def _indicators(block: Indicators) -> Data:
    return {
        "t": "indicators",
        "headings": [clean(heading) for heading in block.headings],
        "rows": [_indicator(row) for row in block.rows],
    }


def _indicator(row: IndicatorRow) -> Data:
    told = [f"{label}: {value}" for label, value in zip(row.trend_labels, row.trend_texts, strict=False)]
    labels = [clean(label) for label in row.trend_labels]
    return {
        "name": words(row.name),
        "cells": [pieces(cell.line) for cell in (row.now, row.target, row.before, row.change)],
        "mark": row.mark,
        "state": clean(row.state),
        "trend": _shares(row.trend, row.ceiling),
        "ends": [labels[0], labels[-1]] if labels and row.trend else [],
        "alt": clean("; ".join((row.name, *told))) or "—",
    }


def _shares(values: Sequence[float | None], ceiling: float | None) -> list[float | None]:
    """Each as a share of the scale, which begins at zero and ends at the ceiling or at the largest value."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    top = max((*known, ceiling if ceiling is not None and math.isfinite(ceiling) else 0.0), default=0.0)
    return [_share(value, top) for value in values]


def _share(value: float | None, top: float) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(max(value, 0.0) / top, 4) if top > 0 else 0.0


def _bars(block: Bars) -> Data:
    shares = _shares(block.values, block.ceiling)
    rows = [
        {"label": pieces(label), "share": share or 0.0, "text": clean(shown)}
        for label, share, shown in zip(block.labels, shares, block.texts, strict=False)
    ]
    told = "; ".join(f"{said(label)}: {shown}" for label, shown in zip(block.labels, block.texts, strict=False))
    return {
        "t": "bars",
        "title": words(block.title),
        "value_title": clean(block.value_title),
        "rows": rows,
        "alt": clean(f"{block.title}. {told}") or "—",
    }


def _heat_maps(block: HeatMap, lettering: Lettering) -> Iterator[Data]:
    """One for each month of days: more would be too fine to read."""
    for begin in range(0, max(1, len(block.days)), _MOST_DAYS):
        end = begin + _MOST_DAYS
        is_last = end >= len(block.days)
        yield {
            "t": "heatmap",
            "title": words(block.title) if begin == 0 else "",
            "together": len(block.rows) <= _MOST_ROWS_TOGETHER,
            "label_width": _label_width(block, lettering),
            "days": [clean(day) for day in block.days[begin:end]],
            "rows": [
                {"label": pieces(row.label), "cells": [_calendar_cell(cell) for cell in row.cells[begin:end]]}
                for row in block.rows
            ],
            "legend": [[_calendar_cell(cell), clean(said_as)] for cell, said_as in block.legend] if is_last else [],
        }


def _label_width(block: HeatMap, lettering: Lettering) -> float:
    """Room for the longest name within reason, em."""
    longest = max((lettering.extent(said(row.label)) for row in block.rows), default=0.0)
    return round(min(max(longest, 6.0) + 1.0, _WIDEST_LABEL), 3)


def _calendar_cell(cell: CalendarCell) -> list[str]:
    return [clean(cell.sign), cell.mark]


_SIMPLE: dict[type[Block], object] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Bullets: _bullets,
    FactList: _facts,
    Indicators: _indicators,
    Bars: _bars,
    Signatures: _signatures,
    PageBreak: _page_break,
}
