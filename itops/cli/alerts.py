"""`itops alerts`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("itops.cli.alerts_list:list_alerts", "Tell what is open, the worst first; the exit code is the verdict."),
    "show": ("itops.cli.alerts_show:show", "Tell all about one incident: what people heard of it, what holds it."),
    "ack": ("itops.cli.alerts_ack:ack", "Say that you look after one: no more reminders until it gets worse."),
    "silence": ("itops.cli.alerts_silence:silence", "Keep alerts quiet for a while, with a reason and an end."),
    "silences": ("itops.cli.alerts_silence:silences", "Tell which silences hold, until when, and over what."),
    "unsilence": ("itops.cli.alerts_silence:unsilence", "End a silence before its time."),
    "messages": ("itops.cli.alerts_messages:messages", "Tell what was sent, what waits and what failed."),
    "evaluate": ("itops.cli.alerts_evaluate:evaluate", "Judge everything once, and send what is new."),
    "test": ("itops.cli.alerts_test:test", "Send a test message through the channels."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def alerts() -> None:
    """What is wrong, who looks after it, what people were told."""
