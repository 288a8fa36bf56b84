"""A tar in zstandard with its checksum, as zstd writes by default."""

from pathlib import Path

from tests.makers.tar_file import packed

FORMAT = "tar.zst"
SUFFIX = ".tar.zst"
OBJECT = None
OTHER = None
NEEDS = ("tar", "zstd")


def good(folder: Path) -> Path:
    return packed(folder, 1, "--zstd").rename(folder / "files.tar.zst")


def another(folder: Path) -> Path:
    return packed(folder, 2, "--zstd").rename(folder / "files.tar.zst")
