"""What headquarters was sent before and what it is sent now: which items are new, changed, gone.

Items are told apart by their id in the register, never by their place in the list. Two rows are the same when they are
written the same, column by column, without the running row number: it moves as soon as an item comes or goes. An age
and a book value move with the calendar alone; a row in which nothing else differs is older, not changed. Columns that
the form of only one of the two has are no change of any item.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from itops.assets.records import Asset, AssetStatus
from itops.assets.tables.filling import Filled
from itops.assets.tables.grid import column_letters
from itops.assets.tables.mapping import TemplateColumn, TemplateMapping

_RUNNING = "row_number"
_MOVED_BY_THE_CALENDAR = frozenset({"age_years", "value_on_budget_year_start"})


class Became(StrEnum):
    """What happened to an item between two lists."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The rows of one list as they are written, by asset id; `hashes` has every id, also where no row is known."""

    headers: tuple[str, ...] = ()  # without the running number; no two are equal
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)  # SHA-256


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One cell of an item that is written otherwise."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One item that is not as it was sent. `cells`: of a changed one, none where the last rows are not known."""

    became: Became
    asset_id: str
    cells: tuple[CellChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """This list beside the last one: first what is new and what changed, in its order; then what is gone, by id."""

    differences: tuple[Difference, ...]
    same: int  # items, those that are only older among them
    older: tuple[str, ...] = ()  # ids: only what the calendar moves differs
    columns_added: tuple[str, ...] = ()
    columns_gone: tuple[str, ...] = ()

    def count(self, became: Became) -> int:
        """How many items became that."""
        return sum(one.became is became for one in self.differences)


def listed(assets: Iterable[Asset], mapping: TemplateMapping) -> list[Asset]:
    """What a list for headquarters holds: what is in keeping, of the kinds that the form takes."""
    return [asset for asset in assets if _is_kept(asset) and mapping.takes(asset.kind)]


def _is_kept(asset: Asset) -> bool:
    """Neither retired nor disposed of nor lost: the report counts the same."""
    return not asset.status.is_over and asset.status is not AssetStatus.LOST


def sent(mapping: TemplateMapping, asset_ids: Sequence[str], rows: Sequence[Sequence[Filled]]) -> Sent:
    """A list as it is written; `rows` in the order of `asset_ids`, their cells in the order of the mapping."""
    labels = labels_of(mapping.columns)
    kept = [position for position, column in enumerate(mapping.columns) if column.from_ != _RUNNING]
    written = {
        asset_id: tuple(_text(row[position]) for position in kept)
        for asset_id, row in zip(asset_ids, rows, strict=True)
    }
    return Sent(
        headers=tuple(labels[position] for position in kept),
        rows=written,
        hashes={asset_id: row_hash(row) for asset_id, row in written.items()},
    )


def labels_of(columns: Sequence[TemplateColumn]) -> tuple[str, ...]:
    """What each column is called: its header, with its letter where the form has that header twice."""
    counts = Counter(column.header for column in columns)
    return tuple(
        column.header
        if counts[column.header] == 1
        else f"{column.header} ({(column.column or column_letters(position)).upper()})"
        for position, column in enumerate(columns)
    )


def row_hash(row: Sequence[str]) -> str:
    """SHA-256 of a row; a cell that ends is told from the next one that begins."""
    return hashlib.sha256(json.dumps(list(row)).encode("ascii")).hexdigest()


def compare(now: Sent, last: Sent, mapping: TemplateMapping) -> Comparison:
    """This list beside the last one that was sent; an empty `last` makes every item new."""
    new, changed, older = [], [], []
    moved = _moved_by_the_calendar(mapping)
    for asset_id in now.hashes:
        if asset_id not in last.hashes:
            new.append(Difference(became=Became.NEW, asset_id=asset_id))
            continue
        cells = tuple(_cell_changes(now, last, asset_id))
        if _is_changed(now, last, asset_id, cells, moved):
            changed.append(Difference(became=Became.CHANGED, asset_id=asset_id, cells=cells))
        elif cells:
            older.append(asset_id)
    gone = [Difference(became=Became.GONE, asset_id=one) for one in sorted(set(last.hashes) - set(now.hashes))]
    return Comparison(
        differences=(*new, *changed, *gone),
        same=len(now.hashes) - len(new) - len(changed),
        older=tuple(older),
        columns_added=tuple(one for one in now.headers if last.headers and one not in last.headers),
        columns_gone=tuple(one for one in last.headers if one not in now.headers),
    )


def _moved_by_the_calendar(mapping: TemplateMapping) -> frozenset[str]:
    named = zip(labels_of(mapping.columns), mapping.columns, strict=True)
    return frozenset(label for label, column in named if column.from_ in _MOVED_BY_THE_CALENDAR)


def _cell_changes(now: Sent, last: Sent, asset_id: str) -> Iterator[CellChange]:
    before, after = last.rows.get(asset_id), now.rows[asset_id]
    if before is None:
        return
    was = dict(zip(last.headers, before, strict=False))
    for column, text in zip(now.headers, after, strict=True):
        if column in was and was[column] != text:
            yield CellChange(column=column, before=was[column], after=text)


def _is_changed(now: Sent, last: Sent, asset_id: str, cells: Sequence[CellChange], moved: frozenset[str]) -> bool:
    if asset_id not in last.rows:  # what it said is not known, only whether it said the same
        return now.hashes[asset_id] != last.hashes[asset_id]
    return any(cell.column not in moved for cell in cells)


def _text(cell: Filled) -> str:
    return "" if cell is None else str(cell)
