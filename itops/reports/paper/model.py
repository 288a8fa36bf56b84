"""A paper and its blocks.

Every text is a `Line` of spans; a span that is a code (a name, an address, a version, a path, a hash, a date with
hyphens, a signed number) is drawn left to right whatever stands around it: each writer isolates each code, without
looking at it. Texts hold no direction marks; numbers in words are already in the digits of the language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class Span(NamedTuple):
    """A piece of text. `is_code`: left to right, never broken, its digits untouched."""

    text: str
    is_code: bool = False


Line: TypeAlias = tuple[Span, ...]


def text(words: str) -> Line:
    """A line of words of the paper's language."""
    return (Span(words),) if words else ()


def code(words: str) -> Line:
    """A line that is one code."""
    return (Span(words, is_code=True),) if words else ()


def said(line: Iterable[Span]) -> str:
    """A line without its marks: for spreadsheets, sort keys and tests."""
    return "".join(span.text for span in line)


class Mark(StrEnum):
    """How bad something is: drawn as a word or sign and a shade, never as a colour alone."""

    GOOD = "good"
    NOTICE = "notice"
    BAD = "bad"
    UNKNOWN = "unknown"
    NONE = "none"  # nothing was demanded


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table."""

    line: Line = ()
    value: int | float | date | datetime | None = None  # what the line says, for spreadsheets: to sort and to sum
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `weight`: its share of the width."""

    title: str
    weight: float = 1.0
    kind: str = "text"  # "text", "code", "number", "percent", "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading; `level` 1 to 3, numbered by the writer where it numbers. `id`: for links, ASCII."""

    level: int
    title: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph. `role`: "normal", "lead" (the verdict), "note" (small), "statement" (a computed sentence).

    Of letters: "centered", "aside", "address", "greeting", "letter", "closing", "signature", "post"; DOCX alone tells
    them apart.
    """

    line: Line
    role: str = "normal"
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list, numbered or not."""

    lines: tuple[Line, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactList:
    """Names and values, one a line: the identity of the report."""

    facts: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """One indicator: now, target, last period, change, and the trend as numbers (None: unknown) with their labels."""

    name: str
    now: Cell
    target: Cell
    before: Cell
    change: Cell
    mark: Mark
    state: str  # the mark in words
    trend: tuple[float | None, ...] = ()
    trend_labels: tuple[str, ...] = ()  # periods, as codes
    trend_texts: tuple[str, ...] = ()  # values in words, "-" for unknown
    ceiling: float | None = None  # the top of the scale: 1 for ratios, so that no base is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """The indicators with their five headings: name, now, target, before, change, trend, state."""

    headings: tuple[str, str, str, str, str, str, str]
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table; `mark` shades it."""

    cells: tuple[Cell, ...]
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; without rows `empty` is printed instead. `total`: a last row that sums up."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    id: str  # ASCII, unique in the paper: the name of a sheet, an anchor
    empty: str = ""
    note: str = ""
    total: Row | None = None
    is_annex: bool = False  # long: landscape on paper, a sheet of its own in a workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A bar chart: one bar a label; bars begin at zero. `texts` stand at the bars."""

    title: str
    labels: tuple[Line, ...]
    values: tuple[float, ...]
    texts: tuple[str, ...]
    id: str
    ceiling: float | None = None
    value_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarCell:
    """One day of one row: a sign of one or two letters that says without colour what it is; "" for no slot."""

    sign: str
    mark: Mark
    title: str = ""  # in words


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """One job."""

    label: Line
    cells: tuple[CalendarCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """A calendar of the period, days across and jobs down; `legend` explains the signs."""

    title: str
    days: tuple[str, ...]  # headings, in the digits of the language
    rows: tuple[CalendarRow, ...]
    legend: tuple[tuple[CalendarCell, str], ...]
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One place to sign."""

    role: str
    name: str
    labels: tuple[str, str, str]  # name, signature, date


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """The last block of a paper."""

    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block: TypeAlias = (
    Heading | Paragraph | Bullets | FactList | Indicators | Table | Bars | HeatMap | Signatures | PageBreak
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole paper."""

    language: str  # "fa", "en"
    title: str
    subtitle: str  # whose, of when
    cover: tuple[Line, ...]  # lines of the cover, the largest first
    blocks: tuple[Block, ...]
    footer: Line  # tool, version, hash of the facts
    page_of: str  # "page {page} of {pages}" in the language
    made_at: datetime  # the moment that stands in the files: of the facts, not of the making
    author: str = ""
    words: tuple[tuple[str, str], ...] = ()  # a few words that writers need: ("contents", "..."), ("continued", "...")

    @property
    def is_right_to_left(self) -> bool:
        """Whether it is read from the right."""
        return self.language == "fa"
