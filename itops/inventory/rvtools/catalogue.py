"""The catalogue: 27 sheets and 753 columns, kept as data in catalogue.json.

A column is `[header, type, unit, source]`. Its source is a path (see paths.py), `=name(argument,...)` for a function of
`itops.inventory.rvtools.derived`, or `?why` for a column that nobody but RVTools can fill: it stays empty.
A sheet names the kind of entity it shows and, when it has several rows for one entity, the function of rows.py that
yields them.
"""

import json
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from itops.inventory.entities import Kind
from itops.inventory.rvtools.paths import Path, parse

_DERIVED = re.compile(r"=(\w+)\((.*)\)")


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that a function makes."""

    function: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A column that nobody outside RVTools can fill, and why."""

    why: str


ColumnSource: TypeAlias = Path | Derived | Unknown


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    header: str
    type: str  # str, int, float, bool, enum, datetime, list
    unit: str  # of the number in the cell, "" when it has none
    source: ColumnSource


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workbook."""

    name: str
    kind: Kind | None  # what a row, or a group of rows, is about; None: rows come from elsewhere
    each: str | None  # the function of rows.py that yields the items of one entity; None: one row for each entity
    custom: tuple[tuple[str, tuple[str, ...]], ...]  # header -> what stands after it: "attributes", "tags"
    columns: tuple[Column, ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers without custom columns, in order."""
        return tuple(column.header for column in self.columns)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sheets in the order of the workbook, and the number format of each type."""

    sheets: tuple[Sheet, ...]
    formats: dict[str, str]

    def sheet(self, name: str) -> Sheet:
        """The sheet called `name`; KeyError when there is none."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)


@cache
def catalogue() -> Catalogue:
    """The catalogue, read once from the data file beside this module."""
    data = json.loads(pkgutil.get_data(__package__, "catalogue.json") or b"")
    return Catalogue(tuple(map(_sheet, data["sheets"])), data["formats"])


def _sheet(data: dict[str, object]) -> Sheet:
    custom, columns = data["custom"], data["columns"]
    assert isinstance(custom, dict)
    assert isinstance(columns, list)
    return Sheet(
        name=str(data["name"]),
        kind=Kind(str(data["kind"])) if data["kind"] else None,
        each=str(data["each"]) if data["each"] else None,
        custom=tuple((header, tuple(groups)) for header, groups in custom.items()),
        columns=tuple(Column(header, type_, unit, _source(text)) for header, type_, unit, text in columns),
    )


def _source(text: str) -> ColumnSource:
    if text.startswith("?"):
        return Unknown(text[1:])
    found = _DERIVED.fullmatch(text)
    if not found:
        return parse(text)
    return Derived(found[1], tuple(filter(None, found[2].split(","))))
