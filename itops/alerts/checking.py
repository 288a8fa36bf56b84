"""What the check says: evaluations x what should be there x now -> one result for each check. Pure.

Absence of news is bad news. What was judged too long ago, or well only until a moment that is over, is never OK; what
should have been judged and never was is UNKNOWN, and so is a check without anything to judge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from itops.alerts.records import Evaluation, Key
from itops.backup.copies import Fact
from itops.verdict import State, severity, worst

TABLE = "check"
"""The table of words for codes of this room."""
STALE, NEVER, AHEAD, NOTHING = "stale", "never-judged", "judged-ahead", "nothing-judged"
BEAT_FRESH, BEAT_STALE, BEAT_NEVER, BEAT_AHEAD = "beat-fresh", "beat-stale", "beat-never", "beat-ahead"
ALL, HEARTBEAT = "itops", "heartbeat"
"""Results that are of no single check: all of them together; that somebody ticks."""
_NOTHING = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLimits:
    """How old an evaluation may be, whatever it says of itself. Ages of good copies are drawn, not judged."""

    judged_within: timedelta = timedelta(hours=26)
    lost_after: timedelta = timedelta(hours=2)  # stale for longer: no longer WARNING, nobody knows
    clock_slack: timedelta = timedelta(minutes=5)  # judged so far in the future: two clocks that nearly agree
    age_warning: timedelta | None = None
    age_critical: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedObject:
    """One object as it counts now. `state` is never better than that of its evaluation."""

    key: Key
    state: State
    code: str
    table: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    is_stale: bool = False
    is_missing: bool = False  # it should have been judged and never was
    judged_at: datetime | None = None
    valid_until: datetime | None = None
    since: datetime | None = None
    last_good_at: datetime | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One number for the graphs of a monitoring system."""

    label: str  # of ours: letters and underscores
    value: int
    unit: Literal["", "s"] = ""
    warning: int | None = None
    critical: int | None = None
    least: int | None = 0
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
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
        one = _checked(key, newest.get(key), limits.get(key.check, CheckLimits()), now)
        if wanted is None or key in wanted or not one.is_stale:
            found.setdefault(key.check, []).append(one)
    names = checks or sorted(found)
    return tuple(_result(check, found[check], limits.get(check, CheckLimits()), now) for check in dict.fromkeys(names))


def joined(results: Sequence[CheckResult], now: datetime) -> CheckResult:
    """All of them as one: for the check of everything. A check without anything to judge counts as one object."""
    objects = [one for result in results for one in (result.objects or (_nothing(result.check),))]
    oldest = min((result.oldest_good_at for result in results if result.oldest_good_at is not None), default=None)
    return replace(_result(ALL, objects, CheckLimits(), now), oldest_good_at=oldest)


def heartbeat(beat_at: datetime | None, now: datetime, within: timedelta) -> CheckResult:
    """That somebody ticks. A beat from the future tells nothing of now: UNKNOWN. No beat is as bad as an old one."""
    age = None if beat_at is None else now - beat_at
    if age is None:
        state, code = State.CRITICAL, BEAT_NEVER
    elif age > within:
        state, code = State.CRITICAL, BEAT_STALE
    elif -age > within:
        state, code = State.UNKNOWN, BEAT_AHEAD
    else:
        state, code = State.OK, BEAT_FRESH
    one = CheckedObject(
        key=Key(HEARTBEAT, ""),
        state=state,
        code=code,
        table=TABLE,
        facts={"beat_at": beat_at.isoformat()} if beat_at else {},
        judged_at=now,
        last_good_at=beat_at,
    )
    limit = int(within.total_seconds())
    ages = (
        () if age is None else (Gauge(label="beat_age", value=_seconds(age), unit="s", warning=limit, critical=limit),)
    )
    return replace(_result(HEARTBEAT, [one], CheckLimits(), now), gauges=ages)


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
    if evaluation.judged_at - now > limits.clock_slack:
        return _at_least(State.UNKNOWN, AHEAD, one)
    late = _late(evaluation, limits, now)
    if late is None:
        return one
    return _at_least(State.UNKNOWN if late > limits.lost_after else State.WARNING, STALE, one)


def _late(evaluation: Evaluation, limits: CheckLimits, now: datetime) -> timedelta | None:
    """For how long it has been stale; None while it is not. At the moment it is valid until, it may be otherwise."""
    overdue = now - evaluation.judged_at - limits.judged_within
    spent = None if evaluation.valid_until is None else now - evaluation.valid_until
    if spent is not None and spent >= _NOTHING:
        return max(spent, overdue)
    return overdue if overdue > _NOTHING else None


def _at_least(state: State, code: str, one: CheckedObject) -> CheckedObject:
    """Stale, and not better than `state`; what was bad already keeps its own words."""
    stale = replace(one, is_stale=True, state=worst([one.state, state]))
    if one.state is not State.OK:
        return stale
    facts = {"judged_at": one.judged_at.isoformat()} if one.judged_at is not None else {}
    return replace(stale, code=code, table=TABLE, facts=facts)


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
