"""`itops media receipt`: the paper that goes with a medium and that both persons sign."""

from pathlib import Path

import click

from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.media_office import MEDIUM, MediaOffice
from itops.errors import UsageWrong
from itops.reports.words import LANGUAGES, load_words
from itops.tasks.keep_custody import state_of


@click.command()
@MEDIUM
@click.option("--language", type=click.Choice(LANGUAGES), help="Its language; the office's own by default.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.html, one page to print, or FILE.txt; text on the screen by default.",
)
@pass_backups
def receipt(backups: BackupOffice, medium: str, *, language: str | None, out: Path | None) -> None:
    """Print the receipt of the last hand-over of a medium: its content, seal and manifest hash, places, two signatures.

    Before the first hand-over it is a draft, with room for what is written by hand.
    """
    from itops.reports.custody_page import receipt_html, receipt_text  # noqa: PLC0415  only where one is printed
    from itops.reports.custody_receipt import Clerk, receipt_of  # noqa: PLC0415  as above

    if out is not None and out.suffix.lower() not in (".html", ".txt"):
        raise UsageWrong(f"a receipt cannot be written as {out.name}", remedy="name a file .html or .txt")
    register = MediaOffice(backups).register()
    office = backups.office.settings.office
    chosen = language or office.language
    names = office.name
    clerk = Clerk(
        words=load_words(chosen, calendar=office.calendar, marks=chosen == "fa" and out is not None),
        policy=backups.plan.custody,
        zone=office.zone,
        is_marked=out is not None,
        office="" if names is None else names.of(chosen),
    )
    page = receipt_of(register, state_of(register, medium), clerk, backups.office.now)
    if out is None:
        click.echo(receipt_text(page), nl=False)
        return
    text = receipt_html(page) if out.suffix.lower() == ".html" else receipt_text(page)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as failure:
        problem = f"cannot write {out}: {failure.strerror or failure}"
        raise UsageWrong(problem, remedy="name a file in a folder that you may write") from failure
    click.echo(f"{out}: written", err=True)
