"""Patterns of checks and objects, with `*` for any text: those of silences, maintenance and routes."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from itops.alerts.records import Key
from itops.text import comparable

Fits: TypeAlias = Callable[[str], bool]
_REMEMBERED = 20_000


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern fits the whole text, however its letters were typed."""
    return _fitting(pattern)(text)


def covers(checks: Iterable[str], objects: Iterable[str], key: Key) -> bool:
    """Whether patterns of checks and of objects fit a key."""
    return area(checks, objects)(key)


def area(checks: Iterable[str], objects: Iterable[str]) -> Callable[[Key], bool]:
    """The same for many keys: ten thousand are asked of each silence in a round."""
    fits_check, fits_object = _any_of(tuple(checks)), _any_of(tuple(objects))
    return lambda key: fits_object(key.object) and fits_check(key.check)


def _any_of(patterns: tuple[str, ...]) -> Fits:
    fitting = [_fitting(pattern) for pattern in patterns]
    return fitting[0] if len(fitting) == 1 else lambda text: any(fits(text) for fits in fitting)


@lru_cache(maxsize=1000)
def _fitting(pattern: str) -> Fits:
    """Linear in the text: the pattern is anybody's."""
    first, *middle = comparable(pattern).split("*")
    if not middle:
        return lambda text: _folded(text) == first
    last = middle.pop()
    if not first and not last and not any(middle):
        return lambda _: True
    least = len(first) + len(last)

    def fits(text: str) -> bool:
        folded = _folded(text)
        if len(folded) < least or not folded.startswith(first) or not folded.endswith(last):
            return False
        position, end = len(first), len(folded) - len(last)
        for part in middle:
            found = folded.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return True

    return fits


@lru_cache(maxsize=_REMEMBERED)
def _folded(text: str) -> str:
    return comparable(text)
