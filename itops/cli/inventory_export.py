"""`itops inventory export rvtools`: the workbook that offices make with RVTools today."""

from datetime import datetime
from pathlib import Path

import click

from itops.cli.inventory_health import judged
from itops.cli.office import Office, pass_office
from itops.errors import UsageWrong
from itops.reports.findings import health_rows
from itops.reports.words import load_words
from itops.tasks.export_rvtools import Disclosure, ExportForm, export_rvtools
from itops.tasks.read_inventory import each_once


@click.group()
def export() -> None:
    """Write what is known in the forms that other tools read."""


@export.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The workbook to write, FILE.xlsx.")
@click.option("--csv", "folder", type=click.Path(file_okay=False, path_type=Path), help="A folder for CSV files.")
@click.option("--redact", is_flag=True, help="Leave licence keys out.")
@pass_office
def rvtools(office: Office, out: Path | None, folder: Path | None, *, redact: bool) -> None:
    """Write the RVTools workbook: 27 sheets, every header in its place; what was not seen stays empty."""
    target = out or folder
    if target is None:
        raise UsageWrong("nothing says where to write", remedy="give --out FILE.xlsx, or --csv FOLDER")
    if out and folder:
        raise UsageWrong("--out and --csv were both given", remedy="write the workbook and the CSV files one by one")
    health = judged(office)
    words = load_words("en", calendar="gregorian", marks=False)
    written = export_rvtools(
        each_once(office.reader.entities),
        health_rows(health.findings, words),
        target,
        created_at=_newest_look(office),
        zone=office.zone,
        form=ExportForm.XLSX if out else ExportForm.CSV,
        disclosure=Disclosure.REDACTED if redact else Disclosure.FULL,
    )
    rows = sum(written.row_counts.values())
    click.echo(f"{target}: {len(written.row_counts)} sheets, {rows} rows", err=True)
    for sheet, count in written.left_out.items():
        click.echo(f"note: {count} rows of {sheet} did not fit into a sheet", err=True)


def _newest_look(office: Office) -> datetime:
    """When the newest thing in the workbook was seen: the same history gives the same bytes."""
    seen = [report.last_complete.observed_at for report in office.source_reports if report.last_complete]
    return max(seen, default=office.now)
