"""A dynamic VDI of qemu-img."""

from pathlib import Path

from tests.makers.raw_disk import converted

FORMAT = "vdi"
SUFFIX = ".vdi"
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("qemu-img",)


def good(folder: Path) -> Path:
    return converted(folder, 1, "vdi", "static=off", name="disk.vdi")


def another(folder: Path) -> Path:
    return converted(folder, 2, "vdi", "static=off", name="disk.vdi")
