"""A dynamic VHD of qemu-img."""

from pathlib import Path

from tests.makers.raw_disk import converted

FORMAT = "vhd"
SUFFIX = ".vhd"
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("qemu-img",)


def good(folder: Path) -> Path:
    return converted(folder, 1, "vpc", "subformat=dynamic", name="disk.vhd")


def another(folder: Path) -> Path:
    return converted(folder, 2, "vpc", "subformat=dynamic", name="disk.vhd")
