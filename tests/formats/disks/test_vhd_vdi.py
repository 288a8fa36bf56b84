"""VHD and VDI: footers, checksums and block tables."""

import struct

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.disks.vdi import Vdi
from itops.formats.disks.vhd import Vhd
from tests.formats.disks.looking import codes, lone, looked
from tests.formats.disks.written import MIB, SECTOR, vdi, vhd


def fixed_vhd() -> bytes:
    """The footer of a growing disk, made that of a fixed one."""
    footer = bytearray(vhd()[:SECTOR])
    struct.pack_into(">Q", footer, 16, (1 << 64) - 1)
    struct.pack_into(">I", footer, 60, 2)
    struct.pack_into(">I", footer, 64, 0)
    struct.pack_into(">I", footer, 64, ~sum(footer) & 0xFFFFFFFF)
    return b"\xeb\x58\x90" + bytes(4 * MIB - 3) + bytes(footer)


def test_a_fixed_disk_is_known_by_its_footer_alone() -> None:
    found = looked(lone(fixed_vhd()), Vhd())
    assert (found.format, found.level) == ("vhd", Level.COMPLETE)
    assert found.identity is not None
    assert found.identity.facts["is_fixed"] is True
    assert found.identity.facts["disk_created_at"] == "2026-11-14T19:33:20+00:00"


def test_a_fixed_disk_that_lost_its_footer_is_no_vhd() -> None:
    assert codes(looked(lone(fixed_vhd()[:-1], "disk.vhd"), Vhd())) == ["not-its-format"]


def test_a_fixed_disk_with_a_hole_cut_out_is_too_short_for_its_footer() -> None:
    data = fixed_vhd()
    assert codes(looked(lone(data[:MIB] + data[2 * MIB :]), Vhd())) == ["cut"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        pytest.param((4, 4), "structure-damaged", id="two blocks in one place"),
        pytest.param((0, 4), "structure-damaged", id="a block upon the footer's copy"),
        pytest.param((3, 0xFFFFFFFF), "structure-damaged", id="a block upon the table"),
        pytest.param((5, 0xFFFFFFFF), "cut", id="a block that reaches beyond the end"),
    ],
)
def test_the_block_table_of_a_vhd(entries: tuple[int, ...], code: str) -> None:
    assert codes(looked(lone(vhd(entries=entries)), Vhd())) == [code]


def test_the_second_header_of_a_vhd_has_its_own_checksum() -> None:
    data = bytearray(vhd())
    data[SECTOR + 900] ^= 1
    found = looked(lone(bytes(data)), Vhd())
    assert [(fault.code, fault.place) for fault in found.faults] == [("checksum-mismatch", "dynamic header")]


def test_a_differencing_vhd_names_its_parent() -> None:
    found = looked(lone(vhd(parent="base.vhd")), Vhd())
    assert found.identity is not None
    assert (found.identity.kind, found.identity.facts["parent"]) == (CopyKind.DIFFERENTIAL, "base.vhd")


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param((0, 0, 0xFFFFFFFF), id="one block twice"),
        pytest.param((0, 2, 0xFFFFFFFF), id="a block that was never allocated"),
        pytest.param((0, 0xFFFFFFFF, 0xFFFFFFFE), id="fewer blocks than the header counts"),
    ],
)
def test_the_block_map_of_a_vdi(entries: tuple[int, ...]) -> None:
    assert codes(looked(lone(vdi(entries=entries)), Vdi())) == ["structure-damaged"]


def test_a_differencing_vdi_is_a_differential() -> None:
    found = looked(lone(vdi(kind=4)), Vdi())
    assert found.identity is not None
    assert found.identity.kind is CopyKind.DIFFERENTIAL


def test_a_vdi_of_an_unknown_version_is_a_limit() -> None:
    data = bytearray(vdi())
    struct.pack_into("<I", data, 0x44, 0x20000)
    found = looked(lone(bytes(data)), Vdi())
    assert [dict(limit.facts) for limit in found.limits] == [{"version": "2.0"}]
