"""The replacement plan: the first rule decides, nothing is left out, nothing counts twice, sums add up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.ages import NOTHING, Observed
from itops.assets.budget import (
    BEFORE,
    LATER,
    NO_DATE,
    OVERDUE,
    CostSource,
    Horizon,
    Plan,
    Sum,
    Years,
    lines_in,
    plan_of,
    reasons,
)
from itops.assets.policy import BudgetPolicy
from itops.assets.records import Asset, AssetKind, AssetStatus, Batteries, Fire, Link, Purchase, Ups
from itops.assets.support_ends import built_in
from itops.names import Count
from tests.assets.entries import TODAY, asset, days, registers

JALALI, GREGORIAN = Years(calendar="jalali"), Years(calendar="gregorian")
ESX = Observed(os="VMware ESXi 7.0.3")  # its support ended on 2025-10-02
SERVER = asset("SRV-1", AssetKind.SERVER)
UPS = asset("UPS-1", AssetKind.UPS, in_service=date(2024, 1, 1))


def planned(
    *assets: Asset,
    seen: dict[str, Observed] | None = None,
    policy: BudgetPolicy | None = None,
    horizon: Horizon | None = None,
    today: date = TODAY,
    years: Years = GREGORIAN,
) -> Plan:
    return plan_of(assets, seen or {}, policy or BudgetPolicy(), built_in(), years, today, horizon or Horizon())


def only(plan: Plan):
    assert len(plan.lines) == 1
    return plan.lines[0]


def battery(plan: Plan):
    return next(line for line in plan.lines if line.item.name == "battery")


def with_battery(installed: date, **fields) -> Asset:
    held = Batteries(installed=installed, count=Count(16), **fields)
    return replace(UPS, ups=Ups(batteries=(held,)))


LINK = Link(provider="مخابرات", contract_end=date(2027, 5, 1), monthly_cost=10)


@pytest.mark.parametrize(
    ("entry", "seen", "reason", "due_on"),
    [
        (asset(in_service=date(2021, 3, 21)), NOTHING, "replace.life", date(2026, 3, 21)),
        (asset(in_service=date(2021, 3, 21), useful_life_years=6), NOTHING, "replace.own-life", date(2027, 3, 21)),
        (asset(in_service=date(2021, 3, 21), replace_on=TODAY), NOTHING, "replace.by-hand", TODAY),
        (asset(replace_on=date(2030, 1, 1)), NOTHING, "replace.by-hand", date(2030, 1, 1)),
        (asset(), NOTHING, "replace.no-date", None),
        (asset("D-1", AssetKind.OTHER, in_service=date(2020, 1, 1)), NOTHING, "replace.no-rule", None),
        (asset("NB-1", AssetKind.NOTEBOOK, in_service=date(2021, 3, 21)), NOTHING, "replace.life", date(2025, 3, 21)),
        (asset(), Observed(made_on=date(2021, 3, 21)), "replace.life", date(2026, 3, 21)),
        (replace(SERVER, in_service=date(2025, 1, 1)), ESX, "replace.support-end", date(2025, 10, 2)),
        (replace(SERVER, in_service=date(2015, 1, 1)), ESX, "replace.life", date(2021, 1, 1)),
        (SERVER, Observed(os="Microsoft Windows Server 2016"), "replace.support-end", date(2027, 1, 12)),
        (SERVER, Observed(os="Gentoo"), "replace.no-date", None),
        (asset(in_service=date(2025, 1, 1)), Observed(os="Microsoft Windows 7"), "replace.life", date(2030, 1, 1)),
        (asset("L-1", AssetKind.LINK, link=LINK), NOTHING, "replace.contract-end", date(2027, 3, 2)),
        (asset("L-1", AssetKind.LINK), NOTHING, "replace.no-date", None),
    ],
)  # fmt: skip
def test_the_first_rule_that_finds_a_day_decides(entry, seen, reason, due_on):
    line = only(planned(entry, seen={entry.id: seen}))
    assert (line.due.reason, line.due.on) == (reason, due_on)


def test_the_office_s_lives_beat_the_built_in_ones():
    line = only(planned(asset(in_service=date(2021, 3, 21)), policy=BudgetPolicy(lives={"computer": 8})))
    assert line.due.on == date(2029, 3, 21)


@pytest.mark.parametrize(("pages", "reason"), [(99, "replace.life"), (100, "replace.pages"), (None, "replace.life")])
def test_a_printer_past_its_pages_is_due_now(pages, reason):
    printer = asset("PRN-1", AssetKind.PRINTER, model="LaserJet M404", in_service=date(2025, 1, 1))
    policy = BudgetPolicy(page_limits={"laserjet  m404": 100})
    line = only(planned(printer, seen={"PRN-1": Observed(page_count=pages)}, policy=policy))
    assert line.due.reason == reason
    assert (line.due.on == TODAY) == (reason == "replace.pages")


def test_an_estimated_age_is_told_with_its_source():
    line = only(planned(asset(), seen={"PC-1": Observed(bios_on=date(2022, 3, 21))}))
    assert line.age.is_estimated
    assert line.due.facts["age_source"] == "bios"
    assert line.due.facts["bound"] == "not_older"


# Batteries


@pytest.mark.parametrize(
    ("seen", "reason", "due_on"),
    [
        (NOTHING, "replace.life", date(2028, 1, 1)),
        (Observed(needs_new_battery=True), "replace.ups-asks", TODAY),
        (Observed(needs_new_battery=False), "replace.life", date(2028, 1, 1)),
        (Observed(battery_due_on=date(2027, 6, 1)), "replace.ups-recommends", date(2027, 6, 1)),
        (Observed(battery_due_on=date(2029, 6, 1)), "replace.life", date(2028, 1, 1)),
        (Observed(battery_due_on=date(2024, 6, 1)), "replace.life", date(2028, 1, 1)),  # of the battery before
        (Observed(battery_replaced_on=date(2026, 1, 1)), "replace.life", date(2029, 1, 1)),
        (Observed(battery_replaced_on=date(2020, 1, 1)), "replace.life", date(2028, 1, 1)),
    ],
)
def test_a_battery_lasts_three_years_or_until_its_ups_asks(seen, reason, due_on):
    line = battery(planned(with_battery(date(2025, 1, 1)), seen={"UPS-1": seen}))
    assert (line.due.reason, line.due.on, line.item.quantity) == (reason, due_on, 16)


def test_a_set_may_have_a_life_of_its_own():
    line = battery(planned(with_battery(date(2025, 1, 1), life_years=5.0)))
    assert (line.due.reason, line.due.on) == ("replace.own-life", date(2030, 1, 1))


def test_batteries_that_are_assets_are_not_counted_again_as_sets_of_their_ups():
    ups = with_battery(date(2020, 1, 1))
    inside = asset("BAT-1", AssetKind.BATTERY, part_of="UPS-1", in_service=date(2025, 1, 1))
    names = [(line.item.asset.id, line.item.name) for line in planned(ups, inside).lines]
    assert sorted(names) == [("BAT-1", "battery"), ("UPS-1", "ups")]
    gone = replace(inside, status=AssetStatus.DISPOSED)
    assert [line.item.part for line in planned(ups, gone).lines] == ["ups.batteries.1", ""]


def test_a_ups_speaks_for_the_batteries_that_are_assets():
    inside = asset("BAT-1", AssetKind.BATTERY, part_of="UPS-1", in_service=date(2026, 1, 1))
    line = battery(planned(UPS, inside, seen={"UPS-1": Observed(needs_new_battery=True)}))
    assert (line.item.asset.id, line.due.reason) == ("BAT-1", "replace.ups-asks")


def test_of_a_ups_without_a_word_about_batteries_they_are_planned_all_the_same():
    line = battery(planned(UPS, policy=BudgetPolicy(prices={"battery": 5})))
    assert (line.due.reason, line.item.quantity, line.cost.total) == ("replace.no-date", None, None)


def test_replacing_a_ups_by_hand_says_nothing_of_its_batteries():
    ups = replace(with_battery(date(2025, 1, 1)), replace_on=date(2040, 1, 1))
    assert battery(planned(ups)).due.on == date(2028, 1, 1)


def test_a_fire_system_needs_its_recharge_and_its_pressure_check():
    fire = Fire(cylinders=Count(4), recharge_due=date(2027, 1, 1))
    plan = planned(asset("FIRE-1", AssetKind.FIRE_SYSTEM, fire=fire), policy=BudgetPolicy(prices={"fire_recharge": 7}))
    told = {line.item.name: (line.due.reason, line.due.on, line.cost.total) for line in plan.lines}
    assert told == {
        "fire_recharge": ("replace.recharge", date(2027, 1, 1), 28),
        "fire_pressure_check": ("replace.no-date", None, None),
    }


# Costs


def bought(asset_id: str, on: date, price: int | None, **fields) -> Asset:
    currency = fields.pop("currency", "IRR")
    return asset(asset_id, purchase=Purchase(date=on, price=price, currency=currency), **fields)


def test_the_price_list_beats_the_last_purchase():
    cost = only(planned(bought("PC-1", date(2024, 1, 1), 100), policy=BudgetPolicy(prices={"computer": 500}))).cost
    assert (cost.source, cost.unit, cost.total) == (CostSource.PRICE_LIST, 500, 500)


def test_the_last_purchase_of_its_kind_grows_until_the_day_it_is_due():
    plan = planned(
        bought("PC-1", date(2020, 1, 1), 100),
        bought("PC-2", date(2024, 11, 22), 1000, status=AssetStatus.DISPOSED),
        bought("PC-3", date(2025, 1, 1), 9, currency="EUR"),
        bought("PC-4", date(2027, 1, 1), 9),
        policy=BudgetPolicy(price_growth_ratio=0.5),
    )
    cost = next(line.cost for line in plan.lines if line.item.asset.id == "PC-1")
    assert (cost.source, cost.paid_for, cost.paid_on) == (CostSource.LAST_PURCHASE, "PC-2", date(2024, 11, 22))
    assert 2240 <= cost.unit <= 2260  # overdue: what it would cost today, two years after


def test_a_link_costs_its_contract_for_a_year():
    cost = only(planned(asset("L-1", AssetKind.LINK, link=LINK))).cost
    assert (cost.source, cost.total) == (CostSource.CONTRACT, 120)


def test_what_has_no_price_is_counted_apart_and_not_nought():
    plan = planned(asset(in_service=date(2021, 3, 21)), bought("PC-2", date(2021, 1, 1), 0))
    assert {line.cost.total for line in plan.lines} == {None}
    assert plan.total == Sum(lines=2, quantity=2, cost=0, unpriced=2)


# Rows


@pytest.mark.parametrize(
    ("day", "horizon", "row"),
    [
        (TODAY - timedelta(days=1), Horizon(), OVERDUE),
        (TODAY, Horizon(), "1405"),
        (date(2027, 3, 20), Horizon(), "1405"),
        (date(2027, 3, 21), Horizon(), "1406"),
        (date(2031, 3, 20), Horizon(), "1409"),
        (date(2031, 3, 21), Horizon(), LATER),
        (date(2027, 1, 1), Horizon(first=1407, count=2), BEFORE),
        (date(2029, 3, 19), Horizon(first=1407, count=2), "1407"),
        (TODAY - timedelta(days=1), Horizon(first=1407, count=2), OVERDUE),
        (TODAY - timedelta(days=1), Horizon(first=1403, count=1), OVERDUE),
        (TODAY, Horizon(first=1403, count=1), LATER),
    ],
)
def test_a_day_falls_into_one_row(day, horizon, row):
    plan = planned(asset(replace_on=day), horizon=horizon, years=JALALI)
    assert only(plan).row == row
    assert row in plan.rows
    assert lines_in(plan, [row]) == list(plan.lines)


def test_overdue_stands_first_and_what_has_no_date_last():
    plan = planned(asset("A"), asset("B", replace_on=date(2026, 12, 1)), asset("C", replace_on=date(2020, 1, 1)))
    assert [line.item.asset.id for line in plan.lines] == ["C", "B", "A"]
    assert (plan.rows[0], plan.rows[-1]) == (OVERDUE, NO_DATE)


policies = st.builds(
    BudgetPolicy,
    prices=st.dictionaries(st.sampled_from([kind.value for kind in AssetKind]), st.integers(0, 10**12)),
    price_growth_ratio=st.floats(0, 3),
    lives=st.dictionaries(st.sampled_from([kind.value for kind in AssetKind]), st.floats(0, 60)),
)
sightings = st.builds(
    Observed,
    made_on=st.none() | days(),
    bios_on=st.none() | days(),
    battery_replaced_on=st.none() | days(),
    battery_due_on=st.none() | days(),
    needs_new_battery=st.none() | st.booleans(),
    os=st.sampled_from([None, "VMware ESXi 7.0.3", "Debian GNU/Linux 12"]),
)
plans = st.builds(
    lambda assets, policy, seen, today, count: (
        assets,
        planned(
            *assets, seen={one.id: seen for one in assets}, policy=policy, today=today, horizon=Horizon(count=count)
        ),
    ),
    registers(),
    policies,
    sightings,
    days(),
    st.integers(1, 9),
)


@given(plans)
def test_sums_by_row_and_by_kind_and_line_by_line_are_the_same(made):
    _, plan = made
    assert sum(plan.by_row.values(), Sum()) == plan.total
    assert sum(plan.by_kind.values(), Sum()) == plan.total
    assert sum(plan.by_row_and_kind.values(), Sum()) == plan.total
    assert plan.total.lines == len(plan.lines)
    assert plan.total.unpriced == sum(line.cost.total is None for line in plan.lines)
    assert {line.row for line in plan.lines} <= set(plan.rows)


@given(plans)
def test_everything_that_is_there_and_can_be_bought_is_in_the_plan_and_nothing_else(made):
    assets, plan = made
    there = {one.id for one in assets if not one.status.is_over and one.kind is not AssetKind.VIRTUAL_SERVER}
    assert {line.item.asset.id for line in plan.lines} == there
    places = [(line.item.asset.id, line.item.part) for line in plan.lines]
    assert len(places) == len(set(places))


@given(plans)
def test_every_line_has_a_reason_that_is_known_and_a_day_where_it_is_not_undated(made):
    for line in made[1].lines:
        assert line.due.reason in reasons()
        assert (
            (line.due.on is None)
            == (line.row == NO_DATE)
            == (line.due.reason in {"replace.no-date", "replace.no-rule"})
        )


@given(plans)
def test_lines_stand_in_the_order_of_their_days(made):
    ordered = [line.due.on or date.max for line in made[1].lines]
    assert ordered == sorted(ordered)
