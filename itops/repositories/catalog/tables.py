"""From the bytes of a catalogue to its rows, each with the line it stands in. Everything here is from outside."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from itops.backup.repositories import LookGap
from itops.errors import SourceUnavailable

MOST_BYTES = 64 << 20
_DELIMITERS = ",;\t"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CSV_REMEDY = "have it written as CSV in UTF-8, with the columns of docs/reference/backup-catalog.md"
_JSON_REMEDY = 'have it written as a JSON list of objects, or as {"copies": [...]}'


class Row(NamedTuple):
    """One row by the names of its columns. `place`: "line 7" of a CSV, "copy 7" of a JSON, counted from 1."""

    place: str
    cells: dict[str, Any]


Rows: TypeAlias = Iterator[Row | LookGap]


def read_rows(data: bytes, shown: str, form: Literal["csv", "json"]) -> Rows:
    """The rows of the file called `shown`; raises SourceUnavailable when it is no catalogue at all."""
    text = _decoded(data, shown)
    return _json_rows(text, shown) if form == "json" else _csv_rows(text, shown)


def _decoded(data: bytes, shown: str) -> str:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as failure:
        raise SourceUnavailable(
            f"{shown} is neither UTF-8 nor UTF-16 with a byte order mark (byte {failure.start})", remedy=_CSV_REMEDY
        ) from failure


def _csv_rows(text: str, shown: str) -> Rows:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [column_name(cell) for cell in cells]
            elif len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                problem = f"it has {len(cells)} cells, the header has {len(header)}"
                yield row_gap(shown, f"line {reader.line_num}", problem)
            else:
                # A row may be shorter: spreadsheets leave out empty cells at the end.
                yield Row(f"line {reader.line_num}", dict(zip(header, cells, strict=False)))
    except csv.Error as failure:
        yield _broken(shown, f"line {reader.line_num}", f"nothing can be read from here on: {failure}")
    if header is None:
        raise SourceUnavailable(f"{shown} is empty, it has not even a header", remedy=_CSV_REMEDY)


def _json_rows(text: str, shown: str) -> Rows:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise SourceUnavailable(f"{shown} is no JSON: {str(failure)[:200]}", remedy=_JSON_REMEDY) from failure
    copies = held.get("copies") if isinstance(held, dict) else held
    if not isinstance(copies, list):
        raise SourceUnavailable(f"{shown} has no list of copies", remedy=_JSON_REMEDY)
    for number, copy in enumerate(copies, 1):
        if isinstance(copy, dict):
            yield Row(f"copy {number}", {column_name(name): value for name, value in copy.items()})
        else:
            yield row_gap(shown, f"copy {number}", "it is not an object of names and values")


def column_name(text: str) -> str:
    """As it is compared: `Finished At` is finished_at."""
    return "_".join(text.strip().casefold().replace("-", " ").replace("_", " ").split())[:100]


def row_gap(shown: str, place: str, problem: str) -> LookGap:
    """A row that cannot be read: a copy may be behind it."""
    return LookGap(
        subject=f"{shown} {place}",
        code="catalog.row",
        problem=problem,
        remedy="have the product write the row as docs/reference/backup-catalog.md says",
        hides=True,
    )


def _broken(shown: str, place: str, problem: str) -> LookGap:
    return LookGap(subject=f"{shown} {place}", code="catalog.broken", problem=problem, remedy=_CSV_REMEDY, hides=True)
