"""`itops assets`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("itops.cli.assets_list:list_assets", "List the register, or count it by kind and site."),
    "show": ("itops.cli.assets_show:show", "Tell all about one asset: the register and the machines."),
    "add": ("itops.cli.assets_add:add", "Add an asset; asks only what it cannot find out."),
    "set": ("itops.cli.assets_change:set_fields", "Set fields of an asset; shows the lines that change."),
    "move": ("itops.cli.assets_change:move", "Move assets, and offer what belongs to them."),
    "assign": ("itops.cli.assets_change:assign", "Write down who has assets from now on."),
    "retire": ("itops.cli.assets_change:retire", "Take assets out of use, or record their disposal."),
    "scan": ("itops.cli.assets_scan:scan", "Ask every device; tell what the register should know."),
    "receive": ("itops.cli.assets_receive:receive", "Take inventories from agents over HTTP."),
    "apply": ("itops.cli.assets_apply:apply", "Carry out the plan of a scan, after showing the lines."),
    "accept": ("itops.cli.assets_apply:accept", "Take one item of the plan as the truth."),
    "lock": ("itops.cli.assets_apply:lock", "Keep the register's word; no scan asks again."),
    "import": ("itops.cli.assets_import:import_list", "Import a list of hardware; shows what it would change."),
    "export": ("itops.cli.assets_export:export", "Write the register to XLSX, CSV or a form of headquarters."),
    "compare": ("itops.cli.assets_compare:compare", "Compare with the property officer's list."),
    "check": ("itops.cli.assets_check:check", "Name what is missing, double, stale or due."),
    "budget": ("itops.cli.assets_budget:budget", "Plan replacements by year; book values on any day."),
    "labels": ("itops.cli.assets_labels:labels", "Print labels with QR codes as PDF."),
    "history": ("itops.cli.assets_history:history", "Tell who changed what in the register."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def assets() -> None:
    """The hardware register: what there is, where, whose, how old; what scans say, and what falls due."""
