"""States of a verdict, their exit codes and their order. Words for verdicts live in reports/text/."""

from collections.abc import Iterable
from enum import IntEnum


class State(IntEnum):
    """The four states of a verdict; the value is the exit code that monitoring systems expect."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_ORDER = (State.OK, State.WARNING, State.UNKNOWN, State.CRITICAL)


def severity(state: State) -> int:
    """How bad, for sorting: OK < WARNING < UNKNOWN < CRITICAL (a known disaster comes before an unknown)."""
    return _ORDER.index(state)


def worst(states: Iterable[State]) -> State:
    """The worst of some states; OK when there are none, so ask only where none means nothing was wrong."""
    return max(states, key=severity, default=State.OK)
