"""A 7z with a password on its files; their names stay readable."""

from pathlib import Path

from tests.makers.seven_zip import packed

FORMAT = "7z"
SUFFIX = ".7z"
OBJECT = None
OTHER = None
NEEDS = ("7z",)


def good(folder: Path) -> Path:
    return packed(folder, 1, "files.7z", "-pcorrect-horse")


def another(folder: Path) -> Path:
    return packed(folder, 2, "files.7z", "-pcorrect-horse")
