"""The folder of a VMware machine."""

import pytest

from itops.backup.levels import Level
from itops.formats.disks.vmdk_folder import VmdkFolder
from tests.formats.disks.looking import folder, looked
from tests.formats.disks.written import vmdk_sparse

VMX = b'.encoding = "UTF-8"\ndisplayName = "Insurance"\nscsi0:0.fileName = "machine-000001.vmdk"\n'
BASE = b"""# Disk DescriptorFile
version=1
CID=0000aaaa
parentCID=ffffffff
createType="vmfs"
RW 128 VMFS "machine-flat.vmdk"
"""
CHILD = b"""# Disk DescriptorFile
version=1
CID=0000bbbb
parentCID=0000aaaa
createType="vmfsSparse"
parentFileNameHint="/vmfs/volumes/ds1/machine/machine.vmdk"
RW 128 VMFSSPARSE "machine-000001-delta.vmdk"
"""


def machine(**changes: bytes | None) -> dict[str, bytes]:
    files: dict[str, bytes | None] = {
        "machine.vmx": VMX.replace(b"-000001", b""),
        "machine.vmdk": BASE,
        "machine-flat.vmdk": b"\x55" * 65_536,
        **{name.replace("__", ".").replace("_", "-"): data for name, data in changes.items()},
    }
    return {name: data for name, data in files.items() if data is not None}


def test_a_whole_machine_is_complete_and_named() -> None:
    found = looked(folder(machine()), VmdkFolder())
    assert (found.level, [limit.code for limit in found.limits]) == (Level.COMPLETE, ["no-checksums"])
    assert found.identity is not None
    assert found.identity.object == "Insurance"
    assert found.identity.facts["virtual_size_bytes"] == 65_536


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        pytest.param(machine(machine_flat__vmdk=None), "member-missing", "machine-flat.vmdk", id="no data"),
        pytest.param(machine(machine_flat__vmdk=b"x" * 65_535), "cut", "machine-flat.vmdk", id="one byte short"),
        pytest.param(machine(machine_flat__vmdk=b"x" * 65_999), "junk-appended", "machine-flat.vmdk", id="too long"),
        pytest.param(machine(machine__vmx=VMX), "member-missing", "machine-000001.vmdk", id="the disk in use"),
        pytest.param(machine(machine__vmdk=BASE[:30]), "header-damaged", "machine.vmdk: descriptor", id="cut text"),
    ],
)
def test_what_is_missing(files: dict[str, bytes], code: str, place: str) -> None:
    found = looked(folder(files), VmdkFolder())
    assert [(fault.code, fault.place) for fault in found.faults] == [(code, place)]


def with_snapshot(**changes: bytes | None) -> dict[str, bytes]:
    delta: dict[str, bytes | None] = {
        "machine__vmx": VMX,
        "machine_000001__vmdk": CHILD,
        "machine_000001_delta__vmdk": b"COWD" + bytes(600),
    }
    return machine(**{**delta, **changes})


def test_the_tables_of_a_snapshot_are_not_public() -> None:
    found = looked(folder(with_snapshot()), VmdkFolder())
    assert (found.level, [limit.code for limit in found.limits]) == (Level.IDENTIFIED, ["structure-unknown"])
    assert found.identity is not None
    assert (found.identity.facts["disks"], found.identity.facts["snapshots"]) == (1, 1)


def test_a_parent_written_to_after_its_snapshot_is_noticed() -> None:
    files = with_snapshot(machine__vmdk=BASE.replace(b"0000aaaa", b"0000cccc"))
    found = looked(folder(files), VmdkFolder())
    assert [(fault.code, fault.place) for fault in found.faults] == [("parent-changed", "machine-000001.vmdk")]


def test_a_snapshot_without_its_parent_is_noticed() -> None:
    files = with_snapshot(machine__vmdk=None, machine_flat__vmdk=None)
    found = looked(folder(files), VmdkFolder())
    assert [(fault.code, fault.place) for fault in found.faults] == [("member-missing", "machine.vmdk")]


def test_a_sparse_disk_beside_a_vmx_is_walked() -> None:
    files = {"machine.vmx": VMX.replace(b"-000001", b""), "machine.vmdk": vmdk_sparse()[:-1]}
    found = looked(folder(files), VmdkFolder())
    assert [(fault.code, fault.place) for fault in found.faults] == [("cut", "machine.vmdk: grain table 0")]


def test_a_folder_with_an_ovf_is_not_ours() -> None:
    assert not VmdkFolder().recognises(folder({**machine(), "machine.ovf": b"<Envelope/>"}))
