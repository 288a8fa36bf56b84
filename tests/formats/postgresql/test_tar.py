"""Files of `pg_dump -Ft`."""

import time

import pytest

from itops.backup.formats import MIB
from itops.backup.levels import Level
from itops.formats.postgresql.tar import PgDumpTar
from tests.formats.looking import codes, examined, far_file, faults
from tests.formats.postgresql import made
from tests.makers.damages import DAMAGES


def looked_at(data: bytes):
    return examined(far_file(data, "nightly.tar"), PgDumpTar())


def test_a_good_file_is_complete_and_no_more() -> None:
    found = looked_at(made.tar())
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})
    assert found.identity is not None
    assert (found.identity.object, found.identity.facts["large_objects"]) == ("Insurance", 2)


@pytest.mark.parametrize("name", ["3.dat", "blobs.toc", "blob_16402.dat", "restore.sql"])
def test_a_member_that_the_contents_name_is_missed(name: str) -> None:
    assert faults(looked_at(made.tar(leave_out=name))) == [("member-missing", name)]


@pytest.mark.parametrize("cut", [1, 511, 512, 513, 1024, 1025, 4096])
def test_a_file_cut_by_a_few_bytes_is_noticed(cut: int) -> None:
    assert faults(looked_at(made.tar()[:-cut]))


@pytest.mark.parametrize("damage", [name for name in DAMAGES if "flipped" not in name])
def test_every_damage_but_flipped_bits_is_noticed(damage: str) -> None:
    assert faults(looked_at(DAMAGES[damage](made.tar())))


def test_zeros_behind_its_end_are_passed_over_in_no_time() -> None:
    began = time.monotonic()
    assert looked_at(made.tar() + bytes(64 * MIB)).level is Level.COMPLETE
    assert faults(looked_at(made.tar() + bytes(64 * MIB) + b"x")) == [("junk-appended", "")]
    assert time.monotonic() - began < 10


def test_a_flipped_bit_in_the_header_of_a_member_is_noticed() -> None:
    data = made.tar()
    at = data.index(b"3.dat" + bytes(20)) + 108
    flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    assert [code for code, _ in faults(looked_at(flipped))] == ["structure-damaged"]


def test_a_member_nobody_named_is_noticed() -> None:
    data = made.tar()
    extra = made.packed_tar({"evil.sh": b"x"})
    assert [code for code, _ in faults(looked_at(data[:-1024] + extra))] == ["structure-damaged"]
