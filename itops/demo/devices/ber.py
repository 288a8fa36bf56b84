"""The BER of SNMP messages, bounded: definite lengths, tags of one byte. Source: X.690, RFC 3416."""

from typing import TypeAlias

Oid: TypeAlias = tuple[int, ...]

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_LONG_FORM = 0x80
_LONGEST_LENGTH = 4  # bytes of a length field
_LONGEST_INTEGER = 9  # bytes: an unsigned 64 bit number with a zero before it
_MOST_ARCS = 128  # RFC 2578 3.5


class Malformed(Exception):
    """These bytes are no message of ours."""


def encode(tag: int, *contents: bytes) -> bytes:
    """A tag, the length and the contents one after the other."""
    content = b"".join(contents)
    size = len(content)
    if size < _LONG_FORM:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(length))) + length + content


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """A whole number in as few bytes as it fits; counters are not negative, and get a zero before a high bit."""
    bits = (value if value >= 0 else ~value).bit_length()
    return encode(tag, value.to_bytes(bits // 8 + 1, "big", signed=True))


def encode_oid(oid: Oid) -> bytes:
    """An object identifier of two numbers at least."""
    first, second, *rest = oid
    return encode(OBJECT_ID, b"".join(_encode_arc(arc) for arc in (40 * first + second, *rest)))


def _encode_arc(arc: int) -> bytes:
    if arc < _LONG_FORM:
        return bytes((arc,))
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(arc & 0x7F | _LONG_FORM)
    return bytes(reversed(groups))


def elements(content: bytes) -> list[tuple[int, bytes]]:
    """The (tag, content) pairs that stand one after the other. Raises Malformed where one is cut or strange."""
    found, at = [], 0
    while at < len(content):
        tag, at = content[at], at + 1
        length, at = _length(content, at)
        if tag & 0x1F == 0x1F or length > len(content) - at:
            raise Malformed("an element that is cut off, or has a tag of several bytes")
        found.append((tag, content[at : at + length]))
        at += length
    return found


def _length(content: bytes, at: int) -> tuple[int, int]:
    """The length that is written at a place, and the place behind it."""
    if at >= len(content):
        raise Malformed("an element without a length")
    first, at = content[at], at + 1
    if first < _LONG_FORM:
        return first, at
    count = first & ~_LONG_FORM
    if not 1 <= count <= min(_LONGEST_LENGTH, len(content) - at):
        raise Malformed("a length of unknown size")
    return int.from_bytes(content[at : at + count], "big"), at + count


def decode_integer(content: bytes) -> int:
    """A whole number. Raises Malformed."""
    if not 1 <= len(content) <= _LONGEST_INTEGER:
        raise Malformed("a whole number of a strange length")
    return int.from_bytes(content, "big", signed=True)


def decode_oid(content: bytes) -> Oid:
    """An object identifier. Raises Malformed."""
    arcs: list[int] = []
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc >= 1 << 32 or len(arcs) >= _MOST_ARCS:
            raise Malformed("an object identifier that is too long")
        if byte < _LONG_FORM:
            arcs.append(arc)
            arc = 0
    if not arcs or content[-1] >= _LONG_FORM:
        raise Malformed("an object identifier that is empty or cut off")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])
