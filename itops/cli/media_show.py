"""`itops media show`: the register at a glance, or all about one medium; the exit code is the verdict."""

from collections.abc import Sequence
from typing import Any

import click

from itops.backup.custody.checks import custody_findings
from itops.backup.custody.deposits import deposits, only_on
from itops.backup.custody.records import Entry, ManifestFile
from itops.backup.custody.records import Row as RegisterRow
from itops.backup.custody.register import Register
from itops.backup.custody.states import MediumState
from itops.backup.judgement.verdicts import BackupFinding
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.media_office import MediaOffice, shown_list, slots_of
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.proofs import level_row, level_text
from itops.jsonable import jsonable
from itops.reports.backups import said
from itops.reports.words import Words, load_words
from itops.tasks.keep_custody import known_label, state_of
from itops.verdict import State, worst

_FIELDS = (
    "medium", "kind", "condition", "place", "since", "holder", "seal", "slots", "files", "manifest_hash", "written_at",
    "read_at", "read_due_on", "serial", "file_system_uuid", "encryption",
)  # fmt: skip


@click.command()
@click.argument("medium", metavar="[MEDIUM]", required=False)
@output_options
@pass_backups
def show(backups: BackupOffice, medium: str | None, output: Output) -> int:
    """Tell where each medium is, what is on it and what is overdue; with MEDIUM, its content and history.

    Everything comes from the register; no disk is looked at. Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    """
    media = MediaOffice(backups)
    register = media.register()
    label = known_label(medium) if medium else None
    findings = custody_findings(register, backups.plan, backups.calendar, backups.office.now, media.databases())
    words = load_words("en", calendar=backups.office.calendar, marks=False)
    if label is None:
        rows = [_medium_row(media, state) for state in register.media.values()]
        output.show(_whole(media, register, rows, findings, words), backups.office.now)
        _notes(register, output)
    else:
        state = state_of(register, label)
        findings = tuple(one for one in findings if one.subject == label or one.code == "register-broken")
        output.show(_one(media, register, state, findings, words), backups.office.now)
    is_judged = bool(register.media) or bool(findings)
    verdict = worst(one.state for one in findings) if is_judged else State.UNKNOWN
    output.note(f"verdict: {verdict.name}")
    return verdict.value


def _notes(register: Register, output: Output) -> None:
    if not register.rows:
        output.note("there is no medium in the register: `itops media add`")
        return
    number, head = register.head
    output.note(f"register: {number} rows, last hash {head}")


def _medium_row(media: MediaOffice, state: MediumState) -> dict[str, Any]:
    written, last, sent = state.written, state.last_read, state.transit
    policy = media.backups.plan.custody
    read_at = state.read_since_written.at if state.read_since_written else written.at if written else None
    read_due = None if read_at is None else (read_at + policy.test_read_every).astimezone(media.backups.office.zone)
    return {
        "medium": state.medium,
        "kind": state.added.kind,
        "condition": state.condition,
        "place": sent.destination if sent is not None else state.place,
        "since": jsonable(state.since),
        "holder": sent.to if sent is not None else None,
        "seal": state.seal or None,
        "slots": list(slots_of(state)),
        "files": len(state.files()),
        "manifest_hash": written.manifest_hash if written is not None else None,
        "written_at": jsonable(written.at) if written is not None else None,
        "read_at": jsonable(last.at) if last is not None else None,
        "read_due_on": None if read_due is None else read_due.date().isoformat(),
        "serial": state.added.serial or state.device_serial or None,
        "file_system_uuid": state.file_system_uuid or None,
        "encryption": state.added.encryption or None,
        "retention_until": jsonable(written.retention_until) if written is not None else None,
        "incidents": [held.number for held in state.incidents],
    }


def _columns(media: MediaOffice) -> tuple[Column, ...]:
    when = media.backups.when
    return (
        Column(field="medium", title="medium"),
        Column(field="condition", title="state"),
        Column(field="place", title="place"),
        Column(field="since", title="since", show=when, spare=2),
        Column(field="holder", title="holder", spare=1),
        Column(field="seal", title="seal"),
        Column(field="slots", title="holds", show=shown_list),
        Column(field="files", title="files", is_number=True, spare=4),
        Column(field="read_at", title="last read", show=when, spare=3),
    )


def _finding_row(finding: BackupFinding, words: Words) -> Row:
    return {
        "state": finding.state.name,
        "subject": finding.subject,
        "code": finding.code,
        "message": said("custody", finding.code, finding.facts, words),
        "facts": jsonable(finding.facts),
    }


def _finding_listing(rows: Sequence[Row]) -> Listing:
    columns = (
        Column(field="state", title="state"),
        Column(field="subject", title="about"),
        Column(field="message", title="what is wrong"),
    )
    return Listing(
        schema="itops.media.show/1", rows=rows, columns=columns, csv_fields=("state", "subject", "code", "message")
    )


def _whole(
    media: MediaOffice, register: Register, rows: list[dict[str, Any]], findings: Sequence[BackupFinding], words: Words
) -> Listing:
    told = [_finding_row(one, words) for one in findings]
    number, head = register.head
    policy = media.backups.plan.custody
    vaults = [name for name in policy.places if policy.is_vault(name)]
    data = {
        "media": rows,
        "findings": told,
        "deposits": [_deposit_row(place, held) for place in vaults for held in deposits(register, place)],
        "register": {"rows": number, "head": head, "broken_row": register.broken.number if register.broken else None},
    }
    return Listing(
        schema="itops.media.show/1",
        rows=rows,
        data=data,
        columns=_columns(media),
        csv_fields=_FIELDS,
        tables=(_finding_listing(told),) if told else (),
    )


def _deposit_row(place: str, held: Any) -> Row:
    return {
        "place": place,
        "job": held.job,
        "object": held.object,
        "slot": held.slot,
        "media": list(held.media),
        "received_at": jsonable(held.received_at),
        "made_at": jsonable(held.made_at),
        **level_row(held.level),
    }


def _one(
    media: MediaOffice, register: Register, state: MediumState, findings: Sequence[BackupFinding], words: Words
) -> Listing:
    backups = media.backups
    row = _medium_row(media, state)
    files = [_file_row(file, state) for file in state.files()]
    history = [_entry_row(kept, entry) for kept, entry in register.entries(state.medium)]
    told = [_finding_row(one, words) for one in findings]
    alone = only_on(register, backups.plan, backups.calendar, backups.office.now, state.medium, media.databases())
    names = [" ".join(filter(None, (one.job, one.object, one.slot.name))) for one in alone]
    data = {
        **row,
        "added": jsonable(state.added),
        "content": files,
        "history": history,
        "findings": told,
        "only_here": names,  # what would be lost if it were written over
    }
    shown = [{**file, "_level": level_text(file)} for file in files]
    tables = (
        Listing(schema="itops.media.show/1", rows=shown, columns=_file_columns(media), csv_fields=()),
        Listing(schema="itops.media.show/1", rows=history, columns=_history_columns(media), csv_fields=()),
        *([_finding_listing(told)] if told else []),
    )
    return Listing(
        schema="itops.media.show/1", rows=[row], data=data, columns=_columns(media), csv_fields=_FIELDS, tables=tables
    )


def _file_row(file: ManifestFile, state: MediumState) -> Row:
    """A file as it was written, and what the last test read found: a level of long ago says nothing of today."""
    last = state.read_since_written
    bad = {} if last is None else {one.name: one.outcome for one in last.bad}
    return {
        "file": file.name,
        "job": file.job or None,
        "object": file.object or None,
        "slots": list(file.slots),
        "size_bytes": file.size_bytes,
        "made_at": jsonable(file.made_at),
        **level_row(file.level),
        "matched_by": file.matched_by or None,
        "sha256": file.sha256,
        "faults": list(file.faults),
        "last_read": None if last is None else bad.get(file.name, "same"),
    }


def _file_columns(media: MediaOffice) -> tuple[Column, ...]:
    return (
        Column(field="object", title="object"),
        Column(field="slots", title="slots", show=shown_list),
        Column(field="file", title="file"),
        Column(field="size_bytes", title="bytes", is_number=True, show=lambda value: f"{value:,}"),
        Column(field="made_at", title="made", show=media.backups.when, spare=1),
        Column(field="_level", title="proven then"),
        Column(field="last_read", title="last read", show=lambda value: value or "not yet"),
        Column(field="faults", title="faults", show=shown_list),
    )


def _entry_row(kept: RegisterRow, entry: Entry) -> Row:
    told = jsonable(entry)
    told.pop("files", None)
    return {
        "number": kept.number,
        "entry": entry.KIND,
        **told,
        "recorded_at": jsonable(kept.recorded_at),
        "hash": kept.hash,
    }


def _history_columns(media: MediaOffice) -> tuple[Column, ...]:
    return (
        Column(field="number", title="row", is_number=True),
        Column(field="at", title="at", show=media.backups.when),
        Column(field="entry", title="entry"),
        Column(field="by", title="by"),
        Column(field="to", title="to"),
        Column(field="witness", title="witness", spare=1),
        Column(field="note", title="note", spare=2),
    )
