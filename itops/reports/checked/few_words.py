"""The words of a few tables alone: all of them together cost as much CPU as everything else a check does.

The tables are those of `load_words`, in the same files; a table is cut out of its file by its headings (`[check]`,
`[check.line]`), and TOML is read of that alone. A test holds that both find the same.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.reports import words
from itops.reports.words import LANGUAGES, Table, Words

_HEADING = re.compile(r"^\[+ *([A-Za-z0-9_-]+)[^\n]*", re.MULTILINE)


class _Tables(Mapping[str, "str | Table"]):
    """Each table is read when it is first asked for."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._read: dict[str, str | Table] = {}

    @cached_property
    def _sections(self) -> Mapping[str, str]:
        """The text of each table, its sub-tables included."""
        found: dict[str, list[str]] = {}
        for text in self._files():
            headings = [*_HEADING.finditer(text)]
            ends = [*(heading.start() for heading in headings[1:]), len(text)]
            for heading, end in zip(headings, ends, strict=True):
                found.setdefault(heading[1], []).append(text[heading.start() : end])
        return {name: "".join(parts) for name, parts in found.items()}

    def _files(self) -> Iterator[str]:
        # Not importlib.resources, which costs as much as all the words together.
        for file in sorted(Path(words.__file__).with_name("text").iterdir()):
            if file.name == f"{self._language}.toml" or file.name.endswith(f".{self._language}.toml"):
                yield file.read_text(encoding="utf-8")

    def __getitem__(self, name: str) -> "str | Table":
        if name not in self._read:
            self._read[name] = tomllib.loads(self._sections[name])[name]
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)


def few_words(language: str, *, calendar: str, zone: ZoneInfo, marks: bool = True) -> Words:
    """As `load_words` does it, and quicker where few tables are asked for."""
    assert language in LANGUAGES
    return Words(
        language=language, calendar=calendar, marks=marks and language == "fa", tables=_tables(language), zone=zone
    )


_tables = cache(_Tables)
