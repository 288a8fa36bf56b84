"""How far an evaluation is believed later: one rule, for the check and for the incidents.

Nothing is stale at the very moment its verdict may change: whoever watches comes round every few minutes and has its
chance first. Past that it is never OK; for longer still, nobody knows.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from itops.alerts.records import Evaluation
from itops.verdict import State, worst


class CheckLimits(NamedTuple):
    """How old an evaluation may be, whatever it says of itself. Ages of good copies are drawn, not judged."""

    judged_within: timedelta = timedelta(hours=26)
    slack: timedelta = timedelta(minutes=15)  # after `valid_until`: a round every 5 minutes has its chance
    lost_after: timedelta = timedelta(hours=2)  # stale for longer: no longer WARNING, nobody knows
    clock_slack: timedelta = timedelta(minutes=5)  # judged so far in the future: two clocks that nearly agree
    age_warning: timedelta | None = None
    age_critical: timedelta | None = None


LIMITS = CheckLimits()


class Weight(NamedTuple):
    """What an evaluation counts for at a moment."""

    state: State  # never better than it says itself
    is_stale: bool = False
    is_ahead: bool = False  # judged in the future: stale, too


def weight(evaluation: Evaluation, now: datetime, limits: CheckLimits = LIMITS) -> Weight:
    """The rule. Waiting makes nothing better."""
    if evaluation.judged_at - now > limits.clock_slack:
        return Weight(worst((evaluation.state, State.UNKNOWN)), is_stale=True, is_ahead=True)
    late = now - stale_at(evaluation, limits)
    if late <= timedelta():
        return Weight(evaluation.state)
    floor = State.UNKNOWN if late > limits.lost_after else State.WARNING
    return Weight(worst((evaluation.state, floor)), is_stale=True)


def stale_at(evaluation: Evaluation, limits: CheckLimits = LIMITS) -> datetime:
    """From when on it is stale: it was judged too long ago, or what it says held until then."""
    judged = evaluation.judged_at + limits.judged_within
    until = evaluation.valid_until
    return judged if until is None else min(judged, until + limits.slack)
