"""A tar in xz, by GNU tar."""

from pathlib import Path

from tests.makers.tar_file import packed

FORMAT = "tar.xz"
SUFFIX = ".tar.xz"
OBJECT = None
OTHER = None
NEEDS = ("tar", "xz")


def good(folder: Path) -> Path:
    return packed(folder, 1, "--xz").rename(folder / "files.tar.xz")


def another(folder: Path) -> Path:
    return packed(folder, 2, "--xz").rename(folder / "files.tar.xz")
