"""SQL Server full backups: a simulation, written without a SQL Server."""

from datetime import UTC, datetime
from pathlib import Path

from itops.demo.tape_writer import TapeBackup, write_tape

FORMAT = "mssql-backup"
SUFFIX = ".bak"
OBJECT = "Insurance"
OTHER = "Payroll"
NEEDS: tuple[str, ...] = ()


def good(folder: Path) -> Path:
    """BACKUP DATABASE Insurance ... WITH CHECKSUM."""
    return _written(folder, OBJECT)


def another(folder: Path) -> Path:
    """The same of Payroll, under the same file name."""
    return _written(folder, OTHER)


def _written(folder: Path, database: str) -> Path:
    path = folder / f"Insurance{SUFFIX}"
    backup = TapeBackup(
        database=database,
        started_at=datetime(2026, 11, 21, 21, 30, tzinfo=UTC),
        finished_at=datetime(2026, 11, 21, 21, 31, tzinfo=UTC),
        data_bytes=512 << 10,
    )
    write_tape([path], backup)
    return path
