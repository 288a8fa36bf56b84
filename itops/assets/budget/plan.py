"""The replacement plan: every item once, with its next day, its reason and its cost, by budget year.

Nothing is left out: what is overdue comes first, what has no date is a row of its own, what has no price is counted
apart. The sums of the years, of the kinds and of the lines are the same.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from itops.assets.ages import Age, Observed
from itops.assets.budget.costs import Cost, Prices
from itops.assets.budget.items import Item, items_of
from itops.assets.budget.rules import Due, Setting, due_of
from itops.assets.budget.years import Years
from itops.assets.policy import BudgetPolicy
from itops.assets.records import Asset
from itops.assets.support_ends import SupportTable

OVERDUE, BEFORE, LATER, NO_DATE = "overdue", "before", "later", "no-date"
"""The rows of a plan that are no budget year. BEFORE: due from today on, and before the first year shown."""

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of the plan. `row`: a budget year ("1406"), or OVERDUE, BEFORE, LATER, NO_DATE."""

    item: Item
    due: Due
    cost: Cost
    row: str
    year: int | None  # the budget year in which it falls due, or fell

    @property
    def age(self) -> Age | None:
        """Since when the item is there."""
        return self.item.age

    @property
    def is_overdue(self) -> bool:
        """Whether its day is past."""
        return self.row == OVERDUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How much of something. `unpriced`: how many of the lines have no cost, and are not in `cost`."""

    lines: int = 0
    quantity: int = 0  # pieces; a line of unknown quantity counts as one
    cost: int = 0
    unpriced: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            lines=self.lines + other.lines,
            quantity=self.quantity + other.quantity,
            cost=self.cost + other.cost,
            unpriced=self.unpriced + other.unpriced,
        )


def sum_of(line: Line) -> Sum:
    """A single line as a sum."""
    total, quantity = line.cost.total, line.item.quantity
    return Sum(
        lines=1, quantity=1 if quantity is None else quantity, cost=total or 0, unpriced=1 if total is None else 0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The lines: overdue first, the oldest before all others; those without a date at the end."""

    first_year: int
    last_year: int
    currency: str
    years: Years
    lines: tuple[Line, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """Every row in order, also those with nothing in them; BEFORE only where the plan begins later than today."""
        held = {line.row for line in self.lines}
        years = map(str, range(self.first_year, self.last_year + 1))
        return (OVERDUE, *((BEFORE,) if BEFORE in held else ()), *years, LATER, NO_DATE)

    @property
    def by_row(self) -> Mapping[str, Sum]:
        """What each row comes to."""
        return {row: self._summed(lambda line: line.row).get(row, Sum()) for row in self.rows}

    @property
    def by_kind(self) -> Mapping[str, Sum]:
        """What each kind of item comes to."""
        return self._summed(lambda line: line.item.name)

    @property
    def by_row_and_kind(self) -> Mapping[tuple[str, str], Sum]:
        """Each kind in each row; only what is there."""
        return self._summed(lambda line: (line.row, line.item.name))

    @property
    def total(self) -> Sum:
        """Everything."""
        return sum(map(sum_of, self.lines), Sum())

    def _summed(self, key: Callable[[Line], _Key]) -> dict[_Key, Sum]:
        found: dict[_Key, Sum] = {}
        for line in self.lines:
            found[key(line)] = found.get(key(line), Sum()) + sum_of(line)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Which years are shown one by one. `first` None: the year of today."""

    first: int | None = None
    count: int = 5


def plan_of(
    assets: Sequence[Asset],
    observed: Mapping[str, Observed],
    policy: BudgetPolicy,
    support: SupportTable,
    years: Years,
    today: date,
    horizon: Horizon,
) -> Plan:
    """Plan what is to be replaced. `assets`: the whole register, for prices and batteries; `observed` by asset id."""
    setting = Setting(policy=policy, support=support, years=years, today=today)
    prices = Prices(assets, policy, today)
    first = years.year_of(today) if horizon.first is None else horizon.first
    last = first + max(horizon.count, 1) - 1
    lines = [_line(item, setting, prices, first, last) for item in items_of(assets, observed, policy, today)]
    return Plan(
        first_year=first, last_year=last, currency=policy.currency, years=years, lines=tuple(sorted(lines, key=_order))
    )


def _line(item: Item, setting: Setting, prices: Prices, first: int, last: int) -> Line:
    due = due_of(item, setting)
    year = None if due.on is None else setting.years.year_of(due.on)
    return Line(
        item=item, due=due, cost=prices.of(item, due.on), row=_row(due.on, year, setting.today, first, last), year=year
    )


def _row(due_on: date | None, year: int | None, today: date, first: int, last: int) -> str:
    if due_on is None or year is None:
        return NO_DATE
    if due_on < today:
        return OVERDUE
    if year < first:
        return BEFORE
    return str(year) if year <= last else LATER


def _order(line: Line) -> tuple[date, str, str]:
    return line.due.on or date.max, line.item.asset.id, line.item.part


def lines_in(plan: Plan, rows: Iterable[str]) -> list[Line]:
    """The lines of some rows, in their order."""
    wanted = frozenset(rows)
    return [line for line in plan.lines if line.row in wanted]
