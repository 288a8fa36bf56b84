"""The demo office's copies: three months of backups in a folder, with three things wrong on purpose.

The SQL Server backups are a simulation (`itops.demo.tape_writer`). The PostgreSQL dumps are one real dump, made by
pg_dump 15 of a fictional database, moved to each day by the seven numbers of its header. The SQLite files are real.
"""

import os
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.demo.tape_writer import TapeBackup, write_tape

DAYS = 93
_FRIDAY = 4
_OURS = "Insurance"
_DUMP_MOMENT = 16  # bytes into a dump of format 1.14: second, minute, hour, day, month - 1, year - 1900, DST
_SETTLED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Planted:
    """What is wrong with the demo office's copies, by name of the file."""

    missing: str  # a day on which nothing was backed up
    cut: str  # a copy whose second half is not there
    foreign: str  # a copy of another database under this one's name


def make_copies(folder: Path, now: datetime, zone: ZoneInfo) -> Planted:
    """Write everything that the office has backed up until `now`, in a second or two."""
    for name in ("sql", "pg", "files"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    nights = list(_nights(now, zone))
    missing, cut, foreign = nights[-9], nights[-4], nights[-6]
    for night in nights:
        _back_up(folder, night, zone, database=None if night == missing else "Payroll" if night == foreign else _OURS)
    _cut(folder / _tape_name(cut))
    return Planted(missing=_tape_name(missing), cut=_tape_name(cut), foreign=_tape_name(foreign))


def make_newer_copies(folder: Path, since: datetime, now: datetime, zone: ZoneInfo) -> None:
    """What was backed up after `since`, with nothing wrong."""
    before = set(_nights(since, zone))
    for night in _nights(now, zone):
        if night not in before and night > min(before):
            _back_up(folder, night, zone, database=_OURS)


def _back_up(folder: Path, night: date, zone: ZoneInfo, database: str | None) -> None:
    """One night's; `database`: what the SQL Server's copy is of, None for none at all."""
    if database is not None:
        _tape(folder, night, zone, database)
    _dump(folder, night, zone)
    if night.weekday() == 0:
        _archive(folder, night, zone)


def _nights(now: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The working days on whose evening something was backed up, oldest first."""
    today = now.astimezone(zone).date()
    for days_ago in range(DAYS, -1, -1):
        day = today - timedelta(days=days_ago)
        if day.weekday() != _FRIDAY and _at(day, time(23, 30), zone) + _SETTLED <= now:
            yield day


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _tape_name(day: date) -> str:
    return f"sql/Insurance_{day:%Y%m%d}_2330.bak"


def _tape(folder: Path, day: date, zone: ZoneInfo, database: str) -> None:
    started_at = _at(day, time(23, 30), zone)
    size = (64 + day.toordinal() % 7) * 1024
    finished_at = started_at + timedelta(minutes=6)
    path = folder / _tape_name(day)
    write_tape([path], TapeBackup(database=database, started_at=started_at, finished_at=finished_at, data_bytes=size))
    _dated(path, finished_at)


def _dump(folder: Path, day: date, zone: ZoneInfo) -> None:
    started_at = _at(day, time(22, 0), zone)
    local = started_at.astimezone(zone)
    moment = (local.second, local.minute, local.hour, local.day, local.month - 1, local.year - 1900, 0)
    header = b"".join(struct.pack("<Bi", 0, number) for number in moment)
    dump = bytearray(resources.files("itops.demo").joinpath("insured.dump").read_bytes())
    dump[_DUMP_MOMENT : _DUMP_MOMENT + len(header)] = header
    path = folder / f"pg/insured_{day:%Y%m%d}_2200.dump"
    path.write_bytes(dump)
    _dated(path, started_at + timedelta(minutes=2))


def _archive(folder: Path, day: date, zone: ZoneInfo) -> None:
    path = folder / f"files/archive_{day:%Y%m%d}.sqlite"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE letter (number INTEGER PRIMARY KEY, subject TEXT NOT NULL)")
        letters = ((number, f"letter {number} of the demo office") for number in range(1, 200 + day.toordinal() % 50))
        connection.executemany("INSERT INTO letter VALUES (?, ?)", letters)
    connection.close()
    _dated(path, _at(day, time(23, 0), zone))


def _cut(path: Path) -> None:
    status = path.stat()
    with path.open("r+b") as file:
        file.truncate(status.st_size // 2)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _dated(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(),) * 2)
