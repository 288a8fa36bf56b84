"""A 7z of a small file set, by 7-Zip; and anything else 7-Zip packs."""

import subprocess
from pathlib import Path

from tests.makers.tar_file import file_set

FORMAT = "7z"
SUFFIX = ".7z"
OBJECT = None
OTHER = None
NEEDS = ("7z",)


def packed(folder: Path, seed: int, name: str, *options: str) -> Path:
    """The set in `name`; `options` of 7z say how."""
    root = file_set(folder, seed)
    path = folder / name
    path.unlink(missing_ok=True)
    subprocess.run(
        ["7z", "a", "-bd", *options, path, root.name], check=True, cwd=root.parent, stdout=subprocess.DEVNULL
    )
    return path


def good(folder: Path) -> Path:
    return packed(folder, 1, "files.7z")


def another(folder: Path) -> Path:
    return packed(folder, 2, "files.7z")
