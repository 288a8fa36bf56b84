"""What a control says: a state, the code of its reason, numbers, and the evidence; never prose.

Words are in itops/reports/text: [control] by id, [control_reason] and [control_evidence] by code.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from itops.facts import Fact
from itops.verdict import State


class ControlState(StrEnum):
    """How a control stands."""

    OK = "OK"  # every part of the demand is met, with evidence
    WARNING = "WARNING"  # met in part, or by a hair, or a part of it is not shown
    CRITICAL = "CRITICAL"  # not met
    UNKNOWN = "UNKNOWN"  # itops should know and does not: it never looked, or too long ago
    NOT_EVALUATED = "NOT_EVALUATED"  # nothing here can tell; the reason says what would

    @property
    def verdict(self) -> State | None:
        """As an exit code; None where nothing was evaluated."""
        return None if self is ControlState.NOT_EVALUATED else State[self.name]


_ORDER = (
    ControlState.NOT_EVALUATED,
    ControlState.OK,
    ControlState.WARNING,
    ControlState.UNKNOWN,
    ControlState.CRITICAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One part of a demand, and how it stands."""

    state: ControlState
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that an auditor can look up."""

    code: str  # what
    at: datetime | None  # when it was seen or done; None for what itops.yaml says
    source: str  # a repository, a server, "inventory", "itops.yaml", a file
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlVerdict:
    """One control."""

    id: str  # C01; its title is in [control]
    state: ControlState
    reason: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    also: tuple[Reason, ...] = ()  # whatever else is not as it should be
    evidence: tuple[Evidence, ...] = ()


Found: TypeAlias = Reason | Evidence
"""What a control yields: how each part of its demand stands, and what shows it."""


def decided(control: str, found: Iterable[Found]) -> ControlVerdict:
    """The worst part speaks. Green needs every part and evidence: a part that is not evaluated makes it a WARNING."""
    rows = list(found)
    evidence = tuple(one for one in rows if isinstance(one, Evidence))
    reasons = sorted((one for one in rows if isinstance(one, Reason)), key=lambda one: -_ORDER.index(one.state))
    chosen = reasons[0] if reasons else unknown("no-evidence")
    others = reasons[1:]
    if chosen.state is ControlState.OK:
        blind = next((one for one in others if one.state is ControlState.NOT_EVALUATED), None)
        if blind is not None:
            others.remove(blind)
            chosen = replace(blind, state=ControlState.WARNING)
        elif not evidence:
            chosen = unknown("no-evidence")
    return ControlVerdict(
        id=control,
        state=chosen.state,
        reason=chosen.code,
        facts=chosen.facts,
        also=tuple(one for one in others if one.state is not ControlState.OK),
        evidence=evidence,
    )


def together(found: Iterable[Found]) -> Iterator[Found]:
    """What is the same of several objects, once: how many `objects`, the `first` by name, and the facts of that one."""
    same: dict[tuple[ControlState, str], list[Reason]] = {}
    for one in found:
        if isinstance(one, Evidence):
            yield one
        else:
            same.setdefault((one.state, one.code), []).append(one)
    for reasons in same.values():
        told = dict(reasons[0].facts)
        name = told.pop("object", None)
        yield (
            reasons[0] if name is None else replace(reasons[0], facts={"objects": len(reasons), "first": name, **told})
        )


def ok(code: str, **facts: Fact) -> Reason:
    """A part that is met."""
    return Reason(state=ControlState.OK, code=code, facts=facts)


def warning(code: str, **facts: Fact) -> Reason:
    """A part that is met by halves."""
    return Reason(state=ControlState.WARNING, code=code, facts=facts)


def critical(code: str, **facts: Fact) -> Reason:
    """A part that is not met."""
    return Reason(state=ControlState.CRITICAL, code=code, facts=facts)


def unknown(code: str, **facts: Fact) -> Reason:
    """A part that itops should know of."""
    return Reason(state=ControlState.UNKNOWN, code=code, facts=facts)


def not_evaluated(code: str, **facts: Fact) -> Reason:
    """A part of which nothing here can tell."""
    return Reason(state=ControlState.NOT_EVALUATED, code=code, facts=facts)


def as_bad_as(state: State, code: str, **facts: Fact) -> Reason:
    """A part that another verdict judged."""
    return Reason(state=ControlState[state.name], code=code, facts=facts)
