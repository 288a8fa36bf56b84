"""What each row of a list wants of the register: fields as texts, blanks told apart, what cannot be read by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from itops.assets.tables.fields import field_at
from itops.assets.tables.grid import Cell, Row, Sheet, column_letters, is_blank
from itops.assets.tables.headers import NAME, part_target, pattern_of
from itops.assets.tables.layout import Column, Layout
from itops.assets.tables.values import CellReader, Unreadable
from itops.assets.tables.vocabulary import fold

_PLACES = "location"
_BETWEEN_PLACES = "، "


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a row, or a cell of it, cannot be taken. `row` from 1, as the spreadsheet counts."""

    row: int
    code: str
    problem: str
    column: str | None = None  # as it is headed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One row. `numeric`: fields whose cell was a number, which cannot have kept its leading zeros."""

    row: int
    texts: dict[str, str]  # target -> the register's text
    blank: frozenset[str] = frozenset()
    numeric: frozenset[str] = frozenset()
    refusals: tuple[Refusal, ...] = ()

    def get(self, target: str) -> str | None:
        """What the row wants a field to be; None where it says nothing."""
        return self.texts.get(target)


def wishes(sheet: Sheet, layout: Layout, reader: CellReader) -> Iterator[Wish]:
    """Every row below the header that holds anything we read; a header repeated on each page is passed over."""
    columns = layout.read
    titles = {column.position: fold(column.header) for column in columns}
    for at in range(layout.header_row, len(sheet.rows)):
        cells = sheet.rows[at]
        filled = {column.position: _cell(cells, column) for column in columns}
        if all(is_blank(cell) for cell in filled.values()):
            continue
        if all(isinstance(cell, str) and fold(cell) == titles[at_] for at_, cell in filled.items() if cell):
            continue
        yield _wish(at + 1, [(column, filled[column.position]) for column in columns], reader)


def _cell(cells: Row, column: Column) -> Cell:
    return cells[column.position] if column.position < len(cells) else None


def _wish(row: int, cells: Sequence[tuple[Column, Cell]], reader: CellReader) -> Wish:
    texts: dict[str, str] = {}
    blank: set[str] = set()
    numeric: set[str] = set()
    refusals: list[Refusal] = []
    for column, cell in cells:
        target = column.target
        assert target is not None
        if reader.is_nothing(cell, pattern_of(target)):
            blank.add(target)
            continue
        try:
            text = _read(reader, cell, target, column.meaning.factor)
        except Unreadable as wrong:
            place = column.header or column_letters(column.position)
            refusals.append(Refusal(row=row, code=wrong.code, problem=wrong.problem, column=place))
            continue
        texts[target] = f"{texts[target]}{_BETWEEN_PLACES}{text}" if target == _PLACES and target in texts else text
        if isinstance(cell, int | float):
            numeric.add(target)
    return Wish(
        row=row,
        texts=texts,
        blank=frozenset(blank - texts.keys()),
        numeric=frozenset(numeric),
        refusals=tuple(refusals),
    )


def _read(reader: CellReader, cell: Cell, target: str, factor: int) -> str:
    part = part_target(target)
    path = "name.fa" if target == NAME else f"parts.1.{part.field}" if part else target
    field = field_at(path)
    assert field is not None, target
    return reader.text(cell, field.pattern, field.type, factor)
