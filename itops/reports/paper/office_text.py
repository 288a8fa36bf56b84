"""What the two writers for office programs share: clean text, codes kept apart from words, signs and shades.

Office programs differ in what they know of U+2066 to U+2069, but all of them know U+200E and U+200F: an inner pair
holds a code from left to right, an outer pair keeps it apart from what stands beside it. A text that is a code alone
needs no marks: its paragraph or cell is read from the left as a whole.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from itops.reports.paper.model import Cell, Line, Mark, Row, said
from itops.text import plain

LRM, RLM = "\u200e", "\u200f"
SHADES = {
    Mark.GOOD: "E2EFDA",
    Mark.NOTICE: "FFE699",
    Mark.BAD: "F4A58A",
    Mark.UNKNOWN: "D0CECE",
    Mark.NONE: "F2F2F2",
}
"""Each darker than the one before on a black-and-white printer, and told apart by those who see no red."""
SIGNS = {Mark.NOTICE: "!", Mark.BAD: "!!", Mark.UNKNOWN: "?"}
"""Before a number or a code that is shaded and says no word about it. Plain letters: every font has them."""

_UNWRITABLE = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")  # no XML can hold them
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_HAS_RIGHT_TO_LEFT = re.compile(f"[{_RIGHT_TO_LEFT}]")
_PERSIAN_RUN = re.compile(f"[{_RIGHT_TO_LEFT}](?:[{_RIGHT_TO_LEFT}\u200c ]*[{_RIGHT_TO_LEFT}])?")
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ ._/@:+-]+[A-Za-z0-9]+)*")


class Piece(NamedTuple):
    """A piece of a line that an office program gets as one run. `kind`: "code", "rtl", "ltr" or "mark"."""

    text: str
    kind: str


def clean(words: str) -> str:
    """`words` on one line, without anything that steers or that a file cannot hold."""
    return _UNWRITABLE.sub("", plain(words))


def is_left_to_right(line: Line) -> bool:
    """Whether a line is codes and nothing but signs between them: read from the left even on a Persian page."""
    return any(span.is_code for span in line) and not any(
        char.isalpha() for span in line if not span.is_code for char in span.text
    )


def pieces(line: Line, *, is_right_to_left: bool) -> Iterator[Piece]:
    """The runs of a line in a paragraph that is read from the right or from the left; codes between marks."""
    before, after = _marks(line, is_right_to_left=is_right_to_left)
    for span in line:
        words = clean(span.text)
        if not words:
            continue
        if not span.is_code:
            yield from _runs(words, is_right_to_left=is_right_to_left)
            continue
        if before:
            yield Piece(before, "mark")
        yield Piece(words, "code")
        if after:
            yield Piece(after, "mark")


def cell_text(line: Line, *, is_right_to_left: bool) -> str:
    """A line as one text of a spreadsheet: marks only in a sentence that holds codes, never in a value."""
    if is_left_to_right(line) or not any(span.is_code for span in line):
        return clean(said(line))
    return "".join(piece.text for piece in pieces(line, is_right_to_left=is_right_to_left))


def sign_of(cell: Cell) -> str:
    """The sign that a marked cell needs: where words stand, they say it."""
    has_words = any(char.isalpha() for span in cell.line if not span.is_code for char in span.text)
    return "" if cell.mark is None or has_words else SIGNS.get(cell.mark, "")


def sign_of_row(row: Row) -> str:
    """The sign before a shaded row's first cell, unless one of its cells is marked and says it."""
    return "" if row.mark is None or any(cell.mark for cell in row.cells) else SIGNS.get(row.mark, "")


def _marks(line: Line, *, is_right_to_left: bool) -> tuple[str, str]:
    if is_right_to_left:
        return RLM + LRM, LRM + RLM
    has_persian = any(_HAS_RIGHT_TO_LEFT.search(span.text) for span in line)
    return (LRM, LRM) if has_persian else ("", "")


def _runs(words: str, *, is_right_to_left: bool) -> Iterator[Piece]:
    """Words cut where the script changes: an office program wants the direction said with each run."""
    own, other = ("rtl", "ltr") if is_right_to_left else ("ltr", "rtl")
    at = 0
    for found in (_LATIN_RUN if is_right_to_left else _PERSIAN_RUN).finditer(words):
        if found.start() > at:
            yield Piece(words[at : found.start()], own)
        yield Piece(found.group(), other)
        at = found.end()
    if at < len(words):
        yield Piece(words[at:], own)
