"""`itops assets history`: who changed what in the register, with git and without."""

from collections.abc import Sequence

import click

from itops.assets.history import RegisterChange, told_once
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.columns import moments_in
from itops.cli.output import Column, Format, Listing, Output, output_options
from itops.config.register.git_history import GitHistory, git_history
from itops.dates import parse_day, start_of
from itops.errors import StoreEmpty, StoreLocked
from itops.jsonable import jsonable
from itops.store.reader import Reader as StoreReader
from itops.tasks.follow_register import BY_HAND, Memory
from itops.text import counted

_FIELDS = ("at", "asset_id", "field", "before", "after", "by", "how", "reference")
_NAMED = 5


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
    begin = None if since is None else start_of(parse_day(since), assets.office.zone)
    _notice(assets, output)
    wanted = _known_id(assets, asset_id)
    by_git = git_history(assets.path)
    from_git = [change for change in by_git.changes if wanted in (None, change.asset_id)]
    changes = told_once(from_git, _remembered(assets, wanted))
    if asset_id is not None and not changes:
        assets.asset(asset_id)  # one that nobody ever knew is a typing mistake
    if begin is not None:
        changes = [change for change in changes if change.at >= begin]
    output.show(_listing(assets, output, changes), assets.office.now)
    if not changes:
        output.note("no change is known; itops remembers the register since it first read it")
    _confess(by_git, output)


def _notice(assets: AssetsOffice, output: Output) -> None:
    """Remember what was typed into the files since they were last read."""
    try:
        with assets.office.open_store() as store:
            Memory(store.register, assets.office.now).take(assets.register, by=None, how=BY_HAND)
            assets.office.close()  # whoever closes last folds the write-ahead log into itops.db
    except StoreLocked:
        output.note("another itops is writing: what was typed since it began is not told yet")


def _confess(by_git: GitHistory, output: Output) -> None:
    if by_git.trouble:
        output.note(f"git does not read the register's repository: {by_git.trouble}")
    if by_git.unreadable:
        many = counted("commit", "commits", len(by_git.unreadable))
        named = ", ".join(by_git.unreadable[:_NAMED])
        output.note(f"in {many} not all of the register could be read: {named}; the next one tells what changed")
    if by_git.is_cut:
        output.note("git has older commits than were read")


def _known_id(assets: AssetsOffice, asset_id: str | None) -> str | None:
    """The id of the asset named; one that is in the register no more is taken as typed."""
    if asset_id is None or not assets.found(asset_id):
        return asset_id
    return assets.asset(asset_id).id


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
