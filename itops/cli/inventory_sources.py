"""`itops inventory gaps` and `sources`: what could not be seen, and how fresh the rest is."""

import click

from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, output_options
from itops.cli.rows import hole_rows, source_row
from itops.inventory.freshness import Freshness
from itops.tasks.read_inventory import holes

_GAP_FIELDS = ("source", "subject", "code", "problem", "remedy", "hides", "observed_at")
_WORDS = {Freshness.NEVER_SEEN: "never seen", Freshness.RETIRED: "not configured"}


@click.command()
@click.option("--source", metavar="NAME", help="Only of this source.")
@output_options
@pass_office
def gaps(office: Office, source: str | None, output: Output) -> None:
    """Tell what could not be seen, why, and what helps: of each source's newest scan, and of each that is not fresh."""
    office.check_source(source)
    rows = hole_rows(holes(office.any_reader, office.source_reports, source=source))
    listing = Listing(
        schema="itops.inventory.gaps/1",
        rows=rows,
        columns=tuple(Column(field=name, title=name) for name in _GAP_FIELDS[:5]),
        csv_fields=_GAP_FIELDS,
        gaps=rows,
    )
    output.show(listing, office.now)
    if not rows:
        office.note_nothing(output, "everything was seen: there is no gap")


@click.command()
@output_options
@pass_office
def sources(office: Office, output: Output) -> None:
    """Tell when each source was last tried and last seen whole: never seen, failed, stale or fresh."""
    rows = [source_row(report, office.setting.sources.get(report.source)) for report in office.source_reports]
    when = moments_in(office.calendar, office.zone)
    columns = (
        Column(field="source", title="source"),
        Column(field="type", title="type"),
        Column(field="state", title="state", show=lambda state: _WORDS.get(state, state)),
        Column(field="last_complete_at", title="seen whole", show=lambda moment: when(moment) or "never"),
        Column(field="age_seconds", title="age", show=_age, is_number=True),
        Column(field="last_attempt_at", title="last tried", show=lambda moment: when(moment) or "never"),
        Column(field="entity_counts", title="vms", show=lambda counts: str(counts.get("vm", "")), is_number=True),
        Column(field="gap_count", title="gaps", is_number=True),
        Column(field="problem", title="problem"),
    )
    missed = holes(office.any_reader, office.source_reports)
    csv_fields = tuple(rows[0]) if rows else ("source",)
    gaps = hole_rows(missed)
    listing = Listing(schema="itops.inventory.sources/1", rows=rows, columns=columns, csv_fields=csv_fields, gaps=gaps)
    output.show(listing, office.now)
    office.confess(output, missed)
    if not rows:
        output.note("no source is configured; add one to itops.yaml under `sources`, then run `itops doctor`")


def _age(seconds: int | None) -> str:
    """An age in the two units that matter."""
    if seconds is None:
        return ""
    minutes = seconds // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
