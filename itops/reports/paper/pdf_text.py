"""Texts on their way into a PDF: made printable, codes isolated, and so cut that nothing runs off the page."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from itops.reports.paper.model import Line, Span
from itops.text import plain

Piece: TypeAlias = tuple[str, str | Sequence[str]]
"""How the template draws a span: ("w", words), ("c", a code that stays whole), ("k", the parts of a long code)."""

ISOLATE, END_OF_ISOLATE = "\u2066", "\u2069"
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\u200c\u200d"
_BREAK_HERE = "\u200b"
_LONGEST_CODE = 34
"""Letters of a code that is never broken in a paragraph: half a line."""
_LONGEST_WORD = 40
_PART = re.compile(r" +|[^-_/.\\:@= ]{1,12}[-_/.\\:@=]?|[-_/.\\:@=]")
_WORD_OR_SPACE = re.compile(r" +|[^ ]+")
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD},}}")


def clean(text: str) -> str:
    """On one line, steering nothing, without what no font has a picture for: unassigned, private, half characters."""
    shown = plain(text)
    if shown.isprintable():
        return shown
    return "".join(letter if _is_drawable(letter) else _UNPRINTABLE for letter in shown)


def _is_drawable(letter: str) -> bool:
    if letter in _JOINERS:
        return True
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def words(text: str) -> str:
    """Words of the language; an endless one may be broken anywhere."""
    return _LONG_WORD.sub(lambda found: _BREAK_HERE.join(_slices(found.group(), 12)), clean(text))


def isolated(text: str) -> str:
    """A code inside a string: left to right whatever stands around it."""
    return f"{ISOLATE}{clean(text)}{END_OF_ISOLATE}"


def parts(text: str) -> list[str]:
    """A long code where it may be broken: after its own separators, or every dozen letters."""
    return _PART.findall(clean(text))


def parted_words(text: str) -> list[str]:
    """A code of several words where it may be broken: between them alone."""
    return _WORD_OR_SPACE.findall(clean(text))


def pieces(line: Iterable[Span]) -> list[Piece]:
    """A line for the template."""
    return [_piece(span) for span in line if span.text]


def _piece(span: Span) -> Piece:
    if not span.is_code:
        return ("w", words(span.text))
    shown = clean(span.text)
    return ("c", shown) if len(shown) <= _LONGEST_CODE else ("k", parts(span.text))


def cell_text(line: Line) -> str:
    """A line as one string: for the thousands of cells of a long table, where every element costs time."""
    return "".join(isolated(span.text) if span.is_code else words(span.text) for span in line if span.text)


def _slices(text: str, length: int) -> list[str]:
    return [text[begin : begin + length] for begin in range(0, len(text), length)]
