"""Texts with places to fill, as itops.yaml may hold them: `{name}`, and nothing else between the braces."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def places(template: object) -> Iterator[str]:
    """The names that a template wants: a text, or sections and lists of texts (no deeper than itops.yaml may be)."""
    if isinstance(template, str):
        yield from _PLACE.findall(template)
    elif isinstance(template, Mapping):
        for held in template.values():
            yield from places(held)
    elif isinstance(template, list | tuple):
        for held in template:
            yield from places(held)


def filled(template: Any, values: Mapping[str, str], written: Callable[[str], str] = str) -> Any:
    """The template with its places filled, once: what a value holds is not looked into. `written`: how a value stands
    there. KeyError when a value is missing.
    """
    if isinstance(template, str):
        return _PLACE.sub(lambda found: written(values[found[1]]), template)
    if isinstance(template, Mapping):
        return {name: filled(held, values, written) for name, held in template.items()}
    if isinstance(template, list | tuple):
        return [filled(held, values, written) for held in template]
    return template


def without_places(template: str) -> str:
    """The template with an `x` in each place: its own letters, to be judged."""
    return _PLACE.sub("x", template)


def refuse_unknown(key: str, template: object, known: Collection[str]) -> None:
    """Raises ValueError when `template`, which stands under `key`, wants what nobody can tell it."""
    for name in places(template):
        if name not in known:
            raise ValueError(f"{key}: there is no {{{name}}} here; use {', '.join(f'{{{one}}}' for one in known)}")
