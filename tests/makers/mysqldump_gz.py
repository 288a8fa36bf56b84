"""`mariadb-dump` of one database piped into gzip."""

import subprocess
from pathlib import Path

from tests.makers import mysqldump

FORMAT = "mysqldump"
SUFFIX = ".sql.gz"
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ("mariadb-dump", "gzip")


def good(folder: Path) -> Path:
    return _packed(mysqldump.good(folder))


def another(folder: Path) -> Path:
    return _packed(mysqldump.another(folder))


def _packed(plain: Path) -> Path:
    subprocess.run(["gzip", "--no-name", "--force", plain], check=True)
    return plain.with_name(plain.name + ".gz")
