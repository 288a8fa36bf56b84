"""A strict YAML loader: what was typed is what is read, and nothing in the file can harm.

PyYAML's safe loader is not safe enough: merge keys make a 2 KB bomb, duplicate keys pass silently, and YAML 1.1 turns
10:30 into 630, a MAC into a number, `no` into False and 0640 into 416. Here only the *events* of the C parser are
used. (Its `compose` recurses in C and hides unused anchors; libyaml is quadratic on deep nesting, so that 400,000
brackets take minutes. Over events the depth is counted while it grows, and a big register loads faster too.)

* no anchors, aliases, merge keys, tags, duplicate keys, second documents or control characters;
* only an unquoted `true`, `false`, `null` and numbers get a type, and a number only if writing it back gives the same
  characters: 443 and 0.5 are numbers; 0640, 1.10, 1e3, +5 and 12345678901234567890 stay text;
* every scalar is also kept as the text typed, and every value has its line: `Document.texts`, `Document.line`.
"""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from itops.config.mistakes import Mistake, dotted, refuse
from itops.errors import ConfigInvalid

Place: TypeAlias = tuple[str | int, ...]
"""A path into a document: keys and list positions (from 0)."""

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,17}")
_FIRST_OF_NUMBERS: Final = frozenset("-0123456789")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_QUOTATION = re.compile(r"'[^'<\s]{3,}'")  # the pure parser's complaints quote the file
_ENOUGH_MISTAKES = 100
_ABSENT = "`itops init` writes one; --config or ITOPS_CONFIG names another"
_HINTS = {
    "found character that cannot start any token": "a tab, @, ` or % cannot start a value; use spaces, quote the value",
    "found character '\\t' that cannot start any token": "a tab cannot indent; use spaces",
    "mapping values are not allowed in this context": 'a second ": " on the line; quote the value, or check the indent',
    "could not find expected ':'": 'a key without ": " after it, or a wrong indent',
    "did not find expected alphabetic or numeric character": "a value cannot begin with * or &; quote it",
    "did not find expected key": "the indent does not match the lines above",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is believed; the default suits itops.yaml, a register may be far bigger."""

    size_bytes: int = 1_000_000
    node_count: int = 100_000
    depth: int = 40


class Spot(NamedTuple):
    """Where an entry stands: line (from 1) and column (from 0) of its key or list item, characters of its value.

    A section or list in block style ends where the next thing begins: comments and empty lines after it count.
    """

    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A file as it was read. Its repr shows no content: it may hold what was not meant to be there."""

    name: str
    text: str
    values: Any
    texts: Any
    spots: dict[Place, Spot] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Document({self.name!r})"

    def line(self, place: Place) -> int:
        """The line of an entry; of the nearest entry above it when it is not there; 1 for the whole."""
        while place and place not in self.spots:
            place = place[:-1]
        return self.spots[place].line if place else 1


def load(path: Path, limits: Limits | None = None) -> Document:
    """The file as a Document. Raises ConfigInvalid with every mistake that was found, each with its line."""
    document, mistakes = examine(path, path.name, limits)
    if document is None:
        refuse(path.name, mistakes)
    return document


def examine(path: Path, name: str, limits: Limits | None = None) -> tuple[Document | None, list[Mistake]]:
    """The file, or its mistakes where it cannot be one: for who gathers the mistakes of several files.

    `name` stands in the messages. Raises ConfigInvalid when the file cannot be read at all.
    """
    limits = limits or Limits()
    reading = _Reading(name, limits)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # asked before: a pipe would wait for somebody to write
            raise ConfigInvalid(f"{path} is not a file", remedy="give the path of a YAML file")
        with path.open("rb") as file:
            reading.take(file.read(limits.size_bytes + 1))
    except OSError as failure:
        raise ConfigInvalid(
            f"{path} cannot be read: {failure.strerror or failure}",
            remedy=_ABSENT if isinstance(failure, FileNotFoundError) else "let the account that runs itops read it",
        ) from None
    return (None if reading.mistakes else reading.document()), reading.mistakes


def loads(content: bytes | str, name: str = "text", limits: Limits | None = None) -> Document:
    """The same from memory; `name` stands in the messages."""
    reading = _Reading(name, limits or Limits())
    reading.take(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    del content  # it may hold a password that does not belong there; a traceback shows locals
    return reading.document()


def typed(text: str) -> Any:
    """The value of an unquoted scalar: bool, None, int, float, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBERS:  # nearly always; 3,000 assets have 90,000 values
        return text
    if _WHOLE.fullmatch(text):
        return int(text) if str(int(text)) == text else text
    if _DECIMAL.fullmatch(text):
        return float(text) if str(float(text)) == text else text
    return text


class _Stop(Exception):
    """Reading further makes no sense; the reason is among the mistakes."""


@dataclass(slots=True, repr=False)
class _Open:
    """A mapping or list being filled; `key` is the one that waits for its value. The other four place it above."""

    place: Place
    values: Any
    texts: Any
    line: int
    column: int
    start: int
    is_mapping: bool
    key: str | None = None
    key_place: Place = ()
    key_mark: Any = None
    lines: dict[str, int] = field(default_factory=dict)


class _Reading:
    """One pass over the parser's events. It raises only in `document`, where no local holds file content."""

    def __init__(self, name: str, limits: Limits, parser: Any = _LOADER) -> None:
        self.name = name
        self.parser = parser
        self.limits = limits
        self.text = ""
        self.mistakes: list[Mistake] = []
        self.spots: dict[Place, Spot] = {}
        self.node_count = 0
        self.document_count = 0
        self.open: list[_Open] = []
        self.root: tuple[Any, Any] = (None, None)

    def document(self) -> Document:
        """What was read; raises ConfigInvalid when there were mistakes."""
        if self.mistakes:
            refuse(self.name, self.mistakes)
        return Document(self.name, self.text, *self.root, self.spots)

    def take(self, content: bytes) -> None:
        """Read everything, noting mistakes."""
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.DocumentStartEvent: self._start,
        }
        try:
            self._decode(content)
            for event in self._events():
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except _Stop:
            pass

    def _mistake(self, line: int, problem: str, place: Place = ()) -> None:
        self.mistakes.append(Mistake(line, dotted(place), problem))
        if len(self.mistakes) >= _ENOUGH_MISTAKES:
            raise _Stop

    def _stop(self, line: int, problem: str) -> None:
        self._mistake(line, problem)
        raise _Stop

    def _decode(self, content: bytes) -> None:
        if len(content) > self.limits.size_bytes:
            self._stop(0, f"is larger than {self.limits.size_bytes:,} bytes; this cannot be what was meant")
        try:
            self.text = content.decode("utf-8-sig")
        except UnicodeDecodeError as failure:
            line = content.count(b"\n", 0, failure.start) + 1
            self._stop(line, "is not UTF-8 text from here on; save the file as UTF-8")
        found = _CONTROL.search(self.text)
        if found:
            line = self.text.count("\n", 0, found.start()) + 1
            self._stop(line, f"holds a control character (U+{ord(found.group()):04X}); remove it")

    def _events(self) -> Iterator[Any]:
        """The parser's events; its own complaints become mistakes (its exceptions quote the file: they stay inside)."""
        try:
            yield from iter(self.parser(self.text).get_event, None)  # yaml.parse adds two calls for each event
        except yaml.MarkedYAMLError as failure:
            mark: Any = failure.problem_mark or failure.context_mark
            problem = str(failure.problem or failure.context or "cannot be parsed")
            problem = _HINTS.get(problem, f"is not YAML: {_QUOTATION.sub('...', problem)}")
            line = mark.line + 1 if mark is not None else 1
        except (yaml.YAMLError, ValueError, OverflowError) as failure:  # the pure parser's escapes: "\UFFFFFFFF"
            line, problem = 0, f"is not YAML: {type(failure).__name__}"
        else:
            return
        self._stop(line, problem)

    def _start(self, event: Any) -> None:
        self.document_count += 1
        if self.document_count > 1:
            self._stop(event.start_mark.line + 1, "a second document (---) begins; keep one in a file")

    def _admit(self, event: Any) -> _Open | None:
        """Count a node and refuse magic; the mapping whose key it is, if it is one."""
        self.node_count += 1
        if self.node_count > self.limits.node_count:
            self._stop(event.start_mark.line + 1, f"the file has more than {self.limits.node_count:,} values")
        # The names are not shown: an unquoted password that begins with & or ! looks just like them.
        if event.anchor is not None and not isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1
            self._mistake(line, "an anchor (&name) is not allowed; leave it out, or quote the value")
        elif getattr(event, "tag", None) is not None:
            line = event.start_mark.line + 1
            self._mistake(line, "a tag (!name) is not allowed; leave it out, or quote the value")
        above = self.open[-1] if self.open else None
        return above if above is not None and above.is_mapping and above.key is None else None

    def _alias(self, event: Any) -> None:
        """The name is not shown: an unquoted password that begins with * looks just like it."""
        above = self._admit(event)
        line = event.start_mark.line + 1
        self._mistake(line, "an alias (*name) is not allowed; write the value out, or quote it")
        if above is not None:
            self._key(above, "*", event, is_plain=False)
        else:
            self._add(None, None, event)

    def _scalar(self, event: Any) -> None:
        above = self._admit(event)
        text, is_plain = event.value, event.implicit[0]
        if above is not None:
            self._key(above, text, event, is_plain=is_plain)
            return
        value = typed(text) if is_plain else text
        place = self._add(value, None if value is None else text, event)
        if event.style == '"' and _CONTROL.search(text):  # only an escape can bring one: the file itself was searched
            self._mistake(event.start_mark.line + 1, "holds a control character; remove it", place)

    def _key(self, above: _Open, key: str, event: Any, *, is_plain: bool) -> None:
        place = (*above.place, key)
        line = event.start_mark.line + 1
        if key == "<<" and is_plain:
            self._mistake(line, "a merge key (<<) is not allowed; write the keys out", above.place)
        elif key == "":
            self._mistake(line, 'a key is missing before ":"', above.place)
        elif key in above.lines:
            self._mistake(line, f"duplicate key; it stands on line {above.lines[key]} already", place)
        elif not is_plain and _CONTROL.search(key):
            self._mistake(line, "a key with a control character; remove it", above.place)
        above.lines.setdefault(key, line)
        above.key, above.key_place, above.key_mark = key, place, event.start_mark

    def _begin(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if self._admit(event) is not None:
            self._stop(line, "a list or section cannot be a key; if this is a text, quote it")
        if len(self.open) >= self.limits.depth:
            self._stop(line, f"is nested deeper than {self.limits.depth} levels")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        values: Any = {} if is_mapping else []
        texts: Any = {} if is_mapping else []
        place, mark = self._put(values, texts, event)
        start = event.start_mark.index
        self.open.append(_Open(place, values, texts, mark.line + 1, mark.column, start, is_mapping))

    def _close(self, event: Any) -> None:
        closed = self.open.pop()
        if closed.place:
            self.spots[closed.place] = Spot(closed.line, closed.column, closed.start, event.end_mark.index)

    def _add(self, value: Any, text: Any, event: Any) -> Place:
        """Put a scalar where it belongs; returns its place."""
        place, mark = self._put(value, text, event)
        if place:
            self.spots[place] = Spot(mark.line + 1, mark.column, event.start_mark.index, event.end_mark.index)
        return place

    def _put(self, value: Any, text: Any, event: Any) -> tuple[Place, Any]:
        """Its place and the mark of its key or item."""
        if not self.open:
            self.root = (value, text)
            return (), event.start_mark
        above = self.open[-1]
        if above.is_mapping:
            key = above.key
            assert key is not None
            above.values[key] = value
            above.texts[key] = text
            above.key = None
            return above.key_place, above.key_mark
        place = (*above.place, len(above.values))
        above.values.append(value)
        above.texts.append(text)
        return place, event.start_mark
