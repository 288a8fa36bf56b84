"""Where the entries of a YAML file stand in its text: their keys, dashes, true ends, lines."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Any

from itops.config.surgery.spelling import BREAK
from itops.config.yaml import Document, Place

_BEFORE_ROOT = re.compile(r"(?:\s|#[^\n]*|---|\.\.\.|%[^\n]*)*")


class Layout:
    """Positions are indexes into the text; a line ends before its line break."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.spots = document.spots
        self._root = document.texts

    @cached_property
    def _lines(self) -> tuple[list[int], list[int]]:
        breaks = list(BREAK.finditer(self.text))
        return [0, *(one.end() for one in breaks)], [*(one.start() for one in breaks), len(self.text)]

    @cached_property
    def line_break(self) -> str:
        """The one that the file uses."""
        found = BREAK.search(self.text)
        return found.group() if found and found.group() in {"\n", "\r\n"} else "\n"

    def line_of(self, index: int) -> int:
        """From 0."""
        return bisect_right(self._lines[0], index) - 1

    def line_start(self, index: int) -> int:
        """Where the line of this index begins."""
        return self._lines[0][self.line_of(index)]

    def line_end(self, index: int) -> int:
        """Where the line of this index ends."""
        return self._lines[1][self.line_of(index)]

    def line_end_above(self, index: int) -> int | None:
        """Where the line above ends; None on the first line."""
        line = self.line_of(index)
        return self._lines[1][line - 1] if line else None

    def key(self, place: Place) -> int:
        """Where the key begins; of a list item: its value."""
        spot = self.spots[place]
        return self._lines[0][spot.line - 1] + spot.column

    def dash(self, place: Place) -> int:
        """Where the dash of a list item in block style stands."""
        first = self.spots[place[:-1]].start  # of the list's first item
        if place[-1] == 0:
            return first
        column = first - self.line_start(first)
        # Between a dash and its item there may be comments; no line between them has a dash in that column.
        for line in range(self.spots[place].line - 1, -1, -1):
            start = self._lines[0][line]
            dash = start + column
            if not self.text[start:dash].strip() and self.text[dash : dash + 1] == "-":
                return dash
        return first

    def stands_alone(self, index: int) -> bool:
        """Whether nothing stands before it on its line."""
        return not self.text[self.line_start(index) : index].strip()

    def blank_before(self, index: int) -> int:
        """Where the blanks and line breaks right before it begin."""
        while index and self.text[index - 1].isspace():
            index -= 1
        return index

    def is_flow(self, place: Place) -> bool:
        """Whether a section or list is written between braces or brackets."""
        if place:
            start = self.spots[place].start
        else:
            found = _BEFORE_ROOT.match(self.text)
            start = found.end() if found else 0
        return self.text[start : start + 1] in {"{", "["}

    def end(self, place: Place) -> int:
        """Where an entry's last character stands: the parser's own mark counts comments and empty lines after it."""
        data = self.data(place)
        while isinstance(data, dict | list) and data and not self.is_flow(place):
            last = next(reversed(data)) if isinstance(data, dict) else len(data) - 1
            place, data = (*place, last), data[last]
        spot = self.spots[place]
        if isinstance(data, str) and self.text[spot.start : spot.start + 1] in {"|", ">"}:
            return self._end_of_block_text(spot.start, spot.end)
        return spot.end

    def _end_of_block_text(self, start: int, end: int) -> int:
        """Before its last line break; where a "+" keeps empty lines they belong to it, else they do not."""
        written = self.text[start:end]
        header = BREAK.split(written, maxsplit=1)[0]
        if "+" in header:
            breaks = list(BREAK.finditer(written))
            return start + (breaks[-1].start() if breaks and breaks[-1].end() == len(written) else len(written))
        return start + len(written.rstrip())

    def data(self, place: Place) -> Any:
        """What the file says there."""
        data = self._root
        for key in place:
            data = data[key]
        return data
