"""The repository `catalog`: a CSV or JSON file in which any product tells of its copies."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy
from itops.backup.repositories import Listed, Look, LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.catalog.rows import COLUMNS, copy_of_row
from itops.repositories.catalog.settings import CatalogSettings
from itops.repositories.catalog.tables import MOST_BYTES, Row, read_rows, row_gap
from itops.repositories.paths import moment_of, shown_path

_MOST_GAPS = 100
_TIMES = {"started_at", "finished_at"}


class CatalogRepository:
    """What a product writes down of its copies; the copies themselves cannot be read here."""

    Settings = CatalogSettings

    def __init__(self, name: str, settings: CatalogSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings
        self._zone = settings.timezone or zone

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Every row as a Copy; what is wrong with a row or the header is a gap with its line.

        The fact `written_at` tells how old the file is. Raises SourceUnavailable when there is no file, when it is too
        big, or, while it is read, no catalogue at all.
        """
        path, shown = self._settings.path, shown_path(str(self._settings.path))
        try:
            status = path.stat()
            if not path.is_file() or status.st_size > MOST_BYTES:
                raise SourceUnavailable(
                    f"{shown} is no file of at most {MOST_BYTES >> 20} MiB",
                    remedy="have the product write only the copies of the last months",
                )
            data = path.read_bytes()
        except OSError as failure:
            raise SourceUnavailable(
                f"the catalogue {shown} cannot be read: {failure.strerror or failure}",
                remedy="check `path` and its rights, and whether the product still writes it",
            ) from failure
        written = moment_of(status.st_mtime_ns)
        facts = {"written_at": written.isoformat() if written else None}
        return Look(repository=self.name, looked_at=now, seen=self._seen(data, path.name), facts=facts)

    def _seen(self, data: bytes, name: str) -> Iterator[Listed]:
        shown = shown_path(name)
        keys: dict[str, str] = {}  # of every copy, and where it stands
        columns: dict[str, str] = {}  # and where it was first seen
        bad = 0
        for row in read_rows(data, shown, self._form):
            if isinstance(row, Row):
                if not columns and self._form == "csv" and (gap := _missing_columns(shown, set(row.cells))):
                    yield gap
                    return
                columns = dict.fromkeys(row.cells, row.place) | columns
            listed = self._listed(row, shown, keys) if isinstance(row, Row) else row
            bad += isinstance(listed, LookGap)
            if isinstance(listed, Copy) or bad <= _MOST_GAPS:
                yield listed
        if bad > _MOST_GAPS:
            yield row_gap(shown, "rows", f"{bad - _MOST_GAPS} more rows cannot be read")
        if unknown := sorted(set(columns) - set(COLUMNS)):
            yield _unknown_columns(shown, columns[unknown[0]], unknown)

    @property
    def _form(self) -> Literal["csv", "json"]:
        if self._settings.format != "auto":
            return self._settings.format
        return "json" if self._settings.path.suffix.lower() == ".json" else "csv"

    def _listed(self, row: Row, shown: str, keys: dict[str, str]) -> Copy | LookGap:
        """The copy of a row; `keys` tells which line had which key before."""
        try:
            copy = copy_of_row(row.cells, self.name, self._zone)
        except ValueError as wrong:
            return row_gap(shown, row.place, str(wrong))
        if copy.key in keys:
            return LookGap(
                subject=f"{shown} {row.place}",
                code="catalog.duplicate",
                problem=f"{copy.key} stands in {keys[copy.key]} already; that one was taken",
                remedy="give every copy an id of its own",
            )
        keys[copy.key] = row.place
        return copy


def _missing_columns(shown: str, columns: set[str]) -> LookGap | None:
    """What a header must have. In a JSON every copy has its own names."""
    if "object" in columns and columns & _TIMES:
        return None
    return LookGap(
        subject=shown,
        code="catalog.missing-columns",
        problem=f"it has no column {'started_at or finished_at' if 'object' in columns else 'object'}",
        remedy="name the columns as docs/reference/backup-catalog.md does",
        hides=True,
    )


def _unknown_columns(shown: str, place: str, unknown: list[str]) -> LookGap:
    names = ", ".join(shown_path(name) for name in unknown[:10])
    return LookGap(
        subject=f"{shown} {place}",
        code="catalog.unknown-columns",
        problem=f"nobody knows {names}; what stands there was not read",
        remedy="name the columns as docs/reference/backup-catalog.md does, or leave them out",
    )
