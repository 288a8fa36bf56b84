"""`itops inventory list`: the things of one kind."""

from collections.abc import Sequence

import click

from itops.cli.columns import SOURCE, columns_of, fields_of, moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, output_options
from itops.cli.rows import entry_row, hole_rows
from itops.errors import UsageWrong
from itops.inventory.entities import Kind
from itops.inventory.roles.rules import RoleRules
from itops.tasks.read_inventory import (
    LISTED,
    SNAPSHOT,
    Entry,
    Hole,
    holes,
    list_snapshots,
    list_things,
    unseen,
    with_role,
)


@click.command("list")
@click.option("--kind", type=click.Choice(LISTED), default=Kind.VM.value, show_default=True, help="What to list.")
@click.option("--role", metavar="ROLE", help="Only servers with this role, for example sql.")
@click.option("--source", metavar="NAME", help="Only what this source sees.")
@click.option("--as-of", "as_of", metavar="DATE", help="As it was at the end of a day: 1405-08-01 or 2026-10-23.")
@output_options
@pass_office
def list_command(
    office: Office, kind: str, role: str | None, source: str | None, as_of: str | None, output: Output
) -> None:
    """List the virtual servers, or all things of another kind, each once however many sources see it."""
    if role is not None and kind != Kind.VM:
        raise UsageWrong(f"a {kind} has no role", remedy="leave out --kind, or --role")
    office.check_source(source)
    moment = office.end_of_day(as_of) if as_of is not None else None
    if kind == SNAPSHOT:
        entries = list_snapshots(office.reader, source=source, as_of=moment)
    else:
        entries = list_things(office.reader, Kind(kind), office.judge, source=source, as_of=moment)
    if role is not None:
        entries = with_role(entries, RoleRules(office.setting.roles).typed(role) or role)
    lost = [] if moment else unseen(entries, office.source_reports)
    gaps = [*holes(office.reader, office.source_reports, source=source, as_of=moment), *lost]
    output.show(_listing(office, kind, entries, gaps, with_seen=bool(lost)), office.now)
    office.confess(output, gaps)
    if not entries:
        wish = "" if role is None else f" with the role {role}"
        office.note_nothing(output, f"no {kind}{wish} is known")


def _listing(office: Office, kind: str, entries: Sequence[Entry], gaps: Sequence[Hole], *, with_seen: bool) -> Listing:
    when = moments_in(office.calendar, office.zone)
    columns = columns_of(kind, when)
    if len({entry.record.source for entry in entries}) > 1:
        columns = (*columns, SOURCE)
    if with_seen:
        columns = (*columns, Column(field="seen_at", title="seen", show=moments_in(office.calendar, office.zone)))
    return Listing(
        schema="itops.inventory.list/1",
        rows=[entry_row(entry) for entry in entries],
        columns=columns,
        csv_fields=fields_of(kind),
        gaps=hole_rows(gaps),
    )
