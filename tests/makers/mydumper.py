"""`mydumper` of one database in gzip, by itself (0.10, whose metadata lists no tables)."""

import subprocess
from pathlib import Path

from tests.makers.servers import mariadb_server

FORMAT = "mydumper"
SUFFIX = ""
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ("mydumper",)


def good(folder: Path) -> Path:
    return _made(folder, "Insurance")


def another(folder: Path) -> Path:
    return _made(folder, "Payroll")


def _made(folder: Path, database: str) -> Path:
    target = folder / "nightly"
    socket = mariadb_server().socket
    command = ["mydumper", "--socket", socket, "--user", "root", "--database", database, "--outputdir", target]
    subprocess.run([*command, "--compress"], check=True, capture_output=True)
    return target
