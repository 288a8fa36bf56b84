"""XML from outside, element by element: no DTD, no entities of its own, bounded in bytes, depth and text.

A document type is refused at once: neither OVF nor any backup product writes one, and it is how "billion laughs" begin.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat

from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged

COMMENT = "#comment"
_MOST_DEPTH = 128
_UNFINISHED = {3, 5, 6, 20}  # no element, unclosed token, partial character, unclosed CDATA: the file ended too early


class Element(NamedTuple):
    """One element, told when it ends; names without their prefixes. A comment has the path ("#comment",)."""

    path: tuple[str, ...]
    attributes: Mapping[str, str]
    text: str


def elements(
    chunks: Iterable[bytes],
    effort: Effort,
    *,
    place: str = "",
    most_bytes: int = 64 * MIB,
    most_text: int = 1 << 16,
) -> Iterator[Element]:
    """Everything in the document; raises Damaged where it is no XML, Unprovable("too-big") past `most_bytes`.

    Of the text of one element the first `most_text` characters, or some more, are kept.
    """
    document = _Document(place, most_text)
    size = 0
    for chunk in chunks:
        effort.tick()
        size += len(chunk)
        if size > most_bytes:
            raise Unprovable("too-big", size_bytes=size, most_bytes=most_bytes)
        yield from document.feed(chunk)
    yield from document.feed(b"", is_last=True)


class _Document:
    def __init__(self, place: str, most_text: int) -> None:
        self._place = place
        self._most_text = most_text
        self._names: list[str] = []
        self._attributes: list[dict[str, str]] = []
        self._texts: list[list[str]] = []
        self._lengths: list[int] = []
        self._ended: list[Element] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.CommentHandler = self._comment

    def feed(self, chunk: bytes, *, is_last: bool = False) -> list[Element]:
        """The elements that ended in it."""
        self._ended = []
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise self._wrong(error, is_last=is_last) from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know, or cannot use here
            raise damaged("structure-damaged", self._place or "encoding") from error
        return self._ended

    def _wrong(self, error: expat.ExpatError, *, is_last: bool) -> Damaged:
        if is_last and error.code in _UNFINISHED:
            return damaged("unfinished", self._place, line=error.lineno)
        where = f"line {error.lineno}"
        return damaged("structure-damaged", f"{self._place}: {where}" if self._place else where)

    def _refuse(self, *_: object) -> None:
        raise damaged("document-type", self._place)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._names) >= _MOST_DEPTH:
            raise Unprovable("too-deep", most=_MOST_DEPTH)
        self._names.append(_local(name))
        self._attributes.append({_local(key): value for key, value in attributes.items()})
        self._texts.append([])
        self._lengths.append(0)

    def _text(self, text: str) -> None:
        if self._lengths and self._lengths[-1] < self._most_text:
            self._texts[-1].append(text)
            self._lengths[-1] += len(text)

    def _end(self, _: str) -> None:
        path = tuple(self._names)
        self._names.pop()
        self._lengths.pop()
        self._ended.append(Element(path, self._attributes.pop(), "".join(self._texts.pop()).strip()))

    def _comment(self, text: str) -> None:
        self._ended.append(Element((COMMENT,), {}, text[: self._most_text].strip()))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
