"""`itops assets list`: what there is, by kind, place, status and age; or the totals that add up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import click

from itops.assets.records import Asset, AssetKind, AssetStatus
from itops.assets.selection import Wanted, age_years, chosen, totals
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable
from itops.text import counted

_FIELDS = (
    "id", "kind", "name", "status", "asset_tag", "it_code", "serial", "vendor", "model", "host_name", "site",
    "location", "department", "assigned_to", "age_years", "warranty_end", "part_of",
)  # fmt: skip


_FILTERS = (
    click.argument("text", required=False, default=""),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice([kind.value for kind in AssetKind]),
        help="Only this kind; repeatable.",
    ),
    click.option("--site", "sites", multiple=True, metavar="SITE", help="Only what is at this site; repeatable."),
    click.option(
        "--status",
        "statuses",
        multiple=True,
        type=click.Choice([status.value for status in AssetStatus]),
        help="Only in this state; repeatable. By default all but what was disposed of.",
    ),
    click.option("--older-than", type=float, metavar="YEARS", help="Only what is older, where it is known."),
    click.option(
        "--labelled/--unlabelled", "is_labelled", default=None, help="Only with, or without, a property number."
    ),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """TEXT, --kind, --site, --status, --older-than, --labelled: a command gets them as `wanted`."""

    @wraps(command)
    def with_filters(assets: AssetsOffice, *args: Any, **options: Any) -> Any:
        return command(assets, *args, wanted=_wanted(assets, options), **options)

    for option in reversed(_FILTERS):
        with_filters = option(with_filters)
    return with_filters


def _wanted(assets: AssetsOffice, options: dict[str, Any]) -> Wanted:
    """The filters, taken out of `options`; raises UsageWrong for a site that is not there."""
    return Wanted(
        kinds=tuple(map(AssetKind, options.pop("kinds"))),
        sites=tuple(map(assets.site, options.pop("sites"))),
        statuses=tuple(map(AssetStatus, options.pop("statuses"))),
        older_than_years=options.pop("older_than"),
        is_labelled=options.pop("is_labelled"),
        text=options.pop("text"),
    )


@click.command("list")
@click.option("--totals", "is_totals", is_flag=True, help="Count by kind and site instead.")
@output_options
@pass_assets
@filter_options
def list_assets(assets: AssetsOffice, output: Output, *, wanted: Wanted, is_totals: bool) -> None:
    """List the hardware register; TEXT finds any word of it, whatever the keyboard it was typed on.

    A virtual server is linked to the inventory and counted here once. Nothing is asked of any device.
    """
    register, today = assets.register, assets.office.today
    found = chosen(register.assets, wanted, today)
    output.show(_totals(found, list(register.sites)) if is_totals else _listing(assets, found), assets.office.now)
    if wanted.older_than_years is not None:
        others = chosen(register.assets, replace(wanted, older_than_years=None), today)
        if unknown := sum(age_years(asset, today) is None for asset in others):
            many = counted("other asset", "other assets", unknown)
            output.note(f"of {many} nobody wrote down since when it was used")
    if not found:
        output.note("no asset fits" if register.assets else f"{assets.path.name} has no asset yet")


def _listing(assets: AssetsOffice, found: Sequence[Asset]) -> Listing:
    rows = [asset_row(assets, asset) for asset in found]
    columns = (
        Column(field="id", title="id"),
        Column(field="kind", title="kind"),
        Column(field="name", title="name", show=lambda name: name["en"], widest=32, spare=1),
        Column(field="vendor", title="vendor", spare=3),
        Column(field="model", title="model", widest=20, spare=2),
        Column(field="serial", title="serial"),
        Column(field="asset_tag", title="tag"),
        Column(field="site", title="site"),
        Column(field="assigned_to", title="with", widest=20, spare=4),
        Column(field="age_years", title="years", is_number=True, show=lambda age: "" if age is None else f"{age:.1f}"),
        Column(field="status", title="status"),
    )
    return Listing(schema="itops.assets.list/1", rows=rows, columns=columns, csv_fields=_FIELDS)


def asset_row(assets: AssetsOffice, asset: Asset) -> dict[str, Any]:
    """An asset as JSON has it: all that is in the register, and its age."""
    age = age_years(asset, assets.office.today)
    return {**jsonable(asset), "age_years": None if age is None else round(age, 2)}


def _totals(found: Sequence[Asset], sites: Sequence[str]) -> Listing:
    counts = totals(found)
    kinds = [kind for kind in AssetKind if any(counts[kind, site] for site in sites)]
    rows = [_total_row(kind.value, {site: counts[kind, site] for site in sites}) for kind in kinds]
    rows.append(_total_row("all", {site: sum(counts[kind, site] for kind in kinds) for site in sites}))
    flat = [{"kind": row["kind"], **row["sites"], "all": row["all"]} for row in rows]
    columns = (
        Column(field="kind", title="kind"),
        *(Column(field=site, title=site, is_number=True) for site in sites),
        Column(field="all", title="all", is_number=True),
    )
    return Listing(
        schema="itops.assets.totals/1", rows=flat, data=rows, columns=columns, csv_fields=("kind", *sites, "all")
    )


def _total_row(kind: str, counts: dict[str, int]) -> Row:
    return {"kind": kind, "sites": counts, "all": sum(counts.values())}
