"""The replacement plan by budget year: rules, costs, sums."""

from itops.assets.budget.costs import Cost, CostSource
from itops.assets.budget.items import Item, battery_sets, items_of
from itops.assets.budget.plan import BEFORE, LATER, NO_DATE, OVERDUE, Horizon, Line, Plan, Sum, lines_in, plan_of
from itops.assets.budget.rules import Due, life_of, reasons
from itops.assets.budget.years import Years

__all__ = [
    "BEFORE",
    "LATER",
    "NO_DATE",
    "OVERDUE",
    "Cost",
    "CostSource",
    "Due",
    "Horizon",
    "Item",
    "Line",
    "Plan",
    "Sum",
    "Years",
    "battery_sets",
    "items_of",
    "life_of",
    "lines_in",
    "plan_of",
    "reasons",
]
