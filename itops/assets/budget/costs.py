"""What an item will cost: as in the price list, by a link's own contract, else as the last purchase, grown since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from itops.assets.budget.items import Item
from itops.assets.policy import BudgetPolicy
from itops.assets.records import Asset, Purchase

_DAYS_A_YEAR = 365.2425
_MOST_YEARS = 50
"""Nobody can say what a thing costs later than that."""


class CostSource(StrEnum):
    """Where a price comes from, the best first."""

    PRICE_LIST = "price_list"
    CONTRACT = "contract"  # a link: twelve months of it
    LAST_PURCHASE = "last_purchase"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one piece and of all of them, whole numbers of the budget's currency; None is not known, and never 0."""

    source: CostSource = CostSource.UNKNOWN
    unit: int | None = None
    total: int | None = None
    paid_for: str | None = None  # the asset whose purchase gave the price
    paid_on: date | None = None


class Prices:
    """The price of a new one of each item."""

    def __init__(self, assets: Iterable[Asset], policy: BudgetPolicy, today: date) -> None:
        self._policy = policy
        self._today = today
        self._last: dict[str, tuple[date, str, int]] = {}
        for asset in assets:
            self._learn(asset, asset.purchase)

    def _learn(self, asset: Asset, bought: Purchase | None) -> None:
        """A price in another currency is no price here, nor is one of a day to come."""
        if bought is None or not bought.price or bought.price < 0:
            return
        if bought.currency == self._policy.currency and bought.date <= self._today:
            known = (bought.date, asset.id, bought.price)
            self._last[asset.kind.value] = max(known, self._last.get(asset.kind.value, known))

    def of(self, item: Item, due_on: date | None) -> Cost:
        """What it costs when it is due; what is overdue or has no date costs what it would today."""
        when = max(due_on or self._today, self._today)
        for source, unit, paid in self._known(item, when):
            total = None if item.quantity is None else unit * item.quantity
            return Cost(
                source=source, unit=unit, total=total, paid_for=paid[1] if paid else None, paid_on=paid and paid[0]
            )
        return Cost()

    def _known(self, item: Item, when: date) -> Iterable[tuple[CostSource, int, tuple[date, str, int] | None]]:
        listed = self._policy.prices.get(item.name)
        monthly = item.asset.link.monthly_cost if item.asset.link else None
        last = self._last.get(item.name)
        if listed is not None:
            yield CostSource.PRICE_LIST, listed, None
        elif monthly is not None:
            yield CostSource.CONTRACT, monthly * 12, None
        elif last is not None:
            yield CostSource.LAST_PURCHASE, self._grown(last[2], last[0], when), last

    def _grown(self, price: int, paid_on: date, when: date) -> int:
        years = min((when - paid_on).days / _DAYS_A_YEAR, _MOST_YEARS)
        grown: float = price * (1 + self._policy.price_growth_ratio) ** years
        return round(grown)
