"""How the columns of a table share the width of a page. Lengths are in em; of a text only its words' lengths count."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeAlias

_NEARLY_ALL = 0.95
_SPACE = 0.3
_STEPS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_EXCHANGED = (0.5, 1.5, 3.0)
_MOST_EXCHANGES = 20
_ROUNDING = 1e-9

Words: TypeAlias = tuple[float, ...]
"""The lengths of the words of a text."""


def wishes(needs: Sequence[float], texts: Sequence[Sequence[Words]]) -> list[float]:
    """Room for nearly all texts of each column on one line; one long text shall not take the room of all others."""
    typical = (_nearly_all([_extent(text) for text in column]) for column in texts)
    return [max(need, extent) for need, extent in zip(needs, typical, strict=True)]


def _extent(text: Words) -> float:
    return sum(text) + _SPACE * max(len(text) - 1, 0)


def _nearly_all(extents: Sequence[float]) -> float:
    return sorted(extents)[math.ceil(len(extents) * _NEARLY_ALL) - 1] if extents else 0.0


def shares(
    room: float, weights: Sequence[float], needs: Sequence[float], texts: Sequence[Sequence[Words]]
) -> list[float]:
    """One line a row where there is room for it; else what spares most lines; else less than the longest words need."""
    if sum(needs) >= room:
        return [need * room / (sum(needs) or 1.0) for need in needs]
    wished = wishes(needs, texts)
    return _by_weight(room, weights, wished) if sum(wished) <= room else _sparing(room, needs, texts)


def lines_of(texts: Sequence[Sequence[Words]], widths: Sequence[float]) -> list[int]:
    """About how many lines each row has."""
    lines = [1] * max(map(len, texts), default=0)
    for column, width in zip(texts, widths, strict=True):
        for number, text in enumerate(column):
            lines[number] = max(lines[number], _lines(text, width))
    return lines


@lru_cache(maxsize=1 << 16)
def _lines(text: Words, width: float) -> int:
    """Word by word, as the line breaker does it; a word that is too long is broken."""
    room = max(width, 1.0) + _ROUNDING
    lines, used = 1, 0.0
    for word in text:
        if used and used + _SPACE + word > room:
            lines, used = lines + 1, 0.0
        used += word + (_SPACE if used else 0.0)
        more = math.ceil(used / room) - 1
        lines, used = lines + more, used - more * room
    return lines


def _by_weight(room: float, weights: Sequence[float], least: Sequence[float]) -> list[float]:
    """Each its share of the room; who needs more takes it from those who have more than they need."""
    fixed: set[int] = set()
    while True:
        left = room - sum(least[place] for place in fixed)
        total = sum(weight for place, weight in enumerate(weights) if place not in fixed)
        short = {
            place
            for place, weight in enumerate(weights)
            if place not in fixed and left * weight / total < least[place] - _ROUNDING
        }
        if not short:
            return [least[p] if p in fixed else left * weight / total for p, weight in enumerate(weights)]
        fixed |= short


def _sparing(room: float, needs: Sequence[float], texts: Sequence[Sequence[Words]]) -> list[float]:
    """Step by step to the column where a step spares most; tall cells count more, as they make tall rows."""
    widths = list(needs)
    costs = [_cost_of(column) for column in texts]
    while True:
        left = room - sum(widths)
        gains = [
            ((costs[place](width) - costs[place](width + step)) / step, -place, step)
            for place, width in enumerate(widths)
            for step in _STEPS
            if step <= left
        ]
        gain, place, step = max(gains, default=(0.0, 0, 0.0))
        if gain <= 0:
            return _lowered([width + left / len(widths) for width in widths], needs, texts)
        widths[-place] += step


def _lowered(widths: list[float], needs: Sequence[float], texts: Sequence[Sequence[Words]]) -> list[float]:
    """From column to column wherever that makes the whole table lower: cells that are lower make no row lower alone."""
    height = sum(lines_of(texts, widths))
    for _ in range(_MOST_EXCHANGES):
        found = _exchange(widths, needs, texts, height)
        if found is None:
            break
        widths, height = found
    return widths


def _exchange(
    widths: Sequence[float], needs: Sequence[float], texts: Sequence[Sequence[Words]], height: int
) -> tuple[list[float], int] | None:
    places = range(len(widths))
    for giver, taker, step in product(places, places, _EXCHANGED):
        if giver == taker or widths[giver] - step < needs[giver]:
            continue
        changed = list(widths)
        changed[giver] -= step
        changed[taker] += step
        if (lower := sum(lines_of(texts, changed))) < height:
            return changed, lower
    return None


def _cost_of(column: Sequence[Words]) -> Callable[[float], int]:
    known: dict[float, int] = {}

    def cost(width: float) -> int:
        if width not in known:
            known[width] = sum(_lines(text, width) ** 2 for text in column)
        return known[width]

    return cost
