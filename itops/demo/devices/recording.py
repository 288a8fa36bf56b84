"""What one device answers: object identifiers and typed values, as text lines `OID|type|value`.

    # a comment
    1.3.6.1.2.1.1.1.0|str|Switch of the first floor
    1.3.6.1.2.1.1.3.0|ticks|8640000
    1.3.6.1.2.1.2.2.1.6.1|hex|02 00 5e 10 00 01

Types: str, hex, int, oid, ip, counter32, gauge, ticks, counter64, null. A `str` goes out as UTF-8, ends where its line
ends and may hold more bars; what cannot stand in a line (control characters, padding, other encodings) is `hex`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import AddressValueError, IPv4Address
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

from itops.demo.devices.ber import INTEGER, NULL, OBJECT_ID, OCTETS, Oid, encode, encode_integer, encode_oid
from itops.errors import InputInvalid

SUFFIX = ".device"
_MOST_BYTES = 16 << 20  # of a file; the largest switch anybody recorded stays below
_OID = re.compile(r"\.?[0-2](?:\.\d{1,10}){1,127}", re.ASCII)
_oid_of = itemgetter(0)


class Type(Enum):
    """How a value is written in a line, and the tag that it travels under. Source of the tags: RFC 2578 7.1."""

    STR = "str", OCTETS
    HEX = "hex", OCTETS
    INT = "int", INTEGER
    OID = "oid", OBJECT_ID
    IP = "ip", 0x40
    COUNTER32 = "counter32", 0x41
    GAUGE = "gauge", 0x42
    TICKS = "ticks", 0x43
    COUNTER64 = "counter64", 0x46
    NULL = "null", NULL

    def __init__(self, word: str, tag: int) -> None:
        self.word = word
        self.tag = tag


_TYPES = {kind.word: kind for kind in Type}
_RANGES = {
    Type.INT: (-(1 << 31), (1 << 31) - 1),
    Type.COUNTER32: (0, (1 << 32) - 1),
    Type.GAUGE: (0, (1 << 32) - 1),
    Type.TICKS: (0, (1 << 32) - 1),
    Type.COUNTER64: (0, (1 << 64) - 1),
}
Content: TypeAlias = "bytes | int | Oid | None"


@dataclass(frozen=True, slots=True)
class Value:
    """One value and its type. `content`: bytes of str, hex and ip, a number, an object identifier, or None of null."""

    type: Type
    content: Content = None

    def encoded(self) -> bytes:
        """As it travels."""
        match self.content:
            case bytes():
                return encode(self.type.tag, self.content)
            case int():
                return encode_integer(self.content, self.type.tag)
            case tuple():
                return encode_oid(self.content)
            case None:
                return encode(NULL)


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything one device answers, in the order of a walk. Made by `recording_of`, `parse` or `read_recording`."""

    entries: tuple[tuple[Oid, Value], ...]

    def get(self, oid: Oid) -> Value | None:
        """The value at exactly this place."""
        at = bisect_left(self.entries, oid, key=_oid_of)
        return self.entries[at][1] if at < len(self.entries) and self.entries[at][0] == oid else None

    def after(self, oid: Oid) -> tuple[Oid, Value] | None:
        """The next entry of a walk; None at the end."""
        at = bisect_right(self.entries, oid, key=_oid_of)
        return self.entries[at] if at < len(self.entries) else None

    def has_below(self, oid: Oid) -> bool:
        """Is there anything at or below this place?"""
        at = bisect_left(self.entries, oid, key=_oid_of)
        return at < len(self.entries) and self.entries[at][0][: len(oid)] == oid

    def lines(self) -> Iterator[str]:
        """As text; what `parse` makes of it travels as the same bytes."""
        for oid, value in self.entries:
            yield f"{dotted(oid)}|{_written(value)}"


def recording_of(values: Mapping[Oid, Value]) -> Recording:
    """A recording of these values."""
    return Recording(tuple(sorted(values.items(), key=_oid_of)))


def read_recording(path: Path) -> Recording:
    """The recording in a file. Raises InputInvalid with the line that is wrong."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as failure:
        raise InputInvalid(
            f"cannot read {path}: {failure.strerror or failure}", remedy="check the path and its rights"
        ) from failure
    if len(content) > _MOST_BYTES:
        raise InputInvalid(f"{path} is no recording of a device: it is too long", remedy="give a smaller file")
    try:
        return parse(content.decode("utf-8").split("\n"))
    except ValueError as wrong:
        raise InputInvalid(
            f"{path} is no recording of a device: {wrong}", remedy="write lines such as 1.3.6.1.2.1.1.1.0|str|text"
        ) from None


def parse(lines: Iterable[str]) -> Recording:
    """The recording in these lines. Raises ValueError with the number of the line that is wrong."""
    values: dict[Oid, Value] = {}
    for number, line in enumerate(lines, 1):
        line = line.removesuffix("\r")  # noqa: PLW2901  an editor may have left it
        if not line.strip() or line.startswith("#"):
            continue
        try:
            oid, value = _entry(line)
        except ValueError as wrong:
            raise ValueError(f"line {number}: {wrong}") from None
        if oid in values:
            raise ValueError(f"line {number}: {dotted(oid)} stands there twice")
        values[oid] = value
    return recording_of(values)


def numbers_of(text: str) -> Oid:
    """1.3.6.1 as numbers. Raises ValueError."""
    if not _OID.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no object identifier")
    oid = tuple(int(arc) for arc in text.lstrip(".").split("."))
    if max(oid) >= 1 << 32 or (oid[0] < 2 and oid[1] >= 40):
        raise ValueError(f"{text[:60]!r} is no object identifier")
    return oid


def dotted(oid: Oid) -> str:
    """As people write it: 1.3.6.1."""
    return ".".join(map(str, oid))


def _entry(line: str) -> tuple[Oid, Value]:
    place, bar, rest = line.partition("|")
    word, other_bar, text = rest.partition("|")
    if not bar or word not in _TYPES or not (other_bar or word == Type.NULL.word):
        raise ValueError(f"should be OID|type|value with one of the types {', '.join(_TYPES)}")
    return numbers_of(place), Value(_TYPES[word], _content(_TYPES[word], text))


def _content(kind: Type, text: str) -> Content:
    match kind:
        case Type.STR:
            return text.encode()
        case Type.HEX:
            return bytes.fromhex(text)
        case Type.OID:
            return numbers_of(text)
        case Type.IP:
            return _address(text)
        case Type.NULL:
            return None
        case _:
            return _number(kind, text)


def _address(text: str) -> bytes:
    try:
        return IPv4Address(text).packed
    except AddressValueError:
        raise ValueError(f"{text[:60]!r} is no IPv4 address") from None


def _number(kind: Type, text: str) -> int:
    low, high = _RANGES[kind]
    if not re.fullmatch(r"-?\d{1,20}", text, re.ASCII) or not low <= int(text) <= high:
        raise ValueError(f"{text[:60]!r} is no {kind.word} from {low} to {high}")
    return int(text)


def _written(value: Value) -> str:
    match value.type, value.content:
        case Type.IP, bytes() as content:
            return f"ip|{IPv4Address(content)}"
        case Type.STR, bytes() as content:
            return _written_text(content)
        case _, bytes() as content:
            return f"hex|{content.hex(' ')}"
        case kind, tuple() as content:
            return f"{kind.word}|{dotted(content)}"
        case kind, content:
            return f"{kind.word}|{'' if content is None else content}"


def _written_text(content: bytes) -> str:
    """Text where a line can carry it: printable, and without spaces that an editor would cut off."""
    text = content.decode("utf-8", "replace")
    is_plain = text.isprintable() and "\ufffd" not in text and text == text.strip()
    return f"str|{text}" if is_plain else f"hex|{content.hex(' ')}"
