"""A tar in bzip2, by GNU tar."""

from pathlib import Path

from tests.makers.tar_file import packed

FORMAT = "tar.bz2"
SUFFIX = ".tar.bz2"
OBJECT = None
OTHER = None
NEEDS = ("tar", "bzip2")


def good(folder: Path) -> Path:
    return packed(folder, 1, "--bzip2").rename(folder / "files.tar.bz2")


def another(folder: Path) -> Path:
    return packed(folder, 2, "--bzip2").rename(folder / "files.tar.bz2")
