"""The folder of a VMware machine: a .vmx written by hand, and a flat disk with its descriptor by qemu-img."""

from pathlib import Path

from tests.makers.raw_disk import converted

FORMAT = "vmdk-folder"
SUFFIX = ""
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ("qemu-img",)


def machine(folder: Path, name: str, seed: int) -> Path:
    target = folder / "machine"
    target.mkdir()
    converted(target, seed, "vmdk", "subformat=monolithicFlat", name="disk.vmdk")
    (target / "machine.vmx").write_text(
        f'.encoding = "UTF-8"\ndisplayName = "{name}"\nscsi0:0.fileName = "disk.vmdk"\n'
    )
    return target


def good(folder: Path) -> Path:
    return machine(folder, "Insurance", seed=1)


def another(folder: Path) -> Path:
    return machine(folder, "Payroll", seed=2)
