"""What the tests of this room are made of: a clock of minutes, one key in its rounds, an office of several."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from itops.alerts.engine import Outcome, play
from itops.alerts.machine import NOTHING_HELD, Hold, step
from itops.alerts.policy import AlertPolicy, Pending, Rule
from itops.alerts.records import Evaluation, Event, EventKind, Incident, Key, Silence
from itops.documents import from_document, to_document
from itops.verdict import State

TEHRAN = ZoneInfo("Asia/Tehran")
START = datetime(2026, 10, 24, 6, 0, tzinfo=UTC)  # 09:30 in Tehran
KEY = Key("inventory", "vc01")
SIGNS = {"o": State.OK, "w": State.WARNING, "c": State.CRITICAL, "u": State.UNKNOWN}
RULE = Rule(pending=Pending(count=3), pending_unknown=Pending(count=3), clear=2)
AT_ONCE = Rule(pending=Pending(count=1), pending_unknown=Pending(count=1), clear=1, rest=timedelta())


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def judged(state: State | str, moment: datetime = START, key: Key = KEY, **more: object) -> Evaluation:
    state = SIGNS[state] if isinstance(state, str) else state
    code = "fresh" if state is State.OK else f"bad-{state.name.lower()}"
    made = Evaluation(key=key, state=state, code=code, table="backup", judged_at=moment)
    return replace(made, **more) if more else made


def kinds(events: Iterable[Event]) -> list[str]:
    return [event.kind.value for event in events]


def written_and_read(incident: Incident) -> Incident:
    return from_document(Incident, to_document(incident))


@dataclass
class Life:
    """One key, evaluated every so many minutes."""

    rule: Rule = RULE
    every_minutes: float = 5
    incident: Incident = field(default_factory=lambda: Incident(key=KEY))
    minute: float = 0
    events: list[Event] = field(default_factory=list)

    def see(self, signs: str, hold: Hold = NOTHING_HELD) -> list[str]:
        """`oowc-`: one evaluation each, `-` is none at all; what was told meanwhile."""
        told: list[Event] = []
        for sign in signs:
            self.minute += self.every_minutes
            now = at(self.minute)
            made = step(self.incident, None if sign == "-" else judged(sign, now), self.rule, now, hold)
            self.incident = made.incident
            told += made.events
        self.events += told
        return kinds(told)


@dataclass
class Office:
    """Several keys, with the engine."""

    policy: AlertPolicy = field(default_factory=AlertPolicy)
    incidents: dict[Key, Incident] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    restarts: bool = False
    events: list[Event] = field(default_factory=list)

    def round(
        self,
        states: Mapping[Key, State | str] | Iterable[Evaluation],
        now: datetime,
        covered: frozenset[str] | None = None,
    ) -> Outcome:
        evaluations = (
            [judged(state, now, key) for key, state in states.items()] if isinstance(states, Mapping) else list(states)
        )
        outcome = play(
            evaluations, self.incidents, self.silences, policy=self.policy, zone=TEHRAN, now=now, covered=covered
        )
        for one in outcome.changed:
            self.incidents[one.key] = written_and_read(one) if self.restarts else one
        self.events += outcome.events
        return outcome

    def told(self, states: Mapping[Key, State | str], minutes: Iterable[float]) -> list[tuple[str, str]]:
        """The same states at several minutes; what was told: kind and object."""
        found = []
        for minute in minutes:
            found += [(one.kind.value, one.incident.key.object) for one in self.round(states, at(minute)).events]
        return found


def of_kind(events: Iterable[Event], *wanted: EventKind) -> list[Event]:
    return [event for event in events if event.kind in wanted]
