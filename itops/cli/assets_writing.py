"""What every command that changes the register shares: the dry run, the lines shown, the change remembered."""

from collections.abc import Callable, Sequence
from getpass import getuser
from typing import Any

import click

from itops.assets.edits import Edit
from itops.cli.assets_office import AssetsOffice
from itops.tasks.follow_register import BY_HAND, Memory
from itops.text import plain


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--dry-run: show the lines, write nothing."""
    return click.option("--dry-run", "is_dry", is_flag=True, help="Show the lines that would change; write nothing.")(
        command
    )


def carry_out(assets: AssetsOffice, edits: Sequence[Edit], *, how: str, is_dry: bool) -> bool:
    """Show the lines that change and, unless it is a dry run, change them; whether anything was written.

    What was written is remembered with its author, as `how` (the command); what somebody typed into the files before is
    remembered first, as found. Raises ConfigInvalid when the register would not be valid afterwards, or somebody saved
    it meanwhile.
    """
    from itops.config.register.editing import plan_edits  # noqa: PLC0415  only for those that change
    from itops.config.register.writing import write_edits  # noqa: PLC0415  as above

    if is_dry:
        changed = plan_edits(assets.whole, edits)
    else:
        with assets.office.open_store() as store:
            memory = Memory(store.register, assets.office.now)
            memory.take(assets.register, by=None, how=BY_HAND)
            changed = write_edits(assets.path, edits)
            memory.take(changed.register, by=getuser(), how=how)
            assets.office.close()  # whoever closes last folds the write-ahead log into itops.db
    for line in changed.diff().splitlines():
        click.echo(plain(line))
    if not changed.files:
        click.echo("note: it is so already; nothing was written", err=True)
    elif is_dry:
        click.echo("note: nothing was written", err=True)
    return bool(changed.files) and not is_dry
