"""`itops assets apply`, `accept`, `lock`: what of a scan's plan goes into the register, decided by a person."""

import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from itops.assets.edits import SetList
from itops.assets.reconciliation import Conflict, NewAsset, Proposal, Replacement, SuggestedMatch
from itops.assets.reconciliation.plan import Item
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_writing import carry_out, change_options, told_fields
from itops.config.mistakes import did_you_mean
from itops.errors import UsageWrong
from itops.text import counted


@click.command()
@click.argument("item_ids", metavar="[ID]...", nargs=-1)
@click.option("--new/--no-new", "with_new", default=True, help="Add devices that the register does not know.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts that have looked at --dry-run.")
@change_options
@pass_assets
def apply(assets: AssetsOffice, item_ids: tuple[str, ...], *, with_new: bool, yes: bool, is_dry: bool) -> None:
    """Carry out the plan of the last scan: fill what is empty, add what is new; or only the items with these IDs.

    The lines that would change are shown first. Contradictions, replacements and moves are never among them unless they
    are named: the register stands until somebody says otherwise.
    """
    if item_ids:
        items = _named(assets, item_ids)
    else:
        complete = [item for item in assets.plan.new if with_new and not item.missing]
        items = [*assets.plan.proposals, *complete]
    if items:
        ask = None if yes else lambda: _ask(len(items))
        carry_out(assets, [edit for item in items for edit in item.edits], how="apply", is_dry=is_dry, ask=ask)
    else:
        click.echo(f"note: {_nothing(assets)}", err=True)
    _tell_incomplete([] if item_ids or not with_new else [item for item in assets.plan.new if item.missing])


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise UsageWrong("nobody is there to be asked", remedy="look at `itops assets apply --dry-run`, then use --yes")
    if not click.confirm(f"Write {counted('item', 'items', count)} into the register?", err=True):
        raise click.Abort


def _nothing(assets: AssetsOffice) -> str:
    if not assets.devices():
        return "no device was seen yet; run `itops assets scan`"
    waiting = sum(bool(item.edits) for item in assets.plan.items())
    more = f"; {counted('item waits', 'items wait', waiting)} to be named: `itops assets scan --stored`"
    return f"nothing is to be filled or added{more if waiting else ''}"


def _tell_incomplete(items: Sequence[NewAsset]) -> None:
    for item in items:
        missing = " ".join(f"{name}=..." for name in item.missing)
        click.echo(f"note: {item.id} was not added; `itops assets accept {item.id} {missing}`", err=True)


@click.command()
@click.argument("words", metavar="ID... [FIELD=VALUE]...", nargs=-1, required=True)
@change_options
@pass_assets
def accept(assets: AssetsOffice, words: tuple[str, ...], *, is_dry: bool) -> None:
    """Take these items of the plan as the truth: `itops assets accept PC-014.serial`.

    A new device may be told more at once: `itops assets accept new.CZ00000KX0 site=fardis asset_tag=1402900`.
    """
    told = told_fields([word for word in words if "=" in word], example="site=fardis")
    item_ids = [word for word in words if "=" not in word]
    items = [_completed(assets, item_ids, told)] if told else _named(assets, item_ids)
    edits = [edit for item in items for edit in item.edits]
    if carry_out(assets, edits, how="accept", is_dry=is_dry):
        for item in items:
            if isinstance(item, NewAsset):
                click.echo(f"note: {item.id} was added as {item.asset_id}", err=True)


@click.command()
@click.argument("item_ids", metavar="ID...", nargs=-1, required=True)
@change_options
@pass_assets
def lock(assets: AssetsOffice, item_ids: tuple[str, ...], *, is_dry: bool) -> None:
    """The register is right: no scan shall ask about this field any more. `itops assets lock PC-014.serial`."""
    held: dict[str, tuple[str, ...]] = {}
    for item in (_item(assets, item_id) for item_id in item_ids):
        if not isinstance(item, Conflict | Proposal):
            raise UsageWrong(
                f"{item.id} is no field of an asset", remedy="only contradictions and proposals are locked"
            )
        before = held.get(item.asset_id, assets.asset(item.asset_id).lock)
        held[item.asset_id] = tuple(dict.fromkeys((*before, item.field)))
    edits = [SetList(asset_id=asset_id, field="lock", values=fields) for asset_id, fields in held.items()]
    carry_out(assets, edits, how="lock", is_dry=is_dry)


def _named(assets: AssetsOffice, item_ids: Sequence[str]) -> list[Item]:
    """Each item once, however often it is named; raises UsageWrong where there is nothing to accept."""
    items = [_item(assets, item_id) for item_id in dict.fromkeys(item_ids)]
    for item in items:
        _check_acceptable(item)
    return items


def _completed(assets: AssetsOffice, item_ids: Sequence[str], told: dict[str, str]) -> NewAsset:
    """The one new device, with what a person says of it."""
    items = [_item(assets, item_id) for item_id in item_ids]
    if len(items) != 1 or not isinstance(items[0], NewAsset):
        raise UsageWrong("FIELD=VALUE goes with one new device", remedy="name one item that begins with new.")
    fields = {name: value for name, value in told.items() if name != "id"}
    if "site" in fields:
        assets.site(fields["site"])
    item = replace(items[0].completed(fields), asset_id=told.get("id", items[0].asset_id))
    _check_acceptable(item)
    return item


def _item(assets: AssetsOffice, item_id: str) -> Item:
    item = assets.plan.item(item_id)
    if item is None:
        doubts: tuple[Replacement | SuggestedMatch, ...] = (*assets.plan.replacements, *assets.plan.suggestions)
        known = [item.id for item in assets.plan.items()] + [doubt.as_new.id for doubt in doubts if doubt.as_new]
        problem = f"there is no item {item_id!r} in the plan{did_you_mean(item_id, known)}"
        raise UsageWrong(problem, remedy="`itops assets scan --stored` shows the plan with its ids")
    return item


def _check_acceptable(item: Item) -> None:
    if isinstance(item, NewAsset) and item.missing:
        missing = " ".join(f"{name}=..." for name in item.missing)
        problem = f"of {item.id} nobody knows: {', '.join(item.missing)}"
        raise UsageWrong(problem, remedy=f"itops assets accept {item.id} {missing}")
    if not item.edits:
        raise UsageWrong(f"there is nothing to accept in {item.id}", remedy="it tells what people have to decide")
