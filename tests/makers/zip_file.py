"""A zip of a small file set, by Info-ZIP's zip."""

import subprocess
from pathlib import Path

from tests.makers.tar_file import file_set

FORMAT = "zip"
SUFFIX = ".zip"
OBJECT = None
OTHER = None
NEEDS = ("zip",)


def _packed(folder: Path, seed: int) -> Path:
    root = file_set(folder, seed)
    path = folder / "files.zip"
    path.unlink(missing_ok=True)
    subprocess.run(["zip", "-qr", path, root.name], check=True, cwd=root.parent)
    return path


def good(folder: Path) -> Path:
    return _packed(folder, 1)


def another(folder: Path) -> Path:
    return _packed(folder, 2)
