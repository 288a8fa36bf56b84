"""What the office has decided about its register: the `assets:` section of itops.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from itops.assets.records import AssetKind

FIRE_RECHARGE = "fire_recharge"
FIRE_PRESSURE_CHECK = "fire_pressure_check"
BUDGET_ITEMS = (*(kind.value for kind in AssetKind), FIRE_RECHARGE, FIRE_PRESSURE_CHECK)
"""What a budget pays for: new things of each kind (a UPS's batteries apart), and what a fire system needs."""

_MONTH_AND_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])")
_GRID = re.compile(r"[1-9][0-9]?x[1-9][0-9]?")
_MILLIMETRES = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)x([0-9]{1,3}(?:\.[0-9]{1,2})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPolicy:
    """How replacements are planned. Nothing here pretends to be law: the accountant says what holds."""

    year_starts: str = "01-01"  # month and day in the office's calendar
    currency: str = "IRR"
    prices: Mapping[str, int] = field(default_factory=dict)  # by kind: what a new one costs
    price_growth_ratio: float = field(  # a year, on the last purchase where no price stands in `prices`
        default=0.0, metadata={"range": (0, 10)}
    )
    lives: Mapping[str, float] = field(default_factory=dict)  # by kind, in years; beats the built-in table
    depreciation_years: Mapping[str, float] = field(default_factory=dict)  # by kind; none: no book value is computed
    floor_value: int = 0
    page_limits: Mapping[str, int] = field(default_factory=dict)  # by printer model: pages it is good for

    def __post_init__(self) -> None:
        """Raises ValueError for a day that some years do not have, and for what a budget does not know."""
        if not _MONTH_AND_DAY.fullmatch(self.year_starts):
            raise ValueError(f"year_starts {self.year_starts!r} is not a month and a day up to 28: write 01-01")
        for name in ("prices", "lives", "depreciation_years"):
            unknown = sorted(set(getattr(self, name)) - set(BUDGET_ITEMS))
            if unknown:
                raise ValueError(f"{name}: {', '.join(unknown)} is none of {', '.join(BUDGET_ITEMS)}")


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
    fire_test_within: timedelta = timedelta(days=365)  # where a fire system does not say when its next test is due
    support_ends: Path | None = None  # a file in the form of endoflife.date; its rows beat the built-in ones
    ignore: tuple[str, ...] = ()  # codes of `check` that the office decided to live with
    label_size: str = "70x37"  # mm, of one label; the sheet is A4
    label_gap: str = "0x0"  # mm between two labels, across and down
    label_grid: str | None = None  # labels beside and below each other; as many as there is room for by default
    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    templates: Mapping[str, Path] = field(default_factory=dict)  # name -> mapping file of a workbook of headquarters

    def __post_init__(self) -> None:
        """Raises ValueError for what is no size and no pattern."""
        for name in ("label_size", "label_gap"):
            if not _MILLIMETRES.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} {getattr(self, name)!r} is not a width and a height in mm: write 70x37")
        if self.label_grid is not None and not _GRID.fullmatch(self.label_grid):
            raise ValueError(f"label_grid {self.label_grid!r} is not columns and rows: write 5x13")
        if self.tag_pattern is not None:
            try:
                re.compile(self.tag_pattern)
            except re.error as wrong:
                raise ValueError(f"tag_pattern {self.tag_pattern!r} is not a regular expression: {wrong}") from wrong

    @property
    def label_millimetres(self) -> tuple[float, float]:
        """Width and height of a label."""
        return _pair(self.label_size)

    @property
    def label_columns_and_rows(self) -> tuple[int, int] | None:
        """How many labels are beside and below each other; None: as many as there is room for."""
        if self.label_grid is None:
            return None
        columns, _, rows = self.label_grid.partition("x")
        return int(columns), int(rows)

    @property
    def label_gap_millimetres(self) -> tuple[float, float]:
        """What lies between two labels, across and down."""
        return _pair(self.label_gap)


def _pair(text: str) -> tuple[float, float]:
    across, _, down = text.partition("x")
    return float(across), float(down)
