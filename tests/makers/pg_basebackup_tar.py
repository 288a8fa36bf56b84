"""`pg_basebackup -Ft -z`, by itself; another is of another cluster, which only its system identifier tells."""

from pathlib import Path

from tests.e2e.postgresql import running_server
from tests.makers.servers import pg_basebackup, postgresql_server

FORMAT = "pg-basebackup-tar"
SUFFIX = ""
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("pg_basebackup",)


def good(folder: Path) -> Path:
    return pg_basebackup(postgresql_server(), folder / "base", "--format=tar", "--gzip")


def another(folder: Path) -> Path:
    with running_server() as server:
        return pg_basebackup(server, folder / "base", "--format=tar", "--gzip")
