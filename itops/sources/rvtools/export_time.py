"""When a workbook was made: what it says itself, else what its name says, else when the file was last written."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.inventory.rvtools.catalogue import catalogue
from itops.sources.rvtools.headers import match
from itops.sources.rvtools.tables import TableFile
from itops.sources.rvtools.values import RawCell, Unreadable, as_moment

_IN_NAME = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d\d)[-_.]?(\d\d)(?:[-_ T.]+(\d\d)[-_.:]?(\d\d)(?:[-_.:]?(\d\d))?)?(?!\d)")
_HEADER = "xlsx creation datetime"


@dataclass(frozen=True, slots=True)
class ExportTime:
    """The moment of an export, and whether it is only the file's own date."""

    moment: datetime  # aware, UTC
    is_guessed: bool


def export_time(file: TableFile, zone: ZoneInfo) -> ExportTime:
    """The export time of an opened file. Raises InputInvalid when vMetaData cannot be read at all."""
    for cell in _metadata_cells(file):
        try:
            if (said := as_moment(cell, zone)) is not None:
                return ExportTime(datetime.fromisoformat(said), is_guessed=False)
        except Unreadable:
            continue
    return export_time_of_path(file.path, zone)


def _metadata_cells(file: TableFile) -> list[RawCell]:
    name = next((name for name in file.names() if name.strip().lower() == "vmetadata"), None)
    if name is None:
        return []
    table = file.table(name)
    positions = [
        position
        for position, column in match(catalogue().sheet("vMetaData"), table.headers).columns
        if column.header == _HEADER
    ]
    row = next(table.rows, ())
    return [row[position] for position in positions if position < len(row)]


def export_time_of_path(path: Path, zone: ZoneInfo) -> ExportTime:
    """The time in a file's name, else its last change; for files that cannot be opened, too."""
    for found in _IN_NAME.finditer(path.stem if path.is_file() else path.name):
        digits = [int(part or 0) for part in found.groups()]
        text = f"{digits[0]:04}-{digits[1]:02}-{digits[2]:02} {digits[3]:02}:{digits[4]:02}:{digits[5]:02}"
        try:
            if (said := as_moment(text, zone)) is not None:
                return ExportTime(datetime.fromisoformat(said), is_guessed=False)
        except Unreadable:
            continue
    changed = path.stat().st_mtime if path.exists() else 0.0
    return ExportTime(datetime.fromtimestamp(int(changed), UTC), is_guessed=True)
