"""`itops assets add`: a new entry; asks only what nobody has told it and no device says."""

import sys

import click

from itops.assets.operations import added
from itops.assets.reconciliation.showing import Ids, new_asset
from itops.assets.records import AssetKind
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_writing import carry_out, change_options
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
    fields = {**_found(assets, address), **dict(map(_pair, values))}
    for name in _REQUIRED:
        if name not in fields and f"{name}.fa" not in fields:
            fields[name] = _asked(assets, name)
    kind = _kind(fields.pop("kind"))
    chosen = asset_id or Ids(assets.register).next(kind)
    if carry_out(assets, [added(chosen, kind, fields)], how="add", is_dry=is_dry):
        click.echo(f"note: added as {chosen}", err=True)


def _found(assets: AssetsOffice, address: str | None) -> dict[str, str]:
    if address is None:
        return {}
    here = [device for device in assets.devices() if address in device.addresses]
    if len(here) != 1:
        problem = f"{len(here)} devices were seen at {address}" if here else f"nothing was seen at {address}"
        raise UsageWrong(problem, remedy="run `itops assets scan`, or tell it by hand: FIELD=VALUE")
    return dict(new_asset(here[0], "", assets.register).fields)


def _pair(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals or not field or not value:
        raise UsageWrong(f"{text!r} is not FIELD=VALUE", remedy="write kind=printer")
    return field.strip(), value.strip()


def _asked(assets: AssetsOffice, name: str) -> str:
    if not sys.stdin.isatty():
        raise UsageWrong(f"{name} is not said", remedy=f"add {name}=...")
    choices = {"kind": [kind.value for kind in AssetKind], "site": list(assets.register.sites)}.get(name)
    answer: str = click.prompt(name, type=click.Choice(choices) if choices else str, err=True)
    return answer


def _kind(text: str) -> AssetKind:
    try:
        return AssetKind(text)
    except ValueError:
        raise UsageWrong(f"{text!r} is no kind of asset", remedy=f"use one of: {', '.join(AssetKind)}") from None
