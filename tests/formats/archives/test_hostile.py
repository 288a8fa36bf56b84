"""Whatever the bytes are, an examination ends with an Examination."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.levels import Level
from tests.formats.archives.made import codes, examined, good_copies
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


@st.composite
def mutations(draw, size: int):
    """A few changes: bits flipped, pieces cut out, put in, doubled, zeroed; aimed at both ends as well."""
    places = st.one_of(st.integers(0, size), st.integers(0, min(size, 200)), st.integers(max(0, size - 400), size))
    kinds = st.sampled_from(["flip", "cut", "insert", "zero", "double", "number"])
    change = st.tuples(kinds, places, st.integers(1, 600), st.binary(min_size=1, max_size=9))
    return draw(st.lists(change, min_size=1, max_size=4))


def mutated(data: bytes, changes) -> bytes:
    for kind, place, length, new in changes:
        before, piece, after = data[:place], data[place : place + length], data[place + length :]
        if kind == "flip":
            piece = bytes([piece[0] ^ 1 << length % 8]) + piece[1:] if piece else piece
        elif kind == "cut":
            piece = b""
        elif kind == "insert":
            piece = new + piece
        elif kind == "zero":
            piece = bytes(len(piece))
        elif kind == "double":
            piece += piece
        else:
            piece = new + piece[len(new) :]
        data = before + piece + after
    return data


def is_sane(found) -> bool:
    """It says why, when it did not come as far as it was asked to."""
    return bool(found.faults or found.limits) or found.level == found.attempted


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=60, deadline=5000)
@given(data=st.data())
def test_a_mutated_copy_is_examined_to_an_end(name, data):
    broken = mutated(GOOD[name], data.draw(mutations(len(GOOD[name]))))
    level = Level.COMPLETE if name.endswith("7z") else Level.INTACT
    assert is_sane(examined(broken, name, level, max_seconds=5))


@settings(max_examples=100, deadline=5000)
@given(data=st.data())
def test_a_mutated_bacpac_is_examined_to_an_end(data, tmp_path_factory):
    good = written(tmp_path_factory.mktemp("b") / "a.bacpac", "Insurance").read_bytes()
    assert is_sane(examined(mutated(good, data.draw(mutations(len(good)))), "a.bacpac", max_seconds=5))


@settings(max_examples=400, deadline=5000)
@given(magic=st.sampled_from(MAGICS), garbage=st.binary(max_size=3000), name=st.sampled_from(["a", *GOOD, "a.bacpac"]))
def test_garbage_behind_a_magic_is_examined_to_an_end(magic, garbage, name):
    assert is_sane(examined(magic + garbage, name, Level.COMPLETE, max_seconds=5))


@settings(max_examples=150, deadline=5000)
@given(place=st.integers(0, len(GOOD["files.tar.xz"]) * 8 - 1))
def test_no_flipped_bit_of_an_xz_passes(place):
    data = bytearray(GOOD["files.tar.xz"])
    data[place // 8] ^= 1 << place % 8
    found = examined(bytes(data), "files.tar.xz")
    assert codes(found)


@settings(max_examples=150, deadline=5000)
@given(kept=st.integers(1, len(GOOD["files.tar.xz"]) - 1), name=st.sampled_from(sorted(GOOD)))
def test_no_cut_passes(kept, name):
    data = GOOD[name]
    found = examined(data[: kept * len(data) // len(GOOD["files.tar.xz"])], name, Level.COMPLETE)
    padding = 10_240 if name == "files.tar" else 0  # zeros that nobody needs
    assert codes(found) or kept * len(data) // len(GOOD["files.tar.xz"]) >= len(data) - padding
