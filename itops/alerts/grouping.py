"""Events -> drafts of messages: which channels hear of what, together with what, and when.

A draft is one message to one channel. Events of one check and kind go together; for a moment (`group_wait`) a draft
waits for more of them. What comes up in a channel's quiet hours becomes one digest in which each thing stands once,
as it is then. Whatever waits is a row already, so a restart forgets none of it: a draft that grows is made anew from
the incidents, and takes the place of its rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from itops.alerts.machine import is_told
from itops.alerts.patterns import covers
from itops.alerts.policy import STATES, AlertPolicy
from itops.alerts.quiet import held_until
from itops.alerts.records import Event, EventKind, Incident, Key, Notification, Phase
from itops.verdict import State, worst

URGENCY = (
    EventKind.ESCALATED,
    EventKind.WORSENED,
    EventKind.OPENED,
    EventKind.FLAPPING,
    EventKind.REMINDER,
    EventKind.STEADY,
    EventKind.RECOVERED,
)
"""Of a digest the most urgent kind is the kind of the message."""
_ENDS = frozenset({EventKind.RECOVERED, EventKind.STEADY})


class _Group(NamedTuple):
    """What goes together in one message; without a kind it is a digest."""

    channel: str
    check: str
    kind: EventKind | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message without its words."""

    channel: str
    kind: EventKind
    check: str  # "" for a digest of several
    events: tuple[Event, ...]  # sorted by key; one for each. None: the rows are withdrawn, and nothing is sent
    made_at: datetime
    not_before: datetime
    replaces: tuple[int, ...] = ()  # rows of which nothing was sent, whose events it has taken over
    is_digest: bool = False
    has_failed: bool = False  # a digest because the channel did not work, and not because of its quiet hours

    @property
    def keys(self) -> tuple[Key, ...]:
        """What it is about."""
        return tuple(event.incident.key for event in self.events)

    @property
    def state(self) -> State:
        """The worst that is open now."""
        return worst(state_of(event) for event in self.events)


def state_of(event: Event) -> State:
    """What is told of an event: what has recovered is well, whatever it was."""
    is_well = event.kind is EventKind.RECOVERED or (
        event.kind is EventKind.STEADY and event.incident.phase not in {Phase.FIRING, Phase.RECOVERING}
    )
    return State.OK if is_well else event.incident.state


def channels_of(event: Event, policy: AlertPolicy) -> tuple[str, ...]:
    """The channels that hear of an event, in the order of the file.

    A step of the escalation goes to the people of that step; the end of it to all who were told. What is CRITICAL or
    UNKNOWN and on no route goes to every channel: a gap in the routes must not be a silence. That a channel does not
    work is told by the others, while there are any.
    """
    incident = event.incident
    wanted = _escalated(event, policy)
    if event.kind is not EventKind.ESCALATED:
        wanted |= _routed(incident, policy)
    if not wanted and incident.state is not State.WARNING:
        wanted = set(policy.channels)
    if incident.key.check == "channel":
        others = wanted - {incident.key.object} or set(policy.channels) - {incident.key.object}
        wanted = others or wanted
    return tuple(name for name in policy.channels if name in wanted)


def drafts(
    events: Iterable[Event],
    *,
    policy: AlertPolicy,
    zone: ZoneInfo,
    now: datetime,
    incidents: Mapping[Key, Incident] | None = None,
    waiting: Sequence[Notification] = (),
) -> tuple[Draft, ...]:
    """What is to be written of a round.

    `incidents`: as they are after the round. `waiting`: rows of which nothing was tried yet (others are left alone);
    their `keys` must be complete.
    """
    groups: dict[_Group, list[Event]] = {}
    idle = [row for row in waiting if row.tries == 0 and row.sent_at is None and row.given_up_at is None]
    unsaid: dict[Notification, set[Key]] = {}
    for event in events:
        for channel in channels_of(event, policy):
            until = held_until(policy.quiet.get(channel), event, now, zone)
            row = _never_said(event, channel, idle, policy) if until is None else None
            if row is not None:
                unsaid.setdefault(row, set()).add(event.incident.key)
                continue
            group = _Group(channel, "", None, until)
            if until is None:
                group = _Group(channel, event.incident.key.check, event.kind, now + policy.group_wait)
            groups.setdefault(group, []).append(event)
    made = [_without(row, gone, incidents or {}, now) for row, gone in unsaid.items()]
    for group, found in groups.items():
        rows = [row for row in idle if row.channel == group.channel and row not in unsaid]
        make = _digest if group.kind is None else _grown
        made.append(make(group, found, now, rows, incidents or {}))
    return tuple(made)


def _never_said(event: Event, channel: str, idle: Iterable[Notification], policy: AlertPolicy) -> Notification | None:
    """The row that would say for the first time what is well again before it went out: neither is worth a message."""
    if event.kind is not EventKind.RECOVERED:
        return None
    for row in idle:
        is_plain = row.not_before - row.made_at <= policy.group_wait  # a digest says what became of things
        if row.channel == channel and row.kind is EventKind.OPENED and is_plain and event.incident.key in row.keys:
            return row
    return None


def _without(row: Notification, gone: Collection[Key], incidents: Mapping[Key, Incident], now: datetime) -> Draft:
    """What is left of a row; of nothing there is no message."""
    left = [key for key in row.keys if key not in gone and key in incidents and _fits(row.kind, incidents[key])]
    return Draft(
        channel=row.channel,
        kind=row.kind,
        check=row.keys[0].check,
        events=tuple(Event(kind=row.kind, incident=incidents[key], at=row.made_at) for key in sorted(left)),
        made_at=now,
        not_before=row.not_before,
        replaces=(row.number,),
    )


def _escalated(event: Event, policy: AlertPolicy) -> set[str]:
    """The channels of the steps: of the last one taken, or, where something ends, of all."""
    taken = policy.escalation[: event.incident.escalation]
    if event.kind is EventKind.ESCALATED:
        return set(taken[-1].channels) if taken else set()
    return {name for step in taken for name in step.channels} if event.kind in _ENDS else set()


def _routed(incident: Incident, policy: AlertPolicy) -> set[str]:
    if not policy.routes:
        return set(policy.channels)
    fitting = (
        route
        for route in policy.routes
        if incident.state in {STATES[name] for name in route.states}
        and covers(route.checks, route.objects, incident.key)
    )
    return {name for route in fitting for name in route.channels}


def _grown(
    group: _Group,
    events: Sequence[Event],
    now: datetime,
    rows: Sequence[Notification],
    incidents: Mapping[Key, Incident],
) -> Draft:
    """With what waits of the same check and kind, as long as it is still as it was."""
    kind, until = events[0].kind, group.until or now
    joined = [row for row in rows if now < row.not_before <= until and _is_alike(row, group, incidents)]
    found = {key: Event(kind=kind, incident=incidents[key], at=row.made_at) for row in joined for key in row.keys}
    found |= {event.incident.key: event for event in events}
    return Draft(
        channel=group.channel,
        kind=kind,
        check=group.check,
        events=tuple(found[key] for key in sorted(found)),
        made_at=now,
        not_before=min([until, *(row.not_before for row in joined)]),
        replaces=tuple(row.number for row in joined),
    )


def _is_alike(row: Notification, group: _Group, incidents: Mapping[Key, Incident]) -> bool:
    return row.kind is group.kind and all(
        key.check == group.check and key in incidents and _fits(row.kind, incidents[key]) for key in row.keys
    )


def _fits(kind: EventKind, incident: Incident) -> bool:
    """Whether the news is still true."""
    if kind in {EventKind.FLAPPING, EventKind.STEADY}:
        return incident.is_flapping == (kind is EventKind.FLAPPING)
    if kind is EventKind.RECOVERED:
        return not is_told(incident) and incident.closed_at is not None
    return is_told(incident)


def _digest(
    group: _Group,
    events: Sequence[Event],
    now: datetime,
    rows: Sequence[Notification],
    incidents: Mapping[Key, Incident],
) -> Draft:
    """Everything of the quiet hours once, as it is now."""
    joined = [row for row in rows if row.not_before == group.until]
    found = {
        key: Event(kind=kind_now(incidents[key]), incident=incidents[key], at=row.made_at)
        for row in joined
        for key in row.keys
        if key in incidents
    }
    for event in sorted(events, key=lambda one: URGENCY.index(one.kind), reverse=True):
        found[event.incident.key] = event
    checks = {key.check for key in found}
    return Draft(
        channel=group.channel,
        kind=min((event.kind for event in found.values()), key=URGENCY.index),
        check=checks.pop() if len(checks) == 1 else "",
        events=tuple(found[key] for key in sorted(found)),
        made_at=now,
        not_before=group.until or now,
        replaces=tuple(row.number for row in joined),
        is_digest=True,
    )


def kind_now(incident: Incident) -> EventKind:
    """What a digest says of it: how it is then, whatever came up before."""
    if incident.is_flapping:
        return EventKind.FLAPPING
    return EventKind.OPENED if is_told(incident) else EventKind.RECOVERED
