"""`itops backup`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "plan": ("itops.cli.backup_plan:plan", "Tell the plan in plain words, with the next due slots."),
    "coverage": ("itops.cli.backup_coverage:coverage_command", "Tell what nobody backs up."),
    "scan": ("itops.cli.backup_scan:scan", "Look at every repository and remember which copies are there."),
    "verify": ("itops.cli.backup_verify:verify", "Look, then read the copies whose turn it is and keep the proof."),
    "status": ("itops.cli.backup_status:status", "Tell how each job stands: one glance."),
    "check": ("itops.cli.backup_status:check", "Judge everything from the store; the exit code is the verdict."),
    "inspect": ("itops.cli.backup_inspect:inspect", "Judge any file or folder on the spot."),
    "drill": ("itops.cli.backup_drill:drill_command", "Restore a copy into a throw-away place and ask it a question."),
    "controls": ("itops.cli.backup_controls:controls", "Evaluate the controls C01 to C20 with their evidence."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def backup() -> None:
    """Backups: was each made, is it whole, does it restore, is it kept, is it off-site?"""
