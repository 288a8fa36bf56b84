"""An asset as texts under dotted names, and back: what SetField, a column and a message mean by `parts.2.serial`.

The texts are the register's own spelling (days 2026-10-23, numbers without groups, enums by value), so that two assets
can be compared and planned field by field. `catalogue` knows every field of `records.Asset`, list positions as `#`.
"""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from itops.assets.records import Asset
from itops.assets.tables.grid import shown
from itops.documents import from_plain
from itops.names import Count, Identifier

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_POSITION = re.compile(r"\.[1-9][0-9]{0,3}(?=\.|$)")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_HIGHEST_COUNT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an asset: parts.#.serial, link.shares.* (any key), purchase.price."""

    pattern: str
    type: Any  # str, int, float, bool, date, an Enum, Count or Identifier
    is_required: bool  # of its block, where the block is there at all

    @property
    def is_list_item(self) -> bool:
        """Does it stand in a list?"""
        return "#" in self.pattern


class Unbuildable(Exception):
    """These texts are no asset; `reasons` says why, one a line."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@cache
def catalogue() -> Mapping[str, Field]:
    """Every field by its pattern, in the order of the records."""
    return {field.pattern: field for field in _fields_of(Asset, "")}


def _fields_of(cls: Any, prefix: str) -> Iterator[Field]:
    hints = get_type_hints(cls)
    for spec in fields(cls):
        is_required = spec.default is MISSING and spec.default_factory is MISSING
        yield from _fields_at(_plain(hints[spec.name]), f"{prefix}{spec.name}", is_required=is_required)


def _fields_at(hint: Any, pattern: str, *, is_required: bool) -> Iterator[Field]:
    if is_dataclass(hint):
        yield from _fields_of(hint, f"{pattern}.")
    elif get_origin(hint) is tuple:
        yield from _fields_at(get_args(hint)[0], f"{pattern}.#", is_required=True)
    elif _is_mapping(hint):
        yield Field(pattern=f"{pattern}.*", type=get_args(hint)[1], is_required=False)
    else:
        yield Field(pattern=pattern, type=hint, is_required=is_required)


def _plain(hint: Any) -> Any:
    """Without the `| None`."""
    if get_origin(hint) in {Union, types.UnionType}:
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _is_mapping(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


@lru_cache(maxsize=4096)
def field_at(path: str) -> Field | None:
    """The field that a dotted name with positions means; None where there is none."""
    known = catalogue()
    for pattern, keyed in known.items():
        if pattern.endswith(".*") and path.startswith(pattern[:-1]) and len(path) >= len(pattern):
            return keyed
    return known.get(_POSITION.sub(".#", path)) if "#" not in path and "*" not in path else None


def flat(asset: Asset) -> dict[str, str]:
    """Every value that the asset has, by dotted name, in the order of the records."""
    return dict(_texts(asset, ""))


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if is_dataclass(value):
        for spec in fields(value):
            yield from _texts(getattr(value, spec.name), f"{path}.{spec.name}" if path else spec.name)
    elif isinstance(value, tuple):
        for position, held in enumerate(value, 1):
            yield from _texts(held, f"{path}.{position}")
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield from _texts(held, f"{path}.{key}")
    else:
        yield path, text_of(value)


def text_of(value: Any) -> str:
    """One value in the register's own spelling."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def number_text(value: float) -> str:
    """A number without exponent, and without a fraction that is none."""
    text = repr(value)
    if "e" in text:
        text = f"{value:.15f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".")


def built(texts: Mapping[str, str]) -> Asset:
    """The asset of such texts. Raises Unbuildable with every reason."""
    reasons: list[str] = []
    tree = _record(Asset, texts, "", reasons)
    if reasons:
        raise Unbuildable(tuple(reasons))
    return from_plain(Asset, tree)


def _record(cls: Any, texts: Mapping[str, str], place: str, reasons: list[str]) -> dict[str, Any]:
    held, hints = _grouped(texts), _hints(cls)
    tree: dict[str, Any] = {}
    for spec in fields(cls):
        path = f"{place}.{spec.name}" if place else spec.name
        if spec.name in held:
            tree[spec.name] = _value(_plain(hints[spec.name]), held[spec.name], path, reasons)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            reasons.append(f"{path} is missing")
    return tree


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _value(hint: Any, texts: Mapping[str, str], path: str, reasons: list[str]) -> Any:
    if is_dataclass(hint):
        return _record(hint, texts, path, reasons)
    if get_origin(hint) is tuple:
        entries = sorted(_grouped(texts).items(), key=lambda entry: int(entry[0]))
        return [_value(get_args(hint)[0], held, f"{path}.{at}", reasons) for at, held in entries]
    if _is_mapping(hint):
        return {key: _typed(get_args(hint)[1], text, f"{path}.{key}", reasons) for key, text in texts.items()}
    return _typed(hint, texts[""], path, reasons)


def _grouped(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        head, _, rest = path.partition(".")
        groups.setdefault(head, {})[rest] = text
    return groups


def _typed(hint: Any, text: str, path: str, reasons: list[str]) -> Any:
    """As JSON has it; what cannot be is among the reasons."""
    problem = problem_with(hint, text)
    if problem:
        reasons.append(f"{path}: {problem}")
        return None
    if hint is bool:
        return text == "true"
    if hint in {int, Count}:
        return int(text)
    return float(text) if hint is float else text


def problem_with(hint: Any, text: str) -> str | None:
    """Why a text in the register's spelling cannot be of that type; None where it can."""
    if hint is Identifier and not _IDENTIFIER.fullmatch(text):
        return f"{shown(text)} should be letters, digits, - _ and ."
    if hint in {int, Count} and not _WHOLE.fullmatch(text):
        return f"{shown(text)} is not a whole number"
    if hint is Count and not 0 <= int(text) <= _HIGHEST_COUNT:
        return f"{text} is not between 0 and {_HIGHEST_COUNT:,}"
    if hint is float and not _NUMBER.fullmatch(text):
        return f"{shown(text)} is not a number"
    if hint is bool and text not in {"true", "false"}:
        return f"{shown(text)} is neither true nor false"
    if hint is date:
        return _problem_with_day(text)
    if isinstance(hint, type) and issubclass(hint, Enum) and text not in {choice.value for choice in hint}:
        return f"{shown(text)} is not one of {', '.join(str(choice.value) for choice in hint)}"
    return None


def _problem_with_day(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return f"{shown(text)} is not a day"
    return None
