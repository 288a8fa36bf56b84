"""`itops inventory`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "scan": ("itops.cli.inventory_scan:scan", "Look at every source and remember what is there."),
    "list": ("itops.cli.inventory_list:list_command", "List servers, hosts, datastores, snapshots and the rest."),
    "show": ("itops.cli.inventory_show:show", "Tell all about one thing."),
    "changes": ("itops.cli.inventory_changes:changes", "Tell what came, went and changed in a period."),
    "history": ("itops.cli.inventory_show:history", "Tell every step of one thing."),
    "gaps": ("itops.cli.inventory_sources:gaps", "Tell what could not be seen, why, and what helps."),
    "sources": ("itops.cli.inventory_sources:sources", "Tell when each source was last seen whole."),
    "roles": ("itops.cli.roles:roles", "Tell, ask and remember what each server is for."),
    "health": ("itops.cli.inventory_health:health", "Judge everything, the worst first."),
    "export": ("itops.cli.inventory_export:export", "Write the RVTools workbook."),
    "record": ("itops.cli.inventory_record:record", "Save one look at a source as a file that scans like it."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def inventory() -> None:
    """Virtual servers: scan them, list them, say what changed and what is unhealthy."""
