"""How everything stands, from the stored evaluations and the beat alone: what `check`, `metrics` and `status` tell."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from itops.alerts.checking import HEARTBEAT, SCHEDULE, CheckResult, beating, check_results, heartbeat, with_heartbeat
from itops.alerts.records import Evaluation
from itops.errors import UsageWrong

if TYPE_CHECKING:
    from itops.store.watch_reader import WatchReader

CHECKS = ("backup", "inventory", "delivery", "schedule", "custody", "channel")
"""In the order in which they are told: those of itops.alerts.policy, whose import costs more than a whole check."""
_NEAR = 3


class Wanted(NamedTuple):
    """What somebody asks to be checked."""

    beat_within: timedelta
    checks: tuple[str, ...] = ()  # () : all there are
    expected: Collection[str] = ()  # of all: those that something must have been judged of
    objects: str = ""  # a pattern of names with `*`; "": all
    with_heartbeat: bool = False  # whether somebody ticks, as a check of its own

    @property
    def has_beat(self) -> bool:
        """Whether the beat has anything to do with it."""
        return not self.objects and (self.with_heartbeat or not self.checks or SCHEDULE.check in self.checks)


class Standing(NamedTuple):
    """How it stands."""

    results: tuple[CheckResult, ...]
    beat_at: datetime | None = None


def read_checks(watch: "WatchReader", wanted: Wanted, now: datetime) -> Standing:
    """Raises UsageWrong where no object has such a name, StoreUnavailable and StoreLocked."""
    evaluations = watch.evaluations()
    beat = watch.beat() if wanted.has_beat else None
    beat_at = None if beat is None else beat.at
    if wanted.objects:
        evaluations = _named(evaluations, wanted)
    only_beat = wanted.checks == (HEARTBEAT,)
    results = () if only_beat else check_results(evaluations, now, checks=_checks(evaluations, wanted))
    if wanted.has_beat:
        within = wanted.beat_within
        one = beating(beat_at, now, within)
        results = tuple(
            with_heartbeat(result, one, now, is_anything_judged=bool(evaluations))
            if result.check == SCHEDULE.check
            else result
            for result in results
        )
        if wanted.with_heartbeat:
            results = (*results, _heartbeat(evaluations, beat_at, now, within))
    return Standing(results=results, beat_at=beat_at)


def _heartbeat(
    evaluations: Iterable[Evaluation], beat_at: datetime | None, now: datetime, within: timedelta
) -> CheckResult:
    """As a check of its own; where nothing is to run by itself, what was judged of that."""
    judged = [one for one in evaluations if one.key == SCHEDULE]
    result = heartbeat(beat_at, now, within)
    (told,) = check_results(judged, now, checks=(SCHEDULE.check,))
    kept = with_heartbeat(told, result.objects[0], now)
    if kept is not told:
        return result
    (one,) = told.objects
    return told._replace(check=HEARTBEAT, objects=(one._replace(key=result.objects[0].key),))


def _checks(evaluations: Iterable[Evaluation], wanted: Wanted) -> Sequence[str]:
    """Those asked for; of all, those that were judged or should have been."""
    found = {one.key.check for one in evaluations}
    if wanted.objects:
        return [check for check in (*CHECKS, *sorted(found - {*CHECKS})) if check in found]
    if wanted.checks:
        return wanted.checks
    found.update(wanted.expected, {SCHEDULE.check})
    return [*(check for check in CHECKS if check in found), *sorted(found - {*CHECKS})]


def _named(evaluations: Sequence[Evaluation], wanted: Wanted) -> list[Evaluation]:
    """Those whose object the pattern fits; raises UsageWrong, with names that are near."""
    from itops.alerts.patterns import matches  # noqa: PLC0415  few ask for one object alone

    among = [one for one in evaluations if not wanted.checks or one.key.check in wanted.checks]
    found = [one for one in among if matches(wanted.objects, one.key.object)]
    if found:
        return found
    near = _near(wanted.objects, sorted({one.key.object for one in among if one.key.object}))
    known = f"did you mean {' or '.join(near)}?" if near else "run `itops status` to see what there is"
    raise UsageWrong(f"nothing that is checked has the name {wanted.objects}", remedy=known)


def _near(pattern: str, names: Sequence[str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415  for mistakes only

    from itops.text import comparable  # noqa: PLC0415  as above

    typed = comparable(pattern).replace("*", "")
    by_shape = {comparable(name): name for name in names[:5000]}
    holding = [name for shape, name in by_shape.items() if typed and typed in shape]
    return (holding or [by_shape[shape] for shape in get_close_matches(typed, by_shape, _NEAR, 0.5)])[:_NEAR]
