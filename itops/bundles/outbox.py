"""The outbox: what became of each bundle, and what is to be done next. Pure: rows and a moment in, rows out.

queued -> sending -> sent -> delivered | refused. A row is written before the network is touched (`begun`), so a process
killed while sending leaves `sending`, which is due again at once: targets send nothing twice. Only a receipt that
verifies leads to `delivered` or `refused` (`judged`); a target that refuses outright leads to `refused` too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from itops.bundles.receipts import Receipt, ReceiptState

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
SEND_AGAIN_AFTER = timedelta(days=1)
"""A bundle that was sent and has no receipt for so long is sent once more: somebody may have emptied the drop."""


class State(Enum):
    """Where a bundle is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"

    @property
    def is_open(self) -> bool:
        """Whether itops still does something by itself."""
        return self in (State.QUEUED, State.SENDING, State.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One bundle in the outbox."""

    sha256: str
    name: str  # of its folder below the outbox, and of its parts
    office: str
    period: str
    sequence: int
    size_bytes: int
    previous: str | None
    queued_at: datetime
    state: State = State.QUEUED
    tries: int = 0  # begun since it was queued, the last time if it was sent again by hand
    next_at: datetime | None = None  # not before; None: at once
    target: str | None = None  # the way it took, or was last tried
    sent_at: datetime | None = None
    closed_at: datetime | None = None  # delivered or refused, by the clock of this machine
    received_at: datetime | None = None  # by the clock of headquarters: they have it, whatever they will say of it
    problem: str | None = None
    remedy: str | None = None

    def is_late(self, now: datetime, max_delay: timedelta) -> bool:
        """Whether it should have been delivered by now, and was not."""
        return self.state is not State.DELIVERED and now - self.queued_at > max_delay


def delay(tries: int, seed: str) -> timedelta:
    """How long to wait after so many tries: twice as long each time up to an hour, then spread by up to a fifth less.

    The spread follows from `seed` (the bundle) and the try alone: offices that failed together do not return together,
    and a test can foretell it.
    """
    doubled: timedelta = FIRST_DELAY * (1 << min(max(tries - 1, 0), 16))
    spread = int.from_bytes(hashlib.sha256(f"{seed}/{tries}".encode()).digest()[:4], "big") / 2**32
    return min(doubled, LONGEST_DELAY) * (1 - spread / 5)


def due(rows: Sequence[OutboxRow], now: datetime) -> tuple[OutboxRow, ...]:
    """What is to be sent now, in the order in which it was made: the bundle before comes before."""
    wanted = [row for row in rows if row.state.is_open and (row.next_at is None or row.next_at <= now)]
    return tuple(sorted(wanted, key=lambda row: (row.queued_at, row.period, row.sequence)))


def waiting(rows: Sequence[OutboxRow]) -> tuple[OutboxRow, ...]:
    """Those that a receipt may close: whatever was begun may have arrived, whether or not we know it."""
    return tuple(row for row in rows if row.state.is_open and row.tries)


def begun(row: OutboxRow, target: str) -> OutboxRow:
    """To be written before the first byte is sent."""
    return replace(row, state=State.SENDING, tries=row.tries + 1, target=target)


def failed(row: OutboxRow, now: datetime, problem: str, remedy: str) -> OutboxRow:
    """The way was closed: later again."""
    return replace(row, state=State.QUEUED, next_at=now + delay(row.tries, row.sha256), problem=problem, remedy=remedy)


def sent(row: OutboxRow, now: datetime) -> OutboxRow:
    """All parts are there; now headquarters has the word."""
    again = now + SEND_AGAIN_AFTER
    return replace(row, state=State.SENT, sent_at=now, next_at=again, problem=None, remedy=None)


def refused(row: OutboxRow, now: datetime, problem: str, remedy: str) -> OutboxRow:
    """It is not tried again by itself."""
    return replace(row, state=State.REFUSED, closed_at=now, next_at=None, problem=problem, remedy=remedy)


def judged(row: OutboxRow, receipt: Receipt, now: datetime) -> OutboxRow:
    """What a verified receipt about this bundle makes of its row; the same receipt again changes nothing."""
    if receipt.state is ReceiptState.RECEIVED:
        return row if row.received_at is not None else replace(row, received_at=receipt.at)
    if receipt.state is ReceiptState.ACCEPTED:
        if row.state is State.DELIVERED:
            return row
        arrived = row.received_at or receipt.at
        return replace(
            row,
            state=State.DELIVERED,
            closed_at=now,
            received_at=arrived,
            next_at=None,
            problem=None,
            remedy=None,
        )
    if row.state in (State.DELIVERED, State.REFUSED):
        return row
    reasons = "; ".join(reason.text for reason in receipt.reasons) or "no reason was given"
    remedy = "mend it, then build the report again and upload it; or send the same again: itops report resend"
    return refused(row, now, f"{receipt.by} rejected it: {reasons}", remedy)


def resent(row: OutboxRow) -> OutboxRow:
    """A person wants it sent once more, from the beginning."""
    return replace(row, state=State.QUEUED, tries=0, next_at=None, closed_at=None, problem=None, remedy=None)
