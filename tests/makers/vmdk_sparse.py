"""A monolithic sparse VMDK of qemu-img."""

from pathlib import Path

from tests.makers.raw_disk import converted

FORMAT = "vmdk"
SUFFIX = ".vmdk"
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("qemu-img",)


def good(folder: Path) -> Path:
    return converted(folder, 1, "vmdk", "subformat=monolithicSparse", name="disk.vmdk")


def another(folder: Path) -> Path:
    return converted(folder, 2, "vmdk", "subformat=monolithicSparse", name="disk.vmdk")
