"""`itops report letter`: the covering letter of a period's report, on the office's own letterhead."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from itops.cli.office import Office, pass_office
from itops.cli.report_build import build_report_of, period_named
from itops.errors import UsageWrong
from itops.reports.words import LANGUAGES, load_words

if TYPE_CHECKING:
    from itops.config.plan import ReportSettings
    from itops.reports.monthly.letter import LetterFacts


@click.command()
@click.option(
    "--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405; last month by default."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Its language; the office's own by default.")
@click.option(
    "--head",
    type=click.Choice(["auto", "print", "omit"]),
    default="auto",
    help="The opening, number, date and attachments; by default what the letterhead does not say already.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.docx; among the report's files by default."
)
@pass_office
def letter(office: Office, *, name: str | None, language: str | None, head: str, out: Path | None) -> None:
    """Write the covering letter of a period's report as DOCX, with a blank number for the office's own system.

    It says what is attached, how the office stood and what is open; it names no server, no database and no person
    but those who sign, write or receive it. It bears today's date.
    """
    from itops.config.plan import ReportSettings  # noqa: PLC0415  only where a letter is written
    from itops.reports.monthly.letter import letter_of  # noqa: PLC0415  as above
    from itops.tasks.report.drawing import Look, write_paper  # noqa: PLC0415  as above
    from itops.tasks.report.keeping import folder_of, keep  # noqa: PLC0415  as above

    if out is not None and out.suffix.lower() != ".docx":
        raise UsageWrong(f"a letter cannot be written as {out.name}", remedy="name a file .docx")
    if out is not None and not out.parent.is_dir():
        raise UsageWrong(f"there is no folder {out.parent}", remedy="make the folder, or write somewhere else")
    settings = office.settings.report or ReportSettings()
    chosen = language or office.settings.office.language
    report = build_report_of(office, period_named(office, name))
    words = load_words(chosen, calendar=office.calendar, marks=False, zone=office.zone)
    paper = letter_of(report, _facts(office, settings, head), words)
    look = Look(font=settings.font, font_dirs=settings.font_dirs, letterhead=settings.letterhead)
    folder, stem = folder_of(office.settings.state, report.period.name), f"{report.office.id}-{report.period.name}"
    place = out or folder / f"{stem}-letter-{chosen}.docx"
    for kept in keep({place.name: write_paper(paper, "docx", look)}, place.parent):
        click.echo(f"{kept.path}: {'written' if kept.is_changed else 'unchanged'}", err=True)
    drawn = {stem, *(f"{stem}-{language}" for language in LANGUAGES)}
    if not any(path.stem in drawn for path in folder.glob(f"{stem}*")):
        click.echo(f"the report itself is not there yet: itops report build --period {report.period.name}", err=True)


def _facts(office: Office, settings: "ReportSettings", head: str) -> "LetterFacts":
    """What the letter says that the report does not know."""
    from itops.reports.monthly.letter import LetterFacts  # noqa: PLC0415  as above
    from itops.reports.paper.docx_letterhead import words_on  # noqa: PLC0415  as above

    told, letterhead = settings.letter, settings.letterhead
    return LetterFacts(
        on=office.today,
        to=told.to,
        copies_to=told.copies_to,
        drafter=told.drafter,
        has_head=head != "omit",
        printed=words_on(letterhead) if letterhead is not None and head == "auto" else "",
    )
