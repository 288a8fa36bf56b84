"""A folder of CSV files, RVTools_tab<sheet>.csv: UTF-8 with a mark at its head so that Excel believes it."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from itops.errors import StoreUnavailable, UsageWrong
from itops.inventory.rvtools.cells import Cell
from itops.reports.rvtools.book import Append
from itops.reports.rvtools.replacing import replacing
from itops.reports.rvtools.safe_text import csv_text


class CsvFolder:
    """A book of CSV files; each file appears whole when the `with` block of `open` ends well, or not at all."""

    def __init__(self, stack: ExitStack, folder: Path, zone: ZoneInfo) -> None:
        self._stack, self._folder, self._zone = stack, folder, zone

    @classmethod
    @contextmanager
    def open(cls, folder: Path, *, zone: ZoneInfo) -> "Iterator[CsvFolder]":
        """Make the folder if need be; the files come into being together at the end."""
        if folder.exists() and not folder.is_dir():
            raise UsageWrong(f"{folder} is a file", remedy="name a folder for the CSV files")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as failure:
            raise StoreUnavailable(
                f"cannot make the folder {folder}: {failure.strerror}", remedy="check the rights of the folder above"
            ) from failure
        with ExitStack() as stack:
            yield cls(stack, folder, zone)

    def add_sheet(self, name: str, headers: Sequence[str], types: Sequence[str]) -> Append:
        """A new file with its header line."""
        partial = self._stack.enter_context(replacing(self._folder / f"RVTools_tab{name}.csv"))
        file: TextIO = self._stack.enter_context(partial.open("w", encoding="utf-8-sig", newline=""))
        writer = csv.writer(file)
        writer.writerow([csv_text(header) for header in headers])
        zone = self._zone

        def append(row: Sequence[Cell]) -> bool:
            writer.writerow([_text(cell, zone) for cell in row])
            return True

        return append


def _text(cell: Cell, zone: ZoneInfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y/%m/%d %H:%M:%S}"
    if isinstance(cell, float):
        return f"{cell:.2f}"
    return csv_text(cell) if isinstance(cell, str) else str(cell)
