"""An OVF as a folder: the files of the .ova, side by side."""

from pathlib import Path

from tests.makers.ova_file import export

FORMAT = "ovf"
SUFFIX = ""
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ("qemu-img",)


def unpacked(folder: Path, name: str, seed: int) -> Path:
    target = folder / "machine"
    target.mkdir()
    for file, data in export(folder, name, seed).items():
        (target / file).write_bytes(data)
    return target


def good(folder: Path) -> Path:
    return unpacked(folder, "Insurance", seed=1)


def another(folder: Path) -> Path:
    return unpacked(folder, "Payroll", seed=2)
