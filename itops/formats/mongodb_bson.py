"""The few BSON documents a mongodump archive says itself with: flat, with strings, numbers and truth values."""

import struct
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | None

_DOUBLE, _STRING, _BOOLEAN, _NULL, _INT32, _INT64 = 0x01, 0x02, 0x08, 0x0A, 0x10, 0x12
_FIXED = {_DOUBLE: "<d", _INT32: "<i", _INT64: "<q"}
_NESTED = {0x03, 0x04}  # document, array: begin with their own length
_PASSED = {0x07: 12, 0x09: 8, 0x11: 8, 0x13: 16}  # id, moment, timestamp, decimal: never told, passed over


def parse_flat(document: bytes) -> dict[str, Value] | None:
    """The fields of one document, lengths included in it; None when it is no BSON or has a field of a rare type."""
    fields: dict[str, Value] = {}
    at, end = 4, len(document) - 1
    if len(document) < 5 or int.from_bytes(document[:4], "little") != len(document) or document[end]:
        return None
    while at < end:
        kind, name_end = document[at], document.find(b"\0", at + 1)
        if name_end < 0:
            return None
        name, at = document[at + 1 : name_end].decode("utf-8", "replace"), name_end + 1
        found = _value(document, kind, at, end)
        if found is None:
            return None
        fields[name], at = found
    return fields if at == end else None


def _value(document: bytes, kind: int, at: int, end: int) -> tuple[Value, int] | None:
    """(the value, where it ends)."""
    if kind == _NULL:
        return None, at
    if kind == _BOOLEAN:
        return (document[at] == 1, at + 1) if at < end else None
    if kind == _STRING:
        return _string(document, at, end)
    if kind in _NESTED or kind in _PASSED:
        length = _PASSED.get(kind) or max(int.from_bytes(document[at : at + 4], "little"), 5)
        return (None, at + length) if at + length <= end else None
    notation = _FIXED.get(kind)
    if notation is None or at + struct.calcsize(notation) > end:
        return None
    (number,) = struct.unpack_from(notation, document, at)
    return number, at + struct.calcsize(notation)


def _string(document: bytes, at: int, end: int) -> tuple[str, int] | None:
    length = int.from_bytes(document[at : at + 4], "little")
    if length < 1 or at + 4 + length > end or document[at + 3 + length]:
        return None
    return document[at + 4 : at + 3 + length].decode("utf-8", "replace"), at + 4 + length
