"""Write the RVTools workbook of what is known: one xlsx file, or a folder of CSV files."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from itops import __version__
from itops.inventory.entities import Entity, Kind
from itops.reports.rvtools import CsvFolder, HealthRow, Written, XlsxBook, fill
from itops.reports.rvtools.book import Writer


class ExportForm(StrEnum):
    """What the workbook is written as."""

    XLSX = "xlsx"  # `out` is a file
    CSV = "csv"  # `out` is a folder


class Disclosure(StrEnum):
    """How much of it may be seen by whom it is sent to."""

    FULL = "full"
    REDACTED = "redacted"  # licence keys stay empty


_HIDDEN = {Disclosure.FULL: frozenset[str](), Disclosure.REDACTED: frozenset({"licenseKey"})}


def export_rvtools(
    entities: Callable[[Kind], Iterator[Entity]],
    health_rows: Iterable[HealthRow],
    out: Path,
    *,
    created_at: datetime,
    zone: ZoneInfo,
    form: ExportForm = ExportForm.XLSX,
    disclosure: Disclosure = Disclosure.FULL,
) -> Written:
    """Write all 27 sheets to `out`, whole or not at all, in bounded memory; `entities` is called twice for each kind.

    `created_at` stands in the file as its time of writing: hand in the time of the newest observation, and the same
    history gives the same bytes. Moments in cells are in `zone`. Raises UsageWrong or StoreUnavailable when `out`
    cannot be written.
    """
    writer, hidden = Writer(version=__version__, created_at=created_at), _HIDDEN[disclosure]
    if form is ExportForm.CSV:
        with CsvFolder.open(out, zone=zone) as folder:
            return fill(folder, entities, health_rows, writer, hidden=hidden)
    with XlsxBook(out, zone=zone, created_at=created_at) as book:
        return fill(book, entities, health_rows, writer, hidden=hidden)
