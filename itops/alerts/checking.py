"""What the check says: evaluations x what should be there x now -> one result for each check. Pure.

Absence of news is bad news. What was judged too long ago, or well only until a moment that is over, is never OK; what
should have been judged and never was is UNKNOWN, and so is a check without anything to judge.

Records here are named tuples: a dataclass costs a millisecond of each start, and the check is started every minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

from itops.alerts.records import Evaluation, Key
from itops.alerts.staleness import LIMITS, CheckLimits, weight
from itops.facts import Fact
from itops.verdict import State, severity, worst

TABLE = "check"
"""The table of words for codes of this room."""
STALE, NEVER, AHEAD, NOTHING = "stale", "never-judged", "judged-ahead", "nothing-judged"
BEAT_FRESH, BEAT_STALE, BEAT_NEVER, BEAT_AHEAD = "beat-fresh", "beat-stale", "beat-never", "beat-ahead"
ALL, HEARTBEAT = "itops", "heartbeat"
"""Results that are of no single check: all of them together; that somebody ticks."""
SCHEDULE = Key("schedule", "")
"""Whether anybody ticks, among the evaluations."""
NO_JOBS = "schedule.no-jobs"
"""Its code where nothing is to run by itself (see itops.schedule.lateness)."""


_NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


class CheckedObject(NamedTuple):
    """One object as it counts now. `state` is never better than that of its evaluation."""

    key: Key
    state: State
    code: str
    table: str
    facts: Mapping[str, Fact] = _NO_FACTS
    is_stale: bool = False
    is_missing: bool = False  # it should have been judged and never was
    judged_at: datetime | None = None
    valid_until: datetime | None = None
    since: datetime | None = None
    last_good_at: datetime | None = None
    owner: str = ""


class Counts(NamedTuple):
    """How many objects are how. `stale` and `missing` are counted among the states, too."""

    total: int = 0
    ok: int = 0
    warning: int = 0
    critical: int = 0
    unknown: int = 0
    stale: int = 0
    missing: int = 0

    @property
    def bad(self) -> int:
        """Those that somebody must look at."""
        return self.total - self.ok


class Gauge(NamedTuple):
    """One number for the graphs of a monitoring system."""

    label: str  # of ours: letters and underscores
    value: int
    unit: Literal["", "s"] = ""
    warning: int | None = None
    critical: int | None = None
    least: int | None = 0
    most: int | None = None


class CheckResult(NamedTuple):
    """One check, judged."""

    check: str
    state: State
    counts: Counts
    objects: tuple[CheckedObject, ...]  # the worst first, of those the one that has been so for longest
    gauges: tuple[Gauge, ...] = ()
    oldest_good_at: datetime | None = None  # of the objects' newest good copies, scans, deliveries the oldest

    @property
    def bad(self) -> tuple[CheckedObject, ...]:
        """Those that somebody must look at, the worst first."""
        return self.objects[: self.counts.bad]


_NO_LIMITS: Mapping[str, CheckLimits] = {}


def check_results(
    evaluations: Iterable[Evaluation],
    now: datetime,
    *,
    expected: Iterable[Key] | None = None,
    limits: Mapping[str, CheckLimits] = _NO_LIMITS,
    checks: Sequence[str] = (),
) -> tuple[CheckResult, ...]:
    """One result for each of `checks`, in their order; without any, for each check there is, in the alphabet's.

    `expected`: every key that should have been judged. What is stale and expected no more is what a rename or removal
    left behind: it is left out. None: everything that was ever judged is expected.
    """
    wanted = None if expected is None else set(expected)
    newest = _newest(evaluations)
    found: dict[str, list[CheckedObject]] = {check: [] for check in checks}
    for key in newest.keys() | (wanted or set()):
        if checks and key.check not in found:
            continue
        one = _checked(key, newest.get(key), limits.get(key.check, LIMITS), now)
        if wanted is None or key in wanted or not one.is_stale:
            found.setdefault(key.check, []).append(one)
    names = checks or sorted(found)
    return tuple(_result(check, found[check], limits.get(check, LIMITS), now) for check in dict.fromkeys(names))


def joined(results: Sequence[CheckResult], now: datetime) -> CheckResult:
    """All of them as one: for the check of everything. A check without anything to judge counts as one object."""
    objects = [one for result in results for one in (result.objects or (_nothing(result.check),))]
    oldest = min((result.oldest_good_at for result in results if result.oldest_good_at is not None), default=None)
    return _result(ALL, objects, LIMITS, now)._replace(oldest_good_at=oldest)


def heartbeat(beat_at: datetime | None, now: datetime, within: timedelta) -> CheckResult:
    """That somebody ticks, as a check of its own."""
    one = beating(beat_at, now, within)
    limit = int(within.total_seconds())
    ages: tuple[Gauge, ...] = ()
    if beat_at is not None:
        ages = (Gauge(label="beat_age", value=_seconds(now - beat_at), unit="s", warning=limit, critical=limit),)
    return _result(HEARTBEAT, [one._replace(key=Key(HEARTBEAT, ""))], LIMITS, now)._replace(gauges=ages)


def beating(beat_at: datetime | None, now: datetime, within: timedelta) -> CheckedObject:
    """That somebody ticks, as the object of the schedule as a whole.

    A beat from the future tells nothing of now: UNKNOWN. No beat is as bad as an old one.
    """
    age = None if beat_at is None else now - beat_at
    if age is None:
        state, code = State.CRITICAL, BEAT_NEVER
    elif age > within:
        state, code = State.CRITICAL, BEAT_STALE
    elif -age > within:
        state, code = State.UNKNOWN, BEAT_AHEAD
    else:
        state, code = State.OK, BEAT_FRESH
    return CheckedObject(
        key=SCHEDULE,
        state=state,
        code=code,
        table=TABLE,
        facts={"beat_at": beat_at.isoformat()} if beat_at else {},
        judged_at=now,
        last_good_at=beat_at,
    )


def with_heartbeat(
    result: CheckResult, beat: CheckedObject, now: datetime, *, is_anything_judged: bool = True
) -> CheckResult:
    """The check of the schedule with the beat as it is now, in the place of what was judged of it.

    Where nothing is to run by itself nobody has to tick: then what was judged stays.
    """
    if any(one.key == SCHEDULE and one.code == NO_JOBS for one in result.objects):
        return result
    objects = [one for one in result.objects if one.key != SCHEDULE]
    if not is_anything_judged:  # that somebody ticks says nothing of the rest
        objects = [_nothing(result.check)._replace(key=Key(result.check, "jobs"))]
    return _result(result.check, [*objects, beat], LIMITS, now)


def overall(results: Iterable[CheckResult]) -> State:
    """The worst; UNKNOWN where nothing was checked. Its value is the exit code."""
    states = [result.state for result in results]
    return worst(states) if states else State.UNKNOWN


def _newest(evaluations: Iterable[Evaluation]) -> dict[Key, Evaluation]:
    """One for each key; of two of one moment the worse, whichever came first."""
    newest: dict[Key, Evaluation] = {}
    for one in evaluations:
        other = newest.get(one.key)
        if other is None or _age_and_weight(one) > _age_and_weight(other):
            newest[one.key] = one
    return newest


def _age_and_weight(one: Evaluation) -> tuple[datetime, int, str, str]:
    return one.judged_at, severity(one.state), one.code, repr(one)


def _checked(key: Key, evaluation: Evaluation | None, limits: CheckLimits, now: datetime) -> CheckedObject:
    if evaluation is None:
        return CheckedObject(key=key, state=State.UNKNOWN, code=NEVER, table=TABLE, is_missing=True)
    one = CheckedObject(
        key=key,
        state=evaluation.state,
        code=evaluation.code,
        table=evaluation.table,
        facts=evaluation.facts,
        judged_at=evaluation.judged_at,
        valid_until=evaluation.valid_until,
        since=evaluation.since,
        last_good_at=evaluation.last_good_at,
        owner=evaluation.owner,
    )
    weighed = weight(evaluation, now, limits)
    return _stale(weighed.state, AHEAD if weighed.is_ahead else STALE, one) if weighed.is_stale else one


def _stale(state: State, code: str, one: CheckedObject) -> CheckedObject:
    """Stale, and so no better than `state`; what was bad already keeps its own words."""
    stale = one._replace(is_stale=True, state=state)
    if one.state is not State.OK:
        return stale
    facts = {"judged_at": one.judged_at.isoformat()} if one.judged_at is not None else {}
    return stale._replace(code=code, table=TABLE, facts=facts)


def _nothing(check: str) -> CheckedObject:
    return CheckedObject(key=Key(check, ""), state=State.UNKNOWN, code=NOTHING, table=TABLE, is_missing=True)


def _result(check: str, objects: Iterable[CheckedObject], limits: CheckLimits, now: datetime) -> CheckResult:
    ordered = tuple(sorted(objects, key=_rank))
    counts = _counted(ordered)
    oldest = min((one.last_good_at for one in ordered if one.last_good_at is not None), default=None)
    return CheckResult(
        check=check,
        state=worst(one.state for one in ordered) if ordered else State.UNKNOWN,
        counts=counts,
        objects=ordered,
        gauges=_gauges(counts, oldest, limits, now),
        oldest_good_at=oldest,
    )


def _rank(one: CheckedObject) -> tuple[int, bool, float, Key]:
    return -severity(one.state), one.since is None, one.since.timestamp() if one.since else 0, one.key


def _counted(objects: Sequence[CheckedObject]) -> Counts:
    states = [one.state for one in objects]
    return Counts(
        total=len(states),
        ok=states.count(State.OK),
        warning=states.count(State.WARNING),
        critical=states.count(State.CRITICAL),
        unknown=states.count(State.UNKNOWN),
        stale=sum(one.is_stale for one in objects),
        missing=sum(one.is_missing for one in objects),
    )


def _gauges(counts: Counts, oldest: datetime | None, limits: CheckLimits, now: datetime) -> tuple[Gauge, ...]:
    """Thresholds as Nagios reads them: more than none is bad. The age is left out where nothing good is known."""
    most = counts.total
    gauges = (
        Gauge(label="failed", value=counts.critical, warning=0, critical=0, most=most),
        Gauge(label="warning", value=counts.warning, warning=0, most=most),
        Gauge(label="unknown", value=counts.unknown, warning=0, most=most),
        Gauge(label="stale", value=counts.stale, warning=0, most=most),
        Gauge(label="never", value=counts.missing, warning=0, critical=0, most=most),
    )
    if oldest is None:
        return gauges
    warning, critical = (
        None if limit is None else int(limit.total_seconds()) for limit in (limits.age_warning, limits.age_critical)
    )
    age = Gauge(label="oldest_age", value=_seconds(now - oldest), unit="s", warning=warning, critical=critical)
    return (*gauges, age)


def _seconds(age: timedelta) -> int:
    return max(int(age.total_seconds()), 0)
