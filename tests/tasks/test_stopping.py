"""A reading that somebody breaks off ends at its next block."""

import hashlib

import pytest

from itops.repositories.local import file_thing
from itops.tasks.stopping import stoppable


@pytest.fixture
def thing(tmp_path):
    path = tmp_path / "big.img"
    path.write_bytes(b"0123456789abcdef" * (3 << 16))  # three blocks
    return file_thing(path)


def test_while_nobody_stops_it_nothing_is_different(thing):
    same = stoppable(thing, lambda: False)
    content = thing.file.local_path.read_bytes()
    assert (same.file.name, same.size_bytes, same.head) == (thing.file.name, thing.size_bytes, thing.head)
    assert same.file.read_at(5, 10) == content[5:15]
    assert b"".join(same.file.chunks()) == content
    assert same.file.digest() == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "reading", [lambda file: file.read_at(0, 1), lambda file: file.digest(), lambda file: [*file.chunks()]]
)
def test_once_stopped_every_reading_fails_as_a_file_would(thing, reading):
    with pytest.raises(OSError, match="broken off"):
        reading(stoppable(thing, lambda: True).file)


def test_it_is_stopped_in_the_middle(thing):
    answers = iter([False, False, True])
    blocks = stoppable(thing, lambda: next(answers)).file.chunks()
    assert [len(next(blocks)), len(next(blocks))] == [1 << 20, 1 << 20]
    with pytest.raises(OSError, match="broken off"):
        next(blocks)


class FarAway:
    name, size_bytes, modified_at, local_path = "far", 4, None, None

    def digest(self):
        return "computed over there"


def test_what_is_hashed_on_the_far_side_stays_there(thing):
    far = type(thing)(path="far", files=(FarAway(),))
    assert stoppable(far, lambda: False).file.digest() == "computed over there"
