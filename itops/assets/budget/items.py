"""What is to be paid for some day: of each asset itself, its batteries, its recharges."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from itops.assets.ages import NOTHING, Age, AgeSource, Observed, age_of
from itops.assets.policy import FIRE_PRESSURE_CHECK, FIRE_RECHARGE, BudgetPolicy
from itops.assets.records import Asset, AssetKind

_NEVER_BOUGHT = frozenset({AssetKind.VIRTUAL_SERVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that will have to be bought or done again. `observed` of a battery is its UPS's."""

    asset: Asset
    name: str  # one of policy.BUDGET_ITEMS
    part: str = ""  # where in the asset: ups.batteries.1
    quantity: int | None = 1  # None: nobody wrote down how many
    age: Age | None = None
    life_years: float | None = None  # of its own, as somebody wrote down
    observed: Observed = NOTHING


def items_of(
    assets: Sequence[Asset], observed: Mapping[str, Observed], policy: BudgetPolicy, today: date
) -> Iterator[Item]:
    """Of everything that is not over and can be bought; batteries once, as assets or as sets of their UPS."""
    batteries: dict[str, list[Asset]] = defaultdict(list)
    for asset in assets:
        if asset.kind is AssetKind.BATTERY and asset.part_of is not None and not asset.status.is_over:
            batteries[asset.part_of].append(asset)
    for asset in assets:
        if asset.status.is_over or asset.kind in _NEVER_BOUGHT:
            continue
        seen = observed.get(asset.id, NOTHING)
        if asset.kind is AssetKind.BATTERY:
            yield _battery(asset, seen, observed.get(asset.part_of or "", NOTHING), today)
        elif asset.kind is AssetKind.FIRE_SYSTEM:
            yield from _of_fire_system(asset, seen, policy, today)
        else:
            yield _whole(asset, seen, today)
        if asset.kind is AssetKind.UPS and not batteries[asset.id]:
            yield from battery_sets(asset, seen)


def _whole(asset: Asset, seen: Observed, today: date) -> Item:
    age = age_of(asset, seen, today)
    return Item(asset=asset, name=asset.kind.value, age=age, life_years=asset.useful_life_years, observed=seen)


def _battery(asset: Asset, seen: Observed, ups: Observed, today: date) -> Item:
    """An asset of its own; the UPS it is in speaks for it."""
    age = age_of(asset, seen, today) or _told_by_ups(ups)
    return Item(asset=asset, name=asset.kind.value, age=age, life_years=asset.useful_life_years, observed=ups)


def battery_sets(asset: Asset, seen: Observed) -> Iterator[Item]:
    """Of a UPS: each set, or one of unknown count where nobody wrote any down.

    A battery date of the UPS itself that is later than the set's was set by whoever changed the battery since; with
    several sets nobody can tell which.
    """
    sets = asset.ups.batteries if asset.ups else ()
    for position, one in enumerate(sets, start=1):
        told = _told_by_ups(seen) if len(sets) == 1 else None
        age = Age(begun_on=one.installed, source=AgeSource.IN_SERVICE)
        yield Item(
            asset=asset,
            name=AssetKind.BATTERY.value,
            part=f"ups.batteries.{position}",
            quantity=int(one.count),
            age=told if told and told.begun_on > age.begun_on else age,
            life_years=one.life_years,
            observed=seen,
        )
    if not sets:
        name = AssetKind.BATTERY.value
        yield Item(asset=asset, name=name, part="ups.batteries", quantity=None, age=_told_by_ups(seen), observed=seen)


def _told_by_ups(seen: Observed) -> Age | None:
    day = seen.battery_replaced_on
    return None if day is None else Age(begun_on=day, source=AgeSource.BATTERY)


def _of_fire_system(asset: Asset, seen: Observed, policy: BudgetPolicy, today: date) -> Iterable[Item]:
    """Its recharge and its pressure check; the system itself only where somebody said how long it lasts."""
    whole = _whole(asset, seen, today)
    if asset.replace_on or asset.useful_life_years or whole.name in policy.lives:
        yield whole
    cylinders = asset.fire.cylinders if asset.fire else None
    for name in (FIRE_RECHARGE, FIRE_PRESSURE_CHECK):
        yield Item(asset=asset, name=name, part=name, quantity=None if cylinders is None else int(cylinders))
