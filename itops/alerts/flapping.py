"""Flapping: something that changes between good and bad so often that each change is no news.

The arithmetic is that of Nagios: of the last 21 evaluations each change counts, a new one more than an old one. It
begins at half of all that could be and ends at a quarter, so that it does not flap itself.
"""

from collections.abc import Sequence

REMEMBERED = 21
BEGINS_RATIO = 0.5
ENDS_RATIO = 0.25
_CHANGES = REMEMBERED - 1
_OLDEST, _NEWEST = 0.75, 1.25
_WEIGHTS = tuple(_OLDEST + (_NEWEST - _OLDEST) * number / (_CHANGES - 1) for number in range(_CHANGES))


def remembered(recent: Sequence[bool], *, is_bad: bool) -> tuple[bool, ...]:
    """The last evaluations with one more."""
    return (*recent[-_CHANGES:], is_bad)


def change_ratio(recent: Sequence[bool]) -> float:
    """How much of what could have changed did, 0 to 1. What nobody evaluated yet counts as good."""
    if True not in recent:
        return 0.0
    history = (False,) * (REMEMBERED - len(recent)) + tuple(recent)
    changed = (weight for weight, old, new in zip(_WEIGHTS, history, history[1:], strict=False) if old != new)
    return sum(changed) / _CHANGES


def is_flapping(recent: Sequence[bool], *, before: bool) -> bool:
    """Whether it flaps now, given that it did `before`."""
    ratio = change_ratio(recent)
    return ratio > ENDS_RATIO if before else ratio >= BEGINS_RATIO
