"""A simulation of an exported Hyper-V machine: a configuration written by hand, a disk and a checkpoint's disk."""

import struct
from pathlib import Path
from uuid import UUID

from tests.makers.vhdx_writer import written

FORMAT = "hyperv-export"
SUFFIX = ""
OBJECT: str | None = "Insurance"
OTHER: str | None = "Payroll"
NEEDS: tuple[str, ...] = ()

MACHINE = "0A1B2C3D-0000-4000-8000-000000000001"
CHECKPOINT = "0A1B2C3D-0000-4000-8000-000000000002"


def vmcx(name: str, disk: str) -> bytes:
    """A key store with the two keys that matter, in the tree in which Hyper-V keeps them."""
    table = bytearray(struct.pack("<HHHI", 2, 1, 1, 0))
    top = _entry(table, 9, "configuration", None, b"")
    properties = _entry(table, 9, "properties", top, b"")
    _entry(table, 6, "name", properties, _text(name))
    controller = _entry(table, 9, "controller0", top, b"")
    drive = _entry(table, 9, "drive0", controller, b"")
    _entry(table, 6, "pathname", drive, _text(f"C:\\ClusterStorage\\Volume1\\{disk}"))
    table += bytes(0x1000 - len(table))
    store = bytearray(0x3000)
    for at in (0, 0x1000):
        store[at : at + 4] = struct.pack("<I", 0x01282014)
    store[0x2000:0x2008] = struct.pack("<II", 0x01110001, 1)
    store[0x2008:0x201A] = struct.pack("<BIQIB", 2, 0, len(store), len(table), 1)
    return bytes(store + table)


def _text(value: str) -> bytes:
    raw = (value + "\0").encode("utf-16-le")
    return struct.pack("<I", len(raw)) + raw


def _entry(table: bytearray, kind: int, key: str, parent: int | None, value: bytes) -> int:
    at = len(table)
    body = key.encode() + b"\0" + (value or bytes(12))
    table += struct.pack("<HIHIIIB", kind, 21 + len(body), 0 if parent is None else 1, parent or 0, 0, at, len(key) + 1)
    table += body
    return at


def exported(folder: Path, name: str) -> Path:
    export = folder / "export"
    disks = export / "Virtual Hard Disks"
    written(disks / "system.vhdx", data=name.encode() * 500, data_write_id=UUID(int=77))
    written(disks / "system_CHECK.avhdx", data=name.encode() * 9, parent=(".\\system.vhdx", UUID(int=77)))
    (export / "Virtual Machines").mkdir()
    (export / "Snapshots").mkdir()
    (export / "Virtual Machines" / f"{MACHINE}.vmcx").write_bytes(vmcx(name, "system_CHECK.avhdx"))
    (export / "Virtual Machines" / f"{MACHINE}.VMRS").write_bytes(b"state" * 100)
    (export / "Snapshots" / f"{CHECKPOINT}.vmcx").write_bytes(vmcx("before the update", "system.vhdx"))
    return export


def good(folder: Path) -> Path:
    return exported(folder, "Insurance")


def another(folder: Path) -> Path:
    return exported(folder, "Payroll")
