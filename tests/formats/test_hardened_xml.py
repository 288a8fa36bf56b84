"""XML from outside: no DTD, no bombs, no other exception."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.formats import Damaged, Unprovable
from itops.backup.levels import Level
from itops.formats.effort import BoundedEffort
from itops.formats.hardened_xml import Element, elements

BILLION = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>'


def read(data: bytes, *, step: int = 7, **bounds: int) -> list[Element]:
    chunks = (data[begin : begin + step] for begin in range(0, len(data), step))
    return list(elements(chunks, BoundedEffort(level=Level.INTACT, scratch=None), place="it", **bounds))  # type: ignore[arg-type]


def test_elements_are_told_when_they_end_without_their_prefixes() -> None:
    found = read('<!-- by x --><a:b xmlns:a="u"><c d:e="1" xmlns:d="v">سلام</c></a:b>'.encode())
    assert found[0] == Element(("#comment",), {}, "by x")
    assert found[1].path == ("b", "c")
    assert (found[1].attributes["e"], found[1].text) == ("1", "سلام")


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        pytest.param(BILLION, "document-type", "it", id="a billion laughs"),
        pytest.param(OUTSIDE, "document-type", "it", id="a DTD elsewhere"),
        pytest.param(b"", "unfinished", "it", id="nothing"),
        pytest.param(b"<a><b>", "unfinished", "it", id="cut between elements"),
        pytest.param(b"<a><b x='", "unfinished", "it", id="cut inside an element"),
        pytest.param(b"<a>\xd8", "unfinished", "it", id="cut inside a character"),
        pytest.param(b"<a>\n</b>", "structure-damaged", "it: line 2", id="another end"),
        pytest.param(b"<a>\0</a>", "structure-damaged", "it: line 1", id="a zero byte"),
        pytest.param(b"<a/>junk", "structure-damaged", "it: line 1", id="junk"),
        pytest.param(b"<?xml version='1.0' encoding='nope'?><a/>", "structure-damaged", "it", id="no such encoding"),
        pytest.param(b"<?xml version='1.0' encoding='utf-7'?><a/>", "structure-damaged", "it", id="a tricky encoding"),
    ],
)
def test_what_is_wrong(data: bytes, code: str, place: str) -> None:
    with pytest.raises(Damaged) as caught:
        read(data)
    assert [(fault.code, fault.place) for fault in caught.value.faults] == [(code, place)]


def test_too_much_and_too_deep_are_limits() -> None:
    with pytest.raises(Unprovable, match="too-big"):
        read(b"<a>" + b"x" * 5000 + b"</a>", most_bytes=1000)
    with pytest.raises(Unprovable, match="too-deep"):
        read(b"<a>" * 5000, step=5000)


def test_long_text_is_not_kept_whole() -> None:
    found = read(b"<a>" + b"x\n" * 50_000 + b"</a>", step=1000, most_text=2000)
    assert len(found[0].text) < 10_000


@given(st.binary(max_size=400))
def test_garbage_is_damage(data: bytes) -> None:
    for prefix in (b"", b"<a>", b"<?xml version='1.0' encoding='utf-16'?>", "<a>".encode("utf-16")):
        with suppress(Damaged, Unprovable):
            read(prefix + data)
