"""`itops backup coverage`: what nobody backs up."""

import click

from itops.backup.coverage import Coverage, CoverRow, KnownVm, coverage
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.inventory.entities import Kind
from itops.jsonable import jsonable
from itops.verdict import State

_FIELDS = ("state", "cover", "kind", "object", "jobs", "reason", "owner", "until", "is_system", "seen_at")


@click.command("coverage")
@click.option("--all/--exceptions", "with_all", default=True, help="Protected objects too; shown by default.")
@output_options
@pass_backups
def coverage_command(backups: BackupOffice, output: Output, *, with_all: bool) -> int:
    """Take what is protected away from what there is: the VMs of the inventory and the databases servers really have.

    Exits 0 when all is protected or exempt with a reason, 2 when something is not, 3 when nobody asked a server.
    """
    judged = _judged(backups)
    rows = [_row(row) for row in judged.rows if with_all or row.state is not State.OK]
    output.show(_listing(rows), backups.office.now)
    counts: dict[str, int] = {}
    for row in judged.rows:
        counts[row.cover.value] = counts.get(row.cover.value, 0) + 1
    output.note(", ".join(f"{count} {cover}" for cover, count in counts.items()) or "nothing is known to back up")
    output.note(f"verdict: {judged.state.name}")
    return judged.state.value


def _judged(backups: BackupOffice) -> Coverage:
    reader = backups.office.any_reader
    vms = {vm.name: KnownVm(name=vm.name, seen_at=vm.seen_at) for vm in reader.entities(Kind.VM)} if reader else {}
    return coverage(backups.plan, backups.databases(), vms.values(), backups.office.today)


def _row(row: CoverRow) -> Row:
    exemption = row.exemption
    return {
        "state": row.state.name,
        "cover": row.cover.value,
        "kind": row.kind,
        "object": row.object,
        "jobs": list(row.jobs),
        "reason": exemption.reason if exemption else None,
        "owner": exemption.owner if exemption else None,
        "until": jsonable(exemption.until) if exemption else None,
        "is_system": row.is_system,
        "seen_at": jsonable(row.seen_at),
    }


def _listing(rows: list[Row]) -> Listing:
    columns = (
        Column(field="state", title="state"),
        Column(field="cover", title="cover"),
        Column(field="object", title="object"),
        Column(field="jobs", title="jobs", show=", ".join),
        Column(field="reason", title="reason", show=lambda value: value or ""),
        Column(field="owner", title="owner", show=lambda value: value or "", spare=1),
        Column(field="until", title="until", show=lambda value: value or "", spare=2),
    )
    return Listing(schema="itops.backup.coverage/1", rows=rows, columns=columns, csv_fields=_FIELDS)
