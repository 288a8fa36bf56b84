"""`itops inventory scan`: look at every source and keep what is there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from itops import clock
from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.rows import hole_rows
from itops.cli.scan_progress import progress_on
from itops.errors import ConfigInvalid, SourceUnavailable, UsageWrong
from itops.inventory.history import SourceState
from itops.jsonable import jsonable
from itops.tasks.collect_inventory import CollectOutcome, Look, LookState, collect
from itops.tasks.read_inventory import Hole
from itops.text import plain

if TYPE_CHECKING:
    from itops.config.settings import PluginSettings

_FIELDS = (
    "source", "state", "observed_at", "entity_counts", "new", "changed", "unchanged", "ended", "gap_count", "seconds",
    "problem", "remedy",
)  # fmt: skip


@click.command()
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@output_options
@pass_office
def scan(office: Office, names: tuple[str, ...], output: Output) -> None:
    """Look at every source, or at the SOURCEs named, and remember what is there and what changed.

    A source that fails is recorded and leaves the others whole; the exit code is then 69. A gap is no failure: it is
    counted here and told by `itops inventory gaps`. A file that was loaded before is skipped.
    """
    configured = office.settings.sources
    chosen = _chosen(configured, names)
    live = [source.name for source in configured if getattr(source.plugin, "is_live", False)]
    with office.open_store() as store:
        totals = _last_counts(office.reader.last_scans())
        with progress_on(output.stderr, [source.name for source in chosen], totals) as on_progress:
            outcome = collect(
                [source.build() for source in chosen],
                store,
                live_sources=live,
                now=office.now,
                clock=clock.now,
                on_progress=on_progress,
            )
        office.close()  # whoever closes last folds the write-ahead log into itops.db, and a reader may not
    output.show(_listing(office, outcome), office.now)
    _explain(output, outcome)
    click.get_current_context().exit(_exit_code(outcome))


def _chosen(configured: Sequence["PluginSettings"], names: Sequence[str]) -> list["PluginSettings"]:
    known = {source.name: source for source in configured}
    if not known:
        raise ConfigInvalid("no source is configured", remedy="add one to itops.yaml under `sources`")
    for name in names:
        if name not in known:
            raise UsageWrong(f"there is no source {name!r}", remedy=f"use one of: {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names or known)]


def _last_counts(states: Sequence[SourceState]) -> dict[str, int]:
    """How many things each source showed when it was last seen whole."""
    return {state.source: sum(state.last_complete.entity_counts.values()) for state in states if state.last_complete}


def _listing(office: Office, outcome: CollectOutcome) -> Listing:
    when = moments_in(office.calendar, office.zone)
    columns = (
        Column(field="source", title="source"),
        Column(field="state", title="state"),
        Column(field="observed_at", title="as of", show=when),
        Column(field="entity_counts", title="seen", show=_counts),
        *(Column(field=name, title=name, is_number=True) for name in ("new", "changed", "unchanged", "ended")),
        Column(field="gap_count", title="gaps", is_number=True),
        Column(field="seconds", title="seconds", show=lambda seconds: f"{seconds:.1f}", is_number=True),
    )
    gaps = [Hole(gap=gap, observed_at=look.observed_at) for look in outcome.looks for gap in look.gaps]
    return Listing(
        schema="itops.inventory.scan/1",
        rows=[_row(look) for look in outcome.looks],
        columns=columns,
        csv_fields=_FIELDS,
        gaps=hole_rows(gaps),
    )


def _row(look: Look) -> Row:
    done = look.summary
    counts = jsonable(done.scan.entity_counts) if done else {}
    return {
        "source": look.source,
        "state": look.state.value,
        "observed_at": jsonable(look.observed_at),
        "entity_counts": dict(sorted(counts.items())),
        "new": done.new if done else None,
        "changed": done.changed if done else None,
        "unchanged": done.unchanged if done else None,
        "ended": done.ended if done else None,
        "gap_count": done.scan.gap_count if done else len(look.gaps),
        "seconds": round(look.seconds, 3),
        "problem": look.error.problem if look.error else None,
        "remedy": look.error.remedy if look.error else None,
    }


def _counts(counts: Any) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items())


def _explain(output: Output, outcome: CollectOutcome) -> None:
    """On stderr: each failure with its remedy, what was skipped, and that there are gaps."""
    for look in outcome.failures:
        assert look.error is not None
        click.echo(f"error:  {plain(look.source)}: {plain(look.error.problem)}", file=output.stderr)
        click.echo(f"remedy: {plain(look.error.remedy)}", file=output.stderr)
    skipped = sum(look.state is LookState.SKIPPED for look in outcome.looks)
    if skipped:
        output.note(f"{skipped} {'file was' if skipped == 1 else 'files were'} loaded before and skipped")
    gap_count = sum(_row(look)["gap_count"] for look in outcome.looks)
    if gap_count:
        output.note(f"{gap_count} {'gap' if gap_count == 1 else 'gaps'}: not all was seen; run `itops inventory gaps`")
    if outcome.failures:
        output.note("what the other sources showed was kept" if len(outcome.failures) < len(outcome.looks) else
                    "nothing was seen; the history is as it was")  # fmt: skip


def _exit_code(outcome: CollectOutcome) -> int:
    """0 when every look was whole; the failures' own code when they agree on one, else that of an absent source."""
    codes = {look.error.exit_code for look in outcome.failures if look.error}
    if not codes:
        return 0
    return codes.pop() if len(codes) == 1 else SourceUnavailable.exit_code
