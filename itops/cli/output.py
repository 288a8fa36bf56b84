"""What reaches the screen: one Output decides once how, and every listing goes through it.

stdout carries data, stderr the notes. JSON is exactly one object `{schema, generated_at, data, gaps}`; CSV is guarded
against formulas; tables are drawn by rich, from `Text` that went through `plain`, and only here: rich's markup crashes
on a VM called `[/]`. rich is imported only for a table.
"""

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import wraps
from io import StringIO
from shutil import get_terminal_size
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import click

from itops.jsonable import jsonable
from itops.text import plain

if TYPE_CHECKING:
    from rich.table import Table

Row: TypeAlias = Mapping[str, Any]
_Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]

_GUTTER = 2  # cells between columns
_UNLIMITED = 100_000  # columns of a table that goes into a file or a pipe: as wide as it needs
# Harmless inside a JSON string, but not on the terminal that shows it; lone surrogates cannot be encoded at all.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


class Format(Enum):
    """How a listing is written; the values are the words of `--output`."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: the row's field, the heading, and how a value is shown to people."""

    field: str
    title: str
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    is_number: bool = False
    widest: int | None = None  # on a terminal: longer values are cut there, to keep a row on one line
    folds: int | None = None  # on a terminal: sentences, which may be folded to so few cells; then no other column is
    spare: int = 0  # on a terminal too narrow for all, what is empty, then the highest is left out first; 0 never

    def shown(self, row: Row) -> str:
        """Its cell of a row."""
        return self.show(row.get(self.field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows with everything that the three formats need."""

    schema: str  # itops.inventory.list/1
    rows: Sequence[Row]  # values as jsonable() gives them
    columns: tuple[Column, ...]  # of the table
    csv_fields: tuple[str, ...]  # of the CSV file, also when it has no rows
    gaps: Sequence[Row] = ()
    data: Any = None  # of the JSON object, where it is not simply the rows
    tables: tuple["Listing", ...] = ()  # drawn below the rows, in a table only
    is_drawn: bool = True  # False: a table shows `tables` alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where and how to write, decided once for a command."""

    format: Format
    stdout: IO[str]
    stderr: IO[str]
    has_color: bool
    width: int = _UNLIMITED  # of the terminal, in cells

    @property
    def is_terminal(self) -> bool:
        """Does a person look at it? Then tables fit the width, else nothing is squeezed."""
        return self.width < _UNLIMITED

    @classmethod
    def decided(cls, chosen: str, color: str, environ: Mapping[str, str], stdout: IO[str], stderr: IO[str]) -> "Output":
        """Colour only on a terminal that takes it: not with NO_COLOR or TERM=dumb, unless `always` is asked for."""
        is_terminal = stdout.isatty()
        takes_color = is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        has_color = color == "always" or (color == "auto" and takes_color)
        width = get_terminal_size().columns if is_terminal else _UNLIMITED
        return cls(format=Format(chosen), stdout=stdout, stderr=stderr, has_color=has_color, width=width)

    def note(self, text: str) -> None:
        """Tell something beside the data: on stderr, one line, harmless."""
        click.echo(f"note: {plain(text)}", file=self.stderr)

    def show(self, listing: Listing, now: datetime) -> None:
        """Write a listing in the format that was asked for."""
        if self.format is Format.JSON:
            self._write(json_text(listing, now, is_ascii=not _speaks_unicode(self.stdout)))
        elif self.format is Format.CSV:
            self._write(csv_text(listing))
        else:
            self._tables(listing)

    def _write(self, text: str) -> None:
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        click.echo(text.encode(encoding, "replace").decode(encoding), file=self.stdout, nl=False, color=True)

    def _tables(self, listing: Listing) -> None:
        from rich.console import Console  # noqa: PLC0415  40 ms that JSON and CSV do not need

        # Styles are ours alone: what comes from outside never carries markup, emoji names or numbers to paint.
        console = Console(
            file=StringIO(),
            width=self.width,
            force_terminal=self.has_color,
            color_system="standard" if self.has_color else None,
            no_color=not self.has_color,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )
        drawn = []
        for part in (listing, *listing.tables):
            if part.rows and part.is_drawn:
                columns = self._fitting(part)
                with console.capture() as capture:
                    console.print(self._table(part, columns))
                drawn.append("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
        self._write("\n".join(drawn))

    def _fitting(self, listing: Listing) -> list[Column]:
        """The columns that there is room for; those that are left out are named."""
        if not self.is_terminal or not any(column.spare for column in listing.columns):
            return list(listing.columns)
        widths = {column: self._width_of(column, listing.rows) for column in listing.columns}
        empty = {column for column in listing.columns if not any(map(column.shown, listing.rows))}
        columns = list(listing.columns)
        while sum(widths[column] + _GUTTER for column in columns) - _GUTTER > self.width:
            least = max(columns, key=lambda column: (column.spare > 0 and column in empty, column.spare))
            if not least.spare:
                break
            columns.remove(least)
        if left_out := [column.title for column in listing.columns if column not in columns and column not in empty]:
            self.note(f"left out, this terminal is too narrow: {', '.join(left_out)}")
        return columns

    def _width_of(self, column: Column, rows: Sequence[Row]) -> int:
        from rich.cells import cell_len  # noqa: PLC0415  as for every table

        widths = (cell_len(self._cell(column.shown(row))) for row in rows)
        return max(cell_len(column.title), min(max(widths, default=0), column.widest or column.folds or _UNLIMITED))

    def _table(self, listing: Listing, columns: Sequence[Column]) -> "Table":
        from rich.table import Table  # noqa: PLC0415  as above
        from rich.text import Text  # noqa: PLC0415  as above

        table = Table(box=None, pad_edge=False, padding=(0, _GUTTER, 0, 0), header_style="bold")
        has_sentences = any(column.folds for column in columns)
        for column in columns:
            is_one_line = column.widest is not None or (has_sentences and column.folds is None)
            table.add_column(
                Text(column.title),
                justify="right" if column.is_number else "left",
                no_wrap=not self.is_terminal or is_one_line,
                overflow="fold" if column.widest is None else "ellipsis",
                max_width=column.widest if self.is_terminal else None,
            )
        for row in listing.rows:
            table.add_row(*(Text(self._cell(column.shown(row))) for column in columns))
        return table

    def _cell(self, shown: str) -> str:
        """One harmless cell. Right-to-left text is isolated on a terminal: else it would trade places with others."""
        text = plain(shown)
        return f"\u2068{text}\u2069" if self.is_terminal and _RIGHT_TO_LEFT.search(text) else text


def without_cells(row: Row) -> Row:
    """A row for programs: fields that begin with _ are cells of a table, made for people."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def json_text(listing: Listing, now: datetime, *, is_ascii: bool = False) -> str:
    """The one JSON object of a listing."""
    data = listing.rows if listing.data is None else listing.data
    whole = {"schema": listing.schema, "generated_at": now, "data": data, "gaps": listing.gaps}
    text = json.dumps(whole, ensure_ascii=is_ascii, indent=2, default=jsonable)
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"


def csv_text(listing: Listing) -> str:
    """The rows as CSV: a header of field names, one line a row, nothing that a spreadsheet would compute."""
    lines = StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(listing.csv_fields)
    for row in listing.rows:
        writer.writerow([csv_cell(row.get(name)) for name in listing.csv_fields])
    return lines.getvalue()


def csv_cell(value: Any) -> str | int | float:
    """A value as a cell. A text that could be a formula gets a `'` in front; numbers stay numbers."""
    value = jsonable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = _flat(value)
    return f"'{plain(text)}" if _FORMULA.match(text) or _FORMULA.match(plain(text)) else plain(text)


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_flat(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _speaks_unicode(stream: IO[str]) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


_FORMAT_OPTION: _Decorator = click.option(
    "--output",
    "chosen_format",
    type=click.Choice([choice.value for choice in Format]),
    default=Format.TABLE.value,
    show_default=True,
    help="A table for people, JSON or CSV for programs.",
)
_COLOR_OPTION: _Decorator = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour in tables; auto heeds NO_COLOR and TERM=dumb.",
)


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--output` and `--color`; it receives the Output they lead to as `output`."""

    @wraps(command)
    def with_output(*args: Any, chosen_format: str, color: str, **kwargs: Any) -> Any:
        output = Output.decided(chosen_format, color, os.environ, sys.stdout, sys.stderr)
        return command(*args, output=output, **kwargs)

    return _FORMAT_OPTION(_COLOR_OPTION(with_output))
