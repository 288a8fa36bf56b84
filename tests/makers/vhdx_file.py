"""A dynamic VHDX of qemu-img."""

from pathlib import Path

from tests.makers.raw_disk import converted

FORMAT = "vhdx"
SUFFIX = ".vhdx"
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("qemu-img",)


def good(folder: Path) -> Path:
    return converted(folder, 1, "vhdx", "block_size=1M,log_size=1M", name="disk.vhdx")


def another(folder: Path) -> Path:
    return converted(folder, 2, "vhdx", "block_size=1M,log_size=1M", name="disk.vhdx")
