"""`itops assets history`: who changed what in the register, with git and without."""

from collections.abc import Sequence

import click

from itops.assets.history import RegisterChange, told_once
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.columns import moments_in
from itops.cli.output import Column, Format, Listing, Output, jsonable, output_options
from itops.dates import parse_day
from itops.errors import StoreEmpty
from itops.store.reader import Reader as StoreReader
from itops.tasks.follow_register import BY_HAND, Memory
from itops.text import counted

_FIELDS = ("at", "asset_id", "field", "before", "after", "by", "how", "reference")


@click.command()
@click.argument("asset_id", metavar="[ASSET]", required=False)
@click.option("--since", metavar="DAY", help="Only changes from this day on.")
@output_options
@pass_assets
def history(assets: AssetsOffice, asset_id: str | None, since: str | None, output: Output) -> None:
    """Tell who changed what in the register, the newest first; of one ASSET, or of all.

    What itops changed it remembers with the account that ran it. What was typed into the files it notices the next
    time it reads them: "at" is then when it was noticed. Where the register is kept in git, its commits tell author and
    time.
    """
    from itops.config.register.git_history import git_history  # noqa: PLC0415  subprocesses: only here

    with assets.office.open_store() as store:
        Memory(store.register, assets.office.now).take(assets.register, by=None, how=BY_HAND)
        assets.office.close()
    wanted = _known_id(assets, asset_id)
    by_git = git_history(assets.path)
    own = _remembered(assets, wanted)
    from_git = [change for change in by_git.changes if wanted in (None, change.asset_id)]
    changes = told_once(from_git, own)
    if since is not None:
        first = parse_day(since)
        changes = [change for change in changes if change.at.astimezone(assets.office.zone).date() >= first]
    output.show(_listing(assets, output, changes), assets.office.now)
    if not changes:
        output.note("no change is known: the register is remembered from now on")
    if by_git.unreadable:
        many = counted("commit", "commits", len(by_git.unreadable))
        output.note(f"in {many} the register could not be read: {', '.join(by_git.unreadable[:5])}")
    if by_git.is_cut:
        output.note("git has older commits than the 500 that were read")


def _known_id(assets: AssetsOffice, asset_id: str | None) -> str | None:
    """The id of the asset named; one that is in the register no more is taken as typed."""
    if asset_id is None or assets.register.get(asset_id) is not None:
        return asset_id
    found = [one.id for one in assets.found(asset_id)]
    return found[0] if len(found) == 1 else asset_id


def _remembered(assets: AssetsOffice, asset_id: str | None) -> list[RegisterChange]:
    try:
        reader = assets.office.reader
    except StoreEmpty:
        return []
    return reader.register.changes(asset_id) if isinstance(reader, StoreReader) else []


def _listing(assets: AssetsOffice, output: Output, changes: Sequence[RegisterChange]) -> Listing:
    when = moments_in(assets.office.calendar, assets.office.zone)
    columns = (
        Column(field="at", title="at", show=when),
        Column(field="asset_id", title="asset"),
        Column(field="field", title="field"),
        Column(field="before", title="before", widest=30),
        Column(field="after", title="after", widest=30),
        Column(field="by", title="by"),
        Column(field="how", title="how"),
        Column(field="reference", title="reference", spare=1),
    )
    came = {(change.asset_id, change.at) for change in changes if change.field == "id"}
    brief = [one for one in changes if one.field == "id" or (one.asset_id, one.at) not in came]
    return Listing(
        schema="itops.assets.history/1",
        # A whole entry that came or went is one line for people.
        rows=[jsonable(change) for change in (brief if output.format is Format.TABLE else changes)],
        data=[jsonable(change) for change in changes],
        columns=columns,
        csv_fields=_FIELDS,
    )
