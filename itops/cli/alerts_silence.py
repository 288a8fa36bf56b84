"""`itops alerts silence`, `silences`, `unsilence`: nobody is told for a while, and everybody can see why."""

from collections.abc import Sequence
from typing import Any

import click

from itops.alerts.holding import is_active
from itops.alerts.records import Key, Silence
from itops.cli.alerts_list import AlertOffice, name_of, pass_alerts, person, span
from itops.cli.output import Column, Listing, Output, output_options
from itops.jsonable import jsonable
from itops.tasks.alerting.handling import covered, end_silence, is_total, new_silence, silence_until
from itops.text import counted

SCHEMA = "itops.alerts.silences/1"
_FIELDS = (
    "number", "check", "object", "holds", "begin_at", "until_at", "by", "reason", "ended_by", "open", "covered_count",
)  # fmt: skip


@click.command()
@click.argument("check")
@click.argument("pattern", metavar="[OBJECT-PATTERN]", default="*")
@click.option("--until", "typed", required=True, metavar="WHEN", help='2h, 3d, "1405-09-03 08:00", 2026-11-24.')
@click.option("--reason", required=True, help="Why nobody shall hear of it.")
@click.option("--by", metavar="NAME", help="Who wants that; the account by default.")
@output_options
@pass_alerts
def silence(
    alerts: AlertOffice, output: Output, *, check: str, pattern: str, typed: str, reason: str, by: str | None
) -> None:
    """Keep the alerts of some objects quiet until a moment, at most 90 days away; a day means its end.

    CHECK and OBJECT-PATTERN are whole names, `*` stands for any text: `silence backup "*sql01*" --until 2h`. What is
    silenced is judged and shown as ever, and counts for monitoring; what is still bad at the end is told then.
    """
    known, now = alerts.known, alerts.office.now
    until = silence_until(typed, now, alerts.office.zone)
    wish = new_silence(known, check, pattern, until=until, by=person(by), reason=reason, now=now)
    alerts.let_go()
    with alerts.office.open_store() as store:
        made = store.watch.add_silence(wish)
    _show(alerts, output, [made])
    output.note(f"silence {made.number} holds until {alerts.moment(until)}, for {span(until - now)}")
    _tell_covered(alerts, output, made)


@click.command()
@click.option("--all", "is_all", is_flag=True, help="Those that are over, too.")
@output_options
@pass_alerts
def silences(alerts: AlertOffice, output: Output, *, is_all: bool) -> None:
    """Tell which silences hold, who wants them and why, and which open incidents they cover."""
    found = [one for one in alerts.known.silences if is_all or is_active(one, alerts.office.now)]
    _show(alerts, output, found)
    if not found:
        output.note("there never was a silence" if is_all else "no silence holds: everything is told")


@click.command()
@click.argument("number", type=int)
@click.option("--by", metavar="NAME", help="Who ends it; the account by default.")
@output_options
@pass_alerts
def unsilence(alerts: AlertOffice, output: Output, *, number: int, by: str | None) -> None:
    """End a silence before its time: what is open is told again from the next round on."""
    known = alerts.known.silences
    alerts.let_go()
    with alerts.office.open_store() as store:
        ended = end_silence(store, known, number, by=person(by), now=alerts.office.now)
    _show(alerts, output, [ended])
    others = [one for one in alerts.known.silences if one.number != number and is_active(one, alerts.office.now)]
    held = [key for key in covered(ended, alerts.known.open) if any(covered(one, [key]) for one in others)]
    output.note(f"silence {number} is ended")
    if held:
        output.note(f"still silenced by others: {_named(held)}")


def _show(alerts: AlertOffice, output: Output, found: Sequence[Silence]) -> None:
    rows = [silence_row(alerts, one) for one in found]
    listing = Listing(schema=SCHEMA, rows=rows, columns=silence_columns(alerts), csv_fields=_FIELDS)
    output.show(listing, alerts.office.now)


def silence_row(alerts: AlertOffice, one: Silence) -> dict[str, Any]:
    """One silence, and what it covers now."""
    known = alerts.known
    return {
        "number": one.number,
        "check": one.check,
        "object": one.object,
        "holds": is_active(one, alerts.office.now),
        "begin_at": jsonable(one.begin),
        "until_at": jsonable(one.until),
        "by": one.by,
        "reason": one.reason,
        "ended_by": one.ended_by or None,
        "open": [name_of(key) for key in covered(one, known.open)],
        "covered_count": len(covered(one, known.keys)),
    }


def silence_columns(alerts: AlertOffice) -> tuple[Column, ...]:
    """Of a table of silences."""
    return (
        Column(field="number", title="no", is_number=True),
        Column(field="check", title="check"),
        Column(field="object", title="objects"),
        Column(field="until_at", title="until", show=alerts.when),
        Column(field="holds", title="holds", show=lambda holds: "yes" if holds else "no"),
        Column(field="by", title="by"),
        Column(field="reason", title="reason"),
        Column(field="ended_by", title="ended by", spare=1),
        Column(field="open", title="open now", show=lambda names: str(len(names)), is_number=True),
        Column(field="covered_count", title="covers", is_number=True),
    )


def _tell_covered(alerts: AlertOffice, output: Output, made: Silence) -> None:
    known = alerts.known
    keys, is_open = covered(made, known.keys), covered(made, known.open)
    if is_total(made):
        checks = {key.check for key in keys}
        output.note(
            f"EVERYTHING goes quiet: {counted('check', 'checks', len(checks))} with "
            f"{counted('object', 'objects', len(keys))}, and whatever comes up; nobody hears of anything"
        )
    elif not keys:
        hint = "" if "*" in made.object else f'; a pattern fits whole names: write "*{made.object}*" for a part of them'
        output.note(f"nothing that was ever judged fits it{hint}")
    else:
        output.note(f"{counted('object goes', 'objects go', len(keys))} quiet")
    output.note(f"open now, and quiet from here on: {_named(is_open)}" if is_open else "none of it is open now")


def _named(keys: Sequence[Key]) -> str:
    most = 10
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(name_of(key) for key in keys[:most]) + more
