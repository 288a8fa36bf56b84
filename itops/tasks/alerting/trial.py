"""Try the channels: one message through each, at once. Nothing is written down."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from itops.alerts.channels import Channel, ChannelFailed, Message
from itops.config.settings import Settings
from itops.reports.alert_messages import trial_message
from itops.tasks.alerting.telling import words_of

_PATIENCE_SECONDS = 660.0
"""A channel's own time limit is at most 600 seconds."""
_MOST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it."""

    channel: str
    stays_inside: bool
    receipt: str = ""  # what the other side called it
    problem: str = ""  # "": it went out
    remedy: str = ""


def trial_of(settings: Settings, channel: str, now: datetime) -> Message:
    """The message as it would go out."""
    return trial_message(words_of(settings), office=settings.office.id, channel=channel, now=now)


def try_channels(pairs: Sequence[tuple[Channel, Message]], patience_seconds: float = _PATIENCE_SECONDS) -> list[Trial]:
    """Send each message by its channel, all at once; in their order."""
    tries = [_Try(channel, message) for channel, message in pairs]
    for one in tries:
        one.thread.start()
    deadline = time.monotonic() + patience_seconds
    return [one.outcome(max(deadline - time.monotonic(), 0.0)) for one in tries]


class _Try:
    """One channel."""

    def __init__(self, channel: Channel, message: Message) -> None:
        self._channel = channel
        self._message = message
        self._trial: Trial | None = None
        self.thread = threading.Thread(target=self._run, name=f"try-{channel.name}", daemon=True)

    def outcome(self, seconds: float) -> Trial:
        self.thread.join(seconds)
        if self._trial is not None:
            return self._trial
        problem = "it did not come back in time" if self.thread.is_alive() else "it broke off"
        return self._of(problem=problem, remedy="see what this run wrote on its error output")

    def _run(self) -> None:
        try:
            receipt = self._channel.send(self._message)
        except ChannelFailed as failure:
            self._trial = self._of(problem=failure.problem, remedy=failure.remedy)
        else:
            self._trial = self._of(receipt=receipt[:_MOST_NAME])

    def _of(self, *, receipt: str = "", problem: str = "", remedy: str = "") -> Trial:
        channel = self._channel
        return Trial(
            channel=channel.name, stays_inside=channel.stays_inside, receipt=receipt, problem=problem, remedy=remedy
        )
