"""The interface of a channel. Wired by `[project.entry-points."itops.channels"]`.

A channel carries a message and understands none of it. Its class carries `Settings`, a frozen dataclass of what
itops.yaml may say; it is built as `cls(name, settings)` and touches nothing before it is asked to send.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from itops.alerts.records import EventKind
from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One incident in words. Channels that leave the office never see it."""

    state: State
    subject: str  # check and object
    text: str
    owner: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `summary` names nothing: a count, a due date, a report id; it is all that messengers and SMS get."""

    id: str  # stable: the same message tried again has the same
    thread: str  # one for each incident: mail goes on in one conversation
    kind: EventKind
    state: State
    office: str
    language: Literal["fa", "en"]
    title: str  # one line; may name things
    summary: str  # one line; names nothing
    lines: tuple[MessageLine, ...] = ()
    made_at: datetime
    report: str = ""  # the period whose report tells more
    references: tuple[str, ...] = field(default_factory=tuple)  # ids of earlier messages of the thread


class ChannelFailed(Exception):
    """It did not go out; `problem` and `remedy` in one line each. `is_final`: another try cannot help."""

    def __init__(self, problem: str, remedy: str, *, is_final: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.is_final = problem, remedy, is_final


class Channel(Protocol):
    """A way to people or to another monitoring system."""

    @property
    def name(self) -> str:
        """Its key in itops.yaml."""
        ...

    @property
    def stays_inside(self) -> bool:
        """Whether what it carries stays in the office's own systems: only then may it name things."""
        ...

    def send(self, message: Message) -> str:
        """Send it; what the other side called it, or "". Raises ChannelFailed."""
        ...
