"""From the text tree of a file to frozen dataclasses: types come from the dataclass, every mistake is gathered.

Any stdlib dataclass can be built, a plugin's `Settings` too: its annotations say what a key may hold. Beside the
plain types, `Secret` is a reference to resolve, `Path` is relative to the file's folder, `timedelta` is written 24h,
`ByteCount` 2 GiB, `time` 06:30, `date` in either calendar, `ZoneInfo` Asia/Tehran; a class with
`from_setting(value, folder)` reads itself and raises ValueError; `field(metadata={"range": (1, 65535)})` bounds a
number. `__post_init__` may raise ValueError for what concerns several keys at once.
"""

import dataclasses
import types
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Required, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    ConfigDict,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    with_config,
)
from typing_extensions import TypedDict

from itops.config.mistakes import Mistake, did_you_mean, dotted
from itops.config.readers import READERS, Reader, choice
from itops.config.yaml import Document, Place
from itops.errors import ItopsError

T = TypeVar("T")
Mistakes = list[Mistake]

_WRONG_SHAPE = {
    "dict_type": "should be a section of `key: value` lines",
    "list_type": "should be a list: [a, b]",
    "tuple_type": "should be a list: [a, b]",
    "frozen_set_type": "should be a list: [a, b]",
    "missing": "is missing",
}


def build(cls: type[T], tree: Any, document: Document, place: Place, folder: Path, mistakes: Mistakes) -> T | None:
    """The dataclass `cls` from the texts at `place`; None when something was wrong, which is then in `mistakes`."""
    hint: Any = cls
    try:
        # `tree` is None for `section:` with nothing below: the same as an empty section.
        built: T = _adapter(hint).validate_python({} if tree is None else tree, context=folder)
    except ValidationError as failure:
        # Its own text repeats the input, which may hold a password: only the facts are taken out.
        details = failure.errors(include_url=False, include_input=False)
        mistakes += [_mistake(cls, detail, document, place) for detail in details]
        return None
    return built


@cache
def _adapter(cls: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(_adapted(cls))


def _mistake(cls: type, detail: Any, document: Document, place: Place) -> Mistake:
    inner: Place = detail["loc"]
    where = (*place, *inner)
    kind = detail["type"]
    if kind == "extra_forbidden":
        problem = "unknown key" + did_you_mean(str(inner[-1]), _known_keys(cls, inner[:-1]))
    elif kind == "value_error":
        problem = str(detail["ctx"]["error"])
    else:
        problem = _WRONG_SHAPE.get(kind, detail["msg"])
    return Mistake(document.line(where), dotted(where), problem)


def _known_keys(hint: Any, place: Place) -> list[str]:
    """The keys that the section at `place` may have."""
    hint = _without_none(hint)
    if place:
        if dataclasses.is_dataclass(hint):
            return _known_keys(get_type_hints(hint)[str(place[0])], place[1:])
        return _known_keys(get_args(hint)[-1 if get_origin(hint) is not tuple else 0], place[1:])
    return [field.name for field in dataclasses.fields(hint)] if dataclasses.is_dataclass(hint) else []


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _adapted(hint: Any) -> Any:
    """A type hint as pydantic is to read it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in READERS:
        return _leaf(READERS[hint])
    if origin in {Union, types.UnionType}:
        return _adapted(_without_none(hint)) | None
    if origin is Literal:
        return _leaf(choice({str(choice): choice for choice in arguments}))
    if origin is tuple:
        return tuple[_adapted(arguments[0]), ...]  # type: ignore[misc]
    if origin in {frozenset, dict} or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return frozenset[_adapted(arguments[0])] if origin is frozenset else dict[str, _adapted(arguments[1])]  # type: ignore[misc]
    if dataclasses.is_dataclass(hint):
        return _section(hint)
    if hasattr(hint, "from_setting"):
        return _leaf(hint.from_setting)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _leaf(choice({str(choice.value): choice for choice in hint}))
    raise TypeError(f"{hint} is not a type that settings can have")


def _section(cls: Any) -> Any:
    """A dataclass: a mapping of its fields, unknown keys refused; or whatever else its `from_setting` reads."""
    hints = get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    entries = {name: _entry(hints[name], field) for name, field in fields.items()}
    shape: Any = with_config(ConfigDict(extra="forbid"))(TypedDict(cls.__name__, entries))  # type: ignore[operator]

    def read(value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        if hasattr(cls, "from_setting") and not isinstance(value, dict):
            return _explained(cls.from_setting, value, info)
        if isinstance(value, dict):  # `key:` with nothing after it is the same as no key
            value = {key: held for key, held in value.items() if held is not None or key not in fields}
        return handler(value)

    def made(values: Any) -> Any:
        return cls(**values)

    return Annotated[shape, AfterValidator(made), WrapValidator(read)]


def _entry(hint: Any, field: "dataclasses.Field[Any]") -> Any:
    is_required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    adapted = _adapted(hint)
    if "range" in field.metadata:
        low, high = field.metadata["range"]

        def bounded(value: Any) -> Any:
            if not low <= value <= high:
                raise ValueError(f"{value} is not between {low} and {high}")
            return value

        adapted = Annotated[adapted, AfterValidator(bounded)]
    return Required[adapted] if is_required else NotRequired[adapted]


def _leaf(reader: Reader) -> Any:
    def read(value: Any, info: ValidationInfo) -> Any:
        return _explained(reader, value, info)

    return Annotated[Any, PlainValidator(read)]


def _explained(reader: Reader, value: Any, info: ValidationInfo) -> Any:
    folder: Any = info.context
    try:
        return reader(value, folder)
    except ItopsError as wrong:
        problem = f"{wrong.problem}; {wrong.remedy}"
    raise ValueError(problem)
