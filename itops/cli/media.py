"""`itops media`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "add": ("itops.cli.media_entries:add", "Take a new disk or tape into the register; prints the id for its label."),
    "write": ("itops.cli.media_reading:write", "Record what was copied onto a mounted medium, byte by byte."),
    "seal": ("itops.cli.media_entries:seal", "Record the number of the seal that closes a medium."),
    "move": ("itops.cli.media_movements:move", "Record that a medium was handed out, by whom and to whom."),
    "receive": ("itops.cli.media_movements:receive", "Record that a medium came in, and how its seal was."),
    "test-read": ("itops.cli.media_reading:test_read", "Read a mounted medium back, every file against its manifest."),
    "reconcile": (
        "itops.cli.media_entries:reconcile",
        "Compare what two persons counted in a place with the register.",
    ),
    "retire": ("itops.cli.media_entries:retire", "Record the end of a medium: wiped, destroyed, lost."),
    "incident": ("itops.cli.media_entries:incident", "Record that something went wrong, or was dealt with."),
    "show": (
        "itops.cli.media_show:show",
        "Tell where each medium is and what is overdue; the exit code is the verdict.",
    ),
    "receipt": ("itops.cli.media_receipt:receipt", "Print the paper that goes with a medium, in Persian or English."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def media() -> None:
    """Off-site media: which disk lies where, with what on it, sealed, handed by whom to whom, read when."""
