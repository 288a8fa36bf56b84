"""`itops report note` and `notes`: what people write for the report of a period."""

from dataclasses import asdict
from typing import Any

import click

from itops.cli.changes_log import period_of
from itops.cli.office import Office, author, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.report_build import build_report_of, period_named
from itops.dates import Period, parse_day, show_day
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.names import Names
from itops.store.reader import Reader as StoreReader
from itops.tasks.keep_notes import NoteKeeper
from itops.worklog.notes import Note, NoteKind, PeriodNotes, notes_of
from itops.worklog.periods import before

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
    _refuse(kind, about, has_something=bool(text or told["owner"] or due), is_removing=told["remove"])
    period = period_of(office, name)
    if told["remove"] and _held(office, period).about(NoteKind(kind), about) is None:
        raise UsageWrong(
            f"{period.name} has no {kind} {about}".rstrip(),
            remedy=f"`itops report notes --period {period.name}` shows what was written",
        )
    taken = Note(
        kind=NoteKind(kind),
        period=period.name,
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
    if told["remove"]:
        output.note("taken back")
    elif taken.kind is NoteKind.CAUSE:
        _tell_of_nothing(office, output, about, period)


@click.command("notes")
@_PERIOD
@output_options
@pass_office
def notes(office: Office, output: Output, *, name: str | None) -> None:
    """Show what was written for the report of a period."""
    period = period_of(office, name)
    held = _held(office, period)
    output.show(_listing(office, held.notes), office.now)
    if not held.notes:
        output.note(f"nothing was written for {period.name}")


def _held(office: Office, period: Period) -> PeriodNotes:
    reader = office.any_reader
    return notes_of(reader.worklog.notes(), period.name) if isinstance(reader, StoreReader) else PeriodNotes()


def _refuse(kind: str, about: str, *, has_something: bool, is_removing: bool) -> None:
    """Raises UsageWrong for words that do not go together."""
    if has_something and is_removing:
        raise UsageWrong("there is something to write, and --remove", remedy="leave one of them out")
    if not has_something and not is_removing:
        raise UsageWrong("there is nothing to write", remedy="give --text TEXT, or --fa TEXT and --en TEXT")
    if kind == NoteKind.SUMMARY and about:
        raise UsageWrong(f"a period has one summary, without a name: {about!r}", remedy="leave the name out")
    if kind in (NoteKind.PROBLEM, NoteKind.PROPOSAL) and not about.strip():
        raise UsageWrong(
            f"it is not said which {kind} this is",
            remedy=f"give it a short name: itops report note {kind} NAME --text TEXT",
        )


def _tell_of_nothing(office: Office, output: Output, about: str, period: Period) -> None:
    """Say so where a cause is of no exception: a mistyped key, or another month, would never be printed."""
    if period.first > office.today or about in _keys(office, period):
        return
    months = [month for month in (before(period), period_named(office, None)) if month != period]
    elsewhere = next((month for month in months if about in _keys(office, month)), None)
    helps = (
        f"an exception of {elsewhere.name} has it: --period {elsewhere.name}"
        if elsewhere
        else (f"`itops report exceptions --period {period.name}` shows the keys")
    )
    output.note(f"no exception of {period.name} has the key {about}, so the report does not print this; {helps}")


def _keys(office: Office, period: Period) -> set[str]:
    return {one.key for one in build_report_of(office, period).exceptions}


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
