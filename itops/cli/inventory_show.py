"""`itops inventory show` and `history`: one thing, all about it and every step of it."""

from collections.abc import Sequence
from typing import Any

import click

from itops.cli.columns import in_gib, label, moments_in, said
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.rows import dossier_row, hole_rows, step_row
from itops.errors import UsageWrong
from itops.tasks.read_inventory import Dossier, Hole, holes, look_up, tell_history

_LISTS = ("roles", "disks", "nics", "snapshots", "seen_through")
_BRIEF = tuple(Column(field=name, title=name) for name in ("kind", "name", "id", "source", "host", "gone_at"))
_PAIR = (Column(field="field", title="field"), Column(field="value", title="value"))
_PARTS = {
    "roles": (
        Column(field="role", title="role"),
        Column(field="sureness", title="sureness"),
        Column(field="evidence", title="because", show=lambda found: "; ".join(piece["detail"] for piece in found)),
    ),
    "disks": (
        Column(field="label", title="disk"),
        Column(field="capacity_bytes", title="GiB", show=in_gib, is_number=True),
        Column(field="is_thin", title="thin", show=said),
        Column(field="mode", title="mode"),
        Column(field="path", title="path"),
    ),
    "nics": (
        Column(field="label", title="card"),
        Column(field="network", title="network"),
        Column(field="mac_address", title="mac"),
        Column(field="is_connected", title="connected", show=said),
        Column(field="ip_addresses", title="addresses", show=said),
    ),
    "snapshots": (
        Column(field="name", title="snapshot"),
        Column(field="created_at", title="created"),
        Column(field="size_bytes", title="GiB", show=in_gib, is_number=True),
        Column(field="description", title="description"),
    ),
    "seen_through": tuple(
        Column(field=name, title=title)
        for name, title in (("source", "seen through"), ("ref", "as"), ("name", "called"), ("seen_at", "last"))
    ),
}


@click.command()
@click.argument("name")
@output_options
@pass_office
def show(office: Office, name: str, output: Output) -> None:
    """Tell all about one thing: NAME in any case, its id, or what a source calls it (vm-1001).

    Where several things answer to the name, each is listed; ask again with an id.
    """
    dossiers = look_up(office.reader, name, office.judge)
    _refuse_nothing(office, name, dossiers)
    rows = [dossier_row(dossier) for dossier in dossiers]
    gaps = holes(office.reader, office.source_reports)
    output.show(_about(office, rows, gaps), office.now)
    if len(rows) > 1:
        output.note(f"{len(rows)} things answer to {name}; ask again with an id")
    _tell_gone(office, output, dossiers)
    office.confess(output, gaps)


def _refuse_nothing(office: Office, name: str, found: Sequence[object]) -> None:
    if found:
        return
    if not any(report.last_complete for report in office.source_reports):
        raise UsageWrong(f"nothing is called {name!r}: nothing was scanned yet", remedy="run `itops inventory scan`")
    raise UsageWrong(f"nothing is called {name!r}", remedy="`itops inventory list` shows the names there are")


def _tell_gone(office: Office, output: Output, dossiers: Sequence[Dossier]) -> None:
    when = moments_in(office.calendar, office.zone)
    for dossier in dossiers:
        if dossier.gone_at:
            name = dossier.entry.record.name
            output.note(f"{name} is gone since {when(dossier.gone_at.isoformat())}: shown as it was last known")


def _about(office: Office, rows: Sequence[Row], gaps: Sequence[Hole]) -> Listing:
    fields = tuple(dict.fromkeys(field for row in rows for field in row))
    several = len(rows) > 1
    when = moments_in(office.calendar, office.zone)
    return Listing(
        schema="itops.inventory.show/1",
        rows=rows,
        columns=_BRIEF,
        csv_fields=fields,
        gaps=hole_rows(gaps),
        tables=() if several else tuple(_parts(rows[0], when)),
        is_drawn=several,
    )


def _parts(row: Row, when: Any) -> list[Listing]:
    pairs = [
        {"field": label(field), "value": when(value) if field.endswith("_at") else said(value, field)}
        for field, value in row.items()
        if field not in _LISTS and value not in (None, [])
    ]
    tables = [_table(pairs, _PAIR)]
    for part, columns in _PARTS.items():
        shown = [_dated(item, when) for item in row.get(part, ())]
        tables.append(_table(shown, columns))
    return tables


def _dated(item: Row, when: Any) -> Row:
    return {field: when(value) if field.endswith("_at") else value for field, value in item.items()}


def _table(rows: Sequence[Row], columns: tuple[Column, ...]) -> Listing:
    return Listing(schema="", rows=rows, columns=columns, csv_fields=())


@click.command()
@click.argument("name")
@output_options
@pass_office
def history(office: Office, name: str, output: Output) -> None:
    """Tell every step of one thing: from when until when it was so, through which source, and what had changed."""
    steps = tell_history(office.reader, name)
    _refuse_nothing(office, name, steps)
    rows = [step_row(step) for step in steps]
    when = moments_in(office.calendar, office.zone)
    columns = (
        Column(field="valid_from", title="from", show=when),
        Column(field="valid_to", title="until", show=lambda moment: when(moment) or "now"),
        *(Column(field=name, title=name) for name in ("source", "name")),
        Column(field="what", title="what changed"),
    )
    listing = Listing(
        schema="itops.inventory.history/1",
        rows=rows,
        columns=(),
        csv_fields=tuple(rows[0]),
        gaps=hole_rows(holes(office.reader, office.source_reports)),
        tables=(_table([{**row, "what": _what(row)} for row in rows], columns),),
        is_drawn=False,
    )
    output.show(listing, office.now)
    identities = {(row["kind"], row["id"]) for row in rows}
    if len(identities) > 1:
        output.note(f"{len(identities)} things answer to {name}; ask again with an id")


def _what(row: Row) -> str:
    facts = [f"{label(fact['field'])}: {_told(fact, 'before')} -> {_told(fact, 'after')}" for fact in row["changed"]]
    return "; ".join(facts) or ", ".join(row["changed_paths"]) or f"first seen through {row['source']}"


def _told(fact: Row, when: str) -> str:
    return said(fact[when], fact["field"]) or "?"
