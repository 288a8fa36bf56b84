"""A lone file in gzip: a disk image, a database file."""

import random
import subprocess
from pathlib import Path

FORMAT = "gz"
SUFFIX = ".img.gz"
OBJECT = None
OTHER = None
NEEDS = ("gzip",)


def _packed(folder: Path, seed: int) -> Path:
    plain = folder / "disk.img"
    rng = random.Random(seed)
    plain.write_bytes(b"".join(rng.randbytes(3000) + bytes(1000) for _ in range(60)))
    subprocess.run(["gzip", "--force", plain], check=True)
    return folder / "disk.img.gz"


def good(folder: Path) -> Path:
    return _packed(folder, 1)


def another(folder: Path) -> Path:
    return _packed(folder, 2)
