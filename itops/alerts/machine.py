"""The state machine of one key: incident x evaluation x rule x now -> incident and what to tell.

Two things are kept apart. What *is*: the phase, moved by each evaluation. What people *believe*: `notify_count` above
zero means that they were told it is open, with `state` as the worst they heard. Each step tells the difference, so
what could not be told in a silence, while flapping or in the rest after a recovery is told afterwards, if it is still
true, and a restart can neither repeat nor lose anything: all of it is in the record.

Bad things: UNKNOWN is bad, and less than CRITICAL. It needs its own pending time, and of something already open it is
worse only when the next evaluation says the same: our own locked store is no news of a server.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from itops.alerts.flapping import is_flapping, remembered
from itops.alerts.policy import Rule
from itops.alerts.records import Evaluation, Event, EventKind, Incident, Key, Phase
from itops.verdict import State, severity

GONE = "gone"
"""The code of an incident that was closed because nothing judges its object any more."""
OWN_TABLE = "alert"
"""The table of words for codes of this room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What keeps a key from being told now."""

    is_maintained: bool = False
    is_silenced: bool = False
    explained_by: Key | None = None
    resumed_at: datetime | None = None  # when the last such thing ended


@dataclass(frozen=True, slots=True)
class Step:
    """What one evaluation made of an incident."""

    incident: Incident
    events: tuple[Event, ...] = ()


NOTHING_HELD = Hold()


def step(
    incident: Incident, evaluation: Evaluation | None, rule: Rule, now: datetime, hold: Hold = NOTHING_HELD
) -> Step:
    """One round of one key. Without an evaluation its object is judged no more: that counts as good, and says so."""
    incident = _not_in_the_future(incident, now)
    if hold.is_maintained or (hold.explained_by and _is_bad(evaluation)):
        return Step(_frozen(incident, evaluation, hold))
    seen = _seen(incident, evaluation, rule, now)
    if hold.is_silenced:
        return Step(seen)
    return _told(seen, evaluation, rule, now, hold, is_worse=_is_worse(incident, evaluation))


def acknowledged(incident: Incident, *, by: str, note: str, now: datetime) -> Incident:
    """Somebody looks after it: no more reminders and no more steps of the escalation until it gets worse."""
    return replace(incident, acked_by=by, acked_at=now, ack_note=note)


def next_reminder_at(incident: Incident, rule: Rule, resumed_at: datetime | None = None) -> datetime | None:
    """When people are reminded, if nothing changes; None: not at all."""
    if incident.phase is not Phase.FIRING or not is_told(incident) or incident.acked_by:
        return None
    return _later(incident.last_notified_at, resumed_at) + rule.remind_every


def next_escalation_at(incident: Incident, rule: Rule, resumed_at: datetime | None = None) -> datetime | None:
    """When the next step of the escalation is taken, if nobody acknowledges; None: never."""
    is_waiting = incident.phase is Phase.FIRING and is_told(incident) and not incident.acked_by
    if not is_waiting or incident.state not in rule.escalates or incident.escalation >= len(rule.escalate_after):
        return None
    return _later(incident.opened_at, resumed_at) + rule.escalate_after[incident.escalation]


def rests_until(incident: Incident, rule: Rule) -> datetime | None:
    """Until when it is no news, as the same was told lately; None where nothing was told, or it is worse than that."""
    last = incident.last_notified_at
    if last is None or severity(incident.state) > severity(incident.rested_state):
        return None
    return last + rule.rest


def is_told(incident: Incident) -> bool:
    """Whether people believe it to be open: they were told, and not yet that it has recovered."""
    return incident.notify_count > 0


def is_at_rest(incident: Incident) -> bool:
    """Whether one more good evaluation can change nothing of it."""
    is_closed = incident.phase is Phase.OK and not is_told(incident) and not incident.is_flapping
    return is_closed and True not in incident.recent


# What is.


def _frozen(incident: Incident, evaluation: Evaluation | None, hold: Hold) -> Incident:
    """In maintenance, or explained by another: nothing counts, and what was not open before begins anew afterwards."""
    if evaluation is None:
        return incident
    if not _is_bad(evaluation):
        return replace(incident, last_evaluated_at=evaluation.judged_at, explained_by=None)
    incident = _described(incident, evaluation)
    is_open = incident.phase in {Phase.FIRING, Phase.RECOVERING}
    return replace(
        incident,
        phase=incident.phase if is_open else Phase.PENDING,
        bad_count=incident.bad_count if is_open else 0,
        good_count=0,
        first_bad_at=incident.first_bad_at if is_open else None,
        last_evaluated_at=evaluation.judged_at,
        explained_by=hold.explained_by,
    )


def _seen(incident: Incident, evaluation: Evaluation | None, rule: Rule, now: datetime) -> Incident:
    """Its phase after the evaluation; the same evaluation once more changes nothing."""
    judged_at = now if evaluation is None else evaluation.judged_at
    if judged_at == incident.last_evaluated_at:
        return incident if incident.explained_by is None else replace(incident, explained_by=None)
    if evaluation is None or not _is_bad(evaluation):
        return _good(incident, judged_at, rule, is_gone=evaluation is None)
    return _bad(incident, evaluation, rule, now)


def _bad(incident: Incident, evaluation: Evaluation, rule: Rule, now: datetime) -> Incident:
    is_unknown = evaluation.state is State.UNKNOWN  # that nobody could look says nothing of a change
    first_bad_at = incident.first_bad_at or now
    incident = replace(
        _described(incident, evaluation),
        bad_count=incident.bad_count + 1,
        good_count=0,
        first_bad_at=first_bad_at,
        last_evaluated_at=evaluation.judged_at,
        explained_by=None,
        recent=incident.recent if is_unknown else remembered(incident.recent, is_bad=True),
    )
    if incident.phase in {Phase.FIRING, Phase.RECOVERING}:
        return replace(incident, phase=Phase.FIRING)
    pending = rule.pending_unknown if is_unknown else rule.pending
    if not pending.is_over(count=incident.bad_count, lasting=now - first_bad_at):
        return replace(incident, phase=Phase.PENDING)
    if is_told(incident):  # nobody heard that it had recovered: for people it was open all the time
        return replace(incident, phase=Phase.FIRING, closed_at=None)
    return replace(incident, phase=Phase.FIRING, opened_at=now, closed_at=None)


def _good(incident: Incident, judged_at: datetime, rule: Rule, *, is_gone: bool) -> Incident:
    incident = replace(
        incident,
        bad_count=0,
        good_count=incident.good_count + 1,
        last_evaluated_at=judged_at,
        explained_by=None,
        recent=remembered(incident.recent, is_bad=False),
    )
    if incident.phase not in {Phase.FIRING, Phase.RECOVERING}:
        closed = replace(incident, phase=Phase.OK, first_bad_at=None)
    elif incident.good_count < rule.clear:
        return replace(incident, phase=Phase.RECOVERING)
    else:
        closed = replace(incident, phase=Phase.OK, first_bad_at=None, closed_at=judged_at)
        if is_gone and not incident.is_finding:
            closed = replace(closed, code=GONE, table=OWN_TABLE, facts={})
    return closed if is_told(closed) else _believed_well(closed)


def _described(incident: Incident, evaluation: Evaluation) -> Incident:
    """With what is wrong now; its state only while nobody was told, for then it is the worst that was told."""
    return replace(
        incident,
        state=incident.state if is_told(incident) else evaluation.state,
        code=evaluation.code,
        table=evaluation.table,
        facts=evaluation.facts,
        owner=evaluation.owner,
        is_finding=evaluation.is_finding,
    )


# What people believe.


def _told(
    incident: Incident, evaluation: Evaluation | None, rule: Rule, now: datetime, hold: Hold, *, is_worse: bool
) -> Step:
    events: list[Event] = []
    flaps = is_flapping(incident.recent, before=incident.is_flapping)
    if flaps != incident.is_flapping:
        incident = replace(incident, is_flapping=flaps, last_notified_at=now, rested_state=incident.state)
        events.append(Event(kind=EventKind.FLAPPING if flaps else EventKind.STEADY, incident=incident, at=now))
    kind = _difference(incident, rule, now, hold, is_worse=is_worse)
    if kind is not None:
        state = evaluation.state if evaluation is not None and is_worse else incident.state
        incident = _noted(incident, kind, state, now)
        events.append(Event(kind=kind, incident=incident, at=now))
        if kind is EventKind.RECOVERED:
            incident = _believed_well(incident)
    return Step(incident, tuple(events))


def _difference(incident: Incident, rule: Rule, now: datetime, hold: Hold, *, is_worse: bool) -> EventKind | None:
    """What people do not know yet; the most urgent of it."""
    if incident.phase is Phase.OK:
        return EventKind.RECOVERED if is_told(incident) and not incident.is_flapping else None
    if incident.phase is not Phase.FIRING:
        return None
    if is_told(incident) and is_worse:
        return EventKind.WORSENED
    if incident.is_flapping:
        return None
    if not is_told(incident):
        return EventKind.OPENED if _is_due(rests_until(incident, rule) or now, now) else None
    if _is_due(next_escalation_at(incident, rule, hold.resumed_at), now):
        return EventKind.ESCALATED
    return EventKind.REMINDER if _is_due(next_reminder_at(incident, rule, hold.resumed_at), now) else None


def _noted(incident: Incident, kind: EventKind, state: State, now: datetime) -> Incident:
    told = replace(incident, state=state, last_notified_at=now, notify_count=incident.notify_count + 1)
    if kind is EventKind.WORSENED:
        told = replace(told, acked_by="", acked_at=None, ack_note="")
    return replace(told, escalation=told.escalation + 1) if kind is EventKind.ESCALATED else told


def _believed_well(incident: Incident) -> Incident:
    rested = incident.state if is_told(incident) else incident.rested_state
    well = replace(incident, notify_count=0, escalation=0, acked_by="", acked_at=None, ack_note="")
    return well if rested is well.rested_state else replace(well, rested_state=rested)


def _is_bad(evaluation: Evaluation | None) -> bool:
    return evaluation is not None and evaluation.state is not State.OK


def _is_worse(before: Incident, evaluation: Evaluation | None) -> bool:
    """Whether it is worse than what people were told; of UNKNOWN the second evaluation on end has to say so."""
    if evaluation is None or severity(evaluation.state) <= severity(before.state):
        return False
    is_another = before.last_evaluated_at != evaluation.judged_at
    return evaluation.state is not State.UNKNOWN or (before.code == evaluation.code and is_another)


def _is_due(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _later(at: datetime | None, other: datetime | None) -> datetime:
    moments = [moment for moment in (at, other) if moment is not None]
    return max(moments)


def _not_in_the_future(incident: Incident, now: datetime) -> Incident:
    """After the clock was set back, moments of before would hold reminders for as long as it was wrong."""
    moments = (
        incident.first_bad_at,
        incident.opened_at,
        incident.closed_at,
        incident.last_notified_at,
        incident.acked_at,
    )
    if all(moment is None or moment <= now for moment in moments):
        return incident
    first_bad_at, opened_at, closed_at, last_notified_at, acked_at = (one and min(one, now) for one in moments)
    return replace(
        incident,
        first_bad_at=first_bad_at,
        opened_at=opened_at,
        closed_at=closed_at,
        last_notified_at=last_notified_at,
        acked_at=acked_at,
    )
