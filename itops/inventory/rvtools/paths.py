"""Paths of the catalogue: where a value stands in an entity's property map, or in one item of it.

    config.hardware.numCPU            a property
    configurationEx.dasConfig>enabled the property configurationEx.dasConfig is a structure; `enabled` is inside it
    info[VmfsDatastoreInfo]>vmfs.x    the structure has this class, or there is nothing to read
    .deviceInfo.label                 inside the item the row is about (a disk, a card, a snapshot)

`>` only says where a reader of workbooks cuts; a lookup takes the longest key that the map has, so that a source may
ask for `config.policy` or for `config` as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from itops.inventory.entities import Properties, Value

Step: TypeAlias = tuple[str, str]  # name, class it must have ("" for any)


@dataclass(frozen=True, slots=True)
class Path:
    """One parsed path."""

    text: str  # as in the catalogue
    steps: tuple[Step, ...]
    is_of_item: bool
    key_length: int  # how many steps make the key of the property map
    full: str  # all steps as one key, for a map that has the very property

    @property
    def key(self) -> str:
        """The property this path is in (or is)."""
        return ".".join(name for name, _ in self.steps[: self.key_length])

    @property
    def inner(self) -> tuple[Step, ...]:
        """The steps inside that property."""
        return self.steps[self.key_length :]


@lru_cache(maxsize=2048)
def parse(text: str) -> Path:
    """A path of the catalogue, parsed once."""
    is_of_item = text.startswith(".")
    key, _, inner = text.lstrip(".").partition(">")
    head = tuple(map(_step, key.split(".")))
    rest = tuple(map(_step, inner.split("."))) if inner else ()
    return Path(text, head + rest, is_of_item, len(head), ".".join(name for name, _ in head + rest))


def _step(text: str) -> Step:
    name, _, cast = text.partition("[")
    return name, cast.removesuffix("]")


def lookup(properties: Properties, path: Path) -> Value:
    """The value at `path` of an entity: the longest key the map has, then inwards. None when there is nothing."""
    key, length = path.full, len(path.steps)
    if key in properties:
        return _cast(properties[key], path.steps[-1][1])
    while length > 1:
        length -= 1
        key = key[: key.rindex(".")]
        if key in properties:
            return walk(_cast(properties[key], path.steps[length - 1][1]), path.steps[length:])
    return None


def walk(value: Value, steps: tuple[Step, ...]) -> Value:
    """The value inside a structure; through a list, the list of what its items have there."""
    for index, (name, cast) in enumerate(steps):
        if isinstance(value, list):
            inside = (walk(item, steps[index:]) for item in value)
            return [item for item in inside if item is not None] or None
        if not isinstance(value, Mapping):
            return None
        value = _cast(value.get(name), cast)
    return value


def _cast(value: Value, cast: str) -> Value:
    if not cast:
        return value
    if isinstance(value, list):
        return [item for item in value if _cast(item, cast) is not None]
    if isinstance(value, Mapping):
        return value if value.get("_type", cast) == cast else None
    return value


def put(target: dict[str, Value], steps: tuple[Step, ...], value: Value) -> None:
    """Write `value` inside a structure, making the dicts on the way; the way back of `walk`."""
    for name, cast in steps[:-1]:
        inner = target.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        if cast:
            inner["_type"] = cast
        target = inner
    target[steps[-1][0]] = value
