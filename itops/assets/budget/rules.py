"""When an item is to be replaced and why: rules as data (lives.toml), the first that finds a day decides."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from itops.assets.budget.items import Item
from itops.assets.budget.years import Years
from itops.assets.policy import BudgetPolicy
from itops.assets.support_ends import SupportTable
from itops.text import comparable

Fact: TypeAlias = str | int | float | bool | None
Facts: TypeAlias = Mapping[str, Fact]

NO_DATE = "replace.no-date"
"""There is a rule for it, but nothing says since when it is there, or until when it runs."""
NO_RULE = "replace.no-rule"
"""Nobody said how long such things last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: for which items (none: all), how it finds a day, and the code of the reason."""

    reason: str
    by: str
    items: tuple[str, ...] = ()
    days_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When, why, and the numbers behind it."""

    on: date | None
    reason: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What rules look at besides the item."""

    policy: BudgetPolicy
    support: SupportTable
    years: Years
    today: date


@cache
def _table() -> tuple[Mapping[str, float], tuple[Rule, ...]]:
    held = tomllib.loads(files("itops.assets").joinpath("lives.toml").read_text(encoding="utf-8"))
    rules = tuple(Rule(**{**rule, "items": tuple(rule.get("items", ()))}) for rule in held["rules"])
    return held["years"], rules


def reasons() -> frozenset[str]:
    """Every reason there is."""
    return frozenset({*(rule.reason for rule in _table()[1]), NO_DATE, NO_RULE})


def life_of(item: Item, policy: BudgetPolicy) -> float | None:
    """The years such a thing is used: its own, the office's, the table's."""
    if item.life_years is not None:
        return item.life_years
    return policy.lives.get(item.name, _table()[0].get(item.name))


def due_of(item: Item, setting: Setting) -> Due:
    """The first rule's day; without one the item is still told of, with the reason why it has none."""
    rules = [rule for rule in _table()[1] if not rule.items or item.name in rule.items]
    for rule in rules:
        found = _WAYS[rule.by](item, rule, setting)
        if found is not None:
            return Due(on=found[0], reason=rule.reason, facts=found[1])
    is_known = life_of(item, setting.policy) is not None or any(rule.items for rule in rules)
    return Due(on=None, reason=NO_DATE if is_known else NO_RULE, facts={"item": item.name})


_Found: TypeAlias = tuple[date, Facts] | None
_Way: TypeAlias = Callable[[Item, Rule, Setting], _Found]


def _hand(item: Item, rule: Rule, setting: Setting) -> _Found:
    """What somebody decided for the asset itself; not for the batteries in it."""
    day = item.asset.replace_on
    return None if day is None or item.part else (day, {})


def _ups_asks(item: Item, rule: Rule, setting: Setting) -> _Found:
    asks = item.observed.needs_new_battery
    return (setting.today, {"begun_on": _iso(_begun(item))}) if asks else None


def _ups_recommends(item: Item, rule: Rule, setting: Setting) -> _Found:
    """A day from before this battery was put in was meant for the one before it."""
    day, begun = item.observed.battery_due_on, _begun(item)
    end = _end_of_life(item, setting)
    if day is None or (begun and day <= begun) or (end and end <= day):
        return None
    return day, {"begun_on": _iso(begun), "is_asking": item.observed.needs_new_battery}


def _pages(item: Item, rule: Rule, setting: Setting) -> _Found:
    limits = {comparable(model): limit for model, limit in setting.policy.page_limits.items()}
    limit, pages = limits.get(comparable(item.asset.model or "")), item.observed.page_count
    if limit is None or pages is None or pages < limit:
        return None
    return setting.today, {"pages": pages, "limit_pages": limit}


def _support_end(item: Item, rule: Rule, setting: Setting) -> _Found:
    row = setting.support.find(item.observed.os, item.observed.os_version)
    end = _end_of_life(item, setting)
    if row is None or (row.ends_on is None and not row.has_ended):
        return None
    day = row.ends_on or setting.today
    facts: Facts = {"product": row.name, "ended_on": _iso(row.ends_on), "extended_on": _iso(row.extended_on)}
    return None if end is not None and end <= day else (day, facts)


def _contract_end(item: Item, rule: Rule, setting: Setting) -> _Found:
    end = item.asset.link.contract_end if item.asset.link else None
    return None if end is None else (end - timedelta(days=rule.days_before), {"ends_on": _iso(end)})


def _recharge(item: Item, rule: Rule, setting: Setting) -> _Found:
    day = item.asset.fire.recharge_due if item.asset.fire else None
    return None if day is None else (day, {})


def _pressure_check(item: Item, rule: Rule, setting: Setting) -> _Found:
    day = item.asset.fire.pressure_check_due if item.asset.fire else None
    return None if day is None else (day, {})


def _own_life(item: Item, rule: Rule, setting: Setting) -> _Found:
    return None if item.life_years is None else _life(item, rule, setting)


def _life(item: Item, rule: Rule, setting: Setting) -> _Found:
    end, age = _end_of_life(item, setting), item.age
    if end is None or age is None:
        return None
    begun, years = _iso(age.begun_on), life_of(item, setting.policy)
    return end, {"begun_on": begun, "age_source": age.source.value, "bound": age.bound.value, "life_years": years}


def _end_of_life(item: Item, setting: Setting) -> date | None:
    years = life_of(item, setting.policy)
    return None if item.age is None or years is None else setting.years.later(item.age.begun_on, years)


def _begun(item: Item) -> date | None:
    return item.age.begun_on if item.age else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_WAYS: Mapping[str, _Way] = {
    "hand": _hand,
    "ups_asks": _ups_asks,
    "ups_recommends": _ups_recommends,
    "pages": _pages,
    "support_end": _support_end,
    "contract_end": _contract_end,
    "recharge": _recharge,
    "pressure_check": _pressure_check,
    "own_life": _own_life,
    "life": _life,
}
