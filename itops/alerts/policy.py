"""Whom the office wants to hear what, and when: the section `alerts` of itops.yaml, as frozen records.

What is written here is judged while the file is read; what it means at a moment is asked of `rule_of`, of
`itops.alerts.holding` (silences, maintenance) and of `itops.alerts.quiet` (hours, digests, the weekly message).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from itops.alerts.patterns import matches
from itops.backup.policy import Weekday
from itops.dates import Hours, latin_digits, parse_day, time_of_day
from itops.names import Identifier
from itops.verdict import State

CHECKS = ("backup", "inventory", "delivery", "schedule", "custody", "channel")
"""Those that itops makes itself."""
StateName: TypeAlias = Literal["warning", "critical", "unknown"]
STATES: Mapping[StateName, State] = {
    "warning": State.WARNING,
    "critical": State.CRITICAL,
    "unknown": State.UNKNOWN,
}
_LASTING = re.compile(r"(\d{1,4}) ?(m|h|d)", re.ASCII)
_COUNT = re.compile(r"\d{1,3}", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MOST = 100
_ALL: tuple[StateName, ...] = ("warning", "critical", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """For how long something must be bad before it is told: so many evaluations on end, or so much time."""

    count: int = 1
    lasting: timedelta | None = None

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Pending":
        """`3` (evaluations) or `15m`; raises ValueError."""
        text = latin_digits(str(value)).strip()
        if _COUNT.fullmatch(text) and 1 <= int(text) <= _MOST:
            return cls(count=int(text))
        found = _LASTING.fullmatch(text)
        if not found or not int(found[1]):
            raise ValueError(f'"{text[:20]}" is neither a count from 1 to {_MOST} nor a time; write 3 or 15m')
        return cls(lasting=int(found[1]) * _UNITS[found[2]])

    def is_over(self, *, count: int, lasting: timedelta) -> bool:
        """Whether it was bad for long enough."""
        return count >= self.count if self.lasting is None else lasting >= self.lasting


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """What the office says of one check; what it leaves out is as in `rules.default`, then as itops has it."""

    pending: Pending | None = None
    pending_unknown: Pending | None = None  # of what could not be judged: our own store was locked, a login failed
    clear: int | None = field(default=None, metadata={"range": (1, _MOST)})  # good evaluations on end
    remind_every: timedelta | None = None
    rest: timedelta | None = None  # after a recovery the same thing is not announced anew before

    def __post_init__(self) -> None:
        if self.remind_every is not None and self.remind_every < timedelta(minutes=5):
            raise ValueError("remind_every: is a time between two reminders, at least 5m; an ack ends them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How the incidents of one check go."""

    pending: Pending = Pending(count=3)
    pending_unknown: Pending = Pending(count=3)
    clear: int = 2
    remind_every: timedelta = timedelta(hours=24)
    rest: timedelta = timedelta(minutes=30)
    escalate_after: tuple[timedelta, ...] = ()  # of each step, since it opened
    escalates: frozenset[State] = frozenset({State.CRITICAL, State.UNKNOWN})

    @property
    def memory(self) -> timedelta:
        """How far back the end of a silence matters."""
        return max((self.remind_every, *self.escalate_after))


_AT_ONCE = RuleSettings(pending=Pending(count=1), clear=1)
_BUILT_IN: Mapping[str, RuleSettings] = {
    # A bundle that is late, a run that failed and a medium that is not where it should be are no blips.
    "delivery": _AT_ONCE,
    "schedule": _AT_ONCE,
    "custody": _AT_ONCE,
    "channel": _AT_ONCE,
    "backup": RuleSettings(pending=Pending(count=2)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which channels hear of which checks and states. Several may fit: each is followed."""

    channels: tuple[Identifier, ...]
    checks: tuple[str, ...] = ("*",)
    objects: tuple[str, ...] = ("*",)
    states: tuple[StateName, ...] = _ALL

    def __post_init__(self) -> None:
        if not self.channels:
            raise ValueError("channels: names none")


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """Who hears of what nobody acknowledged for so long."""

    after: timedelta
    channels: tuple[Identifier, ...]

    def __post_init__(self) -> None:
        if self.after <= timedelta() or not self.channels:
            raise ValueError("should be {after: 4h, channels: [NAME]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours in which a channel keeps still; what came up meanwhile goes out as one digest."""

    hours: Hours
    but: tuple[StateName, ...] = ("critical",)  # what goes out in them nevertheless, when it is new or worse
    digest: time | None = None  # None: as soon as the hours end


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMoment:
    """A day and a minute on the office's own clock."""

    day: date
    at: time

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "LocalMoment":
        """`1405-08-10 20:00` or `2026-11-01 20:00`; raises ValueError, and UsageWrong for a day that there is not."""
        text = latin_digits(str(value)).strip()
        day, _, hour = text.partition(" ")
        at = time_of_day(hour)
        if at is None:
            raise ValueError(f'"{text[:30]}" is no moment; write 1405-08-10 20:00')
        return cls(day=parse_day(day), at=at)

    def moment(self, zone: ZoneInfo) -> datetime:
        """As it is in the office's zone, UTC."""
        return datetime.combine(self.day, self.at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A time in which people work on something: nothing of it is told; afterwards, what is new."""

    begin: LocalMoment
    until: LocalMoment
    reason: str
    checks: tuple[str, ...] = ("*",)
    objects: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        if (self.until.day, self.until.at) <= (self.begin.day, self.begin.at):
            raise ValueError("until: is not after begin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The weekly message that proves the channels: where it stays away, the watch or the way is broken."""

    weekday: Weekday = "saturday"
    at: time = time(8, 30)
    channels: tuple[Identifier, ...] = ()  # () : all


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """The whole section."""

    language: Literal["fa", "en"] | None = None  # None: the office's
    channels: Mapping[str, Any] = field(default_factory=dict)  # plugins, see itops/alerts/channels.py
    rules: Mapping[str, RuleSettings] = field(default_factory=dict)  # of a check, or `default`
    routes: tuple[Route, ...] = ()  # () : every channel hears everything
    escalation: tuple[EscalationStep, ...] = ()  # the soonest first
    escalates: tuple[StateName, ...] = ("critical", "unknown")
    quiet: Mapping[str, Quiet] = field(default_factory=dict)  # of a channel
    maintenance: tuple[Maintenance, ...] = ()
    group_wait: timedelta = timedelta(minutes=2)
    alive: Alive = Alive()
    keep: timedelta = timedelta(days=400)  # incidents of what is judged no more

    def __post_init__(self) -> None:
        """Every name that is used must be one that there is; raises ValueError."""
        named = {
            **{f"routes[{number}]": route.channels for number, route in enumerate(self.routes, 1)},
            **{f"escalation[{number}]": step.channels for number, step in enumerate(self.escalation, 1)},
            "alive.channels": self.alive.channels,
            "quiet": tuple(self.quiet),
        }
        for place, names in named.items():
            if unknown := [name for name in names if name not in self.channels]:
                raise ValueError(f"{place}: there is no channel {', '.join(unknown)}")
        if unknown := [name for name in self.rules if name not in (*CHECKS, "default")]:
            raise ValueError(f"rules: there is no check {', '.join(unknown)}; one of default, {', '.join(CHECKS)}")
        asked = {
            **{f"routes[{number}]": route.checks for number, route in enumerate(self.routes, 1)},
            **{f"maintenance[{number}]": one.checks for number, one in enumerate(self.maintenance, 1)},
        }
        for place, patterns in asked.items():
            if unknown := [pattern for pattern in patterns if not any(matches(pattern, check) for check in CHECKS)]:
                raise ValueError(f"{place}.checks: there is no check {', '.join(unknown)}; one of {', '.join(CHECKS)}")
        if self.keep < timedelta(days=1):
            raise ValueError("keep: should be at least 1d")
        waits = [step.after for step in self.escalation]
        if waits != sorted(set(waits)):
            raise ValueError("escalation: each step should come after the one before it")
        if not timedelta() <= self.group_wait <= timedelta(hours=1):
            raise ValueError("group_wait: should be at most 1h")


def rule_of(check: str, policy: AlertPolicy) -> Rule:
    """The rule for a check: what the office says of it, of all checks, what itops says of it, of all."""
    said = (policy.rules.get(check), policy.rules.get("default"), _BUILT_IN.get(check))
    layers = [settings for settings in said if settings is not None]

    def first(name: str) -> Any:
        found = (getattr(settings, name) for settings in layers)
        return next((value for value in found if value is not None), getattr(Rule(), name))

    return Rule(
        pending=first("pending"),
        pending_unknown=first("pending_unknown"),
        clear=first("clear"),
        remind_every=first("remind_every"),
        rest=first("rest"),
        escalate_after=tuple(step.after for step in policy.escalation),
        escalates=frozenset(STATES[name] for name in policy.escalates),
    )
