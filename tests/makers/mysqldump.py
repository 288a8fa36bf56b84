"""`mariadb-dump` of one database, by itself."""

from pathlib import Path

from tests.makers.servers import mariadb_server

FORMAT = "mysqldump"
SUFFIX = ".sql"
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ("mariadb-dump",)


def good(folder: Path) -> Path:
    return _made(folder, "Insurance")


def another(folder: Path) -> Path:
    return _made(folder, "Payroll")


def _made(folder: Path, database: str) -> Path:
    file = folder / f"nightly{SUFFIX}"
    mariadb_server().client("mariadb-dump", database, into=file)
    return file
