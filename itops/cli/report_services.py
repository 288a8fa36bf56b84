"""`itops report services`: the catalogue of services, what is wrong with it, and the SLA statement of one."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops.backup.policy import BackupPlan
from itops.cli.changes_log import finding_row, findings_table, period_of
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.dates import Period, show_day, start_of
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.reports.rvtools.replacing import replacing
from itops.reports.sla import service_said, sla_of, sla_text, span
from itops.reports.words import LANGUAGES, Words, load_words
from itops.store.reader import Reader as StoreReader
from itops.verdict import State, worst
from itops.worklog.policy import ServiceCatalogue, ServiceRules
from itops.worklog.services import Recovery, ServiceVerdict, judge_services

if TYPE_CHECKING:
    from itops.tasks.report.drawing import Form, Look

_FIELDS = ("service", "service_id", "title", "parent", "state", "valid_from", "valid_to", "rpo_seconds", "rto_seconds",
           "measured_seconds", "allowed_downtime_seconds", "findings")  # fmt: skip
_FORMS: dict[str, "Form"] = {".pdf": "pdf", ".docx": "docx", ".html": "html"}
_PERIOD = click.option(
    "--period", "name", metavar="MONTH", help="Whose days a calendar basis counts: 1405-08; this month by default."
)


@click.group(invoke_without_command=True)
@_PERIOD
@output_options
@click.pass_context
def services(context: click.Context, output: Output, *, name: str | None) -> int | None:
    """Show each service with its promises beside the backup plan and the last measured restore.

    Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: a recovery time was promised and no restore was ever tested.
    """
    return None if context.invoked_subcommand else _show(output=output, name=name)


@services.command("statement")
@click.argument("service", metavar="SERVICE")
@click.option("--language", type=click.Choice(LANGUAGES), help="Its language; the office's own by default.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.pdf, .docx or .html, or FILE.txt; text on the screen by default.",
)
@_PERIOD
@pass_office
def statement(office: Office, *, service: str, language: str | None, out: Path | None, name: str | None) -> None:
    """Print the SLA statement of a service: its seven sections, and an annex with the numbers and their basis."""
    if out is not None and out.suffix.lower() not in (".txt", *_FORMS):
        raise UsageWrong(
            f"a statement cannot be written as {out.name}", remedy="name a file .pdf, .docx, .html or .txt"
        )
    catalogue, period = _catalogue(office), _month(office, name)
    verdict = next((one for one in _judged(office, catalogue, period) if one.key == service), None)
    if verdict is None:
        known = ", ".join(catalogue.services)
        remedy = f"use one of: {known}" if known else "write it under services: in itops.yaml"
        raise UsageWrong(f"there is no service {service!r}", remedy=remedy)
    chosen = language or office.settings.office.language
    if out is None:
        click.echo(sla_text(sla_of(verdict, catalogue, period, _words(office, chosen))), nl=False)
        return
    content = _written(office, verdict, catalogue, period, chosen, out.suffix.lower())
    with replacing(out) as partial:
        partial.write_bytes(content)
    click.echo(f"{out}: written", err=True)


def _words(office: Office, language: str, *, marks: bool = False) -> Words:
    return load_words(language, calendar=office.calendar, marks=marks, zone=office.zone)


def _written(
    office: Office, verdict: ServiceVerdict, catalogue: ServiceCatalogue, period: Period, language: str, suffix: str
) -> bytes:
    """The statement as the content of a file. Direction marks are for plain text only: papers set codes apart."""
    if suffix not in _FORMS:
        words = _words(office, language, marks=language == "fa")
        return sla_text(sla_of(verdict, catalogue, period, words)).encode()
    from itops import __version__  # noqa: PLC0415  as the next
    from itops.reports.sla_paper import paper_of_statement  # noqa: PLC0415  only where a paper is drawn
    from itops.tasks.report.drawing import write_paper  # noqa: PLC0415  as above

    words, name = _words(office, language), office.settings.office.name
    paper = paper_of_statement(
        sla_of(verdict, catalogue, period, words),
        start_of(office.today, office.zone),
        words,
        office="" if name is None else name.of(language),
        tool_version=__version__,
    )
    return write_paper(paper, _FORMS[suffix], _look(office))


def _look(office: Office) -> "Look":
    from itops.config.plan import ReportSettings  # noqa: PLC0415  only where a paper is drawn
    from itops.tasks.report.drawing import Look  # noqa: PLC0415  as above

    settings = office.settings.report or ReportSettings()
    return Look(font=settings.font, font_dirs=settings.font_dirs, letterhead=settings.letterhead)


@pass_office
def _show(office: Office, output: Output, *, name: str | None) -> int:
    catalogue, period = _catalogue(office), _month(office, name)
    verdicts = _judged(office, catalogue, period)
    state = worst(one.state for one in verdicts)
    output.show(_listing(office, verdicts, period, state), office.now)
    if not verdicts:
        output.note("itops.yaml names no service: write the section `services:`")
    output.note(f"verdict: {state.name}")
    return state.value


def _month(office: Office, name: str | None) -> Period:
    period = period_of(office, name)
    if "-" not in period.name:
        raise UsageWrong(f"{period.name} is a year", remedy=f"give a month: --period {period.name}-01")
    return period


def _catalogue(office: Office) -> ServiceCatalogue:
    settings = office.settings
    rules = settings.report.services if settings.report else ServiceRules()
    return ServiceCatalogue(services=settings.services, rules=rules)


def _judged(office: Office, catalogue: ServiceCatalogue, period: Period) -> tuple[ServiceVerdict, ...]:
    from itops.tasks.report.asking import Memory  # noqa: PLC0415  it brings the whole of itops.yaml with it
    from itops.tasks.report.papers import estate_at  # noqa: PLC0415  as above

    reader = office.any_reader
    memory = Memory(reader if isinstance(reader, StoreReader) else None)
    plan = office.settings.backup or BackupPlan()
    estate = estate_at(plan, memory, _links(office, catalogue), as_of=office.now, judged_at=office.now)
    return judge_services(catalogue, estate, period, office.today)


def _links(office: Office, catalogue: ServiceCatalogue) -> frozenset[str] | None:
    """The links of the hardware register; it is only read where some service names one."""
    if not any(one.depends_on.links for one in catalogue.services.values()) or not office.settings.register.exists():
        return None
    from itops.assets.records import AssetKind  # noqa: PLC0415  as above
    from itops.config.register.loading import load_whole  # noqa: PLC0415  as above

    assets = load_whole(office.settings.register).register.assets
    return frozenset(asset.id for asset in assets if asset.kind is AssetKind.LINK)


def _listing(office: Office, verdicts: tuple[ServiceVerdict, ...], period: Period, state: State) -> Listing:
    words = load_words("en", calendar=office.calendar, marks=False, zone=office.zone)
    rows = [_row(one, words) for one in verdicts]
    findings = [finding for row in rows for finding in row["findings"]]
    told = {"name": period.name, "first_on": period.first, "last_on": period.last}
    return Listing(
        schema="itops.report.services/1",
        rows=[{**row, "findings": [one["code"] for one in row["findings"]]} for row in rows],
        columns=(),
        csv_fields=_FIELDS,
        data=jsonable({"period": told, "state": state.name, "services": rows}),
        tables=(_table(office, rows, words), findings_table(findings, "service")),
        is_drawn=False,
    )


def _row(one: ServiceVerdict, words: Words) -> Row:
    service, sla, downtime = one.service, one.service.sla, one.downtime
    return {
        "service": one.key,
        "service_id": service.service_id,
        "title": jsonable(service.title),
        "parent": service.parent,
        "state": one.state.name,
        "valid_from": jsonable(sla.valid_from) if sla else None,
        "valid_to": jsonable(sla.valid_to) if sla else None,
        "missing_sections": list(sla.missing()) if sla else None,
        "rpo_seconds": _seconds(service.rpo),
        "rto_seconds": _seconds(service.rto),
        "measured_seconds": _seconds(one.measured),
        "availability_percent": float(service.availability_target) if service.availability_target else None,
        "allowed_downtime_seconds": _seconds(downtime.allowed) if downtime else None,
        "basis_seconds": _seconds(downtime.basis) if downtime else None,
        "basis_days": downtime.days if downtime else None,
        "is_standard_month": downtime.is_standard if downtime else None,
        "databases": [_recovery_row(recovery) for recovery in one.recoveries],
        "findings": [finding_row(finding, service_said(finding, words)) for finding in one.findings],
    }


def _recovery_row(one: Recovery) -> Row:
    return {
        "database": one.database,
        "plan_seconds": _seconds(one.promise.loses) if one.promise else None,
        "job": one.promise.job if one.promise else None,
        "promised_by": one.promise.by if one.promise else None,
        "tested_at": jsonable(one.restore.started_at) if one.restore else None,
        "restore_seconds": one.restore.seconds if one.restore else None,
        "is_restore_good": one.is_restore_good if one.restore else None,
    }


def _seconds(value: Any) -> float | None:
    return None if value is None else value.total_seconds()


def _table(office: Office, rows: list[Row], words: Words) -> Listing:
    def spanned(seconds: float | None) -> str:
        return "" if seconds is None else span(seconds, words)

    def shown(day: str | None) -> str:
        return "" if day is None else show_day(date.fromisoformat(day), office.calendar)

    columns = (
        Column(field="state", title="state"),
        Column(field="service", title="service"),
        Column(field="service_id", title="id"),
        Column(field="valid_to", title="valid to", show=shown, spare=1),
        Column(field="rpo_seconds", title="RPO", show=spanned),
        Column(field="rto_seconds", title="RTO", show=spanned),
        Column(
            field="measured_seconds",
            title="measured",
            show=lambda seconds: "not tested" if seconds is None else span(seconds, words),
        ),
        Column(field="allowed_downtime_seconds", title="may be down", show=spanned),
    )
    return Listing(schema="", rows=rows, columns=columns, csv_fields=())
