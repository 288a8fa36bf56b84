"""The few drawings of a web page: one bar, one trend. Shapes only; words stand beside them as text of the page.

So nothing here has to know how wide a word is, and the browser turns no word round. Colours come from the page:
`currentColor` and classes, or a drawing would vanish in a dark page. `direction` is always given, because a drawing
inside a page that is read from the right inherits that direction.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from math import isfinite
from typing import NamedTuple

from itops.text import plain

_WIDTH, _HEIGHT, _EDGE = 120.0, 32.0, 4.0
_LTR, _END = "\u2066", "\u2069"  # a tooltip is bare text: nothing else could keep 1405-08 the right way round


class _Point(NamedTuple):
    x: float
    y: float


def share_of(value: float | None, ceiling: float | None) -> float | None:
    """How much of the scale from zero to `ceiling` a value fills, 0 to 1; None where that cannot be said."""
    if value is None or not isfinite(value) or ceiling is None or not isfinite(ceiling) or ceiling <= 0:
        return None
    return min(max(value / ceiling, 0.0), 1.0)


def scale_top(values: Iterable[float | None], ceiling: float | None = None) -> float | None:
    """The top of a scale that begins at zero: the ceiling, or the largest value where that is higher or alone."""
    known = [value for value in (*values, ceiling) if value is not None and isfinite(value) and value > 0]
    return max(known, default=None)


def bar(share: float | None, *, is_right_to_left: bool) -> str:
    """One bar on its track, as wide as its place. `share` 0 to 1, from zero; None draws the track alone."""
    width = 100 * (share or 0.0)
    start = 100 - width if is_right_to_left else 0.0
    return (
        '<svg class="bar" direction="ltr" width="100%" height="12" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="12" rx="2"/>'
        f'<rect class="fill" x="{_number(start)}%" width="{_number(width)}%" height="12" rx="2"/></svg>'
    )


def trend(
    values: Sequence[float | None],
    *,
    title: Iterable[tuple[str, str]],
    target: float | None = None,
    ceiling: float | None = None,
    is_right_to_left: bool,
) -> str:
    """The values in the order of time, from the side where reading begins; a hole where one is unknown.

    `title`: period and value in words, what a screen reader says and a mouse shows. The scale begins at zero, so that
    94 to 84 % looks like what it is. `target` is a dashed line, the newest value a dot.
    """
    top = scale_top((*values, target), ceiling)
    shares = [0.0 if value == 0 else share_of(value, top) for value in values]  # without a scale, zero is still zero
    points = [_point(place, share, len(values)) for place, share in enumerate(shares)]
    if is_right_to_left:
        points = [point and _Point(_WIDTH - point.x, point.y) for point in points]
    aim = share_of(target, top)
    lines = [*_aim(aim), *_curves(points)]
    if points and points[-1] is not None:
        lines.append(f'<circle class="newest" cx="{_number(points[-1].x)}" cy="{_number(points[-1].y)}" r="2.8"/>')
    return (
        f'<svg class="trend" direction="ltr" viewBox="0 0 {_number(_WIDTH)} {_number(_HEIGHT)}" role="img">'
        f"<title>{_title(title)}</title>"
        f'<path class="base" d="M0 {_number(_HEIGHT - 1)}H{_number(_WIDTH)}"/>{"".join(lines)}</svg>'
    )


def _point(place: int, share: float | None, count: int) -> _Point | None:
    if share is None:
        return None
    along = place / (count - 1) if count > 1 else 1.0
    return _Point(_EDGE + along * (_WIDTH - 2 * _EDGE), _height(share))


def _height(share: float) -> float:
    return _HEIGHT - 1 - share * (_HEIGHT - 1 - _EDGE)


def _aim(share: float | None) -> Iterator[str]:
    if share is not None:
        yield f'<path class="aim" d="M0 {_number(_height(share))}H{_number(_WIDTH)}"/>'


def _curves(points: Sequence[_Point | None]) -> Iterator[str]:
    """One line for each run of known values; a value between two holes is a dot."""
    for is_known, run in groupby(points, key=lambda point: point is not None):
        if not is_known:
            continue
        places = [f"{_number(point.x)} {_number(point.y)}" for point in run if point is not None]
        if len(places) > 1:
            yield f'<path class="curve" d="M{"L".join(places)}"/>'
        else:
            x, y = places[0].split()
            yield f'<circle class="lone" cx="{x}" cy="{y}" r="1.6"/>'


def _title(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(escape(f"{_LTR}{plain(period)}{_END}: {plain(said)}") for period, said in facts)


def _number(value: float) -> str:
    """The same on every machine, and short."""
    return f"{value:.1f}".removesuffix(".0")
