"""A tar in zstandard without a checksum: what no reader can judge."""

from pathlib import Path

from tests.makers.tar_file import packed

FORMAT = "tar.zst"
SUFFIX = ".tar.zst"
OBJECT = None
OTHER = None
NEEDS = ("tar", "zstd")


def good(folder: Path) -> Path:
    return packed(folder, 1, "--use-compress-program=zstd --no-check").rename(folder / "files.tar.zst")


def another(folder: Path) -> Path:
    return packed(folder, 2, "--use-compress-program=zstd --no-check").rename(folder / "files.tar.zst")
