"""The eight numbers that are compared month by month: always the same ones, always in the same order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itops.reports.monthly.exceptions import OPEN, count_open, state_of
from itops.reports.monthly.figures import Figure, Unit
from itops.reports.monthly.records import Indicator, PeriodRow, Point
from itops.verdict import State

if TYPE_CHECKING:
    from itops.reports.monthly.assembling import Parts

FAR_BELOW_TARGET = 0.9
"""A ratio below its target is a WARNING; below this part of the target it is CRITICAL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One indicator. Without a target it is told and not judged."""

    figure: str
    unit: Unit = "ratio"
    target: float | None = 1.0
    higher_is_better: bool | None = True


RULES = (
    _Rule(figure="servers.total", unit="count", target=None, higher_is_better=None),
    _Rule(figure="backup.slots_ok"),
    _Rule(figure="backup.databases_protected"),
    _Rule(figure="backup.restore_tested"),
    _Rule(figure="custody.months"),
    _Rule(figure="hardware.total", unit="count", target=None, higher_is_better=None),
    _Rule(figure="documents.done"),
    _Rule(figure=OPEN, unit="count", target=0.0, higher_is_better=False),
)


def indicators_of(parts: "Parts", earlier: Sequence[tuple[str, "Parts"]], period: PeriodRow) -> tuple[Indicator, ...]:
    """The eight. `earlier`: the periods before this one by name, oldest first; of a year its own months after them."""
    looks = [(name, _figures(one)) for name, one in (*earlier, (period.name, parts))]
    return tuple(_indicator(rule, looks, parts) for rule in RULES)


def share_of(figure: Figure) -> float | None:
    """What part of the whole it is, 0 to 1; None where that is unknown."""
    if figure.value is None or figure.unit == "ratio":
        return figure.value
    return figure.value / figure.of if figure.of else None


def _figures(parts: "Parts") -> Mapping[str, Figure]:
    return {figure.id: figure for figure in parts.figures} | {OPEN: Figure(id=OPEN, value=count_open(parts))}


def _indicator(rule: _Rule, looks: Sequence[tuple[str, Mapping[str, Figure]]], parts: "Parts") -> Indicator:
    history = tuple(Point(period=name, value=_value(rule, figures.get(rule.figure))) for name, figures in looks)
    value = history[-1].value
    return Indicator(
        figure=rule.figure,
        value=value,
        unit=rule.unit,
        target=rule.target,
        higher_is_better=rule.higher_is_better,
        state=state_of(parts) if rule.figure == OPEN else _state(value, rule.target),
        history=history,
    )


def _value(rule: _Rule, figure: Figure | None) -> float | None:
    """A figure that no room made is as unknown as one that could not be computed."""
    if figure is None:
        return None
    return share_of(figure) if rule.unit == "ratio" else figure.value


def _state(value: float | None, target: float | None) -> State:
    if value is None:
        return State.UNKNOWN
    if target is None or value >= target:
        return State.OK
    return State.CRITICAL if value < target * FAR_BELOW_TARGET else State.WARNING
