"""`itops assets apply`, `accept`, `lock`: what of a scan's plan goes into the register, decided by a person."""

import sys
from collections.abc import Sequence

import click

from itops.assets.edits import Edit, SetList
from itops.assets.reconciliation import Conflict, NewAsset, Proposal, ScanPlan
from itops.assets.reconciliation.plan import Item
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_writing import carry_out, change_options
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
    plan = assets.plan()
    items = [_item(plan, item_id) for item_id in item_ids] or [*_ready(plan, with_new=with_new)]
    left = [item.id for item in plan.new if item.missing and item not in items]
    edits = [edit for item in items for edit in _edits(item)]
    if edits and not is_dry and not yes:
        carry_out(assets, edits, how="apply", is_dry=True)
        _ask(len(items))
    carry_out(assets, edits, how="apply", is_dry=is_dry)
    if left and not item_ids:
        click.echo(
            f"note: not added, nobody knows their site: {', '.join(left)}; `itops assets accept ID site=...`", err=True
        )


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise UsageWrong("nobody is there to be asked", remedy="look at `itops assets apply --dry-run`, then use --yes")
    if not click.confirm(f"Write {counted('item', 'items', count)} into the register?", err=True):
        raise click.Abort


def _ready(plan: ScanPlan, *, with_new: bool) -> Sequence[Item]:
    filled: list[Item] = [*plan.proposals]
    return [*filled, *(item for item in plan.new if with_new and not item.missing)]


@click.command()
@click.argument("item_ids", metavar="ID... [FIELD=VALUE]...", nargs=-1, required=True)
@change_options
@pass_assets
def accept(assets: AssetsOffice, item_ids: tuple[str, ...], *, is_dry: bool) -> None:
    """Take these items of the plan as the truth: `itops assets accept PC-014.serial`.

    A new device may be told more at once: `itops assets accept new.CZ00000KX0 site=fardis asset_tag=1402900`.
    """
    told = dict(text.split("=", 1) for text in item_ids if "=" in text)
    plan = assets.plan()
    items = [_item(plan, item_id) for item_id in item_ids if "=" not in item_id]
    if told and not (len(items) == 1 and isinstance(items[0], NewAsset)):
        raise UsageWrong("FIELD=VALUE goes with one new device", remedy="name one item that begins with new.")
    items = [item.completed(told) if isinstance(item, NewAsset) else item for item in items]
    carry_out(assets, [edit for item in items for edit in _edits(item)], how="accept", is_dry=is_dry)


@click.command()
@click.argument("item_ids", metavar="ID...", nargs=-1, required=True)
@change_options
@pass_assets
def lock(assets: AssetsOffice, item_ids: tuple[str, ...], *, is_dry: bool) -> None:
    """The register is right: no scan shall ask about this field any more. `itops assets lock PC-014.serial`."""
    plan = assets.plan()
    edits: list[Edit] = []
    held: dict[str, tuple[str, ...]] = {}
    for item in (_item(plan, item_id) for item_id in item_ids):
        if not isinstance(item, Conflict | Proposal):
            raise UsageWrong(
                f"{item.id} is no field of an asset", remedy="only contradictions and proposals are locked"
            )
        asset = assets.asset(item.asset_id)
        held[asset.id] = tuple(dict.fromkeys((*held.get(asset.id, asset.lock), item.field)))
        edits.append(SetList(asset_id=asset.id, field="lock", values=held[asset.id]))
    carry_out(assets, edits, how="lock", is_dry=is_dry)


def _item(plan: ScanPlan, item_id: str) -> Item:
    item = plan.item(item_id)
    if item is None:
        known = [one.id for one in plan.items()]
        raise UsageWrong(
            f"there is no item {item_id!r} in the plan{did_you_mean(item_id, known)}",
            remedy="`itops assets scan --stored` shows the plan with its ids",
        )
    return item


def _edits(item: Item) -> Sequence[Edit]:
    if isinstance(item, NewAsset) and item.missing:
        missing = " ".join(f"{name}=..." for name in item.missing)
        raise UsageWrong(f"of {item.id} nobody knows: {', '.join(item.missing)}", remedy=f"accept {item.id} {missing}")
    if not item.edits:
        raise UsageWrong(f"there is nothing to accept in {item.id}", remedy="it tells what people have to decide")
    return item.edits
