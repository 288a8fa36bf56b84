"""Thresholds as the office sets them: `{"datastore.free_ratio": 0.1, "state.vm.hot-add": "warning"}`."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches

from itops.errors import ConfigInvalid
from itops.inventory.health.catalogue import RULE_OF_CODE, RULES
from itops.inventory.health.rule import AnyRule, Policy
from itops.verdict import State

_STATE = "state."
_STATES = {state.name.lower(): state for state in State}


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy of each rule, by its number, and states that the office wants other than the rules do."""

    by_rule: Mapping[int, Policy] = field(default_factory=lambda: {rule.number: rule.policy for rule in RULES})
    states: Mapping[str, State] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> "Policies":
        """The defaults with some settings changed. Raises ConfigInvalid with one line for each mistake."""
        changed: dict[int, dict[str, object]] = {}
        states: dict[str, State] = {}
        problems: list[str] = []
        for name, value in settings.items():
            try:
                if name.startswith(_STATE):
                    states[known(name.removeprefix(_STATE), RULE_OF_CODE, "code")] = _state(value)
                else:
                    rule, threshold = SETTINGS[known(name, SETTINGS, "setting")]
                    changed.setdefault(rule.number, {})[threshold] = _checked(rule.policy, threshold, value)
            except ValueError as error:
                problems.append(f"health.thresholds.{name}: {error}")
        if problems:
            raise ConfigInvalid("\n".join(problems), remedy="docs/reference/health-rules.md lists every setting")
        return cls({rule.number: replace(rule.policy, **changed.get(rule.number, {})) for rule in RULES}, states)


SETTINGS: Mapping[str, tuple[AnyRule, str]] = {
    f"{rule.area}.{threshold.name}": (rule, threshold.name) for rule in RULES for threshold in fields(rule.policy)
}
"""What may be set: the name as in itops.yaml, the rule and the field of its policy."""


def known(name: str, names: Collection[str], what: str) -> str:
    """`name` if there is such a thing; raises ValueError with the nearest one."""
    if name in names:
        return name
    nearest = get_close_matches(name, names, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    raise ValueError(f"there is no {what} {name!r}{hint}")


def _state(value: object) -> State:
    if not isinstance(value, str) or value.lower() not in _STATES:
        raise ValueError(f"{value!r} is not a state; write one of: {', '.join(_STATES)}")
    return _STATES[value.lower()]


def _checked(policy: Policy, name: str, value: object) -> object:
    """The value in the type of the field's default."""
    default = getattr(policy, name)
    if isinstance(default, bool):
        return _expect(value, bool, "true or false")
    if isinstance(default, tuple):
        listed = _expect(value, list | tuple, "a list of words")
        return tuple(_expect(item, str, "a list of words") for item in listed)  # type: ignore[attr-defined]
    number = _expect(value, int | float, "a number")
    is_whole = next(one.type is int for one in fields(policy) if one.name == name)
    return _checked_number(name, number, default, is_whole=is_whole)


def _expect(value: object, kind: object, wanted: str) -> object:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):  # type: ignore[arg-type]
        raise ValueError(f"{value!r} is not {wanted}")
    return value


def _checked_number(name: str, value: object, default: float, *, is_whole: bool) -> float:
    number = value if isinstance(value, int | float) else math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{value!r} is not a number from 0 up")
    if is_whole and not isinstance(number, int):
        raise ValueError(f"{value!r} is not a whole number")
    if name.endswith("_ratio") and default <= 1 < number:
        raise ValueError(f"{value!r} is more than all; write 0.15 for 15 %")
    return number
