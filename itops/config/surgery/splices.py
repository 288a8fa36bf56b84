"""From a file to the same file with other data, changing only the characters that must change.

Old and wanted data are compared; values are replaced, keys and items put in or taken out where they stand, in the
style that stands there. The result is read again and must say exactly what is wanted, or nothing is done: whatever
YAML has in store that this module does not know ends in a refusal, never in a damaged file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from itops.config.mistakes import dotted
from itops.config.surgery.difference import applied, unified
from itops.config.surgery.layout import Layout
from itops.config.surgery.spelling import BREAK, flow, spelled
from itops.config.yaml import Document, Limits, Place, loads
from itops.errors import ConfigInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice:
    """Characters [start, end) of the old text give way to `text`."""

    start: int
    end: int
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """A file before and after, and what was done."""

    old: Document
    new: Document
    splices: tuple[Splice, ...]

    def diff(self) -> str:
        """As `diff -u` shows it; empty when nothing changes."""
        return unified(self.old.name, self.old.text, self.splices)


def patched(document: Document, wanted: Any, limits: Limits | None = None) -> Patched:
    """The file with `wanted` (texts, lists, sections) instead of `document.texts`; new keys stand in `wanted`'s order.

    Raises ConfigInvalid when that cannot be had without touching what stands around it.
    """
    surgeon = _Surgeon(document)
    surgeon.change((), document.texts, wanted, in_flow=False)
    splices = tuple(sorted(surgeon.splices, key=lambda splice: (splice.start, splice.end)))
    text = applied(document.text, splices)
    try:
        new = loads(text, document.name, limits)
    except ConfigInvalid:
        new = None
    if new is None or new.texts != wanted:
        place = splices[0].place if splices else ()
        raise ConfigInvalid(
            f"{document.name}:{document.line(place)} cannot be changed without touching what stands around it",
            remedy=f"write {dotted(place) or document.name} by hand",
        )
    return Patched(old=document, new=new, splices=splices)


Key: TypeAlias = str | int
Added: TypeAlias = dict[Key | None, list[Any]]
"""New keys (or items) after the kept one that they follow; None: before the first."""


class _Surgeon:
    """Gathers the splices of one file."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.layout = Layout(document)
        self.splices: list[Splice] = []

    def _splice(self, start: int, end: int, text: str, place: Place) -> None:
        self.splices.append(Splice(start=start, end=end, text=text, place=place))

    def change(self, place: Place, old: Any, new: Any, *, in_flow: bool) -> None:
        """Make `new` stand where `old` stands; `in_flow`: between braces or brackets."""
        if old == new:
            return
        if isinstance(old, dict) and isinstance(new, dict):
            kept: list[Any] = [key for key in old if key in new]
            pairs = [(key, key) for key in kept]
        elif isinstance(old, list) and isinstance(new, list):
            pairs = list(_aligned(old, new))
        else:
            pairs = []
        if pairs:
            self._collection(place, old, new, pairs)
        else:
            self._replace(place, old, new, in_flow=in_flow)

    def _collection(self, place: Place, old: Any, new: Any, pairs: list[tuple[Any, Any]]) -> None:
        is_flow = self.layout.is_flow(place)
        for old_key, new_key in pairs:
            self.change((*place, old_key), old[old_key], new[new_key], in_flow=is_flow)
        # Deeper things first: what is put in at the end of a section comes before what follows the section.
        added = _added(new, {new_key: old_key for old_key, new_key in pairs})
        keys = list(old) if isinstance(old, dict) else list(range(len(old)))
        kept = {old_key for old_key, _ in pairs}
        in_block: Callable[..., None] = self._block_entries if isinstance(old, dict) else self._block_items
        work = self._flow_entries if is_flow else in_block
        work(place, keys, kept, {after: [(key, new[key]) for key in group] for after, group in added.items()})

    def _flow_entries(self, place: Place, keys: list[Key], kept: set[Key], added: Added) -> None:
        for after, group in added.items():
            written = ", ".join(
                f"{spelled(key, in_flow=True, is_key=True)}: {flow(value, in_flow=True)}"
                if isinstance(key, str)
                else flow(value, in_flow=True)
                for key, value in group
            )
            if after is None:
                at = self.layout.key((*place, next(key for key in keys if key in kept)))
                self._splice(at, at, f"{written}, ", (*place, group[0][0]))
            else:
                at = self.layout.end((*place, after))
                before = " , " if self.text[at - 1] == ":" else ", "
                self._splice(at, at, before + written, (*place, group[0][0]))
        for above, gone, below in _runs(keys, kept):
            self._cut_flow(place, above, gone, below)

    def _cut_flow(self, place: Place, above: Key | None, gone: list[Key], below: Key | None) -> None:
        start, end = self.layout.key((*place, gone[0])), self.layout.end((*place, gone[-1]))
        if below is not None and not BREAK.search(self.text, end, until := self.layout.key((*place, below))):
            end = until
        elif below is None and not BREAK.search(self.text, since := self.layout.end((*place, above)), start):  # type: ignore[arg-type]
            start = since
        else:
            comma = self.text.find(",", end)
            end = comma + 1 if comma >= 0 and not self.text[end:comma].strip() else end
            rest = self.text[end : self.layout.line_end(end)].strip()
            line_above = self.layout.line_end_above(start)
            if self.layout.stands_alone(start) and (not rest or rest[0] == "#") and line_above is not None:
                start, end = line_above, self.layout.line_end(end)
        self._splice(start, end, "", (*place, gone[0]))

    def _block_entries(self, place: Place, keys: list[Key], kept: set[Key], added: Added) -> None:
        first = next(key for key in keys if key in kept)
        for after, group in added.items():
            neighbour = (*place, first if after is None else after)  # before the first: one line less after it
            at, column = self.layout.line_end(self.layout.end(neighbour)), self.layout.spots[neighbour].column
            for key, value in group:
                written = self._entry(key, value, column, is_top=not place)
                self._splice(at, at, f"{self.layout.line_break}{' ' * column}{written}", (*place, key))
        for _, gone, below in _runs(keys, kept):
            for key in gone:
                self._cut_block(place, key, gone[-1], below)

    def _cut_block(self, place: Place, key: Key, last: Key, below: Key | None) -> None:
        where = (*place, key)
        start, end = self.layout.key(where), self.layout.line_end(self.layout.end(where))
        above = self.layout.line_end_above(start)
        if self.layout.stands_alone(start) and above is not None:
            start = above
        elif below is not None:  # it shares its line with a dash: the next one moves up
            until = self.layout.key((*place, below))
            since = self.layout.line_end(self.layout.end((*place, last)))
            end = until if not self.text[since:until].strip() else end
        self._splice(start, end, "", where)

    def _block_items(self, place: Place, keys: list[Key], kept: set[Key], added: Added) -> None:
        line_break = self.layout.line_break
        for after, group in added.items():
            neighbour = (*place, next(key for key in keys if key in kept) if after is None else after)
            dash = self.layout.dash(neighbour)
            column = dash - self.layout.line_start(dash)
            is_block = isinstance(self.layout.data(neighbour), dict) and not self.layout.is_flow(neighbour)
            gap = line_break * 2 if is_block and self._is_spaced(place, neighbour) else line_break
            for _, value in group:
                written = f"{' ' * column}- {self._item(value, column + 2, is_block=is_block)}"
                if after is None:
                    at = self._above_comments(dash)
                    self._splice(at, at, written + gap, neighbour)
                else:
                    at = self.layout.line_end(self.layout.end(neighbour))
                    self._splice(at, at, gap + written, neighbour)
        for _, gone, _ in _runs(keys, kept):
            for key in gone:
                start, end = self.layout.dash((*place, key)), self.layout.line_end(self.layout.end((*place, key)))
                above = self.layout.line_end_above(start)
                self._splice(start if above is None else above, end, "", (*place, key))

    def _is_spaced(self, place: Place, neighbour: Place) -> bool:
        """Whether empty lines part the items: as between this one and the next, or the one before it."""
        first, second = (neighbour, (*place, int(neighbour[-1]) + 1))
        if second not in self.layout.spots:
            first, second = (*place, int(neighbour[-1]) - 1), neighbour
        if first not in self.layout.spots:
            return not place[1:]  # the only one: whole assets are parted, the small lists inside one are not
        between = self.text[self.layout.end(first) : self.layout.dash(second)]
        return any(not line.strip() for line in BREAK.split(between)[1:-1])

    def _above_comments(self, dash: int) -> int:
        """The start of the line of `dash`, or of the comments right above it in its column."""
        at = self.layout.line_start(dash)
        column = dash - at
        while (end := self.layout.line_end_above(at)) is not None:
            start = self.layout.line_start(end)
            line = self.text[start:end]
            if line.lstrip()[:1] != "#" or len(line) - len(line.lstrip()) != column:
                break
            at = start
        return at

    def _replace(self, place: Place, old: Any, new: Any, *, in_flow: bool) -> None:
        if not place:
            if old is None and isinstance(new, dict):
                self._fill_empty_file(new)
            return
        start, end = self.layout.spots[place].start, self.layout.end(place)
        is_key = isinstance(place[-1], str)
        if is_key and not in_flow and old in (None, []) and _has_sections(new):
            column = self.layout.spots[place].column + 2
            at = self.layout.line_end(end)
            self._splice(start, end, "", place)
            self._splice(at, at, self._items(new, column, is_block=not place[1:]), place)
            return
        written = flow(new, in_flow=in_flow)
        if start == end:
            sign = self.text[self.layout.blank_before(start) - 1]
            written = f" {written}" if sign == ":" or not is_key else f": {written}"
        elif isinstance(old, dict | list) and old and not self.layout.is_flow(place) and is_key:
            # On the line of its key; where a comment follows that, on a line of its own, deeper than the key.
            colon = self.layout.blank_before(start)
            is_there = self.text[colon - 1] == ":"
            start, written = (colon, f" {written}") if is_there else (start, f"  {written}")
        self._splice(start, end, written, place)

    def _fill_empty_file(self, new: dict[str, Any]) -> None:
        end = len(self.text)
        is_ended = not self.text or bool(BREAK.fullmatch(self.text[-1:]))
        entries = [self._entry(key, value, 0, is_top=True) + self.layout.line_break for key, value in new.items()]
        self._splice(end, end, ("" if is_ended else self.layout.line_break) + "".join(entries), ())

    def _entry(self, key: str, value: Any, column: int, *, is_top: bool) -> str:
        """A key with its value as it stands in a section in block style."""
        name = spelled(key, in_flow=False, is_key=True)
        if _has_sections(value):
            return f"{name}:{self._items(value, column + 2, is_block=is_top)}"
        return f"{name}: {flow(value)}"

    def _items(self, items: list[Any], column: int, *, is_block: bool) -> str:
        line_break = self.layout.line_break
        lines = [f"{' ' * column}- {self._item(item, column + 2, is_block=is_block)}" for item in items]
        return line_break + (line_break * 2 if is_block else line_break).join(lines)

    def _item(self, value: Any, column: int, *, is_block: bool) -> str:
        if not (is_block and isinstance(value, dict) and value):
            return flow(value)
        entries = [self._entry(key, held, column, is_top=False) for key, held in value.items()]
        return f"{self.layout.line_break}{' ' * column}".join(entries)


def _has_sections(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _aligned(old: list[Any], new: list[Any]) -> Iterator[tuple[int, int]]:
    """Which item became which: those of the same id, or alike; between them one after the other."""
    ours, theirs = [_identity(item) for item in old], [_identity(item) for item in new]
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and "id" not in {ours[old_from][0], theirs[new_from][0]}):
            yield from zip(range(old_from, old_to), range(new_from, new_to), strict=False)


def _identity(item: Any) -> tuple[str, str]:
    if isinstance(item, dict) and isinstance(item.get("id"), str):
        return "id", item["id"]
    return "whole", repr(item)


def _added(new: Any, kept: dict[Any, Any]) -> Added:
    """New keys by the old key that they follow; `kept`: new key -> old key."""
    groups: Added = {}
    after = None
    for key in new if isinstance(new, dict) else range(len(new)):
        if key in kept:
            after = kept[key]
        else:
            groups.setdefault(after, []).append(key)
    return groups


def _runs(keys: list[Key], kept: set[Key]) -> Iterator[tuple[Key | None, list[Key], Key | None]]:
    """What goes, in runs of neighbours, with the kept ones above and below each."""
    above: Key | None = None
    gone: list[Key] = []
    for key in keys:
        if key not in kept:
            gone.append(key)
            continue
        if gone:
            yield above, gone, key
        above, gone = key, []
    if gone:
        yield above, gone, None
