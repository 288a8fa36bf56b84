"""Frozen records as JSON texts or plain values and back, by their type hints: what the store keeps its rows in.

Fields at their default are left out, so that a record may grow a field with a default without a migration; a field
that a newer record lost is ignored. Both ways are compiled once for each class: a verify reads 20,000 documents.
"""

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Coder = Callable[[Any], Any]
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_decode = json.JSONDecoder().decode


def to_document(record: object) -> str:
    """A dataclass as canonical JSON."""
    return _encode(_record_writer(_any(type(record)))(record))


def from_document(cls: type[T], text: str) -> T:
    """The dataclass of that JSON."""
    record: T = _record_reader(_any(cls))(_decode(text))
    return record


def to_plain(record: object) -> Any:
    """A dataclass as a dict of JSON values; fields at their default are left out."""
    return _record_writer(_any(type(record)))(record)


def from_plain(cls: type[T], plain: Mapping[str, Any]) -> T:
    """The dataclass of such a dict, which is left as it is."""
    record: T = _record_reader(_any(cls))(deepcopy(dict(plain)))  # reading fills it in place
    return record


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


@cache
def _record_reader(cls: Any) -> _Coder:
    hints = get_type_hints(cls)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(cls) if field.init}
    changed = [(name, reader) for name, reader in readers.items() if reader is not None]
    names = readers.keys()

    def read(document: Any) -> Any:
        if not document.keys() <= names:
            document = {name: held for name, held in document.items() if name in names}
        for name, reader in changed:
            if name in document:
                document[name] = reader(document[name])
        return cls(**document)

    return read


def _reader(hint: Any) -> _Coder | None:
    """What turns JSON's value into a field's; None where it is one already."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        parts = [part for part in arguments if part is not type(None)]
        inner = _reader(parts[0]) if len(parts) == 1 else None
        return None if inner is None else lambda value: None if value is None else inner(value)
    if origin is tuple:
        each = _reader(arguments[0])
        return tuple if each is None else lambda value: tuple(map(each, value))
    if origin is frozenset:
        return frozenset
    if dataclasses.is_dataclass(hint):
        return _record_reader(_any(hint))
    if hint in {datetime, date}:
        moment: _Coder = hint.fromisoformat
        return moment
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if isinstance(hint, type) and issubclass(hint, tuple):
        return lambda value: hint(*value)  # a NamedTuple
    return None
