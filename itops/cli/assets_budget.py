"""`itops assets budget`: what is to be replaced in which year and what it costs; what everything is worth on a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from itops.assets.records import Asset
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.dates import latin_digits, parse_day, show_day
from itops.errors import UsageWrong
from itops.jsonable import jsonable

if TYPE_CHECKING:
    from itops.assets.ages import Observed
    from itops.assets.budget import Line, Plan, Sum, Years
    from itops.assets.support_ends import SupportTable

_LINE_FIELDS = (
    "row", "year", "asset_id", "part", "item", "name", "site", "quantity", "due_on", "reason", "message", "begun_on",
    "age_source", "age_bound", "is_estimated", "unit_cost", "cost", "cost_source", "cost_from", "cost_from_on",
)  # fmt: skip
_VALUE_FIELDS = (
    "asset_id", "kind", "name", "site", "bought_on", "in_service", "price", "currency", "depreciation_years", "value",
)  # fmt: skip
_SHOWN_AFTER = "later"


@click.command()
@click.option("--years", "count", type=click.IntRange(1, 30), default=5, show_default=True, help="How many years.")
@click.option("--from", "first_year", metavar="YEAR", help="The first budget year; by default the one of today.")
@click.option("--values-on", metavar="DAY", help="Instead: the book value of everything on a day, past or to come.")
@output_options
@pass_assets
def budget(assets: AssetsOffice, output: Output, *, count: int, first_year: str | None, values_on: str | None) -> None:
    """Plan replacements by budget year: what, why, how many, how much; overdue first, what has no date last.

    Ages nobody wrote down are estimated from what machines say, and marked. What has no price is counted apart.
    """
    if values_on is not None:
        if first_year is not None:
            raise UsageWrong("--from and --values-on were both given", remedy="a plan has years, values have one day")
        _show_values(assets, output, parse_day(values_on))
        return
    plan = _plan(assets, output, count, first_year)
    output.show(_plan_listing(assets, plan), assets.office.now)
    _confess(plan, output)


def years_of(assets: AssetsOffice) -> "Years":
    """How this office counts its years."""
    from itops.assets.budget import Years  # noqa: PLC0415  only commands that plan need it

    return Years(calendar=assets.office.calendar, starts=assets.policy.budget.year_starts)


def support_of(assets: AssetsOffice, output: Output) -> "SupportTable":
    """The table of support ends, and the office's own before it."""
    from itops.assets.support_ends import built_in, extended  # noqa: PLC0415  as above
    from itops.config.support_ends import read_support_ends  # noqa: PLC0415  as above

    path = assets.policy.support_ends
    if path is None:
        return built_in()
    parsed = read_support_ends(path)
    if parsed.refused_count:
        output.note(f"{path.name}: {parsed.refused_count:,} entries say nothing, the first: {parsed.refused[0]}")
    return extended(parsed.rows)


def observed_of(assets: AssetsOffice) -> "dict[str, Observed] | None":
    """What machines say, by asset id; None where nothing was ever seen."""
    from itops.tasks import observe_assets  # noqa: PLC0415  as above

    office, reader = assets.office, assets.office.any_reader
    if reader is None:
        return None
    return observe_assets.observed_of(
        assets.register.assets, assets.devices(), reader.history, assets.policy, office.zone
    )


def _plan(assets: AssetsOffice, output: Output, count: int, first_year: str | None) -> "Plan":
    from itops.assets.budget import Horizon, plan_of  # noqa: PLC0415  as above

    years = years_of(assets)
    return plan_of(
        assets.register.assets,
        observed_of(assets) or {},
        assets.policy.budget,
        support_of(assets, output),
        years,
        assets.office.today,
        Horizon(first=_year(first_year, years, count), count=count),
    )


def _year(typed: str | None, years: "Years", count: int) -> int | None:
    if typed is None:
        return None
    digits = latin_digits(typed).strip()
    if not (digits.isascii() and digits.isdigit() and years.first <= int(digits[:6]) <= years.last - count):
        raise UsageWrong(f"{typed!r} is no budget year", remedy=f"write a {years.calendar} year: {_example(years)}")
    return int(digits)


def _example(years: "Years") -> str:
    return "1406" if years.calendar == "jalali" else "2027"


def _plan_listing(assets: AssetsOffice, plan: "Plan") -> Listing:
    rows = list(_sum_rows(plan))
    lines = [_line_row(assets, plan, line) for line in plan.lines]
    return Listing(
        schema="itops.assets.budget/1",
        rows=lines,
        data=_plan_data(assets, plan, rows, lines),
        columns=(),
        csv_fields=_LINE_FIELDS,
        tables=(_sums(rows, plan.currency), _due_lines(assets, lines)),
        is_drawn=False,
    )


def _plan_data(assets: AssetsOffice, plan: "Plan", rows: Sequence[Row], lines: Sequence[Row]) -> Row:
    years = plan.years
    return {
        "calendar": years.calendar,
        "year_starts": years.starts,
        "currency": plan.currency,
        "years": [
            {"year": year, "begins_on": jsonable(years.first_day(year)), "ends_on": jsonable(years.last_day(year))}
            for year in range(plan.first_year, plan.last_year + 1)
        ],
        "sums": rows,
        "totals": [{"row": row, **_sum(found)} for row, found in plan.by_row.items()],
        "kinds": [{"item": kind, **_sum(found)} for kind, found in sorted(plan.by_kind.items())],
        "all": _sum(plan.total),
        "lines": lines,
    }


def _sum(found: "Sum") -> dict[str, int | None]:
    """Where nothing has a price, the cost is not known, and not 0."""
    cost = None if found.lines and found.unpriced == found.lines else found.cost
    return {"lines": found.lines, "quantity": found.quantity, "cost": cost, "unpriced": found.unpriced}


def _sum_rows(plan: "Plan") -> list[Row]:
    """Each kind in each row, and the row as a whole; empty years too, for nothing planned is an answer."""
    rows: list[Row] = []
    detail = plan.by_row_and_kind
    for row, found in plan.by_row.items():
        kinds = sorted(kind for held, kind in detail if held == row)
        rows += [{"row": row, "item": kind, **_sum(detail[row, kind])} for kind in kinds]
        rows.append({"row": row, "item": "all", **_sum(found)})
    rows.append({"row": "all", "item": "all", **_sum(plan.total)})
    return rows


def _sums(rows: Sequence[Row], currency: str) -> Listing:
    columns = (
        Column(field="row", title="year"),
        Column(field="item", title="kind"),
        Column(field="quantity", title="count", is_number=True, show=_number),
        Column(field="cost", title=f"cost {currency}", is_number=True, show=_number),
        Column(field="unpriced", title="no price", is_number=True, show=lambda count: _number(count) if count else ""),
    )
    return Listing(schema="", rows=rows, columns=columns, csv_fields=())


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,}"


def _due_lines(assets: AssetsOffice, lines: Sequence[Row]) -> Listing:
    """What is to be done, line by line; what comes after the years shown is only counted."""
    columns = (
        Column(field="row", title="year"),
        Column(field="due_on", title="due", show=lambda day: _day(assets, day)),
        Column(field="asset_id", title="asset"),
        Column(field="item", title="kind", spare=3),
        Column(field="quantity", title="count", is_number=True, show=_number, spare=2),
        Column(field="message", title="why", widest=70),
        Column(field="cost", title="cost", is_number=True, show=_number),
        Column(field="site", title="site", spare=4),
    )
    return Listing(
        schema="", rows=[line for line in lines if line["row"] != _SHOWN_AFTER], columns=columns, csv_fields=()
    )


def _day(assets: AssetsOffice, day: Any) -> str:
    return show_day(date.fromisoformat(day), assets.office.calendar) if day else ""


def _line_row(assets: AssetsOffice, plan: "Plan", line: "Line") -> Row:
    from itops.reports.assets import said  # noqa: PLC0415  as above
    from itops.reports.words import load_words  # noqa: PLC0415  as above

    item, age, cost = line.item, line.age, line.cost
    words = load_words("en", calendar=assets.office.calendar, marks=False)
    return {
        "row": line.row,
        "year": line.year,
        "asset_id": item.asset.id,
        "part": item.part or None,
        "item": item.name,
        "name": jsonable(item.asset.name),
        "site": item.asset.site,
        "quantity": item.quantity,
        "due_on": jsonable(line.due.on),
        "reason": line.due.reason,
        "message": said(line.due.reason, line.due.facts, words) + (" (estimated)" if _is_estimate(line) else ""),
        "facts": dict(line.due.facts),
        "begun_on": jsonable(age.begun_on) if age else None,
        "age_source": age.source.value if age else None,
        "age_bound": age.bound.value if age else None,
        "is_estimated": age.is_estimated if age else None,
        "unit_cost": cost.unit,
        "cost": cost.total,
        "cost_source": cost.source.value,
        "cost_from": cost.paid_for,
        "cost_from_on": jsonable(cost.paid_on),
    }


def _is_estimate(line: "Line") -> bool:
    """Whether the day rests on an age that nobody wrote down."""
    return line.age is not None and line.age.is_estimated and "age_source" in line.due.facts


def _confess(plan: "Plan", output: Output) -> None:
    total, undated = plan.total, plan.by_row["no-date"]
    if undated.lines:
        output.note(f"{undated.lines:,} of {total.lines:,} lines have no date: nobody knows since when, or how long")
    if total.unpriced:
        output.note(
            f"{total.unpriced:,} of {total.lines:,} lines have no price; set assets.budget.prices in itops.yaml"
        )
    estimated = sum(map(_is_estimate, plan.lines))
    if estimated:
        output.note(f"{estimated:,} days rest on an estimated age")


def _show_values(assets: AssetsOffice, output: Output, on: date) -> None:
    from itops.assets.depreciation import is_held  # noqa: PLC0415  as above

    rows = [_value_row(assets, asset, on) for asset in assets.register.assets if is_held(asset, on)]
    currency = assets.policy.budget.currency
    known = [row for row in rows if row["value"] is not None and row["currency"] == currency]
    data = {
        "on": on.isoformat(),
        "currency": currency,
        "total": sum(row["value"] for row in known),
        "valued": len(known),
        "not_valued": len(rows) - len(known),
        "assets": rows,
    }
    columns = (
        Column(field="asset_id", title="asset"),
        Column(field="kind", title="kind"),
        Column(field="name", title="name", show=lambda name: name["en"], widest=32, spare=1),
        Column(field="bought_on", title="bought", show=lambda day: _day(assets, day)),
        Column(field="price", title="price", is_number=True, show=_number),
        Column(field="value", title="value", is_number=True, show=_number),
        Column(field="currency", title="currency", spare=2),
    )
    listing = Listing(schema="itops.assets.values/1", rows=rows, data=data, columns=columns, csv_fields=_VALUE_FIELDS)
    output.show(listing, assets.office.now)
    output.note(f"{data['total']:,} {currency} on {show_day(on, assets.office.calendar)}: {len(known):,} assets")
    if data["not_valued"]:
        output.note(
            f"{data['not_valued']:,} have no value: no price in {currency}, or assets.budget.depreciation_years "
            "of their kind is not set"
        )
    undated = sum(asset.purchase is None for asset in assets.register.assets)
    if undated:
        output.note(f"of {undated:,} assets no purchase is known; they are not listed")


def _value_row(assets: AssetsOffice, asset: Asset, on: date) -> Mapping[str, Any]:
    from itops.assets.depreciation import value  # noqa: PLC0415  as above

    policy, bought = assets.policy.budget, asset.purchase
    return {
        "asset_id": asset.id,
        "kind": asset.kind.value,
        "name": jsonable(asset.name),
        "site": asset.site,
        "bought_on": jsonable(bought.date) if bought else None,
        "in_service": jsonable(asset.in_service),
        "price": bought.price if bought else None,
        "currency": bought.currency if bought else None,
        "depreciation_years": policy.depreciation_years.get(asset.kind.value),
        "value": value(asset, on, policy, years_of(assets)),
    }
