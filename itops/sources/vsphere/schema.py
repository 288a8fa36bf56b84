"""What vSphere answers mean: the type of each asked path and of each kept field, from schema.json.

The table is generated (`make schema`) from properties.yaml and pyVmomi's metadata. Compiled here into what the two
readers need: for each structured type a dict from tag to Field.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from math import isfinite

from itops.inventory.entities import Value

Convert = Callable[[str], Value]


class Fields(dict[str, "Field"]):
    """The kept fields of a structured type, by tag. `flat` holds just the conversions when all are single scalars."""

    flat: "dict[str, Convert] | None" = None


@dataclass(frozen=True, slots=True)
class Field:
    """How one element is read: as a scalar by `convert`, or as a structured type by its `fields`."""

    convert: Convert | None
    type_name: str
    is_list: bool
    is_polymorphic: bool
    fields: Fields  # of the declared type; empty for scalars


def moment_text(text: str) -> str:
    """An xsd:dateTime as ISO 8601 in UTC with "Z"; the simulator's nine fractional digits are cut to six."""
    parsed = datetime.fromisoformat(text)
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def truth(text: str) -> bool:
    """An xsd:boolean."""
    return text in ("true", "1")


def number(text: str) -> float:
    """An xsd:double; NaN and INF are no JSON and no measurement."""
    parsed = float(text)
    if not isfinite(parsed):
        raise ValueError(f"{text} is no number")
    return parsed


def signed_byte(text: str) -> int | str:
    """One byte of a binary value: a number, or the whole text at once as the simulator sends it."""
    return int(text) if text.lstrip("-").isdigit() else text


_CONVERT: dict[str, Convert] = {
    "s": str,
    "i": int,
    "f": number,
    "b": truth,
    "d": moment_text,
    "r": str,
    "x": str,
    "y": signed_byte,
}
# Local names of xsd types, for values whose type the answer itself names.
ANY_TYPE = {
    "string": "s",
    "int": "i",
    "long": "i",
    "short": "i",
    "byte": "i",
    "double": "f",
    "float": "f",
    "boolean": "b",
    "dateTime": "d",
    "anyURI": "s",
    "base64Binary": "x",
}
# What an ArrayOf... calls its scalar items on the wire.
_ITEM_TAG = {
    "s": "string",
    "i": "int",
    "b": "boolean",
    "f": "double",
    "d": "dateTime",
    "r": "ManagedObjectReference",
    "y": "byte",
}


@dataclass(frozen=True, slots=True)
class Path:
    """One property path: how its value is read and since which API version it may be asked."""

    name: str
    field: Field
    scalar: Convert | None  # of the field, when the value is a single simple one: the common case
    item_tag: str
    since: tuple[int, ...]


@dataclass(frozen=True)
class Schema:
    """The whole table. `types` maps a wire name to its kept fields; `paths` a managed type to its paths."""

    types: Mapping[str, Fields]
    paths: Mapping[str, Mapping[str, Path]]
    ignored: frozenset[str]  # types of list items that nobody reads

    def fields_of(self, type_name: str, declared: Field) -> Fields:
        """The fields of the type an answer names; of the declared one when the named is unknown (newer than us)."""
        return self.types.get(type_name, declared.fields)


def version_key(version: str) -> tuple[int, ...]:
    """A dotted API version for comparing; what is not a number ends it ("6.5u1" is 6)."""
    key: list[int] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        key.append(int(part))
    return tuple(key)


def convert_scalar(code: str, text: str) -> Value:
    """A scalar of schema code `code` from its text."""
    return _CONVERT[code](text)


@cache
def load_schema() -> Schema:
    """The schema, read once."""
    raw = json.loads(resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))
    polymorphic = frozenset(raw["polymorphic"])
    types = {name: Fields() for name in raw["types"]}

    def compiled(code: str) -> Field:
        is_list, name = code.endswith("*"), code.removesuffix("*")
        if name == "a":
            return Field(None, "a", is_list, is_polymorphic=True, fields=Fields())
        if name in _CONVERT:
            return Field(_CONVERT[name], name, is_list, is_polymorphic=False, fields=Fields())
        return Field(None, name, is_list, name in polymorphic, types[name])

    for name, fields in raw["types"].items():
        types[name].update({tag: compiled(code) for tag, code in fields.items()})
        types[name].flat = _flat(types[name])

    def path(name: str, code: str, since: str = "") -> Path:
        field = compiled(code)
        return Path(name, field, None if field.is_list else field.convert, _item_tag(code), version_key(since))

    paths = {
        managed: {name: path(name, *entry) for name, entry in table.items()} for managed, table in raw["paths"].items()
    }
    return Schema(types, paths, frozenset(raw["ignored"]))


def _flat(fields: Fields) -> dict[str, Convert] | None:
    converts = {tag: field.convert for tag, field in fields.items() if field.convert is not None and not field.is_list}
    return converts if len(converts) == len(fields) else None


def _item_tag(code: str) -> str:
    name = code.removesuffix("*")
    return _ITEM_TAG.get(name, name)
