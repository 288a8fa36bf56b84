"""Frozen records as JSON texts or plain values and back, by their type hints: what the store keeps its rows in.

Fields at their default are left out, so that a record may grow a field with a default without a migration; a field
that a newer record lost is ignored. Reading is msgspec's: a verify reads 20,000 documents. Writing is ours, for msgspec
leaves no defaults of dataclasses out.
"""

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")
_Coder = Callable[[Any], Any]
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def to_document(record: object) -> str:
    """A dataclass as canonical JSON."""
    return _encode(_record_writer(_any(type(record)))(record))


def from_document(cls: type[T], text: str) -> T:
    """The dataclass of that JSON. Raises ValueError when it is none of that class."""
    try:
        record: T = _decoder(_any(cls))(text)
    except msgspec.DecodeError as wrong:
        raise ValueError(f"no {cls.__name__}: {wrong}") from wrong
    return record


def to_plain(record: object) -> Any:
    """A dataclass as a dict of JSON values; fields at their default are left out."""
    return _record_writer(_any(type(record)))(record)


def from_plain(cls: type[T], plain: Mapping[str, Any]) -> T:
    """The dataclass of such a dict, which is left as it is. Raises ValueError when it is none of that class."""
    try:
        return msgspec.convert(plain, cls)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"no {cls.__name__}: {wrong}") from wrong


@cache
def _decoder(cls: Any) -> Callable[[str], Any]:
    return msgspec.json.Decoder(cls).decode


def _any(cls: object) -> Any:
    """mypy does not take a class for something hashable."""
    return cls


@cache
def _record_writer(cls: Any) -> _Coder:
    hints = get_type_hints(cls)
    written = [(field.name, _default(field), _writer(hints[field.name])) for field in dataclasses.fields(cls)]

    def write(record: Any) -> Any:
        document = {}
        for name, default, writer in written:
            value = getattr(record, name)
            if value is not default and value != default:
                document[name] = value if writer is None else writer(value)
        return document

    return write


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _writer(hint: Any) -> _Coder | None:
    """What turns a field's value into JSON's; None where JSON has it already."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        parts = [part for part in arguments if part is not type(None)]
        inner = _writer(parts[0]) if len(parts) == 1 else None
        return None if inner is None else lambda value: None if value is None else inner(value)
    if origin is tuple:
        each = _writer(arguments[0])
        return list if each is None else lambda value: list(map(each, value))
    if origin is frozenset:
        return sorted
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict
    if dataclasses.is_dataclass(hint):
        return _record_writer(_any(hint))
    if isinstance(hint, type) and issubclass(hint, date):  # a datetime is one, too
        return lambda value: value.isoformat()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: value.value
    return None
