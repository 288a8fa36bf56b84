"""The blocks of a paper as WordprocessingML, in stretches of upright and of broad pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from itops.dates import persian_digits
from itops.reports.paper.docx_rtl import Typist
from itops.reports.paper.docx_tables import bars, facts, heat_map, indicators, signatures, table
from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    Cell,
    FactList,
    Heading,
    HeatMap,
    Indicators,
    PageBreak,
    Paper,
    Paragraph,
    Signatures,
    Table,
    said,
    text,
)
from itops.reports.paper.office_text import SHADES, sign_of

_FEWEST_HEADINGS = 3  # for which contents help
_ROLES = {"lead": "ReportLead", "statement": "ReportStatement", "note": "ReportNote", "address": "ReportAddress",
          "greeting": "ReportGreeting", "letter": "ReportLetter", "closing": "ReportClosing"}  # fmt: skip
_PLACES = {
    "centered": ("Normal", 0, "center"),
    "aside": ("ReportAside", 60, ""),
    "signature": ("ReportSignature", 50, "center"),
    "post": ("ReportPost", 50, "center"),
}
"""Paragraphs of a letter that do not begin where its lines do: style, indent in hundredths of the width, alignment."""
_BREAK = '<w:p><w:pPr><w:pStyle w:val="{}"/></w:pPr><w:r><w:br w:type="page"/></w:r></w:p>'


Placed: TypeAlias = tuple[int, Block]
"""A block with its place in the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Blocks on pages of one kind: upright, or broad for an annex."""

    is_broad: bool
    blocks: tuple[Placed, ...]


def stretches(blocks: Sequence[Block]) -> tuple[Stretch, ...]:
    """The blocks with every annex on broad pages, its heading and the words below the heading with it.

    The first stretch is upright, if only for the cover.
    """
    found: list[tuple[bool, list[Placed]]] = [(False, [])]
    for place, block in enumerate(blocks):
        is_broad = isinstance(block, Table) and block.is_annex and bool(block.rows)
        was_broad, before = found[-1]
        if is_broad and not was_broad:
            taken = _heading_of(before)
            if len(found) > 1 and _is_bare(before):  # nothing but that heading stood between two annexes
                found.pop()
            else:
                found.append((True, []))
            found[-1][1].extend(taken)
        elif was_broad and not is_broad:
            found.append((False, []))
        found[-1][1].append((place, block))
    while len(found) > 1 and _is_bare(found[-1][1]):
        found.pop()
    return tuple(_trimmed(is_broad, one, is_first=not number, is_last=number == len(found) - 1)
                 for number, (is_broad, one) in enumerate(found))  # fmt: skip


def _heading_of(blocks: list[Placed]) -> list[Placed]:
    """Take headings and the words between them and the end away from `blocks`."""
    at = len(blocks)
    while at and isinstance(blocks[at - 1][1], Paragraph | Bullets):
        at -= 1
    if not (at and isinstance(blocks[at - 1][1], Heading)):
        return []
    while at and isinstance(blocks[at - 1][1], Heading):
        at -= 1
    taken = blocks[at:]
    del blocks[at:]
    return taken


def _is_bare(blocks: Sequence[Placed]) -> bool:
    return all(isinstance(block, PageBreak) for _, block in blocks)


def _trimmed(is_broad: bool, blocks: list[Placed], *, is_first: bool, is_last: bool) -> Stretch:  # noqa: FBT001  a fact
    """Without page breaks where a new kind of page begins anyway."""
    begin, end = 0, len(blocks)
    while not is_first and begin < end and isinstance(blocks[begin][1], PageBreak):
        begin += 1
    while not is_last and begin < end and isinstance(blocks[end - 1][1], PageBreak):
        end -= 1
    return Stretch(is_broad=is_broad, blocks=tuple(blocks[begin:end]))


def _once(paper: Paper, place: int, block: Block) -> Block:
    """A table without its title where the heading just above ends in the same words."""
    above = paper.blocks[place - 1] if place else None
    if isinstance(block, Table) and isinstance(above, Heading) and above.title.endswith(block.title):
        return replace(block, title="")
    return block


@dataclass(frozen=True, slots=True, kw_only=True)
class Compositor:
    """Sets the blocks of one paper. `dots`: the list of dots in the file; `numbers`: the one of a block, by place."""

    typist: Typist
    dots: int
    numbers: Mapping[int, int]
    bookmarks: Mapping[int, int]  # of a heading by its place among the blocks

    def cover(self, paper: Paper) -> str:
        """Title, subtitle, and the lines of the cover that say more than those."""
        made = self.typist.line(text(paper.title), "Title") if paper.title else ""
        made += self.typist.line(text(paper.subtitle), "Subtitle") if paper.subtitle else ""
        told = f"{paper.title}\n{paper.subtitle}"
        return made + "".join(self.typist.line(line, "ReportNote") for line in paper.cover if said(line) not in told)

    def contents(self, paper: Paper) -> str:
        """The chapters as links, in a field that takes page numbers when the word processor is asked to renew it."""
        word = dict(paper.words).get("contents", "")
        chapters = [(one.title, self.bookmarks[place]) for place, one in enumerate(paper.blocks)
                    if isinstance(one, Heading) and one.level == 1]  # fmt: skip
        if not word or len(chapters) < _FEWEST_HEADINGS:
            return ""
        lines = [
            f'<w:hyperlink w:anchor="report_{number}" w:history="1">{self.typist.words(title)}</w:hyperlink>'
            for title, number in chapters
        ]
        lines[0] = self.typist.field_start('TOC \\o "1-2" \\h \\z \\u') + lines[0]
        lines[-1] += self.typist.field_end()
        return self.typist.line(text(word), "Caption") + "".join(self.typist.paragraph(one, "TOC1") for one in lines)

    def stretch(self, paper: Paper, stretch: Stretch, width: int) -> str:
        """The blocks of a stretch; before the second chapter, which is below the month at a glance, the contents."""
        chapters = [place for place, one in enumerate(paper.blocks) if isinstance(one, Heading) and one.level == 1]
        second = chapters[1] if len(chapters) > 1 else None
        return "".join(
            (self.contents(paper) if place == second else "") + self.block(place, _once(paper, place, block), width)
            for place, block in stretch.blocks
        )

    def block(self, place: int, block: Block, width: int) -> str:  # noqa: C901  one line for each kind of block
        """The block at a place of the paper, on a page `width` twentieths of a point wide between its margins."""
        match block:
            case Heading():
                return self._heading(self.bookmarks[place], block)
            case Paragraph():
                return self._paragraph(block, width)
            case Bullets():
                return self._bullets(self.numbers.get(place), block)
            case FactList():
                return facts(block, self.typist, width)
            case Indicators():
                return indicators(block, self.typist, width)
            case Table():
                return table(block, self.typist, width)
            case Bars():
                return bars(block, self.typist, width)
            case HeatMap():
                return heat_map(block, self.typist, width)
            case Signatures():
                return signatures(block, self.typist, width)
            case PageBreak():
                return _BREAK.format(self.typist.style("ReportBreak"))
            case _:
                assert_never(block)

    def _heading(self, bookmark: int, block: Heading) -> str:
        start = f'<w:bookmarkStart w:id="{bookmark}" w:name="report_{bookmark}"/>'
        end = f'<w:bookmarkEnd w:id="{bookmark}"/>'
        style = f"Heading{min(max(block.level, 1), 3)}"
        return self.typist.paragraph(start + self.typist.words(block.title) + end, style)

    def _paragraph(self, block: Paragraph, width: int) -> str:
        if block.role in _PLACES:
            return self._placed(block, width)
        sign = sign_of(Cell(line=block.line, mark=block.mark))
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{SHADES[block.mark]}"/>' if block.mark else ""
        return self.typist.line(block.line, _ROLES.get(block.role, "Normal"), sign=sign, properties=shade)

    def _placed(self, block: Paragraph, width: int) -> str:
        """Read in the direction of the paper, whatever it says: a number or a name of a letter stays in its column."""
        style, share, side = _PLACES[block.role]
        indent = f'<w:ind w:left="{width * share // 100}"/>' if share else ""
        justified = f'<w:jc w:val="{side}"/>' if side else ""
        return self.typist.paragraph(self.typist.runs(block.line), style, after=indent + justified)

    def _bullets(self, list_id: int | None, block: Bullets) -> str:
        """Persian numbers are written out: no list of Word can be trusted to count in Persian digits."""
        typist, style = self.typist, "ListNumber" if block.is_numbered else "ListBullet"
        if block.is_numbered and list_id is None:
            fronts = [typist.tabbed(persian_digits(f"{number}.")) for number in range(1, len(block.lines) + 1)]
            chosen = 0  # none, whatever a letterhead's style says
        else:
            fronts = [""] * len(block.lines)
            chosen = self.dots if list_id is None else list_id
        numbered = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{chosen}"/></w:numPr>'
        indent = '<w:ind w:left="425" w:hanging="425"/>'
        return "".join(
            typist.paragraph(front + typist.runs(line), style, properties=numbered, after=indent)
            for front, line in zip(fronts, block.lines, strict=True)
        )
