"""The book value of an asset on any day, past or to come: straight line in whole months of the office's calendar.

How many years, and which floor, the accountant says (`assets.budget`); without them there is no book value.
"""

from datetime import date

from itops.assets.budget.years import Years
from itops.assets.policy import BudgetPolicy
from itops.assets.records import Asset


def value(asset: Asset, on: date, policy: BudgetPolicy, years: Years) -> int | None:
    """What it is worth in the books, in the currency it was bought in.

    None where no price or no number of years is known, and before it was bought. It begins to lose value when it
    came into service, else when it was bought; it never falls below the floor, and from its disposal on it keeps the
    value of that day: whether it is still in the books then, `is_held` says.
    """
    bought = asset.purchase
    lasts = policy.depreciation_years.get(asset.kind.value)
    if bought is None or bought.price is None or not lasts or lasts <= 0 or on < bought.date:
        return None
    until = min(on, asset.disposal.date) if asset.disposal else on
    begun = max(asset.in_service or bought.date, bought.date)
    whole = max(1, round(min(lasts, 1000.0) * 12))
    gone = min(max(years.months_between(begun, until), 0), whole)
    left = bought.price * (whole - gone) // whole
    return max(left, min(policy.floor_value, bought.price))


def is_held(asset: Asset, on: date) -> bool:
    """Whether it was bought, and not yet disposed of, on that day."""
    is_bought = asset.purchase is not None and asset.purchase.date <= on
    return is_bought and (asset.disposal is None or on < asset.disposal.date)
