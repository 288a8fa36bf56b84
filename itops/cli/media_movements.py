"""`itops media move` and `receive`: the two halves of every hand-over."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from itops.backup.custody.records import Incident, Moved, Reason, Received
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.media_office import MEDIUM, RECORD_INCIDENT, MediaOffice, mounted, tell, told
from itops.cli.output import Output, output_options
from itops.tasks.custody_refusals import refused
from itops.tasks.keep_custody import Custodian, Kept, or_incident, recognise, state_of


@click.command()
@MEDIUM
@click.option("--place", "destination", required=True, help="Where it goes: a place of backup.custody.places.")
@click.option("--to", required=True, help="Who takes it over.")
@click.option("--carrier", default="", help="Who or what carries it, where that is somebody else.")
@click.option("--container", default="", help="The bag or box it is carried in.")
@click.option("--reason", type=click.Choice(get_args(Reason)), default="rotation", show_default=True, help="Why.")
@click.option("--receipt", default="", help="The number of the receipt; the medium and the row by default.")
@told(by="Who hands it over.")
@output_options
@pass_backups
def move(backups: BackupOffice, output: Output, *, medium: str, at: str | None, **words: Any) -> None:
    """Record that a medium was handed out. It is on its way until `itops media receive` tells of its arrival."""
    media = MediaOffice(backups)
    with backups.open_store() as store:
        custodian = media.custodian(store)
        state = state_of(custodian.register(), medium)
        entry = Moved(
            medium=medium,
            at=media.moment(at),
            origin=state.place,
            seal=state.seal,
            manifest_hash=state.written.manifest_hash if state.written is not None else "",
            **words,
        )
        kept = custodian.record(entry)
    tell(media, kept, output)
    output.note(f"print the paper for both persons: `itops media receipt {medium}`")


@click.command()
@MEDIUM
@click.option("--place", help="Where it came in; by default where it was sent.")
@click.option("--to", required=True, help="Who took it in.")
@click.option("--seal", default="", help="The number read on the unbroken seal.")
@click.option("--seal-broken", is_flag=True, help="The seal was broken, missing or another one.")
@click.option("--container", default="", help="The bag or box it came in.")
@click.option("--box", default="", help="The number of the box it was put into.")
@click.option("--receipt", default="", help="The number on the receipt.")
@click.option("--receipt-hash", default="", help="The manifest hash on the receipt, or its first 8 digits or more.")
@click.option("--visit", default="", help="The reference of the visit in the bank's own log.")
@click.option(
    "--scan", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The signed receipt, scanned."
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it is mounted, if it is: that it is the right disk is then checked.",
)
@RECORD_INCIDENT
@told(by="Who brought it.")
@output_options
@pass_backups
def receive(
    backups: BackupOffice, output: Output, *, medium: str, folder: Path | None, at: str | None, **words: Any
) -> None:
    """Record that a medium came in, and how its seal was; with --folder, that it is the right disk.

    Exits 65 when another disk is in its place.
    """
    media = MediaOffice(backups)
    scan, is_recorded, is_broken = (words.pop(name) for name in ("scan", "record_incident", "seal_broken"))
    with backups.open_store() as store:
        custodian = media.custodian(store)
        sent = state_of(custodian.register(), medium).transit
        place = words.pop("place") or (sent.destination if sent is not None else "")
        entry = Received(
            medium=medium,
            at=media.moment(at),
            place=place,
            is_seal_intact=False if is_broken else True if words["seal"] else None,
            scan_sha256="" if scan is None else hashlib.sha256(scan.read_bytes()).hexdigest(),
            **words,
        )
        mishap = Incident(at=entry.at, medium=medium, by=entry.to, what="wrong-medium") if is_recorded else None
        kept = or_incident(custodian, mishap, lambda: _received(custodian, entry, folder))
    tell(media, kept, output)


def _received(custodian: Custodian, entry: Received, folder: Path | None) -> Kept:
    disk = mounted(folder)
    if disk is None:
        return custodian.record(entry)
    objection = recognise(state_of(custodian.register(), entry.medium), disk)
    if objection is not None:
        raise refused(objection)
    return custodian.record(replace(entry, device_serial=disk.device_serial, file_system_uuid=disk.file_system_uuid))
