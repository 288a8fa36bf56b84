"""The little of BER that one anonymous LDAP search needs: definite lengths, tags of one byte. Source: X.690, RFC 4511.

Ours and not a library's: the question is a constant, the answer 40 lines, and a library would bring its own
sockets, its own time limits and the means to bind, all of which a probe must not have.
"""

from collections.abc import Iterator
from typing import NamedTuple

from itops.sources.probes.cursor import Cursor
from itops.sources.probes.probe import NotRecognised

INTEGER, OCTETS, ENUMERATED, BOOLEAN, SEQUENCE, SET = 0x02, 0x04, 0x0A, 0x01, 0x30, 0x31
_LONG_FORM, _LONGEST_LENGTH = 0x80, 4


class Element(NamedTuple):
    """One tagged value."""

    tag: int
    content: bytes


def encode(tag: int, *contents: bytes) -> bytes:
    """A tag, the length and the contents one after the other."""
    content = b"".join(contents)
    size = len(content)
    if size < _LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM | len(length)]) + length + content


def elements(content: bytes) -> Iterator[Element]:
    """The elements that stand one after the other; NotRecognised where one is cut off or of a strange form."""
    cursor = Cursor(content)
    while not cursor.is_at_end:
        yield element_at(cursor)


def element_at(cursor: Cursor) -> Element:
    """The element that begins here."""
    tag, length = cursor.big(1), cursor.big(1)
    if tag & 0x1F == 0x1F:
        raise NotRecognised("a BER tag of several bytes")
    if length & _LONG_FORM:
        count = length & ~_LONG_FORM
        if not 1 <= count <= _LONGEST_LENGTH:
            raise NotRecognised("a BER length of unknown size")
        length = cursor.big(count)
    return Element(tag, cursor.take(length))
