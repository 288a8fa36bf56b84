"""Files as tables: a workbook, or a folder of CSV files, gives sheets by name and the rows of one at a time."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from itops.errors import InputInvalid, SourceUnavailable
from itops.sources.rvtools import guard
from itops.sources.rvtools.values import RawCell, is_blank
from itops.workbooks import reading

MAX_ROWS = 300_000
_CSV_NAME = re.compile(r"RVTools_tab(.+)\.csv", re.IGNORECASE)
_MAX_CSV_BYTES = 512 * 1024**2
_ESCAPED = re.compile(r"'(?=[=+\-@\t\r＝＋－＠])")
_EXPORT_AGAIN = "export it again, or leave this file out"
RawRow: TypeAlias = Sequence[RawCell]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its headers, its rows that are not blank, and whether it had more rows than we read."""

    name: str
    headers: tuple[str, ...]
    rows: Iterator[RawRow]
    is_cut: Callable[[], bool]  # true only after the rows were read


class TableFile(Protocol):
    """A file, or folder, of tables."""

    path: Path

    def names(self) -> list[str]:
        """The sheets there are."""
        ...

    def table(self, name: str) -> Table:
        """One sheet; raises InputInvalid when it cannot be read."""
        ...


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, or of a CSV folder's files and their names."""
    digest = sha256()
    for file in csv_files(path).values() if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.name.encode() + b"\0")
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def csv_files(folder: Path) -> dict[str, Path]:
    """The sheets of a CSV export, by name; empty for any other folder."""
    found = ((_CSV_NAME.fullmatch(path.name), path) for path in sorted(folder.iterdir()) if path.is_file())
    return {matched[1]: path for matched, path in found if matched}


def open_tables(path: Path) -> TableFile:
    """Open a workbook, a CSV file or a folder of CSV files. Raises InputInvalid or SourceUnavailable."""
    try:
        if path.is_dir():
            return CsvTables(path, csv_files(path))
        if path.suffix.lower() == ".csv":
            return CsvTables(path, {path.stem: path})
        guard.check(path)
        return XlsxTables(path)
    except OSError as failure:
        raise SourceUnavailable(
            f"cannot read {path}: {failure.strerror or failure}", remedy="check that the file is there and readable"
        ) from failure


class XlsxTables:
    """A workbook. The reader is native code; whatever it throws at a broken file is an InputInvalid here."""

    def __init__(self, path: Path) -> None:
        from python_calamine import CalamineWorkbook  # noqa: PLC0415  needed only when a workbook is read

        self.path = path
        with reading(path, remedy=_EXPORT_AGAIN):
            self._workbook = CalamineWorkbook.from_path(str(path))
            self._names = list(self._workbook.sheet_names)

    def names(self) -> list[str]:
        """The sheets of the workbook."""
        return self._names

    def table(self, name: str) -> Table:
        """One sheet, unpacked now and let go with its rows."""
        with reading(self.path, name, remedy=_EXPORT_AGAIN):
            rows: Iterator[RawRow] = iter(self._workbook.get_sheet_by_name(name).iter_rows())
            return _table(name, _guarded(rows, self.path, name))


def _guarded(rows: Iterator[RawRow], path: Path, name: str) -> Iterator[RawRow]:
    with reading(path, name, remedy=_EXPORT_AGAIN):
        yield from rows


class CsvTables:
    """CSV files, one for each sheet, in whatever dialect the exporting machine's region made."""

    def __init__(self, path: Path, files: dict[str, Path]) -> None:
        self.path, self._files = path, files

    def names(self) -> list[str]:
        """The sheets there are files of."""
        return list(self._files)

    def table(self, name: str) -> Table:
        """One file; the text is in memory while its rows are read."""
        file = self._files[name]
        size = file.stat().st_size
        if size > _MAX_CSV_BYTES:
            raise InputInvalid(f"{file}: {size // 1024**2} MB is too much for a CSV file", remedy="leave this file out")
        text = _decoded(file.read_bytes())
        delimiter = _delimiter(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return _table(name, _csv_rows(reader, file))


def _csv_rows(reader: Any, file: Path) -> Iterator[RawRow]:
    try:
        for row in reader:
            yield [cell[1:] if _ESCAPED.match(cell) else cell for cell in row]
    except csv.Error as broken:
        raise InputInvalid(f"{file}:{reader.line_num}: not a CSV file ({broken})", remedy=_EXPORT_AGAIN) from broken


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1256", errors="replace")  # what a Persian Windows writes when it does not write UTF-8


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _table(name: str, rows: Iterator[RawRow]) -> Table:
    filled = (row for row in rows if not all(map(is_blank, row)))
    first = next(filled, ())
    beyond: list[RawRow] = []

    def bounded() -> Iterator[RawRow]:
        yield from islice(filled, MAX_ROWS)
        beyond.extend(islice(filled, 1))

    return Table(name, tuple("" if cell is None else str(cell) for cell in first), bounded(), lambda: bool(beyond))
