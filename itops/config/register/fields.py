"""Fields of an asset by their dotted names, as commands and edits write them, and changes to an entry's texts."""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from itops.assets.records import Asset
from itops.config.mistakes import did_you_mean, quoted
from itops.errors import UsageWrong
from itops.names import Names

_BOTH_LANGUAGES: Final = tuple(spec.name for spec in dataclasses.fields(Names))


@dataclass(frozen=True, slots=True)
class Step:
    """One step into an entry: a key and its sisters in their order, or the position of a list item (from 0)."""

    key: str | int
    order: tuple[str, ...] = ()


@cache
def resolve(field: str, record: type = Asset) -> tuple[Step, ...]:
    """The steps to a field: `serial`, `purchase.price`, `parts.2.asset_tag` (positions from 1), `link.shares.SITE`.

    Raises UsageWrong for what no such record has.
    """
    hint: Any = record
    words, steps = field.split("."), list[Step]()
    while words:
        hint = without_none(hint)
        if dataclasses.is_dataclass(hint):
            order = tuple(spec.name for spec in dataclasses.fields(hint))
            word = words.pop(0)
            if word not in order:
                raise UsageWrong(
                    f"there is no field {quoted(field)}{did_you_mean(word, order)}",
                    remedy="docs/reference/configuration.md lists the fields of inventory.yaml",
                )
            steps.append(Step(word, order))
            hint = get_type_hints(hint)[word]
        elif get_origin(hint) is tuple:
            steps.append(Step(_position(field, words.pop(0))))
            hint = get_args(hint)[0]
        elif isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
            steps.append(Step(".".join(words)))
            hint, words = get_args(hint)[1], []
        else:
            raise UsageWrong(f"{quoted(field)}: {steps[-1].key} has no fields of its own", remedy="name it alone")
    return tuple(steps)


def _position(field: str, word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 6 and int(word) > 0):
        raise UsageWrong(f"{quoted(field)}: {quoted(word)} is no position in a list", remedy="write 1 for the first")
    return int(word) - 1


def without_none(hint: Any) -> Any:
    """The type of a field that may also be absent."""
    if get_origin(hint) in {Union, types.UnionType}:
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def item_type(field: str) -> type:
    """The record that the items of a list are: Test for `tests`. Raises UsageWrong for what is no list of records."""
    hint: Any = Asset
    for step in resolve(field):
        hint = get_type_hints(without_none(hint))[step.key] if isinstance(step.key, str) else get_args(hint)[0]
        hint = without_none(hint)
    items = get_args(hint)[0] if get_origin(hint) is tuple else None
    if not dataclasses.is_dataclass(items):
        raise UsageWrong(f"{quoted(field)} is not a list of entries", remedy="name one such as tests or parts")
    return items if isinstance(items, type) else type(items)


def with_value(texts: Any, steps: Sequence[Step], value: Any) -> Any:
    """The texts of a record with one value set, or taken out by None; what is then empty goes, too.

    A new key stands after the last of those that precede it in the record. The texts given are not changed.
    """
    step, rest = steps[0], steps[1:]
    if isinstance(texts, list):
        return _with_item(texts, step, rest, value)
    if isinstance(texts, str) and step.order == _BOTH_LANGUAGES:
        texts = dict.fromkeys(_BOTH_LANGUAGES, texts)  # one text is the name in both
    if texts is not None and not isinstance(texts, dict):
        raise UsageWrong(f"{quoted(texts)} has no {step.key}", remedy="set the whole, or take it out first")
    texts = texts or {}
    new = with_value(texts.get(step.key), rest, value) if rest else value
    if new in (None, {}, []):
        return {key: held for key, held in texts.items() if key != step.key}
    if step.key in texts:
        return {key: new if key == step.key else held for key, held in texts.items()}
    return _inserted(texts, step, new)


def _with_item(texts: list[Any], step: Step, rest: Sequence[Step], value: Any) -> list[Any]:
    if not isinstance(step.key, int) or step.key >= len(texts):
        position = step.key + 1 if isinstance(step.key, int) else step.key
        raise UsageWrong(f"there is no entry {position} in a list of {len(texts)}", remedy="add it first")
    new = with_value(texts[step.key], rest, value) if rest else value
    middle = [] if new in (None, {}) else [new]
    return [*texts[: step.key], *middle, *texts[step.key + 1 :]]


def _inserted(texts: Mapping[str, Any], step: Step, new: Any) -> dict[Any, Any]:
    before = set(step.order[: step.order.index(str(step.key))]) if step.order else set(texts)
    keys = [key for key in texts if key in before]
    after = max(keys, key=step.order.index) if step.order and keys else (keys[-1] if keys else None)
    made: dict[Any, Any] = {} if after is not None else {step.key: new}
    for key, held in texts.items():
        made[key] = held
        if key == after:
            made[step.key] = new
    return made


def made_of(fields: Mapping[str, str], record: type = Asset) -> dict[str, Any]:
    """The texts of a new record from dotted fields, in the record's own order."""
    texts: dict[str, Any] = {}
    for field, value in fields.items():
        texts = with_value(texts, resolve(field, record), value)
    return texts
