"""One cell as the register's text for one field; what cannot be read says why, by code."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from itops.assets.tables.days import NotADay, read_day
from itops.assets.tables.fields import number_text, problem_with, text_of
from itops.assets.tables.grid import Cell, shown
from itops.assets.tables.numbers import NotANumber, decimal, whole
from itops.assets.tables.vocabulary import Vocabulary, fold
from itops.names import Count, Names
from itops.text import comparable, plain

_SAFE_WHOLE = 2**53  # above this a spreadsheet's number is no longer the number that was typed
_CUT_BY_A_SPREADSHEET = re.compile(r"[0-9](?:[.,/][0-9]+)?e\+[0-9]{1,3}")
_EMPTY = re.compile(r"[-_.\u2013\u2014\u2015\u2212\u0640*\s]*")
_OF_A_SITE = {
    fold(word) for word in ("اداره", "کل", "شهرستان", "شعبه", "دفتر", "office", "of", "county", "branch", "head", "the")
}
IDENTITY = frozenset({"asset_tag", "serial", "it_code", "seal", "personnel_code", "match.serial"})
"""Fields whose text is a number that somebody gave, digits kept as typed; parts have two of them."""
_NO_WORDS = IDENTITY | {"parts.#.asset_tag", "parts.#.serial", "host_name"}
_LONG_TEXTS = frozenset({"note", "parts.#.note"})


class Unreadable(Exception):
    """A cell that does not hold what its column should."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReader:
    """What is needed to read cells: our words, the office's sites, and words that the command line added."""

    vocabulary: Vocabulary
    sites: Mapping[str, Names] = field(default_factory=dict)
    added: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (field, folded word) -> our value

    def is_nothing(self, cell: Cell, pattern: str) -> bool:
        """Blank, only dashes, or a word for "has none" where a number of identity belongs."""
        if cell is None:
            return True
        if not isinstance(cell, str):
            return False
        return bool(_EMPTY.fullmatch(comparable(cell))) or (
            pattern in _NO_WORDS and fold(cell) in self.vocabulary.nothing
        )

    def text(self, cell: Cell, pattern: str, hint: Any, factor: int = 1) -> str:
        """The register's text for a cell that is not nothing. Raises Unreadable."""
        if isinstance(cell, int | float) and not abs(cell) < _SAFE_WHOLE:  # also what is no number: NaN
            raise Unreadable(
                "cell.cut-number", "it has more digits than a spreadsheet keeps; format the column as text"
            )
        if isinstance(cell, str) and (pattern, fold(cell)) in self.added:
            return self.added[pattern, fold(cell)]
        if pattern == "site":
            return self._site(_as_text(cell, pattern))
        if pattern in self.vocabulary.values:
            return self._value(cell, pattern, hint)
        read = _READERS.get(hint)
        text = read(self, cell, pattern, factor) if read else _as_text(cell, pattern)
        if problem := problem_with(hint, text):
            raise Unreadable("cell.wrong", problem)
        return text

    def unit_factor(self, unit: str, pattern: str) -> int:
        """What a unit behind a number makes of it. Raises Unreadable for one that the field does not have."""
        units = self.vocabulary.units.get(pattern, {})
        if unit not in units:
            raise Unreadable("cell.not-a-number", f"{shown(unit)} is no unit of {pattern}")
        return units[unit]

    def _site(self, text: str) -> str:
        """The id of a site by its id or either name, also without the words that every office's name has."""
        for spelled in (fold, _bare):
            wanted = spelled(text)
            found = [
                site for site, names in self.sites.items() if wanted in {spelled(site), *map(spelled, _both(names))}
            ]
            if wanted and len(found) == 1:
                return found[0]
        raise Unreadable("cell.unknown-site", f"there is no site {shown(text)}; there are: {', '.join(self.sites)}")

    def _value(self, cell: Cell, pattern: str, hint: Any) -> str:
        if isinstance(cell, bool):
            cell = "true" if cell else "false"
        if isinstance(cell, int | float):
            cell = number_text(float(cell))
        text = _as_text(cell, pattern)
        value = self.vocabulary.values[pattern].get(fold(text))
        if value is None:
            choices = [str(choice.value) for choice in hint] if _is_enum(hint) else ["true", "false"]
            raise Unreadable("cell.unknown-word", f"{shown(text)} is not known; use one of: {', '.join(choices)}")
        return value


def _both(names: Names) -> tuple[str, str]:
    return names.fa, names.en


def _bare(text: str) -> str:
    """A site's name without office, county and the like."""
    words = (fold(word) for word in comparable(text).split())
    return "".join(word for word in words if word not in _OF_A_SITE)


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _as_text(cell: Cell, pattern: str) -> str:
    """A text as it was typed, on one line but for notes; a number as its digits."""
    if isinstance(cell, str):
        lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        text = "\n".join(plain(line).strip() for line in lines).strip()
        if pattern in _NO_WORDS and _CUT_BY_A_SPREADSHEET.fullmatch(comparable(text)):
            raise Unreadable("cell.cut-number", f"{shown(text)} was cut by a spreadsheet; format the column as text")
        return text if pattern in _LONG_TEXTS else " ".join(text.split("\n"))
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unreadable("cell.not-text", f"the spreadsheet made {cell} of it; format the column as text")
    return number_text(float(cell))


def _read_whole(reader: CellReader, cell: Cell, pattern: str, factor: int) -> str:
    return str(_scaled(reader, cell, pattern, factor, whole, int))


def _read_decimal(reader: CellReader, cell: Cell, pattern: str, factor: int) -> str:
    return number_text(float(_scaled(reader, cell, pattern, factor, decimal, float)))


def _scaled(
    reader: CellReader,
    cell: Cell,
    pattern: str,
    factor: int,
    parse: Callable[[str], float],
    kind: type[int] | type[float],
) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise Unreadable("cell.not-a-number", f"{cell} is not a number")
    if not isinstance(cell, str):
        return _scaled_cell(cell * factor, kind)
    number, unit = _split_unit(comparable(cell))
    if unit:
        factor = reader.unit_factor(fold(unit), pattern)
    try:
        return parse(number) * factor
    except NotANumber as wrong:
        return _scaled_fraction(number, factor, kind, str(wrong))


def _scaled_cell(value: float, kind: type[int] | type[float]) -> float:
    if kind is int and (value != int(value)):
        raise Unreadable("cell.not-a-number", f"{number_text(float(value))} is not a whole number")
    return kind(value)


def _scaled_fraction(number: str, factor: int, kind: type[int] | type[float], why: str) -> float:
    """2.5 million is a whole number, though 2.5 is none."""
    try:
        value = decimal(number) * factor if factor > 1 and kind is int else 0.5
    except NotANumber:
        value = 0.5
    if value != round(value):
        raise Unreadable("cell.not-a-number", why)
    return int(value)


def _split_unit(text: str) -> tuple[str, str]:
    """The number at the head of a text, and the letters after it."""
    found = re.fullmatch(r"([^a-z\u0621-\u06ff]*?)\s*([a-z\u0621-\u06ff].*)?", text)
    return (found[1], found[2] or "") if found else (text, "")


def _read_day(reader: CellReader, cell: Cell, pattern: str, factor: int) -> str:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | date):
        raise Unreadable("cell.not-a-day", f"{cell} is not a day")
    if isinstance(cell, date):  # read like a text: some programs keep 1403-06-31 as a day of the year 1403
        text = cell.isoformat()[:10]
    else:
        text = cell if isinstance(cell, str) else number_text(float(cell))
    try:
        return text_of(read_day(text))
    except NotADay as wrong:
        raise Unreadable("cell.not-a-day", str(wrong)) from None


_READERS: Mapping[Any, Callable[[CellReader, Cell, str, int], str]] = {
    int: _read_whole,
    Count: _read_whole,
    float: _read_decimal,
    date: _read_day,
}
