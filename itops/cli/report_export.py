"""`itops report export`: the hardware list in headquarters' own columns, and what is new in it since the last one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops.cli.columns import moments_in
from itops.cli.office import Office, author, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.dates import show_moment
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.names import Names
from itops.store.reader import Reader as StoreReader
from itops.text import counted

if TYPE_CHECKING:
    from itops.assets.tables.sent import Difference
    from itops.tasks.export_budget import ExportPlan, MadeExport
    from itops.worklog.exports import Exported

_FIELDS = ("state", "asset", "what", "columns")
_HISTORY_FIELDS = ("profile", "period", "at", "by", "item_count", "path", "sha256")
_SHOWN_CELLS = 4  # of an item whose name nobody knows any more


@click.command("export")
@click.argument("profile", metavar="PROFILE")
@click.option(
    "--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405; last month by default."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.xlsx; among the report's files by default."
)
@click.option("--by", help="Who makes it; the account that runs itops by default.")
@click.option("--compare-only", is_flag=True, help="Tell what is new; write nothing and remember nothing.")
@click.option("--history", is_flag=True, help="List what was made under this profile before; make nothing.")
@output_options
@pass_office
def export(
    office: Office,
    output: Output,
    *,
    profile: str,
    name: str | None,
    out: Path | None,
    by: str | None,
    compare_only: bool,
    history: bool,
) -> None:
    """Write the hardware list of a period into the form PROFILE of `assets.templates` in itops.yaml.

    The list is the register as it was at the period's end, without what is retired, disposed of or lost. Which items
    are new, changed or gone since the last list of this profile is told, and what was written is remembered.
    """
    if (compare_only or history) and (out is not None or by is not None):
        raise UsageWrong("nothing is written then", remedy="leave out --out and --by, or write the list")
    if history and (compare_only or name is not None):
        raise UsageWrong("--history stands alone", remedy="`itops report export PROFILE --history`")
    if history:
        _show_history(office, output, profile)
        return
    plan = _plan(office, profile, name, is_remembering=not compare_only)
    made = None if compare_only else _carry_out(office, plan, by, out)
    output.show(_listing(plan, made), office.now)
    _tell(office, output, plan)
    if made is not None:
        _tell_made(output, plan, made)


def _plan(office: Office, profile: str, name: str | None, *, is_remembering: bool) -> "ExportPlan":
    from itops.cli.report_build import period_named, remember_register  # noqa: PLC0415  only where a list is made
    from itops.tasks.export_budget import plan_export  # noqa: PLC0415  as above
    from itops.tasks.report.asking import Asking, Memory  # noqa: PLC0415  as above

    period = period_named(office, name)
    if is_remembering:
        remember_register(office)
    reader = office.any_reader
    memory = Memory(reader if isinstance(reader, StoreReader) else None)
    return plan_export(Asking(settings=office.settings, memory=memory, period=period, now=office.now), profile)


def _carry_out(office: Office, plan: "ExportPlan", by: str | None, out: Path | None) -> "MadeExport":
    from itops.tasks.export_budget import carry_out  # noqa: PLC0415  as above

    name = author() or "itops" if by is None else by
    with office.open_store() as store:
        return carry_out(plan, store.worklog, by=name, now=office.now, folder=office.settings.folder, out=out)


def _listing(plan: "ExportPlan", made: "MadeExport | None") -> Listing:
    rows = [_row(plan, one) for one in plan.comparison.differences]
    return Listing(
        schema="itops.report.export/1",
        rows=rows,
        columns=(
            Column(field="state", title="state"),
            Column(field="asset", title="asset"),
            Column(field="what", title="what", show=lambda what: what["en"], widest=40, spare=1),
            Column(field="columns", title="columns", show=", ".join),
        ),
        csv_fields=_FIELDS,
        data=_data(plan, made, rows),
        is_drawn=plan.last is not None,  # at the first time every item is new: a count says as much
    )


def _row(plan: "ExportPlan", one: "Difference") -> Row:
    return {
        "state": one.became.value,
        "asset": one.asset_id,
        "what": jsonable(_name(plan, one.asset_id)),
        "columns": [cell.column for cell in one.cells],
        "cells": jsonable(one.cells),
    }


def _name(plan: "ExportPlan", asset_id: str) -> Names:
    """What the register calls it; what is in it no more is called as its last row began."""
    known = plan.names.get(asset_id)
    if known is not None:
        return known
    row = plan.last.rows.get(asset_id, ()) if plan.last else ()
    return Names.from_setting(" · ".join(list(filter(None, row))[:_SHOWN_CELLS]) or asset_id, Path())


def _data(plan: "ExportPlan", made: "MadeExport | None", rows: list[Row]) -> Any:
    found = plan.comparison
    return jsonable(
        {
            "profile": plan.profile,
            "system": plan.mapping.system,
            "period": {"name": plan.period.name, "first_on": plan.period.first, "last_on": plan.period.last},
            "compared_with": _exported_row(plan.last) if plan.last else None,
            "file": {"path": str(made.path), "sha256": made.exported.sha256} if made else None,
            "is_remembered": made.is_remembered if made else False,
            "counts": {"items": len(plan.list.hashes), **_counts(plan), "same": found.same, "older": len(found.older)},
            "items": rows,
            "columns_added": found.columns_added,
            "columns_gone": found.columns_gone,
            "lost": made.lost if made else (),
        }
    )


def _counts(plan: "ExportPlan") -> dict[str, int]:
    from itops.assets.tables.sent import Became  # noqa: PLC0415  as above

    return {became.value: plan.comparison.count(became) for became in Became}


def _tell(office: Office, output: Output, plan: "ExportPlan") -> None:
    """What the list is compared with, and how many items are not as they were."""
    found, last = plan.comparison, plan.last
    items = counted("item", "items", len(plan.list.hashes))
    if last is None:
        output.note(f"{plan.profile} {plan.period.name}: {items}; nothing was made under this profile before")
        return
    when = show_moment(last.at, office.calendar, office.zone)
    output.note(f"{plan.profile} {plan.period.name}: {items}; compared with {last.period}, made {when} by {last.by}")
    if found.differences:
        counts = ", ".join(f"{count:,} {state}" for state, count in _counts(plan).items())
        output.note(f"{counts}, {found.same:,} the same")
    else:
        output.note("nothing changed")
    if found.older:
        output.note(f"{len(found.older):,} of the same are only older: an age or a book value moved with the calendar")
    for columns, what in ((found.columns_added, "new in the form"), (found.columns_gone, "no longer in the form")):
        if columns:
            output.note(f"{what}, and not compared: {', '.join(columns)}")


def _tell_made(output: Output, plan: "ExportPlan", made: "MadeExport") -> None:
    for lost in made.lost:
        output.note(f"lost in the filling: {lost}")
    output.note(f"{made.path}: written")
    if not made.is_remembered:
        output.note(f"exactly this list of {plan.period.name} was remembered before: it is not remembered again")


def _show_history(office: Office, output: Output, profile: str) -> None:
    from itops.tasks.export_budget import history_of  # noqa: PLC0415  as above

    reader = office.any_reader
    exports = reader.worklog.exports() if isinstance(reader, StoreReader) else []
    found = history_of(exports, profile, office.settings.assets.templates)
    output.show(_history(office, found), office.now)
    if not found:
        output.note(f"nothing was made under {profile} yet")


def _history(office: Office, exports: "list[Exported]") -> Listing:
    return Listing(
        schema="itops.report.exports/1",
        rows=[_exported_row(one) for one in exports],
        columns=(
            Column(field="period", title="period"),
            Column(field="at", title="made", show=moments_in(office.calendar, office.zone)),
            Column(field="by", title="by", spare=1),
            Column(field="item_count", title="items", is_number=True),
            Column(field="sha256", title="SHA-256", show=lambda text: text[:12], spare=2),
            Column(field="path", title="file"),
        ),
        csv_fields=_HISTORY_FIELDS,
    )


def _exported_row(one: "Exported") -> Row:
    told = {field: getattr(one, field) for field in _HISTORY_FIELDS if field != "item_count"}
    return {**jsonable(told), "item_count": len(one.items)}
