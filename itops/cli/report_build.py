"""`itops report build`, `exceptions`, `explain`: the report of a month or a year, and what stands behind it."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from itops.bundles.policy import PROFILES
from itops.cli.columns import in_kib
from itops.cli.office import Office, author, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.dates import Period, parse_period, show_day, show_moment
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.reports.words import LANGUAGES
from itops.store.reader import Reader as StoreReader

if TYPE_CHECKING:
    from itops.reports.monthly.records import Report
    from itops.tasks.report.keeping import KeptFile

_FORMS = ("pdf", "xlsx", "docx", "html", "json")
_FILE_FIELDS = ("path", "size_bytes", "sha256", "is_changed")
_EXCEPTION_FIELDS = ("state", "key", "room", "code", "subject", "count", "since", "age_days", "months", "owner",
                     "due_on", "cause")  # fmt: skip
_FIGURE_FIELDS = ("figure", "value", "unit", "part", "of", "reason", "evidence")
_EVIDENCE_FIELDS = ("figure", "kind", "ref", "at", "note")
_FIRST_YEAR = 1900  # Gregorian: earlier ones are typing mistakes, and no calendar reaches the months before the first
_PERIOD = click.option(
    "--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405; last month by default."
)


class Several(click.ParamType):  # type: ignore[type-arg]  # generic only for its own checkers
    """A list with commas, of some words."""

    name = "list"

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """`fa,en`."""
        found = tuple(part.strip() for part in value.split(",") if part.strip())
        unknown = [part for part in found if part not in self.words]
        if unknown or not found:
            self.fail(f"{value!r}: write some of {', '.join(self.words)}", param, ctx)
        return found


@click.command()
@_PERIOD
@click.option(
    "--language", "languages", type=Several(LANGUAGES), metavar="fa,en", help="Those of itops.yaml by default."
)
@click.option(
    "--format",
    "forms",
    type=Several(_FORMS),
    metavar="FORMS",
    help="Some of pdf,xlsx,docx,html,json; those of itops.yaml by default.",
)
@click.option(
    "--redact", type=click.Choice(PROFILES), default="internal", help="What is taken out for readers elsewhere."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder; reports/PERIOD in the state folder by default.",
)
@output_options
@pass_office
def build(
    office: Office,
    output: Output,
    *,
    name: str | None,
    languages: tuple[str, ...] | None,
    forms: tuple[str, ...] | None,
    redact: str,
    out: Path | None,
) -> None:
    """Build the report of a month or a year from what is in the store, and write its files.

    A period is a value: built on any later day it says the same, byte for byte. Nothing is asked of the network.
    """
    remember_register(office)
    report = build_report_of(office, period_named(office, name), redact)
    kept = draw_and_keep(office, report, languages, forms, out)
    output.show(_files(kept), office.now)
    for folder in dict.fromkeys(file.path.parent for file in kept):
        output.note(f"the files are in {folder}")
    tell_report(office, report, output)
    if out is None and redact == "internal":
        tell_documents(office, report, kept, output)


@click.command()
@_PERIOD
@output_options
@pass_office
def exceptions(office: Office, output: Output, *, name: str | None) -> int:
    """Show what the report of a period names as exceptions, worst first, with the keys that causes are written for.

    Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    """
    report = build_report_of(office, period_named(office, name))
    output.show(_exceptions(office, report), office.now)
    state = report.verdict.state
    output.note(f"verdict: {state.name}")
    return state.value


@click.command()
@click.argument("figure", required=False)
@_PERIOD
@output_options
@pass_office
def explain(office: Office, output: Output, *, figure: str | None, name: str | None) -> None:
    """Show what stands behind a figure of a period's report: each scan, slot, log entry or item that was counted.

    Without FIGURE every figure is listed.
    """
    report = build_report_of(office, period_named(office, name))
    if figure is None:
        output.show(_figures(report), office.now)
        return
    if figure not in report.figures:
        raise UsageWrong(f"the report has no figure {figure!r}", remedy="`itops report explain` lists them all")
    output.show(_evidence(office, report, figure), office.now)
    found = report.figures[figure]
    output.note(f"{figure}: {_value(found.value)}" + (f" ({found.reason})" if found.reason else ""))


def period_named(office: Office, name: str | None) -> Period:
    """A period as typed; the office's last whole month by default."""
    if name is not None:
        return not_long_ago(parse_period(name))
    first = parse_period(show_day(office.today, office.calendar)[:7]).first
    return parse_period(show_day(first - timedelta(days=1), office.calendar)[:7])


def not_long_ago(period: Period) -> Period:
    """The period; raises UsageWrong for one before anybody had servers."""
    if period.first.year < _FIRST_YEAR:
        raise UsageWrong(
            f"{period.name} is too long ago for a report", remedy="write a month, 1405-08 or 2026-11, or a year, 1405"
        )
    return period


def build_report_of(office: Office, period: Period, redaction: str = "internal") -> "Report":
    """The record. Raises UsageWrong for a period that has not begun, and for one before anybody had servers."""
    from itops.reports.monthly.redacting import redacted  # noqa: PLC0415  only where a report is built
    from itops.tasks.report.asking import Asking, Memory  # noqa: PLC0415  as above
    from itops.tasks.report.building import build_report  # noqa: PLC0415  as above

    if not_long_ago(period).first > office.today:
        raise UsageWrong(f"{period.name} has not begun", remedy="a report is of what was")
    reader = office.any_reader
    memory = Memory(reader if isinstance(reader, StoreReader) else None)
    report = build_report(Asking(settings=office.settings, memory=memory, period=period, now=office.now))
    return redacted(report, redaction)


def remember_register(office: Office) -> None:
    """Keep in mind what was typed into the register, so that later reports of this period still know it."""
    from itops.config.register.loading import load_whole  # noqa: PLC0415  only where a report is built
    from itops.tasks.follow_register import BY_HAND  # noqa: PLC0415  as above
    from itops.tasks.follow_register import Memory as RegisterMemory  # noqa: PLC0415  as above

    if office.settings.register.exists():
        register = load_whole(office.settings.register).register
        with office.open_store() as store:
            RegisterMemory(store.register, office.now).take(register, by=None, how=BY_HAND)


def draw_and_keep(
    office: Office,
    report: "Report",
    languages: tuple[str, ...] | None = None,
    forms: tuple[str, ...] | None = None,
    out: Path | None = None,
) -> "tuple[KeptFile, ...]":
    """Draw it and write its files."""
    from itops.config.plan import ReportSettings  # noqa: PLC0415  only where a report is built
    from itops.tasks.report.drawing import FORMS, Look, draw  # noqa: PLC0415  as above
    from itops.tasks.report.keeping import folder_of, keep  # noqa: PLC0415  as above

    settings = office.settings.report or ReportSettings()
    look = Look(font=settings.font, font_dirs=settings.font_dirs, letterhead=settings.letterhead)
    wanted = [form for form in FORMS if form in (forms or settings.formats or FORMS)]
    spoken = languages or settings.languages or (office.settings.office.language,)
    folder = out or folder_of(office.settings.state, report.period.name, report.redaction)
    return keep(draw(report, spoken, wanted, look), folder)


def register_documents(office: Office, report: "Report", kept: "tuple[KeptFile, ...]") -> list[str]:
    """Write down that the documents which are this report were made; those that are new, by name."""
    from itops.tasks.track_documents import Registrar  # noqa: PLC0415  only where a report is built
    from itops.worklog.documents import Made, of_report  # noqa: PLC0415  as above
    from itops.worklog.policy import DocumentCatalogue  # noqa: PLC0415  as above

    catalogue = office.settings.report.catalogue if office.settings.report else DocumentCatalogue()
    wanted = of_report(catalogue, "monthly")
    pdf = next((file for file in kept if file.path.name.endswith(f"-{office.settings.office.language}.pdf")), None)
    if not wanted or pdf is None or report.period.is_year:
        return []
    with office.open_store() as store:
        reader = office.any_reader
        records = tuple(reader.worklog.documents()) if isinstance(reader, StoreReader) else ()
        last = {(one.document, one.period): one.sha256 for one in records if isinstance(one, Made)}
        registrar = Registrar(
            store=store.worklog, catalogue=catalogue, records=records, folder=office.settings.folder, now=office.now
        )
        period = parse_period(report.period.name)
        new = [name for name in wanted if last.get((name, period.name)) != pdf.sha256]
        for name in new:
            registrar.made(name, period, pdf.path, author() or "itops")
    return new


def tell_documents(office: Office, report: "Report", kept: "tuple[KeptFile, ...]", output: Output) -> None:
    """Write down the documents that this report is, and say which are new."""
    for document in register_documents(office, report, kept):
        output.note(f"document {document} of {report.period.name}: made")


def tell_report(office: Office, report: "Report", output: Output) -> None:
    """The verdict, and what of the report is not settled yet."""
    if not report.period.is_final:
        from itops.config.plan import ReportSettings  # noqa: PLC0415  only where a report is built

        settle = (office.settings.report or ReportSettings()).settle
        settled = parse_period(report.period.name).moments(office.zone)[1] + settle
        until = show_moment(settled, office.calendar, office.zone)
        output.note(f"{report.period.name} is provisional: late facts count until {until}; build it again after that")
    without = sum(one.cause is None for one in report.exceptions)
    if without:
        asked = f"itops report exceptions --period {report.period.name}"
        output.note(f"{without} of {len(report.exceptions)} exceptions have no cause written: {asked}")
    output.note(f"verdict: {report.verdict.state.name}")


def _files(kept: "tuple[KeptFile, ...]") -> Listing:
    return Listing(
        schema="itops.report.files/1",
        rows=[jsonable(one) | {"path": str(one.path)} for one in kept],
        columns=(
            Column(field="path", title="file", show=lambda path: Path(path).name),
            Column(field="size_bytes", title="KiB", is_number=True, show=in_kib),
            Column(field="sha256", title="SHA-256", show=lambda text: text[:12]),
            Column(field="is_changed", title="", show=lambda changed: "written" if changed else "unchanged"),
        ),
        csv_fields=_FILE_FIELDS,
    )


def _exceptions(office: Office, report: "Report") -> Listing:
    rows: list[Row] = [jsonable(one) for one in report.exceptions]
    return Listing(
        schema="itops.report.exceptions/1",
        rows=rows,
        columns=(
            Column(field="state", title="state"),
            Column(field="key", title="key"),
            Column(field="count", title="times", is_number=True, spare=3),
            Column(
                field="age_days", title="days", is_number=True, show=lambda days: "" if days is None else f"{days:,}"
            ),
            Column(field="months", title="months", is_number=True, spare=1),
            Column(field="owner", title="owner", spare=2),
            Column(field="due_on", title="due", show=lambda day: _shown(office, day), spare=2),
            Column(field="cause", title="cause", show=lambda cause: cause["en"] if cause else "not written"),
        ),
        csv_fields=_EXCEPTION_FIELDS,
    )


def _shown(office: Office, day: str | None) -> str:
    from itops.dates import parse_day  # noqa: PLC0415  as above

    return show_day(parse_day(day), office.calendar) if day else ""


def _value(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


def _figures(report: "Report") -> Listing:
    rows = [{**jsonable(one), "figure": one.id, "evidence": len(one.evidence)} for one in report.figures.values()]
    return Listing(
        schema="itops.report.figures/1",
        rows=rows,
        columns=(
            Column(field="figure", title="figure"),
            Column(field="value", title="value", is_number=True, show=_value),
            Column(field="unit", title="unit"),
            Column(field="of", title="of", is_number=True, show=lambda of: "" if of is None else f"{of:g}"),
            Column(field="reason", title="why unknown", spare=1),
            Column(field="evidence", title="rests on", is_number=True),
        ),
        csv_fields=_FIGURE_FIELDS,
    )


def _evidence(office: Office, report: "Report", figure: str) -> Listing:
    from itops.cli.columns import moments_in  # noqa: PLC0415  as above

    rows = [{"figure": figure, **jsonable(one)} for one in report.figures[figure].evidence]
    return Listing(
        schema="itops.report.evidence/1",
        rows=rows,
        columns=(
            Column(field="kind", title="kind"),
            Column(field="ref", title="what"),
            Column(field="at", title="when", show=moments_in(office.calendar, office.zone)),
            Column(field="note", title="note"),
        ),
        csv_fields=_EVIDENCE_FIELDS,
        data={"figure": jsonable(report.figures[figure])},
    )
