"""The words of itops: TOML files with one table per room, filled in safely.

A placeholder is `{name}`, a key of the data; nothing else is possible inside the braces, so neither a word file nor a
VM's name can reach into an object. How a value is written follows from its name: `free_bytes`, `free_ratio`,
`age_days`, `idle_hours`, `limit_mhz`, `expires_on` (a day) and `made_at` (a moment), both in the office's calendar;
other numbers are counts.

In Persian, numbers are written in Persian digits, and every value stands between U+2068 and U+2069, or dates, paths and
names would turn round in the sentence. Names, versions and dates keep their own digits. Spreadsheets, JSON and CSV want
no such marks: `load_words("fa", marks=False)`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from itops.dates import show_day, show_moment
from itops.errors import UsageWrong
from itops.text import plain

Datum: TypeAlias = str | int | float | None
Table: TypeAlias = Mapping[str, "str | Table"]

LANGUAGES = ("en", "fa")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_PERSIAN = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
_RIGHT_TO_LEFT = frozenset({"fa"})
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_UTC = ZoneInfo("UTC")
_SIZES = ("byte", "kib", "mib", "gib", "tib")


def placeholders(template: str) -> frozenset[str]:
    """The names that a sentence wants to be told."""
    return frozenset(_PLACEHOLDER.findall(template))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language, and how that language writes numbers and days."""

    language: str
    calendar: str  # "jalali" or "gregorian"
    marks: bool  # isolates around values; only right-to-left languages have them
    tables: Table
    zone: ZoneInfo | None = None  # of moments; None: UTC

    def template(self, *path: str) -> str:
        """The words at a path, such as ("health", "snapshot.old", "title"), unfilled. KeyError when there are none."""
        found: str | Table = self.tables
        for step in path:
            if isinstance(found, str):
                raise KeyError(path)
            found = found[step]
        if not isinstance(found, str):
            raise KeyError(path)
        return found

    def say(self, *path: str, data: Mapping[str, Datum] | None = None) -> str:
        """The sentence at a path with the data filled in. KeyError when the data lacks what the sentence wants."""
        values = data or {}
        return _PLACEHOLDER.sub(
            lambda found: self._isolated(self.value(found[1], values[found[1]])), self.template(*path)
        )

    def value(self, name: str, value: Datum) -> str:
        """One value as this language writes it, without marks; `name` wears the unit."""
        if value is None:
            return self.template("unit", "unknown")
        if isinstance(value, str):
            return self._day(value) if name.endswith("_on") else self._moment(name, value)
        return self._quantity(name.rpartition("_")[2], value)

    def _quantity(self, unit: str, value: float) -> str:
        if unit == "bytes":
            return self._size(value)
        if unit == "ratio":
            # Cut, not rounded: 14.96 % free is less than 15.
            return self._unit("percent", f"{int(value * 1000 + 1e-9) / 10:g}")
        if unit in ("days", "hours"):
            return self._unit(unit if value != 1 else unit.removesuffix("s"), f"{value:,.0f}")
        return self._unit("mhz", f"{value:,.0f}") if unit == "mhz" else self._digits(_plain_number(value))

    def _size(self, value: float) -> str:
        amount, step = float(value), 0
        while amount >= 1024 and step < len(_SIZES) - 1:
            amount, step = amount / 1024, step + 1
        return self._unit(_SIZES[step], _plain_number(round(amount, 1 if amount < 100 else 0)))

    def _unit(self, unit: str, number: str) -> str:
        return self.template("unit", unit).replace("{value}", self._digits(number))

    def _day(self, value: str) -> str:
        try:
            return show_day(date.fromisoformat(value), self.calendar)
        except ValueError:
            return plain(value)

    def _moment(self, name: str, value: str) -> str:
        if not name.endswith("_at"):
            return plain(value)
        try:
            return show_moment(datetime.fromisoformat(value), self.calendar, self.zone or _UTC)
        except ValueError:
            return plain(value)

    def _digits(self, number: str) -> str:
        return number.translate(_PERSIAN) if self.language == "fa" else number

    def _isolated(self, text: str) -> str:
        return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if self.marks else text


def _plain_number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def load_words(
    language: str, *, calendar: str = "gregorian", marks: bool = True, zone: ZoneInfo | None = None
) -> Words:
    """The words of a language: "en" or "fa". Raises UsageWrong for another."""
    if language not in LANGUAGES:
        raise UsageWrong(f"there are no words in {language!r}", remedy=f"use one of: {', '.join(LANGUAGES)}")
    has_marks = marks and language in _RIGHT_TO_LEFT
    return Words(language=language, calendar=calendar, marks=has_marks, tables=_tables(language), zone=zone)


@cache
def _tables(language: str) -> Table:
    """`en.toml` and every `ROOM.en.toml` beside it, as one; raises ValueError for a table that stands in two files."""
    from importlib import resources  # noqa: PLC0415  a check reads its few words by itself

    tables: dict[str, str | Table] = {}
    folder = resources.files(__package__).joinpath("text")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name == f"{language}.toml" or file.name.endswith(f".{language}.toml"):
            read = tomllib.loads(file.read_text(encoding="utf-8"))
            if twice := tables.keys() & read.keys():
                raise ValueError(f"{file.name}: [{min(twice)}] stands in another file, too")
            tables |= read
    return tables
