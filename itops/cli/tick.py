"""`itops tick`: one evaluation of the schedule, for cron, systemd timers and the Windows Task Scheduler."""

from pathlib import Path

import click

from itops import clock
from itops.cli.schedule_run import say, scheduled


@click.command()
@click.pass_context
def tick(context: click.Context) -> None:
    """Start what is due, wait until it has ended, and exit: to be called every minute where no daemon may run.

    A tick that is called while an earlier one still waits starts only what else is due. Where a daemon, or another
    tick, is at it just now, there is nothing to do: a note says so, and the exit code is 0. Where nothing is due
    nothing is printed. How the jobs ended is in the ledger and not in the exit code.
    """
    from itops.tasks.schedule.asked import Asked  # noqa: PLC0415  the help needs none of it
    from itops.tasks.schedule.locks import AlreadyTicking  # noqa: PLC0415
    from itops.tasks.schedule.once import tick_once  # noqa: PLC0415
    from itops.tasks.schedule.ticking import Ticker  # noqa: PLC0415

    with Asked() as asked:
        ticker = Ticker(scheduled=scheduled(Path(context.obj)), log=say)
        try:
            tick_once(ticker, clock.now, asked.wait)
        except AlreadyTicking as busy:
            click.echo(f"nothing to do: {busy.problem}", err=True)
