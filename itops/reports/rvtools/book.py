"""Fill a book with the 27 sheets: one look at everything for names and sums, one more to write the rows.

Nothing but the estate's names and sums stays in memory, so that 5,000 VMs and 20,000 cost the same.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from itops.inventory.entities import Entity, Kind
from itops.inventory.rvtools.catalogue import Sheet, catalogue
from itops.inventory.rvtools.cells import Cell
from itops.inventory.rvtools.estate import Estate
from itops.inventory.rvtools.rows import Layout

HealthRow: TypeAlias = tuple[str, str, str, str]
"""What a finding is about, its sentence, its short class, and the source that showed it."""
Append: TypeAlias = Callable[[Sequence[Cell]], bool]
"""Writes one row; False when the sheet is full and the row was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What went into a book."""

    row_counts: Mapping[str, int]  # by sheet, headers not counted
    left_out: Mapping[str, int]  # rows beyond what a sheet can hold, by sheet; empty as a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes, and when: vMetaData."""

    version: str
    created_at: datetime


class Book(Protocol):
    """A place that takes sheets: an xlsx file, a folder of CSV files."""

    def add_sheet(self, name: str, headers: Sequence[str], types: Sequence[str]) -> Append:
        """A new sheet with its header row; the types are those of the catalogue."""
        ...


def fill(
    book: Book,
    entities: Callable[[Kind], Iterator[Entity]],
    health_rows: Iterable[HealthRow],
    writer: Writer,
    *,
    hidden: Collection[str] = (),
) -> Written:
    """Write every sheet. `entities` is called twice for each kind; `hidden` paths leave their cells empty."""
    estate = Estate.survey(entities)
    sheets = [_OpenSheet(book, sheet, estate, hidden) for sheet in catalogue().sheets]
    for kind in Kind:
        wanted = [sheet for sheet in sheets if sheet.kind is kind]
        if wanted:
            for entity in entities(kind):
                for sheet in wanted:
                    sheet.write(entity)
    by_name = {sheet.name: sheet for sheet in sheets}
    servers = list(estate.servers.values())
    for *cells, source in health_rows:
        by_name["vHealth"].append((*cells, *estate.servers.get(source, (None, None))))
    by_name["vMetaData"].append(_about_writer(writer, [name for name, _ in servers if name]))
    return Written(
        row_counts={sheet.name: sheet.row_count for sheet in sheets},
        left_out={sheet.name: sheet.left_out for sheet in sheets if sheet.left_out},
    )


def _about_writer(writer: Writer, servers: Sequence[str]) -> tuple[Cell, ...]:
    major = ".".join(writer.version.split(".")[:2])
    return f"itops {major}", f"itops {writer.version}", writer.created_at, ", ".join(servers) or None


class _OpenSheet:
    """One sheet being filled."""

    def __init__(self, book: Book, sheet: Sheet, estate: Estate, hidden: Collection[str]) -> None:
        self.name, self.kind = sheet.name, sheet.kind
        self.row_count = self.left_out = 0
        self._layout = Layout(sheet, estate, hidden) if sheet.kind else None
        headers = self._layout.headers if self._layout else sheet.headers
        types = self._layout.types if self._layout else [column.type for column in sheet.columns]
        self._append = book.add_sheet(sheet.name, headers, types)

    def write(self, entity: Entity) -> None:
        assert self._layout is not None
        for row in self._layout.rows(entity):
            self.append(row)

    def append(self, row: Sequence[Cell]) -> None:
        if self._append(row):
            self.row_count += 1
        else:
            self.left_out += 1
