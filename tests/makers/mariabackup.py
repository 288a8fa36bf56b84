"""`mariabackup --backup`, by itself, not prepared; another is of another server, which nothing in it tells."""

from pathlib import Path

from tests.e2e.mariadb import Server, running_server
from tests.makers.servers import mariadb_server, write_out

FORMAT = "mariabackup"
SUFFIX = ""
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("mariabackup",)
VICTIM = "Insurance/policies.ibd"  # ibdata1 is larger, and half of it was never written


def good(folder: Path) -> Path:
    return _made(mariadb_server(), folder)


def another(folder: Path) -> Path:
    with running_server() as server:
        server.run("CREATE DATABASE Payroll; CREATE TABLE Payroll.salaries (id int PRIMARY KEY)")
        return _made(server, folder)


def _made(server: Server, folder: Path) -> Path:
    target = folder / "nightly"
    write_out(server)
    server.client("mariabackup", "--backup", f"--target-dir={target}")
    return target
