"""Send what is due: each channel in a thread of its own, its rows in order, each written down before and after.

A channel that fails, hangs or breaks off keeps no other one waiting. After a failure its other rows are left for the
next run. Whatever happens to this process, a row is sent at least once: one that was sent and not yet recorded goes out
again under the same id, by which mail servers and webhooks know it.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from itops.alerts import sending
from itops.alerts.channels import Channel, ChannelFailed
from itops.alerts.policy import AlertPolicy
from itops.alerts.quiet import held_until
from itops.alerts.records import Event, Incident, Key, Notification
from itops.errors import ItopsError

_NO_NEW_AFTER_SECONDS = 300.0
"""A slow channel begins no further row after so long; they go in the next run."""
_PATIENCE_SECONDS = 900.0
"""A channel's own time limit is at most 600 seconds for one message. Beyond this it is left to itself."""
_REMOVED = "itops.yaml has no channel of that name any more"
_MOST_NAME = 200


class NotificationStore(Protocol):
    """What is needed of the store; see itops.store.watch_writer."""

    def change_notification(self, notification: Notification) -> None:
        """Write down what a try made of a row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What a run of sending works with."""

    store: NotificationStore
    policy: AlertPolicy
    zone: ZoneInfo
    now: datetime
    channels: Mapping[str, Channel]
    no_new_after_seconds: float = _NO_NEW_AFTER_SECONDS
    patience_seconds: float = _PATIENCE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A row that was tried, or given up, in this run."""

    row: Notification  # as it is now
    receipt: str = ""  # what the other side called it


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOut:
    """What came of a run."""

    tried: tuple[Tried, ...]
    waiting: int = 0  # rows that were not tried: their time has not come, or their channel rests


def built(policy: AlertPolicy) -> dict[str, Channel]:
    """The channels of itops.yaml; touches neither network nor disk."""
    return {name: settings.build() for name, settings in policy.channels.items()}


def send_due(sender: Sender, rows: Sequence[Notification]) -> SentOut:
    """Try every row of `rows` (all that are open) whose time has come. `sent_at` is the moment of the run.

    Raises what the store raises, after every channel had its turn; no channel's failure is raised.
    """
    removed = [_given_up(sender, row) for row in rows if row.channel not in sender.channels]
    lines = []
    for name, channel in sender.channels.items():
        due = sending.due([row for row in rows if row.channel == name and not _is_held(row, sender)], sender.now)
        if due:
            lines.append(_Line(sender, channel, due))
    for line in lines:
        line.thread.start()
    deadline = time.monotonic() + sender.patience_seconds
    for line in lines:
        line.wait(max(deadline - time.monotonic(), 0.0))
    for line in lines:
        if line.problem is not None:
            raise line.problem
    tried = (*removed, *(one for line in lines for one in line.tried))
    return SentOut(tried=tried, waiting=len(rows) - len(tried))


def _given_up(sender: Sender, row: Notification) -> Tried:
    kept = sending.given_up(row, sender.now, _REMOVED)
    sender.store.change_notification(kept)
    return Tried(row=kept)


def _is_held(row: Notification, sender: Sender) -> bool:
    """What failed before the channel's quiet hours began waits for their end, too."""
    nothing = Incident(key=Key("", ""), state=row.state)
    event = Event(kind=row.kind, incident=nothing, at=row.made_at)
    return held_until(sender.policy.quiet.get(row.channel), event, sender.now, sender.zone) is not None


class _Line:
    """One channel, and what is to go out by it."""

    def __init__(self, sender: Sender, channel: Channel, rows: Sequence[Notification]) -> None:
        self._sender = sender
        self._channel = channel
        self._rows = rows
        self._current: Notification | None = None  # that is being sent
        self._stop_at = time.monotonic() + sender.no_new_after_seconds
        self.tried: list[Tried] = []
        self.problem: ItopsError | None = None
        # A daemon: one that hangs must not keep the process from ending.
        self.thread = threading.Thread(target=self._run, name=f"send-{channel.name}", daemon=True)

    def wait(self, seconds: float) -> None:
        """Until it is done; whoever does not come back, or broke off, has failed."""
        self.thread.join(seconds)
        row, is_hanging = self._current, self.thread.is_alive()
        if row is None or self.problem is not None:
            return
        how = "did not come back in time" if is_hanging else "broke off: the error output of this run tells where"
        self._note(sending.failed(row, self._sender.now, f"the channel {how}"))

    def _run(self) -> None:
        try:
            for row in self._rows:
                if time.monotonic() >= self._stop_at or not self._send(row):
                    return
        except ItopsError as problem:  # of the store: a channel says ChannelFailed
            self.problem = problem

    def _send(self, row: Notification) -> bool:
        """One; whether the next may be tried."""
        sender = self._sender
        row = sending.begun(row)
        sender.store.change_notification(row)
        self._current = row
        try:
            receipt = self._channel.send(sending.message_in(row))
        except ChannelFailed as failure:
            error = f"{failure.problem}; {failure.remedy}"
            self._note(sending.failed(row, sender.now, error, is_final=failure.is_final))
            return False
        self._note(sending.sent(row, sender.now), receipt)
        return True

    def _note(self, row: Notification, receipt: str = "") -> None:
        self._sender.store.change_notification(row)
        self._current = None
        self.tried.append(Tried(row=row, receipt=receipt[:_MOST_NAME]))
