"""`itops inventory changes`: what came, went and changed in a period."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from itops.cli.columns import label, moments_in, said
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.rows import change_row, hole_rows
from itops.dates import Period, parse_day, parse_period, show_day
from itops.errors import UsageWrong
from itops.inventory.entities import Kind
from itops.inventory.facts import Action
from itops.jsonable import jsonable
from itops.tasks.read_changes import period_holes, read_changes
from itops.tasks.read_inventory import Hole

if TYPE_CHECKING:
    from itops.inventory.changes import Change

_WHOLE = (Action.ADDED, Action.REMOVED, Action.DISCOVERED)
_FIELDS = ("action", "kind", "id", "name", "at", "field", "before", "after", "evidence")


@click.command()
@click.option("--from", "first", metavar="DATE", help="The first day: 1405-08-01 or 2026-10-23.")
@click.option("--to", "last", metavar="DATE", help="The last day, included; today when left out.")
@click.option("--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice([kind.value for kind in Kind]),
    multiple=True,
    default=(Kind.VM.value, Kind.HOST.value),
    show_default=True,
    help="Of what; may be given several times.",
)
@output_options
@pass_office
def changes(
    office: Office, first: str | None, last: str | None, name: str | None, kinds: Sequence[str], output: Output
) -> None:
    """Tell what was added, removed, renamed, moved, resized and upgraded; without a period, in this month.

    Told is what differs between the begin and the end of the period, and what came and went in between.
    """
    period = _period(office, first, last, name)
    begin, end = period.moments(office.zone)
    found = read_changes(office.reader, begin, end, {Kind(kind) for kind in kinds})
    rows = [change_row(change) for change in sorted(found, key=_order)]
    gaps = period_holes(office.reader, office.source_reports, begin, end, office.now)
    output.show(_listing(office, period, rows, gaps), office.now)
    _tell_period(office, output, period)
    _tell_counts(office, output, rows)
    office.confess(output, gaps)


def _order(change: "Change") -> tuple[datetime, int]:
    """Oldest first; of one moment first what was added, then what was removed: that is asked for most."""
    return change.at, {Action.ADDED: 0, Action.REMOVED: 1}.get(change.action, 2)


def _period(office: Office, first: str | None, last: str | None, name: str | None) -> Period:
    if name is not None and (first is not None or last is not None):
        raise UsageWrong("a period and single days were given", remedy="use --period, or --from and --to")
    if name is not None:
        return parse_period(name)
    if first is None and last is None:
        return parse_period(show_day(office.today, office.calendar)[:7])
    if first is None:
        raise UsageWrong("--to was given without --from", remedy="give the first day, too: --from 1405-08-01")
    begin, end = parse_day(first), parse_day(last) if last is not None else office.today
    if begin > end:
        raise UsageWrong(f"{first} lies after {last or 'today'}", remedy="give the earlier day as --from")
    return Period(f"{show_day(begin, office.calendar)}..{show_day(end, office.calendar)}", begin, end)


def _listing(office: Office, period: Period, rows: Sequence[Row], gaps: Sequence[Hole]) -> Listing:
    whole = {action.value: [row for row in rows if row["action"] == action] for action in _WHOLE}
    begin, end = period.moments(office.zone)
    shown = {"name": period.name, "first_on": period.first, "last_on": period.last, "begin_at": begin, "end_at": end}
    changed = [row for row in rows if row["action"] not in whole]
    return Listing(
        schema="itops.inventory.changes/1",
        rows=rows,
        columns=(),
        csv_fields=_FIELDS,
        gaps=hole_rows(gaps),
        data={"period": jsonable(shown), **whole, "changed": changed},
        tables=(_table(office, rows),),
        is_drawn=False,
    )


def _table(office: Office, rows: Sequence[Row]) -> Listing:
    """Discovered things are only counted: the first scan of an office discovers all of it."""
    shown = [{**row, "what": _what(row)} for row in rows if row["action"] != Action.DISCOVERED]
    columns = (
        Column(field="at", title="seen", show=moments_in(office.calendar, office.zone)),
        Column(field="action", title="change"),
        Column(field="kind", title="kind"),
        Column(field="name", title="name"),
        Column(field="what", title="what"),
    )
    return Listing(schema="", rows=shown, columns=columns, csv_fields=())


def _what(row: Row) -> str:
    if row["field"]:
        return f"{label(row['field'])}: {said(row['before'], row['field'])} -> {said(row['after'], row['field'])}"
    evidence = row["evidence"]
    where = evidence.get("host") or evidence.get("cluster") or evidence["source"]
    return f"on {where}" + (", a copy" if "copy_of_host" in evidence else "")


def _tell_period(office: Office, output: Output, period: Period) -> None:
    """Name the days; in both calendars where the office does not count in the one most machines use."""
    gregorian = f"{period.first} to {period.last}"
    if office.calendar == "jalali":
        first, last = show_day(period.first, "jalali"), show_day(period.last, "jalali")
        output.note(f"period {period.name}: {first} to {last} ({gregorian})")
    else:
        output.note(f"period {period.name}: {gregorian}")


def _tell_counts(office: Office, output: Output, rows: Sequence[Row]) -> None:
    counts = Counter(row["action"] for row in rows)
    told = [f"{counts[action]} {action.value}" for action in Action if counts[action] and action != Action.DISCOVERED]
    if told:
        output.note(", ".join(told))
    else:
        office.note_nothing(output, "no change was seen in this period")
    if found := counts[Action.DISCOVERED]:
        output.note(f"{found} discovered: there before anybody looked; JSON and CSV name them")
