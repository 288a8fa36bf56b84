"""`itops report documents`: which documents the systems ask for, which were made, where each was uploaded."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops.cli.changes_log import finding_rows, findings_table, moment_of, period_of
from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable
from itops.store.reader import Reader as StoreReader
from itops.tasks.track_documents import PeriodDocuments, Registrar, counts_of, read_documents
from itops.verdict import worst
from itops.worklog.documents import DocumentRecord, DocumentStanding, Made, Uploaded, UploadState
from itops.worklog.policy import DocumentCatalogue

if TYPE_CHECKING:
    from itops.store.writing import Store

_FIELDS = ("document", "period", "title", "cadence", "made_by", "state", "made_at", "sha256", "due_on", "uploads")
_EVENT_FIELDS = ("document", "period", "event", "system", "at", "by", "path", "sha256", "receipt", "is_undone")
_SIGNS = {UploadState.UPLOADED: "+", UploadState.OUTDATED: "o", UploadState.TO_UPLOAD: ".", UploadState.MISSING: "-"}
_LEGEND = "+ uploaded, o outdated: made anew since, . to be uploaded, - not made"
_PERIOD = click.option(
    "--period", "name", metavar="PERIOD", help="A month or a year: 1405-08, 2026-11, 1405; this month by default."
)
_BY = click.option("--by", required=True, help="Who did it.")
_AT = click.option("--at", metavar="MOMENT", help="When: a day, or a day and an hour; now by default.")


@click.group(invoke_without_command=True)
@_PERIOD
@output_options
@click.pass_context
def documents(context: click.Context, output: Output, *, name: str | None) -> int | None:
    """Show each document of a period with one state per system, and name what is missing.

    Exits 0 OK, 1 WARNING, 2 CRITICAL: something is overdue by the office's own day, or a file was changed.
    """
    return None if context.invoked_subcommand else _show(output=output, name=name)


@documents.command("made")
@click.argument("document", metavar="NAME")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file; its hash is kept."
)
@_PERIOD
@_BY
@_AT
@output_options
@pass_office
def made(
    office: Office, output: Output, *, document: str, file: Path, name: str | None, by: str, at: str | None
) -> None:
    """Record that a document was made; made anew, its earlier uploads show as outdated."""
    period, moment = period_of(office, name), moment_of(office, at)
    with office.open_store() as store:
        record = _registrar(office, store).made(document, period, file, by, moment)
    _tell(office, output, record)


@documents.command("uploaded")
@click.argument("document", metavar="NAME")
@click.option("--system", required=True, help="The system it was uploaded into.")
@click.option("--receipt", default="", help="The number that the system gave.")
@click.option("--undo", "is_undone", is_flag=True, help="It turned out that nobody had uploaded it.")
@_PERIOD
@_BY
@_AT
@output_options
@pass_office
def uploaded(
    office: Office, output: Output, *, document: str, system: str, name: str | None, at: str | None, **told: Any
) -> None:
    """Record that the file that was made last was uploaded into a system."""
    period, moment = period_of(office, name), moment_of(office, at)
    with office.open_store() as store:
        record = _registrar(office, store).uploaded(document, period, system, at=moment, **told)
    _tell(office, output, record)


@pass_office
def _show(office: Office, output: Output, *, name: str | None) -> int:
    period = period_of(office, name)
    found = read_documents(_catalogue(office), _records(office), period, office.today, office.settings.folder)
    state = worst(one.state for one in found.findings)
    output.show(_listing(office, found, state.name), office.now)
    report = found.report
    if not report.documents and not report.yearly:
        output.note("itops.yaml asks for no document: write report.systems and report.documents")
    else:
        output.note(_LEGEND)
        output.note(f"{report.done} of {len(report.documents)} done in {period.name}")
    if report.missing:
        output.note(f"not made: {', '.join(report.missing)}")
    output.note(f"verdict: {state.name}")
    return state.value


def _catalogue(office: Office) -> DocumentCatalogue:
    report = office.settings.report
    return report.catalogue if report else DocumentCatalogue()


def _records(office: Office) -> tuple[DocumentRecord, ...]:
    reader = office.any_reader
    return tuple(reader.worklog.documents()) if isinstance(reader, StoreReader) else ()


def _registrar(office: Office, store: "Store") -> Registrar:
    """Built while the store is open for writing: nobody else writes in between."""
    return Registrar(
        store=store.worklog,
        catalogue=_catalogue(office),
        records=_records(office),
        folder=office.settings.folder,
        now=office.now,
    )


def _tell(office: Office, output: Output, record: Made | Uploaded) -> None:
    row = {**jsonable(record), "event": record.TYPE}
    columns = tuple(
        Column(field=field, title=field, show=moments_in(office.calendar, office.zone))
        if field == "at"
        else Column(field=field, title=field, show=lambda value: "" if value is None else str(value))
        for field in ("document", "period", "event", "system", "at", "by", "sha256", "receipt")
    )
    listing = Listing(schema="itops.report.document-event/1", rows=[row], columns=columns, csv_fields=_EVENT_FIELDS)
    output.show(listing, office.now)


def _row(one: DocumentStanding) -> Row:
    return {
        "document": one.name,
        "period": one.period.name,
        "title": jsonable(one.policy.title),
        "cadence": one.policy.cadence,
        "made_by": one.policy.made_by,
        "report": one.policy.report,
        "state": "done" if one.is_done else "made" if one.made is not None else "missing",
        "made_at": jsonable(one.made.at) if one.made else None,
        "by": one.made.by if one.made else None,
        "path": one.made.path if one.made else None,
        "sha256": one.made.sha256 if one.made else None,
        "size_bytes": one.made.size_bytes if one.made else None,
        "versions": one.versions,
        "due_on": jsonable(one.due_on),
        "uploads": [
            {
                "system": upload.system,
                "state": upload.state.value,
                "uploaded_at": jsonable(upload.record.at) if upload.record else None,
                "by": upload.record.by if upload.record else None,
                "receipt": upload.record.receipt or None if upload.record else None,
            }
            for upload in one.uploads
        ],
    }


def _listing(office: Office, found: PeriodDocuments, state: str) -> Listing:
    report = found.report
    rows = [_row(one) for one in (*report.documents, *report.yearly)]
    findings = finding_rows(office, found.findings, "document")
    data = {
        "period": {"name": report.period.name, "first_on": report.period.first, "last_on": report.period.last},
        "state": state,
        "done": report.done,
        "asked": len(report.documents),
        "missing": list(report.missing),
        "readings": jsonable(report.readings),
        "uploads": {upload.value: count for upload, count in counts_of(report).items()},
        "documents": rows,
        "findings": findings,
    }
    return Listing(
        schema="itops.report.documents/1",
        rows=rows,
        columns=(),
        csv_fields=_FIELDS,
        data=jsonable(data),
        tables=(_table(office, rows), findings_table(findings, "document")),
        is_drawn=False,
    )


def _table(office: Office, rows: list[Row]) -> Listing:
    systems = list(dict.fromkeys(upload["system"] for row in rows for upload in row["uploads"]))
    drawn = [
        {
            **row,
            **{f"_{one['system']}": _SIGNS[UploadState(one["state"])] for one in row["uploads"]},
        }
        for row in rows
    ]
    columns = (
        Column(field="document", title="document"),
        Column(field="period", title="period"),
        Column(field="made_at", title="made", show=moments_in(office.calendar, office.zone)),
        Column(field="sha256", title="hash", show=lambda sha256: (sha256 or "")[:8], spare=1),
        *(Column(field=f"_{system}", title=system, show=lambda sign: sign or "") for system in systems),
    )
    return Listing(schema="", rows=drawn, columns=columns, csv_fields=())
