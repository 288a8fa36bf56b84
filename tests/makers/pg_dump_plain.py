"""`pg_dump` as SQL text, by pg_dump itself."""

from pathlib import Path

from tests.makers.servers import pg_dump

FORMAT = "pg-dump-plain"
SUFFIX = ".sql"
OBJECT: str | None = None  # the text names none
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("pg_dump",)


def good(folder: Path) -> Path:
    return _made(folder, "Insurance")


def another(folder: Path) -> Path:
    return _made(folder, "Payroll")


def _made(folder: Path, database: str) -> Path:
    file = folder / f"nightly{SUFFIX}"
    pg_dump(database, "--format=plain", f"--file={file}")
    return file
