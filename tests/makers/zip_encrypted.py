"""A zip with a password (AES-256), by 7-Zip."""

from pathlib import Path

from tests.makers.seven_zip import packed

FORMAT = "zip"
SUFFIX = ".zip"
OBJECT = None
OTHER = None
NEEDS = ("7z",)


def good(folder: Path) -> Path:
    return packed(folder, 1, "files.zip", "-tzip", "-mem=AES256", "-pcorrect-horse")


def another(folder: Path) -> Path:
    return packed(folder, 2, "files.zip", "-tzip", "-mem=AES256", "-pcorrect-horse")
