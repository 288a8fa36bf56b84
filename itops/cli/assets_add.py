"""`itops assets add`: a new entry; asks only what nobody has told it and no device says."""

import sys

import click

from itops.assets.ids import Ids
from itops.assets.matching import match
from itops.assets.operations import added
from itops.assets.reconciliation.showing import new_asset
from itops.assets.records import AssetKind
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_writing import carry_out, change_options, told_fields
from itops.config.mistakes import did_you_mean
from itops.errors import UsageWrong

_REQUIRED = ("kind", "site", "name")


@click.command()
@click.argument("values", metavar="[FIELD=VALUE]...", nargs=-1)
@click.option(
    "--at", "address", metavar="ADDRESS", help="Take over what the device at this address told the last scan."
)
@click.option("--id", "asset_id", metavar="ID", help="Its id; the next free one of its kind when nothing is said.")
@change_options
@pass_assets
def add(
    assets: AssetsOffice, values: tuple[str, ...], address: str | None, asset_id: str | None, *, is_dry: bool
) -> None:
    """Add an asset: `itops assets add kind=printer site=fardis name='Counter printer' serial=E78219D1N500`.

    A FIELD is a key of inventory.yaml. What is required and not said is asked for; what can be found out is not.
    """
    told = told_fields(values, example="kind=printer")
    _take_id(told, asset_id)
    fields = {**(_found(assets, address) if address else {}), **told}
    _complete(assets, fields)
    kind = AssetKind(fields.pop("kind"))
    chosen = fields.pop("id", None) or Ids(assets.register.assets).next(kind)
    if carry_out(assets, [added(chosen, kind, fields)], how="add", is_dry=is_dry):
        click.echo(f"note: added as {chosen}", err=True)


def _take_id(told: dict[str, str], asset_id: str | None) -> None:
    """The id is a field like the others, however it was told."""
    if asset_id is not None and told.setdefault("id", asset_id) != asset_id:
        raise UsageWrong("two ids are told", remedy="give --id or id=, not both")


def _found(assets: AssetsOffice, address: str) -> dict[str, str]:
    """What the device at an address tells; raises UsageWrong where there is none, or the register has it."""
    here = [device for device in assets.devices() if address in device.addresses]
    if len(here) != 1:
        problem = f"{len(here)} devices were seen at {address}" if here else f"nothing was seen at {address}"
        raise UsageWrong(problem, remedy="run `itops assets scan`, or tell it by hand: FIELD=VALUE")
    for known in match(assets.register.assets, assets.devices(), assets.policy).matched:
        if known.asset and known.device == here[0]:
            raise UsageWrong(f"{address} is {known.asset.id} already", remedy=f"itops assets show {known.asset.id}")
    fields = dict(new_asset(here[0], "", assets.register).fields)
    if fields["kind"] == AssetKind.OTHER:  # nobody said what it is
        del fields["kind"]
    return fields


def _complete(assets: AssetsOffice, fields: dict[str, str]) -> None:
    """Ask for what is required and missing; raises UsageWrong where nobody can be asked, and for words of nobody."""
    sites = list(assets.register.sites)
    if len(sites) == 1:
        fields.setdefault("site", sites[0])
    missing = [name for name in _REQUIRED if not any(told.split(".")[0] == name for told in fields)]
    if missing and not sys.stdin.isatty():
        raise UsageWrong(f"{' and '.join(missing)}: nobody said", remedy=" ".join(f"{name}=..." for name in missing))
    kinds = [kind.value for kind in AssetKind]
    choices = {"kind": kinds, "site": sites}
    for name in missing:
        fields[name] = click.prompt(name, type=click.Choice(choices[name]) if choices.get(name) else str, err=True)
    if fields.get("kind") not in kinds:
        kind = str(fields.get("kind"))
        problem = f"{kind!r} is no kind of asset{did_you_mean(kind, kinds)}"
        raise UsageWrong(problem, remedy=f"use one of: {', '.join(kinds)}")
    assets.site(fields.get("site", ""))
