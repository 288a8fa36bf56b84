"""A qcow2 of qemu-img."""

from pathlib import Path

from tests.makers.raw_disk import converted

FORMAT = "qcow2"
SUFFIX = ".qcow2"
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ("qemu-img",)


def good(folder: Path) -> Path:
    return converted(folder, 1, "qcow2", "cluster_size=4k", name="disk.qcow2")


def another(folder: Path) -> Path:
    return converted(folder, 2, "qcow2", "cluster_size=4k", name="disk.qcow2")
