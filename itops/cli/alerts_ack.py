"""`itops alerts ack`: somebody looks after an incident, and says so."""

import click

from itops.alerts.machine import is_told
from itops.alerts.records import Phase
from itops.cli.alerts_list import AlertOffice, name_of, pass_alerts, person
from itops.cli.output import Listing, Output, output_options
from itops.tasks.alerting.handling import acknowledge, find_key, known_check


@click.command()
@click.argument("check")
@click.argument("thing", metavar="[OBJECT]", required=False)
@click.option("--note", required=True, help="What you know, and what you do about it.")
@click.option("--by", metavar="NAME", help="Who looks after it; the account by default.")
@output_options
@pass_alerts
def ack(alerts: AlertOffice, output: Output, *, check: str, thing: str | None, note: str, by: str | None) -> None:
    """Say that you look after an open incident: no more reminders, no escalation, until it gets worse or is well.

    OBJECT: its name, or a part of it that no other open one has; without it, the check as a whole.
    """
    known = alerts.known
    key = find_key(known.keys, known_check(known, check), thing, known.open)
    before = known.incidents.get(key)
    alerts.let_go()
    with alerts.office.open_store() as store:
        changed = acknowledge(store, key, by=person(by), note=note, now=alerts.office.now)
    (one,) = alerts.standing([changed])
    row = alerts.row(one)
    output.show(
        Listing(
            schema="itops.alerts.ack/1",
            rows=[alerts.shown(one)],
            data=row,
            columns=alerts.columns(),
            csv_fields=tuple(row),
        ),
        alerts.office.now,
    )
    if before is not None and before.acked_by:
        output.note(f"{before.acked_by} had acknowledged it before: {before.ack_note}")
    output.note(
        f"{changed.acked_by} looks after {name_of(key)}: no more reminders and no further step of the escalation until "
        "it gets worse than was told or has recovered; both are told, and end this"
    )
    if changed.phase is Phase.PENDING or not is_told(changed):
        output.note("nobody was told of it yet: that it is open is still told once")
