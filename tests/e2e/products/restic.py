"""A small restic repository, made by restic: two snapshots of two hosts, of which the second has files of its own."""

import os
import shutil
import subprocess
from pathlib import Path

PASSWORD = "correct horse"


def restic(repository: Path, *arguments: str) -> str:
    """Run it on the repository; raises when it fails."""
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD, "LC_ALL": "C"}
    command = ["restic", "-r", str(repository), "--no-cache", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=120)
    return done.stdout


def make(folder: Path) -> Path:
    """The repository in `folder`/restic, of `folder`/srv."""
    source, repository = folder / "srv", folder / "restic"
    source.mkdir(parents=True)
    restic(repository, "init")
    (source / "old.bin").write_bytes(os.urandom(300_000))
    backup = ("backup", str(source), "--time")
    restic(repository, *backup, "2026-11-20 02:00:00", "--host", "db1", "--tag", "shop")
    (source / "new.bin").write_bytes(os.urandom(200_000))
    restic(repository, *backup, "2026-11-21 02:00:00", "--host", "db1", "--tag", "shop")
    return repository


def clone(repository: Path, to: Path) -> Path:
    """A copy to break: restic's own files are read-only."""
    shutil.copytree(repository, to)
    for path in to.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return to


def data_packs(repository: Path) -> list[Path]:
    """The packs, biggest first: that of old.bin, that of new.bin, then trees."""
    packs = [path for path in (repository / "data").rglob("*") if path.is_file()]
    return sorted(packs, key=lambda path: -path.stat().st_size)
