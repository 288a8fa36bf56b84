"""`pg_dump -Fc`, by pg_dump itself."""

from pathlib import Path

from tests.makers.servers import pg_dump

FORMAT = "pg-dump-custom"
SUFFIX = ".dump"
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ("pg_dump",)


def good(folder: Path) -> Path:
    return _made(folder, "Insurance")


def another(folder: Path) -> Path:
    return _made(folder, "Payroll")


def _made(folder: Path, database: str) -> Path:
    file = folder / f"nightly{SUFFIX}"
    pg_dump(database, "--format=custom", f"--file={file}")
    return file
