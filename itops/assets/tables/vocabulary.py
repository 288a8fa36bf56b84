"""What offices call things: the words of headers.toml, folded so that spellings of one word are one."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from itops.assets.tables.fields import catalogue
from itops.text import comparable

_NOT_A_LETTER = re.compile(r"[^\w#]|_")
_DIGITS = re.compile(r"\d+")


def fold(text: str) -> str:
    """`text` without spaces, joiners, signs and case: دسته‌بندی, دستهبندی and دسته بندی are one."""
    return _NOT_A_LETTER.sub("", comparable(text))


def without_number(folded: str) -> tuple[str, int | None]:
    """A folded header with its first number as `#`, and the number."""
    found = _DIGITS.search(folded)
    if not found or len(found.group()) > 4:
        return folded, None
    return f"{folded[: found.start()]}#{folded[found.end() :]}", int(found.group())


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One value of a field in both languages."""

    value: str
    fa: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All of headers.toml, ready to be looked into."""

    patterns: Mapping[str, str]  # folded header -> field pattern, `name`, or parts.<kind>.#.<field>
    labels: Mapping[str, str]  # field pattern -> its Persian header
    ignored: frozenset[str]
    private: frozenset[str]
    nothing: frozenset[str]
    values: Mapping[str, Mapping[str, str]]  # field pattern -> folded word -> our value
    words: Mapping[str, Mapping[str, Word]]  # field pattern -> our value -> what it is called
    units: Mapping[str, Mapping[str, int]]  # field pattern -> folded unit -> factor

    def word(self, pattern: str, value: str, language: str) -> str:
        """Our value as people say it; as it is where nobody gave it a name."""
        named = self.words.get(pattern, {}).get(value)
        return value if named is None else named.fa if language == "fa" else named.en


@cache
def vocabulary() -> Vocabulary:
    """The words that come with itops."""
    told = tomllib.loads(files("itops.assets.tables").joinpath("headers.toml").read_text(encoding="utf-8"))
    units = {name: {fold(unit): factor for unit, factor in table.items()} for name, table in told["units"].items()}
    return Vocabulary(
        patterns=dict(_patterns(told)),
        labels={pattern: entry["fa"] for pattern, entry in told["fields"].items()},
        ignored=frozenset(map(fold, told["ignored"]["headers"])),
        private=frozenset(map(fold, told["ignored"]["private"])),
        nothing=frozenset(map(fold, told["nothing"]["words"])),
        values={field: dict(_words(entries)) for field, entries in told["values"].items()},
        words={field: dict(_named(entries)) for field, entries in told["values"].items()},
        units={field: units[family] for field, family in told["units"]["fields"].items()},
    )


def _patterns(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for pattern in catalogue():
        yield fold(pattern), pattern
    for pattern, entry in told["fields"].items():
        for spelled in (entry["fa"], *entry.get("also", ())):
            yield fold(spelled), pattern
    for pattern, spellings in told["parts"].items():
        for spelled in (pattern, *spellings):
            yield fold(spelled), pattern


def _words(entries: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for value, entry in entries.items():
        for spelled in (value, entry["fa"], entry["en"], *entry["also"]):
            yield fold(spelled), value


def _named(entries: Mapping[str, Any]) -> Iterator[tuple[str, Word]]:
    for value, entry in entries.items():
        yield value, Word(value=value, fa=entry["fa"], en=entry["en"])
