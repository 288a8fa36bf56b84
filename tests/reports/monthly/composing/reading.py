"""Reading a paper in tests: every line of it, every table by its id."""

from collections.abc import Iterator
from functools import cache

from itops.reports.monthly.composing import compose
from itops.reports.monthly.records import Report
from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    Cell,
    FactList,
    Heading,
    HeatMap,
    Indicators,
    Line,
    Paper,
    Paragraph,
    Row,
    Signatures,
    Table,
    said,
    text,
)
from itops.reports.words import Words, load_words


@cache
def words_in(language: str, calendar: str = "jalali") -> Words:
    """Without marks, as writers of papers want them."""
    return load_words(language, calendar=calendar, marks=False)


def paper_of(report: Report, language: str, calendar: str = "jalali") -> Paper:
    """The report composed."""
    return compose(report, words_in(language, calendar), facts_sha256="3f9a1c2b" * 8)


def lines_of(paper: Paper) -> Iterator[Line]:
    """Every line that is printed, titles and headings as lines of words."""
    yield from (text(paper.title), text(paper.subtitle), text(paper.author), *paper.cover, paper.footer)
    for block in paper.blocks:
        yield from _block_lines(block)


def _block_lines(block: Block) -> Iterator[Line]:  # noqa: C901  one branch for each kind of block
    match block:
        case Heading():
            yield text(block.title)
        case Paragraph():
            yield block.line
        case Bullets():
            yield from block.lines
        case FactList():
            yield from (part for name, line in block.facts for part in (text(name), line))
        case Indicators():
            yield from map(text, block.headings)
            for row in block.rows:
                yield from map(text, (row.name, row.state, *row.trend_texts))
                yield from (cell.line for cell in (row.now, row.target, row.before, row.change))
        case Table():
            yield from map(text, (block.title, block.empty, block.note, *(one.title for one in block.columns)))
            yield from (cell.line for cell in cells_of(block))
        case Bars():
            yield from (*block.labels, *map(text, (block.title, block.value_title, *block.texts)))
        case HeatMap():
            yield from map(text, (block.title, *block.days, *(word for _, word in block.legend)))
            yield from (row.label for row in block.rows)
            yield from (text(cell.sign) for row in block.rows for cell in row.cells)
        case Signatures():
            yield from (text(part) for one in block.signatures for part in (one.role, *one.labels))


def cells_of(table: Table) -> Iterator[Cell]:
    """All cells, the total's too."""
    rows: tuple[Row, ...] = (*table.rows, *([table.total] if table.total else []))
    return (cell for row in rows for cell in row.cells)


def table_of(paper: Paper, table_id: str) -> Table:
    """The table of that id."""
    return next(block for block in paper.blocks if isinstance(block, Table) and block.id == table_id)


def rows_of(table: Table) -> list[list[str]]:
    """What its cells say."""
    return [[said(cell.line) for cell in row.cells] for row in table.rows]


def everything(paper: Paper) -> str:
    """All it says, a line for each line."""
    return "\n".join(said(line) for line in lines_of(paper))
