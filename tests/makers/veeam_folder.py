"""A simulation of a Veeam job's folder: a .vbm of the newer layout, and files that only have the right sizes."""

from pathlib import Path

FORMAT = "veeam-chain"
SUFFIX = ""
OBJECT: str | None = "insurance01"
OTHER: str | None = "payroll01"
NEEDS: tuple[str, ...] = ()

NO_KEY = "00000000-0000-0000-0000-000000000000"
SIZES = {"2026-11-20T203000_A1B2.vbk": 3_000_000, "2026-11-21T203000_C3D4.vib": 50_000}


def vbm(machine: str, key: str = NO_KEY) -> str:
    storages = "".join(
        f'<Storage Id="{number}" FilePath="D:\\Backup\\Nightly\\{machine}.{name}" '
        f'CreationTimeUtc="2026-11-{20 + number} 17:00:05" StorageCryptoKeyIdTag="{key}">'
        f"<Stats><BackupSize>{size}</BackupSize></Stats></Storage>"
        for number, (name, size) in enumerate(SIZES.items())
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<BackupMeta Version="214">'
        '<Backup Id="b" JobName="Nightly" JobType="0"/><BackupMetaInfo>'
        f'<Objects><Object Id="o" Name="{machine}" ViType="Vm"/></Objects>'
        '<Points><Point Id="1" Num="1" CreationTimeUtc="2026-11-20 17:00:00"/>'
        '<Point Id="2" Num="2" CreationTimeUtc="2026-11-21 17:00:00"/></Points>'
        f"<Storages>{storages}</Storages></BackupMetaInfo></BackupMeta>\n"
    )


def job(folder: Path, machine: str) -> Path:
    target = folder / "Nightly"
    target.mkdir()
    (target / "Nightly.vbm").write_text(vbm(machine), encoding="utf-8")
    for name, size in SIZES.items():
        (target / f"{machine}.{name}").write_bytes(name.encode() * (size // len(name)) + bytes(size % len(name)))
    return target


def good(folder: Path) -> Path:
    return job(folder, "insurance01")


def another(folder: Path) -> Path:
    return job(folder, "payroll01")
