"""`itops report note` and `notes`: what people write for the report of a period."""

from dataclasses import asdict
from typing import Any

import click

from itops.cli.changes_log import period_of
from itops.cli.office import Office, author, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.dates import parse_day, show_day
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.names import Names
from itops.store.reader import Reader as StoreReader
from itops.tasks.keep_notes import NoteKeeper
from itops.worklog.notes import Note, NoteKind, PeriodNotes, notes_of

_FIELDS = ("period", "kind", "about", "text_fa", "text_en", "owner", "due_on", "at", "by")
_KINDS = tuple(kind.value for kind in NoteKind)
_PERIOD = click.option(
    "--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405; this month by default."
)


@click.command("note")
@click.argument("kind", type=click.Choice(_KINDS), metavar="KIND")
@click.argument("about", default="", required=False)
@click.option("--text", default="", help="What to write, in the office's own language.")
@click.option("--fa", "text_fa", default="", help="The text in Persian.")
@click.option("--en", "text_en", default="", help="The text in English.")
@click.option("--owner", default="", help="Who answers for the exception.")
@click.option("--due", "due", metavar="DAY", help="Until when it is to be in order.")
@click.option("--remove", is_flag=True, help="Take back what was written; it stays in the store's history.")
@click.option("--by", help="Who writes it; the account that runs itops by default.")
@_PERIOD
@output_options
@pass_office
def note(
    office: Office, output: Output, *, kind: str, about: str, name: str | None, due: str | None, **told: Any
) -> None:
    """Write something for the report of a period: the cause of an exception, a problem, a proposal, the summary.

    KIND is cause, problem, proposal or summary. ABOUT is the key of an exception (`itops report exceptions` shows
    them), or a short name of a problem or proposal. Written again, the later text counts.
    """
    text = _text(told["text"], told["text_fa"], told["text_en"])
    has_something = text is not None or told["owner"] or due
    if told["remove"] == bool(has_something):
        raise UsageWrong("there is nothing to write, or something to write and to remove", remedy="give --text TEXT")
    taken = Note(
        kind=NoteKind(kind),
        period=period_of(office, name).name,
        about=about,
        text=text,
        owner=told["owner"],
        due_on=parse_day(due) if due else None,
        at=office.now,
        by=told["by"] or author() or "",
    )
    with office.open_store() as store:
        NoteKeeper(store=store.worklog, now=office.now).take(taken)
    output.show(_listing(office, [taken]), office.now)


@click.command("notes")
@_PERIOD
@output_options
@pass_office
def notes(office: Office, output: Output, *, name: str | None) -> None:
    """Show what was written for the report of a period."""
    period = period_of(office, name)
    reader = office.any_reader
    held = notes_of(reader.worklog.notes(), period.name) if isinstance(reader, StoreReader) else PeriodNotes()
    output.show(_listing(office, held.notes), office.now)
    if not held.notes:
        output.note(f"nothing was written for {period.name}")


def _text(text: str, persian: str, english: str) -> Names | None:
    if not (text or persian or english).strip():
        return None
    return Names(fa=persian or text or english, en=english or text or persian)


def _listing(office: Office, held: "list[Note] | tuple[Note, ...]") -> Listing:
    return Listing(
        schema="itops.report.notes/1",
        rows=[_row(one) for one in held],
        columns=(
            Column(field="period", title="period", spare=2),
            Column(field="kind", title="kind"),
            Column(field="about", title="about"),
            Column(field="text_en", title="text"),
            Column(field="owner", title="owner", spare=1),
            Column(field="due_on", title="due", show=lambda day: _shown(office, day)),
            Column(field="by", title="by", spare=3),
        ),
        csv_fields=_FIELDS,
    )


def _row(one: Note) -> Row:
    text = asdict(one.text) if one.text else {"fa": None, "en": None}
    told = {field: value for field, value in jsonable(one).items() if field != "text"}
    return {**told, "text_fa": text["fa"], "text_en": text["en"]}


def _shown(office: Office, day: str | None) -> str:
    return show_day(parse_day(day), office.calendar) if day else ""
