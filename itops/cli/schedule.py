"""`itops schedule`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "run": ("itops.cli.schedule_run:run", "Stay, and start every job when it is due."),
    "list": ("itops.cli.schedule_list:list_command", "Each job: how it stands, last, next, why not."),
    "history": ("itops.cli.schedule_history:history", "What ran, and how it ended, newest first."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def schedule() -> None:
    """What runs by itself: start it, see how each job stands, read what happened."""
