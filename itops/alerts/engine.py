"""One round: all evaluations x all incidents x silences x now -> incidents to write and events to tell.

Pure, and the same in whatever order the evaluations come. Write `changed` and what is made of `events` in one
transaction: then a process that dies has either told nothing and remembers nothing, or both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from itops.alerts.holding import Holdings, holdings
from itops.alerts.inhibition import explanations
from itops.alerts.machine import OWN_TABLE, Hold, Step, is_at_rest, step
from itops.alerts.policy import AlertPolicy, rule_of
from itops.alerts.records import Evaluation, Event, Incident, Key, Phase, Silence
from itops.alerts.staleness import stale_at, weight
from itops.verdict import State, severity

STALE = "stale"
"""The code of an evaluation that says well of a time that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a round made."""

    changed: tuple[Incident, ...] = ()  # as they are to be written
    events: tuple[Event, ...] = ()
    forgotten: tuple[Key, ...] = ()  # closed long ago, and judged no more: their rows may go


def play(
    evaluations: Iterable[Evaluation],
    incidents: Mapping[Key, Incident],
    silences: Sequence[Silence] = (),
    *,
    policy: AlertPolicy,
    zone: ZoneInfo,
    now: datetime,
    covered: frozenset[str] | None = None,
) -> Outcome:
    """One round.

    `incidents`: every one that is kept, closed ones too. `silences`: those that hold, and those that ended within the
    last days. `covered`: the checks that were judged as a whole; a key of theirs without an evaluation is judged no
    more. None: those of which there is any evaluation, so that a check that failed as a whole closes nothing.
    """
    judged = _by_key(evaluations, now)
    covered = frozenset(key.check for key in judged) if covered is None else covered
    rules = {check: rule_of(check, policy) for check in {key.check for key in (*judged, *incidents)}}
    memory = max((rule.memory for rule in rules.values()), default=timedelta())
    held = holdings(policy, silences, now, zone, memory)
    explained = explanations(judged, incidents)
    steps: list[tuple[Key, Incident | None, Step]] = []
    forgotten: list[Key] = []
    for key in sorted({*judged, *(one for one in incidents if one.check in covered)}):
        evaluation, incident = judged.get(key), incidents.get(key)
        if incident is None and evaluation is not None and evaluation.state is State.OK:
            continue
        if incident is not None and is_at_rest(incident) and (evaluation is None or evaluation.state is State.OK):
            if evaluation is None and _is_old(incident, policy, now):
                forgotten.append(key)
            continue
        before = incident or Incident(key=key)
        hold = _hold(key, before, held, explained.get(key))
        steps.append((key, incident, step(before, evaluation, rules[key.check], now, hold)))
    return Outcome(
        changed=tuple(made.incident for _, before, made in steps if made.incident is not before),
        events=tuple(event for _, _, made in steps for event in made.events),
        forgotten=tuple(forgotten),
    )


def _by_key(evaluations: Iterable[Evaluation], now: datetime) -> dict[Key, Evaluation]:
    """One for each key: of several the worst."""
    found: dict[Key, Evaluation] = {}
    for one in evaluations:
        fresh = _fresh(one, now)
        other = found.get(one.key)
        if other is None or _rank(fresh) > _rank(other):
            found[one.key] = fresh
    return found


def _rank(evaluation: Evaluation) -> tuple[int, datetime, str, str]:
    return severity(evaluation.state), evaluation.judged_at, evaluation.code, repr(sorted(evaluation.facts.items()))


def _fresh(evaluation: Evaluation, now: datetime) -> Evaluation:
    """Absence of news is bad news: what was well until a moment that is over is no longer; see staleness."""
    weighed = weight(evaluation, now)
    if not weighed.is_stale:
        return evaluation
    if evaluation.state is not State.OK:
        return replace(evaluation, state=weighed.state)
    until = now if weighed.is_ahead else evaluation.valid_until or stale_at(evaluation)
    facts = {"until_at": until.isoformat()}
    return replace(evaluation, state=weighed.state, code=STALE, table=OWN_TABLE, facts=facts, judged_at=now)


def _hold(key: Key, incident: Incident, held: Holdings, root: Key | None) -> Hold:
    is_open = incident.phase is not Phase.OK
    return Hold(
        is_maintained=held.maintenance_of(key) is not None,
        is_silenced=held.silence_of(key) is not None,
        explained_by=root,
        resumed_at=held.resumed_at(key) if is_open else None,
    )


def _is_old(incident: Incident, policy: AlertPolicy, now: datetime) -> bool:
    return incident.last_evaluated_at is None or now - incident.last_evaluated_at > policy.keep
