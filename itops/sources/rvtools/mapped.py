"""A sheet of another tool, read through a column map."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from itops.errors import InputInvalid
from itops.inventory.entities import Gap, Kind, Seen, Value
from itops.sources.rvtools.assemble import Assembly
from itops.sources.rvtools.column_map import ColumnMap, MappedColumn
from itops.sources.rvtools.drafts import Drafts
from itops.sources.rvtools.sheets import Trouble
from itops.sources.rvtools.tables import MAX_ROWS, RawRow, Table, TableFile
from itops.sources.rvtools.values import RawCell, Unreadable, as_number, as_text, is_blank, value_of


def read_mapped(
    file: TableFile, column_map: ColumnMap, source: str, seen_at: datetime, zone: ZoneInfo
) -> Iterator[Seen]:
    """The entities of one sheet. Raises InputInvalid when the sheet or its name column is not there."""
    table = _table(file, column_map)
    positions = {header.strip(): position for position, header in reversed(list(enumerate(table.headers)))}
    plan = [(positions[column.header], column) for column in column_map.columns if column.header in positions]
    missing = [column.header for column in column_map.columns if column.header not in positions]
    if not any(column.path == "name" for _, column in plan):
        raise InputInvalid(
            f"{file.path}, sheet {table.name}: the column with the name is not there ({', '.join(missing)})",
            remedy="compare the column map with the first row of the sheet",
        )
    trouble = Trouble()
    assembly = Assembly(source, seen_at, {kind: Drafts(kind) for kind in Kind})
    for row in table.rows:
        _read_row(row, plan, assembly.drafts[column_map.kind], zone, trouble)
    yield from assembly.entities()
    yield from assembly.gaps()
    yield from _gaps(source, table, column_map.kind, missing, trouble)


def _table(file: TableFile, column_map: ColumnMap) -> Table:
    names = file.names()
    wanted = column_map.sheet.strip().lower()
    found = next((name for name in names if name.strip().lower() == wanted), None)
    if found is None and file.path.suffix.lower() == ".csv" and len(names) == 1:
        found = names[0]  # a CSV file is one sheet, whatever the file is called
    if found is None:
        raise InputInvalid(
            f"{file.path}: there is no sheet {column_map.sheet!r}; it has {', '.join(names[:10]) or 'none'}",
            remedy="correct `sheet` in the column map",
        )
    return file.table(found)


def _read_row(
    row: RawRow, plan: list[tuple[int, MappedColumn]], drafts: Drafts, zone: ZoneInfo, trouble: Trouble
) -> None:
    said: dict[str, Value] = {}
    for position, column in plan:
        cell = row[position] if position < len(row) else None
        if is_blank(cell):
            continue
        try:
            said[column.path] = _value(column, cell, zone)
        except (Unreadable, OverflowError):
            trouble.note("", column.header, cell)
    name = said.get("name")
    if isinstance(name, str):
        draft = drafts.add(name)
        for path, value in said.items():
            draft.set(path, value)


def _value(column: MappedColumn, cell: RawCell, zone: ZoneInfo) -> Value:
    if column.values and (word := column.values.get((as_text(cell) or "").strip().lower())) is not None:
        return value_of(column.type, word, zone)
    if column.factor is not None:
        number = as_number(cell)
        return None if number is None else round(number * column.factor)
    return value_of(column.type, cell, zone)


def _gaps(source: str, table: Table, kind: Kind, missing: list[str], trouble: Trouble) -> Iterator[Gap]:
    place = f"sheet {table.name}"
    if missing:
        yield Gap(
            source=source,
            subject=place,
            code="workbook.missing-columns",
            problem=f"these columns of the map are not in it: {', '.join(missing)}",
            remedy="correct the headers in the column map, or take the columns out of it",
        )
    if table.is_cut():
        yield Gap(
            source=source,
            subject=place,
            code="workbook.rows-cut",
            problem=f"it has more than {MAX_ROWS:,} rows; the rest was not read",
            remedy="split the file",
            hides=frozenset({kind}),
        )
    if trouble.count:
        yield Gap(
            source=source,
            subject=f"{trouble.count} cells of {place}",
            code="workbook.unreadable-cells",
            problem=f"they do not hold what their column should, the first one {trouble.first}",
            remedy="correct the column map: `unit` for numbers, `values` for words",
        )
