"""VHDX: what its checksums and its block table tell."""

import struct
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.disks.vhdx import Vhdx
from tests.formats.disks.looking import codes, lone, looked
from tests.makers.vhdx_writer import BAT_AT, DATA_AT, KIB, METADATA_AT, MIB, written


def at(place: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + value + data[place + len(value) :]


DAMAGED = [
    pytest.param(at(64 * KIB + 40, b"!"), "checksum-mismatch", "header 1", id="a bit of the first header"),
    pytest.param(at(128 * KIB, b"x"), "header-damaged", "header 2", id="the signature of the second header"),
    pytest.param(at(192 * KIB + 9000, b"!"), "checksum-mismatch", "region table 1", id="deep in the region table"),
    pytest.param(at(256 * KIB + 20, b"!"), "checksum-mismatch", "region table 2", id="the second region table"),
    pytest.param(at(METADATA_AT, b"x"), "structure-damaged", "metadata", id="the metadata's signature"),
    pytest.param(at(METADATA_AT + 10, b"\xff\xff"), "structure-damaged", "metadata", id="too many items"),
    pytest.param(at(METADATA_AT + 64 * KIB, bytes(4)), "structure-damaged", "metadata", id="blocks of 0 bytes"),
    pytest.param(at(METADATA_AT + 32, bytes(16)), "structure-damaged", "metadata", id="no parameters"),
    pytest.param(at(BAT_AT, b"\x05"), "structure-damaged", "block table entries 0 to 1", id="an unknown state"),
    pytest.param(at(BAT_AT + 1, b"\x10"), "structure-damaged", "block table entries 0 to 1", id="a reserved bit"),
    pytest.param(at(BAT_AT + 7, b"\xff"), "structure-damaged", "block table entries 0 to 1", id="beyond 2**63"),
    pytest.param(at(BAT_AT + 4, b"\x01"), "cut", "block table entries 0 to 1", id="a block behind the end"),
    pytest.param(at(BAT_AT, b"\x06\0\x10"), "structure-damaged", "block table", id="a block upon the log"),
]


@pytest.mark.parametrize(("damage", "code", "place"), DAMAGED)
def test_what_is_wrong_and_where(damage: Callable[[bytes], bytes], code: str, place: str, tmp_path: Path) -> None:
    found = looked(lone(damage(written(tmp_path / "disk.vhdx").read_bytes())), Vhdx())
    assert [(fault.code, fault.place) for fault in found.faults] == [(code, place)]


def test_two_blocks_in_one_place_are_noticed(tmp_path: Path) -> None:
    data = written(tmp_path / "disk.vhdx", entries=(DATA_AT | 6, DATA_AT | 6)).read_bytes()
    found = looked(lone(data), Vhdx())
    assert (found.faults[0].code, found.faults[0].facts["overlaps"]) == ("structure-damaged", 1)


def test_a_log_that_waits_is_a_limit_and_no_fault(tmp_path: Path) -> None:
    data = written(tmp_path / "disk.vhdx", log_id=UUID(int=3)).read_bytes()
    found = looked(lone(data), Vhdx())
    assert (found.level, codes(found)) == (Level.IDENTIFIED, ["log-not-replayed"])


def test_a_child_names_its_parent(tmp_path: Path) -> None:
    parent = UUID(int=0xABC)
    data = written(tmp_path / "child.avhdx", parent=(".\\base.vhdx", parent)).read_bytes()
    found = looked(lone(data), Vhdx())
    assert found.level is Level.COMPLETE
    assert found.identity is not None
    assert found.identity.kind is CopyKind.DIFFERENTIAL
    assert found.identity.facts["parent"] == ".\\base.vhdx"
    assert found.identity.facts["parent_data_write_id"] == str(parent)


def large(tmp_path: Path, sector_bytes: int) -> bytes:
    """A disk of 5000 MiB of which one block is there: entry 4096 of the table."""
    entries = (*(0 for _ in range(4096)), DATA_AT | 6)
    data = written(tmp_path / "disk.vhdx", entries=entries).read_bytes()
    items = METADATA_AT + 64 * KIB
    data = at(items + 8, struct.pack("<Q", 5000 * MIB))(data)
    return at(items + 8 + 8 + 16, struct.pack("<I", sector_bytes))(data)


@pytest.mark.parametrize(
    ("sector_bytes", "blocks"),
    [
        pytest.param(512, 0, id="a bitmap after each 4096 blocks"),
        pytest.param(4096, 1, id="a bitmap after each 32768 blocks"),
    ],
)
def test_bitmaps_stand_between_the_blocks_of_the_table(sector_bytes: int, blocks: int, tmp_path: Path) -> None:
    """[MS-VHDX] 2.5: how many blocks lie between two of them depends on the sectors of the disk."""
    found = looked(lone(large(tmp_path, sector_bytes)), Vhdx())
    assert (found.level, found.faults) == (Level.COMPLETE, ())
    assert found.identity is not None
    assert found.identity.facts["blocks"] == blocks


def test_a_childs_bitmap_behind_the_end_is_noticed(tmp_path: Path) -> None:
    data = written(tmp_path / "child.avhdx", parent=(".\\base.vhdx", UUID(int=1))).read_bytes()
    found = looked(lone(at(BAT_AT + 8 * 4096, struct.pack("<Q", 1 << 32 | 6))(data)), Vhdx())
    assert [fault.code for fault in found.faults] == ["cut"]


def test_zeros_at_the_end_are_told_as_a_fact(tmp_path: Path) -> None:
    data = written(tmp_path / "disk.vhdx", data=b"x" * 100).read_bytes()
    found = looked(lone(data), Vhdx())
    assert found.identity is not None
    assert found.identity.facts["zero_tail_bytes"] == MIB - 100


def test_the_creator_is_told(tmp_path: Path) -> None:
    found = looked(lone(written(tmp_path / "disk.vhdx").read_bytes()), Vhdx())
    assert found.identity is not None
    assert found.identity.made_by == "Microsoft Windows 10.0.20348.0"


def test_a_look_at_the_header_reads_little(tmp_path: Path) -> None:
    thing = lone(written(tmp_path / "disk.vhdx").read_bytes())
    looked(thing, Vhdx(), level=Level.IDENTIFIED)
    assert thing.file.bytes_read < 300 * KIB  # type: ignore[attr-defined]
