"""`itops assets`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("itops.cli.assets_list:list_assets", "List the register, or count it by kind and site."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def assets() -> None:
    """The hardware register: what there is, where, whose, how old; what scans say, and what falls due."""
