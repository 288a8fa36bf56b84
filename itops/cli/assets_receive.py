"""`itops assets receive`: take inventories from agents over HTTP until Ctrl-C."""

from collections.abc import Callable
from threading import Lock, Thread
from typing import TYPE_CHECKING

import click

from itops import clock
from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.errors import UsageWrong
from itops.text import counted, plain

if TYPE_CHECKING:
    from itops.sources.agents.receiver import Event, Receiver
    from itops.sources.agents.settings import AgentsSettings, Listen

_TYPE = "agents"


@click.command()
@click.argument("source", metavar="SOURCE")
@click.option("--listen", metavar="HOST:PORT", help="Where agents call, instead of `receive.listen` of itops.yaml.")
@click.option("--count", type=click.IntRange(1), help="End after so many inventories; by default only Ctrl-C ends it.")
@pass_office
def receive(office: Office, source: str, listen: str | None, count: int | None) -> None:
    """Take inventories that GLPI Agent and FusionInventory send, and lay them into the folder of SOURCE.

    Each is cleaned before it is written: environment variables, processes, users, programmes and licence keys never
    reach the disk. `itops inventory scan SOURCE` then reads the folder. Nothing is recorded here.
    """
    from itops.sources.agents.receiver import Receiver  # noqa: PLC0415  an HTTP server that no other command needs

    settings = _settings(office, source)
    watch = _Watch(office, count)
    receiver = Receiver(
        settings.folder, settings.receive, clock=clock.now, on_event=watch.tell, listen=_listen(office, listen)
    )
    watch.end = receiver.stop
    greet(receiver, settings)
    try:
        receiver.serve()
    except KeyboardInterrupt:
        click.echo("", err=True)
    finally:
        receiver.close()
    click.echo(f"received {counted('inventory', 'inventories', watch.kept)}; refused {watch.refused:,}", err=True)


class _Watch:
    """Prints what happens, one line each; called from many threads."""

    def __init__(self, office: Office, count: int | None) -> None:
        self._when = moments_in(office.calendar, office.zone)
        self._count = count
        self._lock = Lock()
        self.kept = 0
        self.refused = 0
        self.end: Callable[[], None] = lambda: None

    def tell(self, event: "Event") -> None:
        """One line for one request."""
        with self._lock:
            self.kept += event.is_kept
            self.refused += not event.is_kept
            is_last = event.is_kept and self.kept == self._count
        word = "kept" if event.is_kept else "refused"
        click.echo(plain(f"{self._when(clock.now().isoformat())}  {event.address}  {word}  {event.about}"))
        if is_last:
            Thread(target=self.end, daemon=True).start()  # the one that called may not wait for the end of all


def _settings(office: Office, name: str) -> "AgentsSettings":
    source = office.settings.source(name)
    if source is not None and source.type == _TYPE:
        settings: AgentsSettings = source.settings
        return settings
    known = [held.name for held in office.settings.sources if held.type == _TYPE]
    problem = f"the source {name!r} is of type {source.type}" if source else f"there is no source {name!r}"
    remedy = f"use one of: {', '.join(known)}" if known else "add a source of type agents to itops.yaml"
    raise UsageWrong(problem, remedy=remedy)


def _listen(office: Office, typed: str | None) -> "Listen | None":
    from itops.sources.agents.settings import Listen  # noqa: PLC0415  as above

    try:
        return None if typed is None else Listen.from_setting(typed, office.settings.folder)
    except ValueError as wrong:
        raise UsageWrong(f"--listen {typed!r} {wrong}", remedy="write --listen 10.1.0.9:62380") from None


def greet(receiver: "Receiver", settings: "AgentsSettings") -> None:
    """Say where it listens, and what that means for those who can reach it."""
    told = settings.receive
    token = "TOKEN" if told.token is not None else ""
    click.echo(f"listening: set `server = {receiver.url}{token}` in the agents; Ctrl-C ends it", err=True)
    if receiver.is_open_to_all:
        click.echo(
            "note: whoever reaches this port can hand in inventories; set receive.username and password, or token",
            err=True,
        )
    if receiver.is_overheard:
        click.echo(
            "note: without TLS, inventories and passwords can be read on the way; set receive.certificate", err=True
        )
