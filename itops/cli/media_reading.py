"""`itops media write` and `test-read`: a mounted medium, read to its last byte."""

import platform
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops.backup.custody.records import Incident, MediumRead, Written
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.media_office import FOLDER, MEDIUM, RECORD_INCIDENT, MediaOffice, day, tell, told
from itops.cli.output import Output, output_options
from itops.errors import UsageWrong
from itops.tasks.keep_custody import or_incident
from itops.text import plain
from itops.verdict import State, worst

if TYPE_CHECKING:
    from itops.tasks.medium_matching import Knowledge
    from itops.tasks.read_medium import Reading
    from itops.tasks.write_medium import Writing

_REMEMBERED = timedelta(days=800)
"""Verdicts that may say which slot a copy fills."""


@click.command()
@MEDIUM
@FOLDER
@click.option("--opened-seal", default="", help="The number of the seal that was opened for it.")
@click.option("--reformatted", is_flag=True, help="It was formatted anew, so its file system is another one.")
@click.option("--retention-until", metavar="DAY", help="The last day its content must be kept.")
@click.option("--job", default="", help="The job of the files that neither the ledger nor their header tells of.")
@click.option("--object", "object_", default="", help="Their object.")
@click.option("--slot", default="", help="Their slot, e.g. 1405-08.")
@RECORD_INCIDENT
@told(by="Who wrote it.")
@output_options
@pass_backups
def write(backups: BackupOffice, output: Output, *, medium: str, folder: Path, at: str | None, **words: Any) -> int:
    """Record what was copied onto a mounted medium: read every file from the disk, hash it, find it in the ledger.

    Leaves two small files on the medium: ITOPS-MEDIUM.json says which one it is, ITOPS-MEDIUM.sha256 lets anybody
    check it with sha256sum. Exits 0 OK, 1 WARNING files of no job, 2 CRITICAL damaged files, or slots lost.
    """
    from itops.tasks.medium_matching import Told  # noqa: PLC0415  the examination of files, only where it is used
    from itops.tasks.mounted_medium import Machine  # noqa: PLC0415  as above
    from itops.tasks.write_medium import write_medium  # noqa: PLC0415  as above

    media = MediaOffice(backups)
    told_of = Told(job=words.pop("job"), object=words.pop("object_"), slot=words.pop("slot"))
    if told_of.job and told_of.job not in backups.plan.jobs:
        raise UsageWrong(f"there is no job {told_of.job!r}", remedy=f"use one of: {', '.join(backups.plan.jobs)}")
    is_recorded = words.pop("record_incident")
    entry = Written(
        medium=medium,
        at=media.moment(at),
        machine=platform.node(),
        is_reformatted=words.pop("reformatted"),
        retention_until=day(words.pop("retention_until")),
        **words,
    )
    disk = Machine().mounted(folder)
    with backups.open_store() as store:
        custodian = media.custodian(store)
        knowledge = _knowledge(media, told_of)
        done = or_incident(
            custodian,
            _mishap(entry, is_wanted=is_recorded),
            lambda: write_medium(custodian, entry, disk, knowledge, _examiner(backups), _told_on(output)),
        )
        backups.office.close()
    tell(media, done.kept, output)
    return _conclude_writing(done, output)


@click.command(name="test-read")
@MEDIUM
@FOLDER
@click.option("--opened-seal", default="", help="The number of the seal that was opened for it.")
@click.option("--key-from-escrow", is_flag=True, help="It was opened with the key from its escrow.")
@click.option(
    "--counter",
    "counters",
    multiple=True,
    metavar="NAME=VALUE",
    help="An error counter of the drive, such as Reallocated_Sector_Ct=0.",
)
@RECORD_INCIDENT
@told(by="Who read it.")
@output_options
@pass_backups
def test_read(backups: BackupOffice, output: Output, *, medium: str, folder: Path, at: str | None, **words: Any) -> int:
    """Read a mounted medium back, every file against its manifest; what is the same is proven L5, readable elsewhere.

    Exits 0 OK, 1 WARNING files that no manifest knows, 2 CRITICAL something differs, is missing or unreadable.
    """
    from itops.tasks.mounted_medium import Machine  # noqa: PLC0415  only where a disk is looked at
    from itops.tasks.read_medium import read_medium  # noqa: PLC0415  as above

    media = MediaOffice(backups)
    is_recorded = words.pop("record_incident")
    entry = MediumRead(
        medium=medium,
        at=media.moment(at),
        machine=platform.node(),
        is_key_from_escrow=words.pop("key_from_escrow"),
        counters=dict(map(_counter, words.pop("counters"))),
        **words,
    )
    disk = Machine().mounted(folder)
    with backups.open_store() as store:
        custodian = media.custodian(store)
        copies = backups.ledger.copies()
        done = or_incident(
            custodian,
            _mishap(entry, is_wanted=is_recorded),
            lambda: read_medium(custodian, entry, disk, copies, store.ledger, _told_on(output)),
        )
        backups.office.close()
    tell(media, done.kept, output)
    return _conclude_reading(done, output)


def _knowledge(media: MediaOffice, told_by_person: Any) -> "Knowledge":
    from itops.tasks.medium_matching import Knowledge  # noqa: PLC0415  as above

    backups = media.backups
    now = backups.office.now
    return Knowledge(
        plan=backups.plan,
        calendar=backups.calendar,
        copies=backups.ledger.copies(),
        verdicts=backups.ledger.verdicts(now - _REMEMBERED, now),
        databases=media.databases(),
        told=told_by_person,
    )


def _examiner(backups: BackupOffice) -> Any:
    from itops.plugins import Registry  # noqa: PLC0415  only where files are examined
    from itops.tasks.examine_things import Examiner  # noqa: PLC0415  as above

    formats = Registry[Any].from_entry_points("itops.formats")
    return Examiner(formats=tuple(formats[name]() for name in formats), zone=backups.office.zone)


def _mishap(entry: Written | MediumRead, *, is_wanted: bool) -> Incident | None:
    return Incident(at=entry.at, medium=entry.medium, by=entry.by, what="wrong-medium") if is_wanted else None


def _counter(typed: str) -> tuple[str, str | int]:
    name, equals, value = typed.partition("=")
    if not equals or not name.strip():
        raise UsageWrong(f"{typed!r} is no counter", remedy="write --counter NAME=VALUE")
    value = value.strip()
    return name.strip(), int(value) if value.isascii() and value.isdigit() and len(value) < 16 else value


def _told_on(output: Output) -> Callable[[str, int], None]:
    """On a terminal, a line that changes."""

    def on_file(name: str, size: int) -> None:
        if output.stderr.isatty():
            click.echo(f"\r\033[K{plain(name)}", file=output.stderr, nl=False)

    return on_file


def _conclude_writing(done: "Writing", output: Output) -> int:
    files = done.written.files
    damaged = [file for file in files if file.faults]
    ours = [file for file in files if file.job]
    size = sum(file.size_bytes for file in files)
    output.note(
        f"{len(files):,} files, {size:,} bytes; {len(ours):,} belong to a job; hash {done.written.manifest_hash}"
    )
    for file in damaged:
        output.note(f"{file.name} is damaged: {', '.join(file.faults)}")
    for file in files:
        if not file.job:
            output.note(f"{file.name} belongs to no job: say which with --job, --object, --slot")
            break
    for one in done.lost:
        output.note(f"{one.job} {one.object} {one.slot.name} was on this medium alone and is on none now")
    if done.problem:
        output.note(f"the list of hashes could not be left on the medium: {done.problem}")
    if not done.written.is_cache_dropped:
        output.note("the bytes may have come from memory: mount it anew, then `itops media test-read`")
    states = [
        State.CRITICAL if damaged or done.lost else State.OK,
        State.WARNING if len(ours) < len(files) or done.problem else State.OK,
    ]
    return _conclude(worst(states), output)


def _conclude_reading(done: "Reading", output: Output) -> int:
    read = done.read
    output.note(f"{read.files - len(read.bad):,} of {read.files:,} files are as they were written")
    for bad in read.bad:
        output.note(f"{bad.name}: {bad.outcome}")
    for doubt in read.doubts:
        output.note(f"{doubt}: the medium remembers another register; `itops media show`")
    if read.unlisted_count:
        output.note(f"{read.unlisted_count:,} files are not in the manifest, such as {read.unlisted[0]}")
    if done.proven:
        output.note(f"{len(done.proven):,} copies of the ledger are proven L5 readable elsewhere")
    for known in done.rescues:
        output.note(f"{known.copy.key} is damaged in {known.copy.repository}: the copy on this medium is sound")
    states = [
        State.CRITICAL if read.bad or read.doubts else State.OK,
        State.WARNING if read.unlisted_count else State.OK,
    ]
    return _conclude(worst(states), output)


def _conclude(state: State, output: Output) -> int:
    output.note(f"verdict: {state.name}")
    return state.value
