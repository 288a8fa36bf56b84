"""The published JSON Schema of inventory.yaml: what editors complete and underline while people type.

Made of the same dataclasses that the loader builds, by a table with an entry for each type it reads. The loader is the
judge: an editor knows neither the other files nor which sites there are, and forgives what it reads as a number.
"""

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any, Final, get_args, get_origin, get_type_hints

from itops.assets.records import Register
from itops.config.register.fields import without_none
from itops.config.register.judging import OWN_BLOCKS, SHARED_FIELDS
from itops.names import Count, Identifier, Names

FILE_NAME: Final = "inventory.schema.json"
MODELINE: Final = f"# yaml-language-server: $schema={FILE_NAME}"
"""The first line of a register: it tells editors where the schema is (../ before it in a subfolder)."""

_ANY_DIGIT = "[0-9۰-۹٠-٩]"
_MOST = 10_000


def _digits(low: int, high: int) -> str:
    """One digit of that range, Latin, Persian or Arabic."""
    return f"[{low}-{high}{chr(0x06F0 + low)}-{chr(0x06F0 + high)}{chr(0x0660 + low)}-{chr(0x0660 + high)}]"


_MONTH = f"({_digits(0, 0)}?{_digits(1, 9)}|{_digits(1, 1)}{_digits(0, 2)})"
_DAY_OF_MONTH = f"({_digits(0, 0)}?{_digits(1, 9)}|{_digits(1, 2)}{_ANY_DIGIT}|{_digits(3, 3)}{_digits(0, 1)})"
DAY_PATTERN: Final = f"^{_ANY_DIGIT}{{4}}[-/.]{_MONTH}[-/.]{_DAY_OF_MONTH}$"
_TEXT: Final = {"type": ["string", "number", "boolean"]}
_WHOLE: Final = {
    "type": ["integer", "string"],
    "pattern": f"^-?{_ANY_DIGIT}+$",
    "patternErrorMessage": "should be a whole number",
}
TYPES: Final[Mapping[Any, dict[str, Any]]] = {
    str: _TEXT,
    bool: {"type": "boolean"},
    int: _WHOLE,
    float: {
        "type": ["number", "string"],
        "pattern": f"^-?{_ANY_DIGIT}+(\\.{_ANY_DIGIT}+)?$",
        "patternErrorMessage": "should be a number",
    },
    Count: {**_WHOLE, "minimum": 0, "maximum": _MOST},
    Identifier: {
        "type": ["string", "number"],
        "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
        "patternErrorMessage": "should be letters, digits, - _ and . (at most 63)",
    },
    date: {
        "type": "string",
        "pattern": DAY_PATTERN,
        "patternErrorMessage": "should be a day: 1402-05-20 or 2023-08-11",
    },
}
"""Every type of the records, as an editor sees it after its own YAML parser: 0123456 is a number there."""


@cache
def schema_text() -> str:
    """The schema as it lies beside the register."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema, draft 7."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "itops: the register of hardware",
        **_record(Register),
        "type": ["object", "null"],
    }


def _record(cls: Any) -> dict[str, Any]:
    """A section: its keys, which of them must be there, and no others."""
    hints, described = get_type_hints(cls), _descriptions().get(cls.__name__, {})
    specs = dataclasses.fields(cls)
    made: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            spec.name: {"description": described[spec.name], **_value(hints[spec.name], is_optional=_has_default(spec))}
            for spec in specs
        },
    }
    required = [spec.name for spec in specs if not _has_default(spec)]
    own = [name for name in OWN_BLOCKS if name in made["properties"]]
    if required:
        made["required"] = required
    if "lock" in made["properties"]:
        made["properties"]["lock"]["items"] = {"enum": list(SHARED_FIELDS)}
    if own:
        made["allOf"] = [
            {"if": {"required": [name]}, "then": {"properties": {"kind": {"const": str(OWN_BLOCKS[name])}}}}
            for name in own
        ]
    return made


def _value(hint: Any, *, is_optional: bool = False) -> dict[str, Any]:
    """One value; where the key may be absent it may also be empty, but for words of a list, which are completed."""
    hint = without_none(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Names:
        made: dict[str, Any] = {"anyOf": [dict(_TEXT), _record(Names)]}
    elif hint in TYPES:
        made = dict(TYPES[hint])
    elif origin is tuple:
        made = {"type": "array", "items": _value(arguments[0])}
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        made = {"type": "object", "additionalProperties": _value(arguments[1])}
    elif isinstance(hint, type) and issubclass(hint, Enum):
        made = {"enum": [str(choice.value) for choice in hint]}
    else:
        made = _record(hint)
    if is_optional and "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        made["type"] = [*types, "null"]
    return made


def _has_default(spec: "dataclasses.Field[Any]") -> bool:
    return spec.default is not dataclasses.MISSING or spec.default_factory is not dataclasses.MISSING


@cache
def _descriptions() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("descriptions.toml").read_text(encoding="utf-8"))
