"""Sending notifications: which row of a channel may be tried now, and what a try makes of it. Pure: rows in, rows out.

A row is written before the network is touched (`begun`) and after. A process killed between sending and recording
leaves a row that is due again at once, so the same message may arrive twice, with the same id: at least once, never
not at all. Of `not_before` nothing is left of the first time after a failure: it is the time of the next try.

A channel is tried by its oldest row and rests after a failure, twice as long each time, up to an hour. What comes up
while it rests gives it one more chance at once, unless it refused us: one that works again must not keep an alarm for
an hour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from itops.alerts.channels import Message
from itops.alerts.records import Notification
from itops.documents import from_document, to_document

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=7)
_MANY_REFUSED = 2
"""One message may be refused for what it is; two on end are refused because of the settings."""
_MOST_ERROR = 1000
_NEVER_AGAIN = 16  # doublings: far beyond the longest delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(Message):
    """The document of a row: the message, and what is written on its envelope. Who reads it as a Message sees that."""

    failing_since_at: datetime | None = None  # the first try that failed
    failed_at: datetime | None = None  # the last one
    is_final: bool = False  # and the other side will say so again, until somebody mends the settings
    told_in: int | None = None  # the row that took over what this one says


def letter_of(row: Notification) -> Letter:
    """The envelope."""
    return from_document(Letter, row.document)


def message_in(row: Notification) -> Message:
    """What is sent: nothing of the envelope."""
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
    failed = {row.number: letter for row in ready if row.tries and (letter := letter_of(row)).failed_at is not None}
    due_now = [row for row in ready if _has_come(row, failed.get(row.number), now)]
    resting = [row for row in ready if row.number in failed and row not in due_now]
    refused = [row for row in resting if failed[row.number].is_final]
    if len(refused) >= _MANY_REFUSED:
        return ()
    if len(refused) < len(resting):
        last = max(letter.failed_at for letter in failed.values() if letter.failed_at is not None)
        if not any(row.number not in failed and row.not_before > last for row in due_now):
            return ()
        due_now = [row for row in ready if row in due_now or (row in resting and row not in refused)]
    return tuple(sorted(due_now, key=lambda one: one.number in failed and failed[one.number].is_final))


def _has_come(row: Notification, letter: Letter | None, now: datetime) -> bool:
    """What was written down by a clock that has been set back since does not wait for it to come true."""
    written_at = letter.failed_at if letter is not None and letter.failed_at is not None else row.made_at
    return row.not_before <= now or written_at > now


def begun(row: Notification) -> Notification:
    """To be written before the network is touched."""
    return replace(row, tries=row.tries + 1)


def sent(row: Notification, now: datetime) -> Notification:
    """It went out."""
    return replace(row, sent_at=now, error="")


def failed(row: Notification, now: datetime, error: str, *, is_final: bool = False) -> Notification:
    """It did not go out: later again, and given up after a week. What nobody will take now is asked once an hour."""
    letter = letter_of(row)
    since = letter.failing_since_at or now
    return replace(
        row,
        not_before=now + (LONGEST_DELAY if is_final else delay(row.tries)),
        error=error[:_MOST_ERROR],
        given_up_at=now if now - since >= GIVE_UP_AFTER else None,
        document=to_document(replace(letter, failing_since_at=since, failed_at=now, is_final=is_final)),
    )


def given_up(row: Notification, now: datetime, reason: str) -> Notification:
    """It is not sent any more, and says why."""
    return replace(row, given_up_at=now, error=reason)


def taken_over(row: Notification, now: datetime, number: int) -> Notification:
    """What it says is told in another one."""
    document = to_document(replace(letter_of(row), told_in=number))
    return replace(row, given_up_at=now, error=f"told in message {number}", document=document)


def inherited(message: Message, rows: Sequence[Notification]) -> str:
    """The document of a message that takes the place of rows that failed: its channel has failed as long as theirs."""
    letters = [letter_of(row) for row in rows if row.tries]
    return to_document(
        Letter(
            **{part.name: getattr(message, part.name) for part in fields(Message)},
            failing_since_at=min((one.failing_since_at for one in letters if one.failing_since_at), default=None),
            failed_at=max((one.failed_at for one in letters if one.failed_at), default=None),
            is_final=bool(letters) and all(one.is_final for one in letters if one.failed_at),
        )
    )


def is_lost(row: Notification) -> bool:
    """Whether it was given up after failing for so long: nobody was told what it says."""
    if row.given_up_at is None:
        return False
    letter = letter_of(row)
    since = letter.failing_since_at
    return letter.told_in is None and since is not None and row.given_up_at - since >= GIVE_UP_AFTER
