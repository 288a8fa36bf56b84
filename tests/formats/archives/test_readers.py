"""Reading forwards gives the bytes that are there, however they are asked for."""

from hypothesis import given
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.archives.paths import Links, leaves_folder, shown
from itops.formats.archives.readers import ForwardContent, HoppingReader, StreamReader
from itops.formats.effort import BoundedEffort
from tests.formats.archives.made import FarContent

DATA = bytes(number * 7 % 251 for number in range(310_000))
EFFORT = BoundedEffort(level=Level.INTACT, scratch=None)
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 120_000)), max_size=12)


@given(STEPS, st.integers(500, 50_000))
def test_both_readers_read_and_skip_alike(steps, piece):
    stream = StreamReader(DATA[start : start + piece] for start in range(0, len(DATA), piece))
    hopping = HoppingReader(FarContent(DATA), EFFORT)
    position = 0
    for is_read, length in steps:
        expected = DATA[position : position + length]
        if is_read:
            assert stream.read(length) == hopping.read(length) == expected
        else:
            assert stream.skip(length) == hopping.skip(length) == len(expected)
        position += len(expected)
        assert stream.position == hopping.position == position
    assert b"".join(stream.rest()) == b"".join(hopping.rest()) == DATA[position:]


@given(st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.integers(0, 150_000)), max_size=10), st.booleans())
def test_places_in_any_order_are_read_right(places, is_jumping):
    content = ForwardContent(FarContent(DATA), EFFORT, is_jumping=is_jumping)
    for offset, length in places:
        there = min(length, len(DATA) - offset)
        assert content.read(offset, there) == DATA[offset : offset + there]


@given(st.text(max_size=400))
def test_a_shown_name_is_short_and_harmless(name):
    text = shown(name)
    assert len(text) <= 200
    assert "\n" not in text
    assert "\x1b" not in text


@given(st.lists(st.sampled_from(["a", "b.txt", "نامه", "..."]), min_size=1, max_size=5))
def test_plain_paths_stay_in_the_folder(parts):
    assert not leaves_folder("/".join(parts), backslashes=True)


@given(
    st.lists(st.sampled_from(["a", ".", ""]), min_size=1, max_size=5), st.lists(st.just("x"), min_size=1, max_size=3)
)
def test_a_link_is_recognised_under_every_spelling(link, below):
    links = Links()
    name = "/".join(["d", *link])
    links.add(name, "/etc")
    clean = "/".join(part for part in name.split("/") if part not in {"", "."})
    assert links.carries(clean + "/" + "/".join(below))
    assert links.carries("./" + name + "//" + "/".join(below))
