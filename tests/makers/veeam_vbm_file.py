"""A simulation of a lone .vbm."""

from pathlib import Path

from tests.makers.veeam_folder import vbm

FORMAT = "veeam-vbm"
SUFFIX = ".vbm"
OBJECT: str | None = "insurance01"
OTHER: str | None = "payroll01"
NEEDS: tuple[str, ...] = ()


def good(folder: Path) -> Path:
    target = folder / "Nightly.vbm"
    target.write_text(vbm("insurance01"), encoding="utf-8")
    return target


def another(folder: Path) -> Path:
    target = folder / "Nightly.vbm"
    target.write_text(vbm("payroll01"), encoding="utf-8")
    return target
