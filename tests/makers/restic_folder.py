"""A restic repository made by restic itself, with two snapshots."""

import os
import random
import subprocess
from pathlib import Path

FORMAT = "restic-repository"
SUFFIX = ""
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("restic",)


def repository(folder: Path, seed: int) -> Path:
    source, target = folder / f"source-{seed}", folder / "repository"
    source.mkdir()
    noise = random.Random(seed)  # reproducible on purpose
    environment = {**os.environ, "RESTIC_PASSWORD": "secret", "RESTIC_CACHE_DIR": str(folder / "cache")}

    def restic(*arguments: str) -> None:
        subprocess.run(
            ["restic", "-r", target, "--no-cache", "-q", *arguments], env=environment, check=True, capture_output=True
        )

    restic("init")
    for number in (1, 2):
        (source / f"file-{number}").write_bytes(noise.randbytes(150_000))
        restic("backup", "--host", "db1", str(source))
    return target


def good(folder: Path) -> Path:
    return repository(folder, 1)


def another(folder: Path) -> Path:
    return repository(folder, 2)
