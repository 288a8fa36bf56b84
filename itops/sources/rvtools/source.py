"""The rvtools source: every export in a folder is one look at the past, oldest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.errors import ConfigInvalid, ItopsError, SourceUnavailable
from itops.inventory.entities import Gap, Observation, Seen
from itops.sources.rvtools.column_map import ColumnMap, load_column_map
from itops.sources.rvtools.export_time import ExportTime, export_time, export_time_of_path
from itops.sources.rvtools.mapped import read_mapped
from itops.sources.rvtools.tables import csv_files, fingerprint, open_tables
from itops.sources.rvtools.workbook import read_workbook

_SUFFIXES = (".xlsx", ".xlsm")
_LITTER = ("~$", ".")  # lock files of spreadsheets, hidden files
_MAGIC = set("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class RvtoolsSettings:
    """What itops.yaml says about exports that wait in a folder."""

    path: Path
    """A workbook, a folder of workbooks or CSV exports, or a pattern such as exports/*.xlsx."""
    column_map: Path | None = None
    """How to read another tool's sheet; without it the files are RVTools'."""
    timezone: str = "Asia/Tehran"
    """The zone of the machine that exported: a workbook's dates are in its local time."""


@dataclass(frozen=True, slots=True)
class _Export:
    path: Path
    time: ExportTime
    fingerprint: str | None
    failure: ItopsError | None  # the file cannot be opened; its observation says so


class RvtoolsSource:
    """Workbooks that RVTools, or another tool through a column map, exported."""

    Settings = RvtoolsSettings

    def __init__(self, name: str, settings: RvtoolsSettings) -> None:
        self.name = name
        self._settings = settings

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One observation for each export, at its export time, oldest first.

        A file that cannot be read is an observation whose stream raises; the others are whole. Raises
        SourceUnavailable when there is no file at all, ConfigInvalid for a wrong column map or time zone.
        """
        zone = _zone(self._settings.timezone)
        column_map = load_column_map(self._settings.column_map) if self._settings.column_map else None
        exports = [_looked_at(path, zone) for path in _found(self._settings.path, any_csv=column_map is not None)]
        for export in sorted(exports, key=lambda export: (export.time.moment, export.path.name)):
            yield Observation(
                source=self.name,
                observed_at=min(export.time.moment, now),
                seen=self._seen(export, zone, column_map, now),
                fingerprint=export.fingerprint,
            )

    def _seen(self, export: _Export, zone: ZoneInfo, column_map: ColumnMap | None, now: datetime) -> Iterator[Seen]:
        if export.failure is not None:
            raise export.failure
        file, at = open_tables(export.path), min(export.time.moment, now)
        if column_map is None:
            yield from read_workbook(file, self.name, at, zone)
        else:
            yield from read_mapped(file, column_map, self.name, at, zone)
        if export.time.is_guessed:
            yield self._time_gap(export, "neither the workbook nor its name says when it was exported", at)
        elif export.time.moment > now:
            yield self._time_gap(export, f"it says it was exported at {export.time.moment:%Y-%m-%d %H:%M} UTC", at)

    def _time_gap(self, export: _Export, problem: str, at: datetime) -> Gap:
        return Gap(
            source=self.name,
            subject=export.path.name,
            code="workbook.time-guessed",
            problem=f"{problem}; {at:%Y-%m-%d %H:%M} UTC was taken",
            remedy="put the export time into the file's name, e.g. RVTools_export_all_2026-10-23_08.30.00.xlsx",
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigInvalid(f"{name!r} is not a time zone", remedy="write one such as Asia/Tehran or UTC") from None


def _looked_at(path: Path, zone: ZoneInfo) -> _Export:
    mark: str | None = None
    try:
        mark = fingerprint(path)
        return _Export(path, export_time(open_tables(path), zone), mark, None)
    except ItopsError as failure:
        return _Export(path, export_time_of_path(path, zone), mark, failure)
    except OSError as unreadable:
        problem = f"cannot read {path}: {unreadable.strerror or unreadable}"
        unavailable = SourceUnavailable(problem, remedy="check the rights of the file")
        return _Export(path, export_time_of_path(path, zone), mark, unavailable)


def _found(path: Path, *, any_csv: bool) -> list[Path]:
    """The exports behind a path, a folder or a pattern."""
    try:
        found = sorted(_matching(path, any_csv=any_csv))
    except OSError as failure:
        raise SourceUnavailable(
            f"cannot look into {path}: {failure.strerror or failure}", remedy="check the path and its rights"
        ) from failure
    if not found:
        raise SourceUnavailable(f"there is no export at {path}", remedy="check `path`, or put the exports there")
    return found


def _matching(path: Path, *, any_csv: bool) -> Iterator[Path]:
    if any(sign in part for part in path.parts for sign in _MAGIC) and not path.exists():
        fixed = list(path.parts)
        first = next(i for i, part in enumerate(fixed) if any(sign in part for sign in _MAGIC))
        found = Path(*fixed[:first]).glob(str(Path(*fixed[first:])))
        yield from (path for path in found if not path.name.startswith(_LITTER))
    elif path.is_dir():
        yield from _in_folder(path, _wanted(any_csv=any_csv))
    elif path.exists():
        yield path


def _wanted(*, any_csv: bool) -> Callable[[Path], bool]:
    suffixes = (*_SUFFIXES, ".csv") if any_csv else _SUFFIXES
    return lambda path: path.suffix.lower() in suffixes and not path.name.startswith(_LITTER)


def _in_folder(folder: Path, is_wanted: Callable[[Path], bool]) -> Iterator[Path]:
    if csv_files(folder):
        yield folder
    for path in folder.iterdir():
        if path.is_dir():
            if not path.name.startswith(".") and csv_files(path):
                yield path
        elif is_wanted(path):
            yield path
