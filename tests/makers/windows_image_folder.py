"""A simulation of WindowsImageBackup: the shape of the folder, with disks written by hand."""

from pathlib import Path

from tests.makers.vhdx_writer import written

FORMAT = "windows-image-backup"
SUFFIX = ""
OBJECT: str | None = "APP01"
OTHER: str | None = "APP02"
NEEDS: tuple[str, ...] = ()

DATED = "Backup 2026-11-21 203000"
_SPECIFICATION = '<?xml version="1.0" encoding="utf-16"?><BackupSpecs><Volume label="System"/></BackupSpecs>'


def image_backup(folder: Path, host: str) -> Path:
    top = folder / "WindowsImageBackup"
    computer = top / host
    written(computer / DATED / "11111111-0000-0000-0000-000000000000.vhdx", data=host.encode() * 300)
    written(computer / DATED / "22222222-0000-0000-0000-000000000000.vhdx", data=host.encode() * 700)
    for name in ("BackupSpecs.xml", "33333333-0000-0000-0000-000000000000_Components.xml"):
        (computer / DATED / name).write_bytes(_SPECIFICATION.encode("utf-16"))
    (computer / "Catalog").mkdir()
    for name in ("GlobalCatalog", "BackupGlobalCatalog"):
        (computer / "Catalog" / name).write_bytes(b"catalogue" * 50)
    (computer / "MediaId").write_bytes(b"0123456789abcdef")
    return top


def good(folder: Path) -> Path:
    return image_backup(folder, "APP01")


def another(folder: Path) -> Path:
    return image_backup(folder, "APP02")
