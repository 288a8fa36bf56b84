"""A tar of a small file set, by GNU tar."""

import random
import subprocess
from pathlib import Path

FORMAT = "tar"
SUFFIX = ".tar"
OBJECT = None
OTHER = None
NEEDS = ("tar",)
_LETTER = "Policy {number} was renewed; the premium is due on the first of the month.\n"


def file_set(folder: Path, seed: int) -> Path:
    """A folder `scans` of letters, which pack well, and pictures, which do not; other seeds give other content."""
    root = folder / f"set-{seed}" / "scans"
    root.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    for number in range(12):
        (root / f"letter-{number}.txt").write_text(_LETTER.format(number=rng.random()) * 80, encoding="utf-8")
        (root / f"picture-{number}.jpg").write_bytes(rng.randbytes(12_000))
    return root


def packed(folder: Path, seed: int, *options: str) -> Path:
    """The set in a tar; `options` of GNU tar say how it is compressed."""
    root = file_set(folder, seed)
    path = folder / "files.tar"
    subprocess.run(["tar", "-C", root.parent, *options, "-cf", path, root.name], check=True)
    return path


def good(folder: Path) -> Path:
    return packed(folder, 1)


def another(folder: Path) -> Path:
    return packed(folder, 2)
