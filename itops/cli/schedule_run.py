"""`itops schedule run`: the daemon."""

import gc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from itops import clock
from itops.cli.setting import load_settings, setting_of

if TYPE_CHECKING:
    from itops.tasks.schedule.underway import Scheduled


COLLECT_AS_EVER = (700, 10, 10)
"""Python's own: a service lives for months, and what a command may keep until it ends would be its memory."""


@click.command()
@click.pass_context
def run(context: click.Context) -> None:
    """Run what is due, when it is due, until asked to end: for systemd, or any place where it may stay.

    One line for each happening goes to stderr. A changed itops.yaml is taken without a restart; one with mistakes is
    told and not taken. Exits 0 when it is asked to end (SIGTERM, Ctrl-C), 75 where another itops looks after the same
    state folder.
    """
    from itops.sd_notify import Notifier  # noqa: PLC0415  the help needs none of it
    from itops.tasks.schedule.asked import Asked  # noqa: PLC0415
    from itops.tasks.schedule.daemon import Daemon  # noqa: PLC0415
    from itops.tasks.schedule.ticking import Ticker  # noqa: PLC0415

    gc.set_threshold(*COLLECT_AS_EVER)
    config_path = Path(context.obj)
    with Asked() as asked:
        ticker = Ticker(scheduled=_judged(config_path), log=say)
        daemon = Daemon(
            ticker=ticker,
            load=lambda: _judged(config_path),
            clock=clock.now,
            notifier=Notifier.from_environment(),
        )
        daemon.run(asked.wait)


def _judged(config_path: Path) -> "Scheduled":
    """The same, its commands judged, too: once for the whole life of the service."""
    from itops.cli.job_commands import refuse_wrong_commands  # noqa: PLC0415  it imports the commands of all jobs

    found = scheduled(config_path)
    refuse_wrong_commands(found.policy.jobs)
    return found


def scheduled(config_path: Path) -> "Scheduled":
    """What ticks need of itops.yaml; raises ConfigInvalid with every mistake in it."""
    from itops.tasks.schedule.underway import Scheduled  # noqa: PLC0415  the help needs none of it

    settings = load_settings(config_path)
    return Scheduled(
        policy=settings.schedule,
        office=settings.office.id,
        zone=settings.office.zone,
        calendar=settings.office.calendar,
        location=setting_of(settings).location,
        config=settings.path,
    )


def say(line: str) -> None:
    """One line of the log. One that cannot be written (a full disk, nobody who reads) keeps no job from running."""
    with suppress(OSError):
        click.echo(line, err=True)
