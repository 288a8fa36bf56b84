"""What the office has decided about its register: the `assets:` section of itops.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPolicy:
    """How replacements are planned. Nothing here pretends to be law: the accountant says what holds."""

    year_starts: str = "01-01"  # month and day in the office's calendar
    currency: str = "IRR"
    prices: Mapping[str, int] = field(default_factory=dict)  # by kind: what a new one costs
    price_growth_ratio: float = 0.0  # a year, on the last purchase where no price stands in `prices`
    lives: Mapping[str, float] = field(default_factory=dict)  # by kind, in years; beats the built-in table
    depreciation_years: Mapping[str, float] = field(default_factory=dict)  # by kind; none: no book value is computed
    floor_value: int = 0
    page_limits: Mapping[str, int] = field(default_factory=dict)  # by printer model: pages it is good for


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPolicy:
    """Everything about the register that is not in it."""

    register: Path = Path("inventory.yaml")
    tag_pattern: str | None = None  # a regular expression that the office's property numbers fit
    junk_serials: tuple[str, ...] = ()  # learned here: "serials" that several devices of this office share
    dhcp: tuple[str, ...] = ()  # networks whose addresses say nothing about who has them
    stale_after: timedelta = timedelta(days=45)  # in use and not seen that long: `check` names it
    verify_within: timedelta = timedelta(days=365)  # somebody stands before each asset this often
    warn_before: timedelta = timedelta(days=60)  # what falls due that soon is named
    label_size: str = "70x37"  # mm, of one label; the sheet is A4
    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    templates: Mapping[str, Path] = field(default_factory=dict)  # name -> mapping file of a workbook of headquarters
