"""`itops changes`: write into the change log, show it beside what was observed, link the two."""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import click

from itops.cli.columns import moments_in, said
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.rows import change_row, hole_rows
from itops.dates import Period, latin_digits, parse_day, parse_period, show_day
from itops.errors import UsageWrong
from itops.inventory.facts import Action
from itops.jsonable import jsonable
from itops.names import Names
from itops.reports.backups import said as finding_text
from itops.reports.words import load_words
from itops.store.reader import Reader as StoreReader
from itops.tasks.keep_worklog import Keeper, Kept, Looking, PeriodWork, attached, change_named, read_period
from itops.tasks.read_changes import period_holes
from itops.tasks.read_inventory import Hole
from itops.text import counted
from itops.verdict import State, severity, worst
from itops.worklog.entries import Entry, Linked, LogRow, Order, Withdrawn, WorkKind
from itops.worklog.findings import WorkFinding
from itops.worklog.log import Standing
from itops.worklog.matching import Explained
from itops.worklog.policy import ChangePolicy

_FIELDS = ("change", "at", "action", "kind", "id", "name", "field", "before", "after", "entries", "order")
_BY = click.option("--by", required=True, help="Who says so.")
_AT = click.option("--at", metavar="MOMENT", help='When it happened: 1405-08-21 or "1405-08-21 10:30"; now by default.')
_PERIOD = click.option(
    "--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405; this month by default."
)


@click.group()
def changes() -> None:
    """The change log: patches, upgrades, orders, what no API shows; beside what was observed."""


@changes.command("log")
@click.option("--kind", type=click.Choice([kind.value for kind in WorkKind]), required=True, help="What was done.")
@click.option("--what", "text", default="", help="What was done, in one text for both languages.")
@click.option("--what-fa", default="", help="The same in Persian.")
@click.option("--what-en", default="", help="The same in English.")
@click.option("--subject", "subjects", multiple=True, metavar="NAME", help="A server or asset; once for each.")
@click.option("--by", required=True, help="Who did it.")
@_AT
@click.option("--count", type=int, default=1, show_default=True, help="How many meetings or letters it stands for.")
@click.option("--issuer", default="", help="Who ordered it.")
@click.option("--letter", default="", help="The number of the letter.")
@click.option("--letter-date", metavar="DAY", help="Its date.")
@click.option(
    "--attachment", type=click.Path(dir_okay=False, path_type=Path), help="The letter as a file; its hash is kept."
)
@click.option("--note", default="", help="Anything else worth keeping.")
@click.option("--corrects", type=int, metavar="ENTRY", help="The entry that this one stands in the place of.")
@output_options
@pass_office
def log_entry(office: Office, output: Output, *, kind: str, at: str | None, **told: Any) -> None:
    """Write down what was done, received or held; nothing is ever rewritten: --corrects writes a better entry."""
    text = told["text"]
    entry = Entry(
        kind=WorkKind(kind),
        at=moment_of(office, at),
        what=Names(fa=told["what_fa"] or text or told["what_en"], en=told["what_en"] or text or told["what_fa"]),
        order=_order(office, told["issuer"], told["letter"], told["letter_date"], told["attachment"]),
        **{name: told[name] for name in ("by", "subjects", "count", "note", "corrects")},
    )
    _tell(office, output, _keep(office, entry))


def _order(office: Office, issuer: str, letter: str, letter_date: str | None, attachment: Path | None) -> Order | None:
    if not issuer and not letter and letter_date is None and attachment is None:
        return None
    if not issuer.strip():
        raise UsageWrong("an order without an issuer", remedy="say who ordered it: --issuer NAME")
    return Order(
        issuer=issuer,
        letter_no=letter,
        on=parse_day(letter_date) if letter_date else None,
        attachment=attached(attachment, office.settings.folder) if attachment else None,
    )


@changes.command("list")
@_PERIOD
@output_options
@pass_office
def list_changes(office: Office, output: Output, *, name: str | None) -> int:
    """Show what was observed in a period beside the log: which entry explains what, and what nobody explained.

    Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: nothing was scanned, or a source was not looked at in the period.
    """
    period = period_of(office, name)
    work = _work(office, period)
    gaps = _gaps(office, work)
    state = _state(office, work, gaps)
    output.show(_listing(office, period, work, state, gaps), office.now)
    _tell_counts(work, output)
    office.confess(output, gaps)
    output.note(f"verdict: {state.name}")
    return state.value


@changes.command("link")
@click.argument("entry", type=int, metavar="ENTRY")
@click.argument("codes", metavar="CHANGE...", nargs=-1, required=True)
@_PERIOD
@click.option("--undo", is_flag=True, help="Take the link away: the entry does not explain that change.")
@_BY
@output_options
@pass_office
def link(
    office: Office, output: Output, *, entry: int, codes: tuple[str, ...], name: str | None, undo: bool, by: str
) -> None:
    """Say which observed changes an entry explains; `itops changes list` shows the codes of a period."""
    work = _work(office, period_of(office, name))
    if undo:
        standing = work.log.by_number.get(entry)
        links = {link.code: link for link in standing.links} if standing is not None else {}
        wanted = tuple(links[code] if code in links else change_named(work.changes, code) for code in codes)
    else:
        wanted = tuple(change_named(work.changes, code) for code in codes)
    record = Linked(entry=entry, changes=wanted, at=office.now, by=by, is_undone=undo)
    _tell(office, output, _keep(office, record))


@changes.command("withdraw")
@click.argument("entry", type=int, metavar="ENTRY")
@click.option("--reason", required=True, help="Why it should not have been written.")
@_BY
@output_options
@pass_office
def withdraw(office: Office, output: Output, *, entry: int, reason: str, by: str) -> None:
    """End an entry that should never have been written; it stays in the log, and explains nothing any more."""
    _tell(office, output, _keep(office, Withdrawn(entry=entry, at=office.now, by=by, reason=reason)))


def moment_of(office: Office, typed: str | None) -> datetime:
    """A day, or a day and an hour, of the office as typed, with the zone's offset; now by default."""
    if typed is None:
        return office.now.astimezone(office.zone)
    day, _, hour = latin_digits(typed).strip().replace("T", " ").partition(" ")
    from itops.config.scalars import parse_time  # noqa: PLC0415  only where a moment was typed

    try:
        return datetime.combine(parse_day(day), parse_time(hour.strip()) if hour.strip() else time(), office.zone)
    except ValueError:
        raise UsageWrong(f"{typed!r} is no day and hour", remedy='write --at "1405-09-02 10:30"') from None


def period_of(office: Office, name: str | None) -> Period:
    """A period as typed; the office's month now by default."""
    return parse_period(name or show_day(office.today, office.calendar)[:7])


def log_rows(office: Office) -> list[LogRow]:
    """The log; empty before the first scan or entry."""
    reader = office.any_reader
    return reader.worklog.rows() if isinstance(reader, StoreReader) else []


def finding_rows(office: Office, findings: Sequence[WorkFinding], table: str) -> list[Row]:
    """Findings with their sentences, in English."""
    words = load_words("en", calendar=office.calendar, marks=False, zone=office.zone)
    return [finding_row(one, finding_text(table, one.code, one.facts, words)) for one in findings]


def finding_row(one: WorkFinding, message: str) -> Row:
    """One finding."""
    return {
        "state": one.state.name,
        "code": one.code,
        "subject": one.subject,
        "message": message,
        "facts": jsonable(one.facts),
        "evidence": list(one.evidence),
    }


def findings_table(rows: Sequence[Row], what: str) -> Listing:
    """Findings as a table; advice is called so."""
    columns = (
        Column(field="state", title="state", show=lambda state: "advice" if state == State.OK.name else state),
        Column(field="code", title="code", spare=1),
        Column(field="subject", title=what),
        Column(field="message", title="what is wrong"),
    )
    return Listing(schema="", rows=rows, columns=columns, csv_fields=())


def _policy(office: Office) -> ChangePolicy:
    report = office.settings.report
    return report.changes if report else ChangePolicy()


def _keep(office: Office, record: Entry | Linked | Withdrawn) -> Kept:
    with office.open_store() as store:
        return Keeper(store=store.worklog, now=office.now).take(record)


def _work(office: Office, period: Period) -> PeriodWork:
    begin, end = period.moments(office.zone)
    looking = Looking(policy=_policy(office), now=office.now, zone=office.zone, folder=office.settings.folder)
    return read_period(office.any_reader, log_rows(office), begin, end, looking)


def _gaps(office: Office, work: PeriodWork) -> list[Hole]:
    reader = office.any_reader
    return [] if reader is None else period_holes(reader, office.source_reports, work.begin, work.end, office.now)


def _state(office: Office, work: PeriodWork, gaps: Sequence[Hole]) -> State:
    """Where nobody looked there may be changes that nobody explained."""
    is_blind = not any(report.last_complete for report in office.source_reports)
    is_blind = is_blind or any(hole.gap.code.startswith("source.") for hole in gaps)
    blind = State.UNKNOWN if is_blind else State.OK
    return max(worst(one.state for one in work.findings), blind, key=severity)


def _tell_counts(work: PeriodWork, output: Output) -> None:
    seen = [one for one in work.changes if one.change.action is not Action.DISCOVERED]
    entries = counted("entry", "entries", len(work.entries))
    output.note(f"{len(seen)} observed, {sum(not one.entries for one in seen)} of them in no entry; {entries}")
    if found := len(work.changes) - len(seen):
        output.note(f"{found} discovered: there before anybody looked; JSON and CSV name them")


def _tell(office: Office, output: Output, kept: Kept) -> None:
    """The entry as it stands now; nothing of one that was withdrawn."""
    about = kept.row.number if isinstance(kept.row.record, Entry) else kept.row.record.entry if kept.row.record else 0
    standing = kept.log.by_number.get(about)
    rows = [] if standing is None else [_entry_row(standing)]
    columns = _entry_columns(office)
    listing = Listing(schema="itops.changes.entry/1", rows=rows, columns=columns, csv_fields=_ENTRY_FIELDS)
    output.show(listing, office.now)
    if standing is None:
        output.note(f"entry {about} is withdrawn")


_ENTRY_FIELDS = ("number", "kind", "at", "what", "by", "subjects", "count", "order", "note", "links", "recorded_at")


def _entry_row(one: Standing) -> Row:
    row: dict[str, Any] = jsonable(one.entry)
    del row["corrects"]
    codes = [link.code for link in one.links]
    return {"number": one.number, **row, "links": codes, "numbers": list(one.numbers), "recorded_at": one.recorded_at}


def _change_row(one: Explained) -> Row:
    row: dict[str, Any] = dict(change_row(one.change))
    row["entries"] = [{"number": entry.number, "is_linked": entry.number in one.linked} for entry in one.entries]
    return {"change": one.ref.code, **row, "order": jsonable(one.order)}


def _listing(office: Office, period: Period, work: PeriodWork, state: State, gaps: Sequence[Hole]) -> Listing:
    observed = [_change_row(one) for one in work.changes]
    entries = [_entry_row(one) for one in work.entries]
    findings = finding_rows(office, work.findings, "worklog")
    # The first scan of an office discovers all of it: that is no change.
    shown = [row for row in observed if row["action"] != Action.DISCOVERED]
    told = {"name": period.name, "first_on": period.first, "last_on": period.last}
    data = {"period": told, "state": state.name, "changes": observed, "entries": entries, "findings": findings}
    tables = (
        Listing(schema="", rows=shown, columns=_change_columns(office), csv_fields=()),
        Listing(schema="", rows=entries, columns=_entry_columns(office), csv_fields=()),
        findings_table(findings, "of"),
    )
    return Listing(
        schema="itops.changes.list/1",
        rows=observed,
        columns=(),
        csv_fields=_FIELDS,
        gaps=hole_rows(gaps),
        data=jsonable(data),
        tables=tables,
        is_drawn=False,
    )


def _change_columns(office: Office) -> tuple[Column, ...]:
    return (
        Column(field="at", title="seen", show=_when(office)),
        Column(field="change", title="change"),
        Column(field="name", title="name"),
        Column(field="field", title="field", show=lambda field: field or ""),
        Column(field="before", title="before", show=said, spare=2),
        Column(field="after", title="after", show=said, spare=1),
        Column(field="entries", title="entry", show=lambda rows: ", ".join(str(row["number"]) for row in rows)),
        Column(field="order", title="order", show=_order_cell),
    )


def _entry_columns(office: Office) -> tuple[Column, ...]:
    return (
        Column(field="number", title="entry", is_number=True),
        Column(field="at", title="done", show=_when(office)),
        Column(field="kind", title="kind"),
        Column(field="subjects", title="of", show=", ".join),
        Column(field="what", title="what", show=lambda what: what["en"]),
        Column(field="by", title="by", spare=1),
        Column(field="order", title="order", show=_order_cell),
    )


def _when(office: Office) -> Callable[[Any], str]:
    return moments_in(office.calendar, office.zone)


def _order_cell(order: Any) -> str:
    return "" if order is None else f"{order['issuer']} {order['letter_no'] or '(no number)'}"
