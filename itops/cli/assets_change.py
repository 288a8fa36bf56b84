"""`itops assets set`, `move`, `assign`, `retire`: change the register, line by line, and show the lines."""

import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from itops.assets.edits import Edit, SetField
from itops.assets.operations import Ending, Move, assigned, ended, moved, peripherals
from itops.assets.records import Asset, AssetStatus
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_writing import carry_out, change_options, told_fields
from itops.dates import parse_day
from itops.errors import UsageWrong
from itops.text import counted, plain


@click.command("set")
@click.argument("asset_id", metavar="ASSET")
@click.argument("values", metavar="FIELD=VALUE...", nargs=-1)
@click.option("--unset", "unset", multiple=True, metavar="FIELD", help="Take this field out; repeatable.")
@change_options
@pass_assets
def set_fields(
    assets: AssetsOffice, asset_id: str, values: tuple[str, ...], unset: tuple[str, ...], *, is_dry: bool
) -> None:
    """Set fields of an ASSET (its id, property number or serial): `itops assets set PC-014 seal=004411`.

    A FIELD is a key of inventory.yaml, deeper ones with dots: purchase.price, parts.2.asset_tag.
    """
    asset = assets.asset(asset_id)
    told = told_fields(values, example="seal=004411; --unset FIELD takes a field out")
    if both := told.keys() & unset:
        raise UsageWrong(f"{min(both)} is set and taken out at once", remedy="either, or")
    fields: dict[str, str | None] = {**dict.fromkeys(unset), **told}
    if not fields:
        raise UsageWrong("nothing to set", remedy="write FIELD=VALUE, or --unset FIELD")
    edits: list[Edit] = [SetField(asset_id=asset.id, field=field, value=value) for field, value in fields.items()]
    carry_out(assets, edits, how="set", is_dry=is_dry)


@click.command()
@click.argument("asset_ids", metavar="ASSET...", nargs=-1, required=True)
@click.option("--to", "site", metavar="SITE", help="The site it goes to.")
@click.option("--location", metavar="TEXT", help="The room, floor or rack there.")
@click.option("--department", metavar="TEXT", help="The unit there.")
@click.option(
    "--with-peripherals/--without-peripherals",
    "takes_along",
    default=None,
    help="Take along what belongs to it, or leave it; asked for where nothing is said.",
)
@change_options
@pass_assets
def move(
    assets: AssetsOffice,
    asset_ids: tuple[str, ...],
    site: str | None,
    location: str | None,
    department: str | None,
    *,
    takes_along: bool | None,
    is_dry: bool,
) -> None:
    """Move ASSETs to another site, room or unit; what belongs to a computer is offered to go with it."""
    if site is None and location is None and department is None:
        raise UsageWrong("where to?", remedy="give --to SITE, --location or --department")
    if site is not None:
        assets.site(site)
    named = [assets.asset(asset_id) for asset_id in asset_ids]
    belongs = _belongings(assets, named)
    goes_along = _shall_go(belongs, takes_along=takes_along)
    target = Move(site=site, location=location, department=department)
    carry_out(assets, list(moved([*named, *(belongs if goes_along else [])], target)), how="move", is_dry=is_dry)
    if belongs and not goes_along:
        click.echo(f"note: left where it was: {', '.join(one.id for one in belongs)}", err=True)


def _belongings(assets: AssetsOffice, named: Sequence[Asset]) -> list[Asset]:
    """What belongs to the assets named and is not named itself, each once."""
    found = {one.id: one for asset in named for one in peripherals(assets.register, asset)}
    for asset in named:
        found.pop(asset.id, None)
    return [*found.values()]


def _shall_go(belongs: Sequence[Asset], *, takes_along: bool | None) -> bool:
    """What the option says, else what the person at the terminal says; where nobody can be asked nothing goes."""
    if not belongs or takes_along is not None:
        return bool(takes_along)
    if not sys.stdin.isatty():
        return False
    names = ", ".join(f"{one.id} ({plain(one.name.en)})" for one in belongs)
    return click.confirm(
        f"{counted('thing belongs', 'things belong', len(belongs))} to it: {names}. Take along?", err=True
    )


@click.command()
@click.argument("asset_ids", metavar="ASSET...", nargs=-1, required=True)
@click.option("--to", metavar="POST", help="Who has it from now on: a post, or a person.")
@click.option("--nobody", is_flag=True, help="It comes back into the store.")
@click.option("--personnel-code", metavar="CODE", help="The receiver's personnel code.")
@click.option("--on", metavar="DAY", help="The day of the hand-over; today when nothing is said.")
@change_options
@pass_assets
def assign(
    assets: AssetsOffice,
    asset_ids: tuple[str, ...],
    to: str | None,
    personnel_code: str | None,
    on: str | None,
    *,
    nobody: bool,
    is_dry: bool,
) -> None:
    """Write down into whose hands ASSETs went, and when."""
    if (to is None) != nobody:
        raise UsageWrong("who has it from now on?", remedy="give --to POST, or --nobody")
    day = _day(assets, on)
    named = [assets.asset(asset_id) for asset_id in asset_ids]
    edits = [edit for asset in named for edit in assigned(asset, to, day, personnel_code)]
    carry_out(assets, edits, how="assign", is_dry=is_dry)


@click.command()
@click.argument("asset_ids", metavar="ASSET...", nargs=-1, required=True)
@click.option("--disposed", is_flag=True, help="It left the house; by default it is out of use and still there.")
@click.option("--lost", is_flag=True, help="Nobody knows where it is.")
@click.option("--on", metavar="DAY", help="The day; today when nothing is said.")
@click.option("--minutes-no", metavar="NUMBER", help="The minutes that decided a disposal.")
@click.option("--to", metavar="TEXT", help="Who took it.")
@click.option("--value", type=int, metavar="AMOUNT", help="What was paid for it.")
@change_options
@pass_assets
def retire(
    assets: AssetsOffice,
    asset_ids: tuple[str, ...],
    on: str | None,
    *,
    disposed: bool,
    lost: bool,
    is_dry: bool,
    **papers: Any,
) -> None:
    """Take ASSETs out of use; nothing is deleted. A scan that sees one again says so."""
    if disposed and lost:
        raise UsageWrong("either disposed or lost", remedy="give one of --disposed and --lost")
    if not disposed and any(paper is not None for paper in papers.values()):
        raise UsageWrong("papers of a disposal without one", remedy="give --disposed too")
    status = AssetStatus.DISPOSED if disposed else AssetStatus.LOST if lost else AssetStatus.RETIRED
    ending = Ending(status=status, on=_day(assets, on), **papers)
    named = [assets.asset(asset_id) for asset_id in asset_ids]
    edits = [edit for asset in named for edit in ended(asset, ending)]
    carry_out(assets, edits, how="retire", is_dry=is_dry)
    if left := [one.id for one in _belongings(assets, named)]:
        click.echo(f"note: still in use and part of what ended: {', '.join(left)}", err=True)


def _day(assets: AssetsOffice, typed: str | None) -> date:
    return assets.office.today if typed is None else parse_day(typed)
