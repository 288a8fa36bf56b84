"""A channel that has been down for long gets one digest, of things as they are now, and no storm of old news.

The digest is made while the channel is still down, takes over what waits, and fails on with its age; whatever comes
later joins it in the same way. So there are never many rows for a channel that does not work.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from itops.alerts.grouping import URGENCY, Draft, kind_now
from itops.alerts.records import Event, Incident, Key, Notification
from itops.alerts.sending import inherited, taken_over
from itops.tasks.alerting.telling import Telling

PATIENCE = timedelta(hours=1)
MOST_ROWS = 5


def caught_up(
    waiting: Sequence[Notification],
    new: Sequence[Notification],
    incidents: Mapping[Key, Incident],
    telling: Telling,
    first_number: int,
) -> tuple[list[Notification], tuple[Notification, ...]]:
    """The rows to be added in the place of `new`, and those of `waiting` that a digest among them has taken over.

    `incidents`: as they are after the round. `first_number`: of the first row that is added.
    """
    rows: list[Notification] = []
    closed: list[Notification] = []
    for channel in dict.fromkeys(row.channel for row in (*waiting, *new)):
        own = [row for row in new if row.channel == channel]
        old = _late([row for row in waiting if row.channel == channel and row.keys], telling)
        fresh = _late(own, telling)
        if not _is_storm(old, fresh, incidents, telling):
            rows += own
            continue
        closed += [taken_over(row, telling.now, first_number + len(rows)) for row in old]
        rows += [_digest(channel, old, fresh, incidents, telling), *(row for row in own if row not in fresh)]
    return rows, tuple(closed)


def _late(rows: Sequence[Notification], telling: Telling) -> list[Notification]:
    """Without those that wait for the end of quiet hours."""
    soon = telling.now + telling.policy.group_wait
    return [row for row in rows if row.tries or row.not_before <= soon]


def _is_storm(
    old: Sequence[Notification],
    fresh: Sequence[Notification],
    incidents: Mapping[Key, Incident],
    telling: Telling,
) -> bool:
    rows = (*old, *fresh)
    is_known = any(key in incidents for row in rows for key in row.keys)
    if len(rows) <= MOST_ROWS or not is_known or rows[0].channel not in telling.policy.channels:
        return False
    since = [row.failing_since_at for row in old if row.failing_since_at is not None]
    return bool(since) and telling.now - min(since) >= PATIENCE


def _digest(
    channel: str,
    old: Sequence[Notification],
    fresh: Sequence[Notification],
    incidents: Mapping[Key, Incident],
    telling: Telling,
) -> Notification:
    """Everything once, as it is now. Its channel has failed for as long as before; what is new gives it a chance."""
    found = {key: row.made_at for row in (*old, *fresh) for key in row.keys if key in incidents}
    events = [Event(kind=kind_now(incidents[key]), incident=incidents[key], at=found[key]) for key in sorted(found)]
    checks = {key.check for key in found}
    draft = Draft(
        channel=channel,
        kind=min((event.kind for event in events), key=URGENCY.index),
        check=checks.pop() if len(checks) == 1 else "",
        events=tuple(events),
        made_at=telling.now,
        not_before=telling.now if fresh else min(row.not_before for row in old if row.failed_at is not None),
        is_digest=True,
        has_failed=True,
    )
    return inherited(telling.row(draft), old)
