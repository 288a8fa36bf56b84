"""VMDK: sparse, streamed, described by a text, and plain sectors."""

import struct

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.disks.vmdk import Vmdk
from tests.formats.disks.looking import codes, lone, looked
from tests.formats.disks.written import SECTOR, vmdk_sparse, vmdk_stream

TEXT = b"""# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="vmfs"

RW 8192 VMFS "machine-flat.vmdk"
"""


def changed(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(vmdk_sparse(grains=(0, 128, 0, 128)), "structure-damaged", id="one grain twice"),
        pytest.param(vmdk_sparse(grains=(0, 20, 0, 256)), "structure-damaged", id="a grain upon the tables"),
        pytest.param(vmdk_sparse(grains=(0, 128, 0, 999)), "cut", id="a grain behind the end"),
        pytest.param(vmdk_sparse(redundant=(0, 128, 0, 0)), "structure-damaged", id="the copy of a table differs"),
        pytest.param(changed(vmdk_sparse(), 72, b"\1"), "not-closed", id="the machine was running"),
        pytest.param(changed(vmdk_sparse(), 4, b"\7"), "version-unknown", id="version 7"),
        pytest.param(changed(vmdk_sparse(), 73, b"\r\n \r"), "line-endings", id="ASCII-mode FTP"),
        pytest.param(vmdk_stream(wrong_table=True), "structure-damaged", id="tables swap two grains of a stream"),
    ],
)
def test_what_is_found(data: bytes, code: str) -> None:
    assert codes(looked(lone(data), Vmdk())) == [code]


def test_a_flipped_bit_in_any_grain_of_a_stream_is_noticed() -> None:
    data = vmdk_stream()
    first = 128 * SECTOR
    (length,) = struct.unpack_from("<I", data, first + 8)
    for place in range(first + 12, first + 12 + length, 17):
        flipped = changed(data, place, bytes([data[place] ^ 4]))
        found = looked(lone(flipped), Vmdk())
        assert [fault.code for fault in found.faults] == ["stream-checksum"], place
        assert found.level is Level.COMPLETE


def test_a_marker_that_lies_about_its_length_is_noticed() -> None:
    data = vmdk_stream()
    longer = changed(data, 128 * SECTOR + 8, struct.pack("<I", 1 << 31))
    assert codes(looked(lone(longer), Vmdk())) == ["structure-damaged"]


def test_a_snapshot_names_its_parent() -> None:
    found = looked(lone(vmdk_sparse(parent="machine.vmdk")), Vmdk())
    assert found.identity is not None
    assert (found.identity.kind, found.identity.facts["parent"]) == (CopyKind.DIFFERENTIAL, "machine.vmdk")


def test_a_text_alone_is_a_disk_without_data() -> None:
    found = looked(lone(TEXT, "machine.vmdk"), Vmdk())
    assert (found.level, codes(found)) == (Level.IDENTIFIED, ["data-elsewhere"])
    assert found.identity is not None
    assert found.identity.facts["virtual_size_bytes"] == 4 << 20


@pytest.mark.parametrize(
    ("head", "path", "kind"),
    [
        pytest.param(bytes(510) + b"\x55\xaa", "machine-flat.vmdk", "flat", id="plain sectors of a partitioned disk"),
        pytest.param(b"COWD\1\0\0\0", "machine-000001-delta.vmdk", "vmfsSparse", id="a snapshot of old ESXi"),
        pytest.param(b"\xbe\xba\xfe\xca" + bytes(4), "m-000001-sesparse.vmdk", "seSparse", id="a snapshot of ESXi"),
    ],
)
def test_extents_without_public_tables_are_known_but_not_walked(head: bytes, path: str, kind: str) -> None:
    found = looked(lone(head.ljust(8 * SECTOR, b"x"), path), Vmdk())
    assert (found.format, found.level, codes(found)) == ("vmdk", Level.IDENTIFIED, ["structure-unknown"])
    assert found.identity is not None
    assert (found.identity.kind, found.identity.facts["type"]) == (CopyKind.PARTIAL, kind)


def test_sectors_without_any_sign_are_not_guessed_by_name_alone() -> None:
    assert codes(looked(lone(b"x" * 4096, "machine-flat.vmdk"), Vmdk())) == ["not-its-format"]
