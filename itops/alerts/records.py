"""What is known of what is wrong: evaluations as they were made, incidents, silences, notifications.

Codes and numbers, never prose: words live in itops/reports/text. All moments are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from itops.facts import Fact
from itops.verdict import State


class Key(NamedTuple):
    """What an evaluation, and so an incident, is about."""

    check: str  # "backup", "inventory", "delivery", "schedule", "custody", "channel"
    object: str  # "insurance-db sql01/Insurance", "vc01", "1405-08"; "" for the check as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One check of one object, as it was judged from the store."""

    key: Key
    state: State
    code: str  # has words in the table `table`
    table: str
    judged_at: datetime
    valid_until: datetime | None = None  # with the same facts the verdict stays so long; None: until facts change
    facts: Mapping[str, Fact] = field(default_factory=dict)
    since: datetime | None = None  # when it became so, where facts tell
    owner: str = ""
    last_good_at: datetime | None = None  # the newest good copy, scan, delivery: gauges show it
    depends_on: tuple[Key, ...] = ()  # what, when it is bad itself, explains this
    is_finding: bool = False  # it is there only while it is bad: that nobody finds it any more is good news


class Phase(StrEnum):
    """Where an incident is."""

    OK = "ok"
    PENDING = "pending"  # bad, not yet for long enough
    FIRING = "firing"
    RECOVERING = "recovering"  # good again, not yet for long enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The state machine of one key. Everything it needs to go on after a restart."""

    key: Key
    phase: Phase = Phase.OK
    state: State = State.OK  # the worst that was told since it opened
    code: str = ""
    table: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    owner: str = ""
    is_finding: bool = False  # see Evaluation
    bad_count: int = 0  # evaluations on end that were bad
    good_count: int = 0
    first_bad_at: datetime | None = None
    opened_at: datetime | None = None  # when it began to fire
    closed_at: datetime | None = None
    last_evaluated_at: datetime | None = None
    last_notified_at: datetime | None = None
    notify_count: int = 0
    escalation: int = 0  # how many steps of the escalation were taken
    acked_by: str = ""
    acked_at: datetime | None = None
    ack_note: str = ""
    rested_state: State = State.OK  # the worst that was told before it recovered: what is worse rests not
    is_flapping: bool = False
    recent: tuple[bool, ...] = ()  # of the last evaluations, oldest first: whether it was bad
    explained_by: Key | None = None  # what inhibits it now


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Somebody does not want to hear of some keys for a while; never for ever."""

    number: int
    check: str  # a pattern with `*`
    object: str  # a pattern with `*`
    begin: datetime
    until: datetime
    by: str
    reason: str
    ended_by: str = ""  # who ended it before its time
    ended_at: datetime | None = None  # and when


class EventKind(StrEnum):
    """Why somebody is told."""

    OPENED = "opened"
    WORSENED = "worsened"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    FLAPPING = "flapping"
    STEADY = "steady"  # flapping ended
    ALIVE = "alive"  # the weekly message
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing worth telling about one incident."""

    kind: EventKind
    incident: Incident
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to one channel: a row before it is a message."""

    number: int
    channel: str
    kind: EventKind
    state: State
    keys: tuple[Key, ...]
    document: str  # the message as it will be sent, JSON: a restart sends the same
    made_at: datetime
    not_before: datetime
    tries: int = 0
    failing_since_at: datetime | None = None  # the first try that failed
    failed_at: datetime | None = None  # the last one
    is_final: bool = False  # the other side will refuse it again, until somebody mends the settings
    sent_at: datetime | None = None
    error: str = ""
    given_up_at: datetime | None = None
    told_in: int | None = None  # the row that took over what this one says
