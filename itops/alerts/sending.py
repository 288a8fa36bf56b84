"""Sending notifications: which row of a channel may be tried now, and what a try makes of it. Pure: rows in, rows out.

A row is written before the network is touched (`begun`) and after. A process killed between sending and recording
leaves a row that is due again at once, so the same message may arrive twice, with the same id: at least once, never
not at all. Of `not_before` nothing is left of the first time after a failure: it is the time of the next try.

A channel is tried by its oldest row and rests after a failure, twice as long each time, up to an hour. What comes up
while it rests gives it one more chance at once, unless it refused us: one that works again must not keep an alarm for
an hour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from itops.alerts.channels import Message
from itops.alerts.records import Notification
from itops.documents import from_document

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=7)
_MANY_REFUSED = 2
"""One message may be refused for what it is; two on end are refused because of the settings."""
_MOST_ERROR = 1000
_NEVER_AGAIN = 16  # doublings: far beyond the longest delay


def message_in(row: Notification) -> Message:
    """What is sent."""
    return from_document(Message, row.document)


def delay(tries: int) -> timedelta:
    """How long a channel rests after so many tries of one message."""
    doubled: timedelta = FIRST_DELAY * (1 << min(max(tries - 1, 0), _NEVER_AGAIN))
    return min(doubled, LONGEST_DELAY)


def is_open(row: Notification) -> bool:
    """Whether something still becomes of it."""
    return row.sent_at is None and row.given_up_at is None


def due(rows: Iterable[Notification], now: datetime) -> tuple[Notification, ...]:
    """The rows of one channel that are to be tried now, in this order; stop at the first that fails.

    The oldest first. Those that were refused for good come last, and hold up no others; two of them mean that the
    settings are wrong, and then the channel rests, whatever comes up: an account that is tried on and on gets locked.
    """
    ready = [row for row in sorted(rows, key=lambda one: one.number) if is_open(row)]
    due_now = [row for row in ready if _has_come(row, now)]
    resting = [row for row in ready if row.failed_at is not None and row not in due_now]
    refused = [row for row in resting if row.is_final]
    if len(refused) >= _MANY_REFUSED:
        return ()
    if len(refused) < len(resting):
        last = max(row.failed_at for row in ready if row.failed_at is not None)
        if not any(row.failed_at is None and row.not_before > last for row in due_now):
            return ()
        due_now = [row for row in ready if row in due_now or (row in resting and row not in refused)]
    return tuple(sorted(due_now, key=lambda one: one.is_final))


def _has_come(row: Notification, now: datetime) -> bool:
    """What was written down by a clock that has been set back since does not wait for it to come true."""
    return row.not_before <= now or (row.failed_at or row.made_at) > now


def begun(row: Notification) -> Notification:
    """To be written before the network is touched."""
    return replace(row, tries=row.tries + 1)


def sent(row: Notification, now: datetime) -> Notification:
    """It went out."""
    return replace(row, sent_at=now, error="")


def failed(row: Notification, now: datetime, error: str, *, is_final: bool = False) -> Notification:
    """It did not go out: later again, and given up after a week. What nobody will take now is asked once an hour."""
    since = row.failing_since_at or now
    return replace(
        row,
        not_before=now + (LONGEST_DELAY if is_final else delay(row.tries)),
        error=error[:_MOST_ERROR],
        given_up_at=now if now - since >= GIVE_UP_AFTER else None,
        failing_since_at=since,
        failed_at=now,
        is_final=is_final,
    )


def given_up(row: Notification, now: datetime, reason: str) -> Notification:
    """It is not sent any more, and says why."""
    return replace(row, given_up_at=now, error=reason)


def taken_over(row: Notification, now: datetime, number: int) -> Notification:
    """What it says is told in another one."""
    return replace(row, given_up_at=now, error=f"told in message {number}", told_in=number)


def inherited(row: Notification, rows: Sequence[Notification]) -> Notification:
    """A new row that takes the place of `rows`, some of which failed: its channel has failed as long as theirs."""
    failing = [one for one in rows if one.failed_at is not None]
    if not failing:
        return row
    return replace(
        row,
        tries=max(one.tries for one in failing),
        error=failing[0].error,
        failing_since_at=min(one.failing_since_at for one in failing if one.failing_since_at is not None),
        failed_at=max(one.failed_at for one in failing if one.failed_at is not None),
        is_final=all(one.is_final for one in failing),
    )


def is_lost(row: Notification) -> bool:
    """Whether it was given up after failing for so long: nobody was told what it says."""
    if row.given_up_at is None or row.failing_since_at is None or row.told_in is not None:
        return False
    return row.given_up_at - row.failing_since_at >= GIVE_UP_AFTER
