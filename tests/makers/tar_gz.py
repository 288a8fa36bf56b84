"""A tar in gzip, by GNU tar."""

from pathlib import Path

from tests.makers.tar_file import packed

FORMAT = "tar.gz"
SUFFIX = ".tar.gz"
OBJECT = None
OTHER = None
NEEDS = ("tar", "gzip")


def good(folder: Path) -> Path:
    return packed(folder, 1, "--gzip").rename(folder / "files.tar.gz")


def another(folder: Path) -> Path:
    return packed(folder, 2, "--gzip").rename(folder / "files.tar.gz")
