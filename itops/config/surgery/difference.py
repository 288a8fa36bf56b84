"""What splices change, as `diff -u` shows it: only the surroundings of each are compared, however long the file is."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import Protocol

_CONTEXT_LINES = 3
_HUNK = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")
_LINE = re.compile(r"[^\n]*\n|[^\n]+$")


class Splice(Protocol):
    """Characters [start, end) of the old text give way to `text`."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102


def applied(text: str, splices: Sequence[Splice], first: int = 0, last: int | None = None) -> str:
    """The text between `first` and `last` after the splices in it, which are sorted."""
    last = len(text) if last is None else last
    parts, at = [], first
    for splice in splices:
        parts += [text[at : splice.start], splice.text]
        at = max(at, splice.end)
    return "".join([*parts, text[at:last]])


def unified(name: str, text: str, splices: Sequence[Splice]) -> str:
    """Empty when nothing changes. `splices` are sorted by their start."""
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    shown, moved = [], 0
    for group in _groups(lines, splices):
        first = bisect_right(lines, group[0].start) - 1 - _CONTEXT_LINES
        last = bisect_right(lines, max(splice.end for splice in group)) + _CONTEXT_LINES
        start = lines[max(first, 0)]
        end = lines[last] if last < len(lines) else len(text)
        old, new = text[start:end], applied(text, group, start, end)
        shown += list(_hunks(_LINE.findall(old), _LINE.findall(new), max(first, 0), moved))
        moved += new.count("\n") - old.count("\n")
    return "".join([f"--- {name}\n+++ {name}\n", *shown]) if shown else ""


def _groups(lines: list[int], splices: Sequence[Splice]) -> Iterator[list[Splice]]:
    """Splices whose surroundings touch."""
    group: list[Splice] = []
    reach = 0
    for splice in splices:
        line = bisect_right(lines, splice.start) - 1
        if group and line - reach > 2 * _CONTEXT_LINES + 1:
            yield group
            group = []
        group.append(splice)
        reach = max(reach, bisect_right(lines, splice.end) - 1)
    if group:
        yield group


def _hunks(old: list[str], new: list[str], before: int, moved: int) -> Iterator[str]:
    for line in list(unified_diff(old, new, n=_CONTEXT_LINES))[2:]:
        found = _HUNK.match(line)
        if found:
            old_line, new_line = int(found[1]) + before, int(found[3]) + before + moved
            yield f"@@ -{old_line}{found[2] or ''} +{new_line}{found[4] or ''} @@\n"
        else:
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
