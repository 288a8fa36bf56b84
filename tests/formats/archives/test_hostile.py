"""Whatever the bytes are, an examination ends with an Examination."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.levels import Level
from tests.formats.archives.made import codes, examined, good_copies
from tests.formats.looking import is_sane
from tests.formats.mutations import mutated, mutations
from tests.makers.bacpac_file import written

GOOD = good_copies()
MAGICS = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"BZh91AY&SY",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"\x50\x2a\x4d\x18",
    b"x".ljust(257, b"\0") + b"ustar\x0000",
]


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=60)
@given(data=st.data())
def test_a_mutated_copy_is_examined_to_an_end(name, data):
    broken = mutated(GOOD[name], data.draw(mutations(len(GOOD[name]))))
    level = Level.COMPLETE if name.endswith("7z") else Level.INTACT
    assert is_sane(examined(broken, name, level, max_seconds=5))


@settings(max_examples=100)
@given(data=st.data())
def test_a_mutated_bacpac_is_examined_to_an_end(data, tmp_path_factory):
    good = written(tmp_path_factory.mktemp("b") / "a.bacpac", "Insurance").read_bytes()
    assert is_sane(examined(mutated(good, data.draw(mutations(len(good)))), "a.bacpac", max_seconds=5))


@settings(max_examples=400)
@given(magic=st.sampled_from(MAGICS), garbage=st.binary(max_size=3000), name=st.sampled_from(["a", *GOOD, "a.bacpac"]))
def test_garbage_behind_a_magic_is_examined_to_an_end(magic, garbage, name):
    assert is_sane(examined(magic + garbage, name, Level.COMPLETE, max_seconds=5))


@settings(max_examples=150)
@given(place=st.integers(0, len(GOOD["files.tar.xz"]) * 8 - 1))
def test_no_flipped_bit_of_an_xz_passes(place):
    data = bytearray(GOOD["files.tar.xz"])
    data[place // 8] ^= 1 << place % 8
    found = examined(bytes(data), "files.tar.xz")
    assert codes(found)


@settings(max_examples=150)
@given(kept=st.integers(1, len(GOOD["files.tar.xz"]) - 1), name=st.sampled_from(sorted(GOOD)))
def test_no_cut_passes(kept, name):
    data = GOOD[name]
    found = examined(data[: kept * len(data) // len(GOOD["files.tar.xz"])], name, Level.COMPLETE)
    padding = 10_240 if name == "files.tar" else 0  # zeros that nobody needs
    assert codes(found) or kept * len(data) // len(GOOD["files.tar.xz"]) >= len(data) - padding
