"""A small Borg repository, made by borg: two archives, of which the second has a file of its own, and a leftover."""

import os
import shutil
import subprocess
from pathlib import Path

PASSWORD = "correct horse"
CHECKPOINT = "shop-2026-11-22.checkpoint"


def borg(base: Path, *arguments: str, folder: Path | None = None) -> str:
    """Run it with what it remembers in `base`; raises when it fails."""
    environment = {**os.environ, "BORG_PASSPHRASE": PASSWORD, "BORG_BASE_DIR": str(base), "TZ": "UTC", "LC_ALL": "C"}
    command = ["borg", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=120, cwd=folder)
    return done.stdout


def make(folder: Path) -> Path:
    """The repository in `folder`/borg, of `folder`/srv; Borg's memory in `folder`/base."""
    source, repository, base = folder / "srv", folder / "borg", folder / "base"
    source.mkdir(parents=True)
    borg(base, "init", "-e", "repokey", str(repository))
    (source / "old.bin").write_bytes(os.urandom(300_000))
    for name, day in (("shop-2026-11-20", 20), ("shop-2026-11-21", 21), (CHECKPOINT, 22)):
        where = f"{repository}::{name}"
        borg(base, "create", "--timestamp", f"2026-11-{day}T02:00:00", where, "srv", folder=folder)
        (source / "new.bin").write_bytes(os.urandom(200_000))
    return repository


def clone(repository: Path, to: Path) -> Path:
    """A copy of the repository to break, at `to`/borg, with a copy of Borg's memory beside it."""
    shutil.copytree(repository.parent / "base", to / "base")
    shutil.copytree(repository, to / "borg")
    return to / "borg"


def segments(repository: Path) -> list[Path]:
    """In the order in which they were written."""
    return sorted((path for path in (repository / "data").rglob("*") if path.is_file()), key=lambda it: int(it.name))


def data_segments(repository: Path) -> list[Path]:
    """Those that hold data: of old.bin, which all archives need, then of the versions of new.bin, in order."""
    return [path for path in segments(repository) if path.stat().st_size > 100_000]
