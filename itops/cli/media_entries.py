"""`itops media add`, `seal`, `reconcile`, `retire` and `incident`: entries about a medium that nobody carries."""

from pathlib import Path
from typing import Any, get_args

import click

from itops.backup.custody.records import Added, Incident, MediumKind, Method, Mishap, Reconciled, Retired, Sealed
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.media_office import MEDIUM, MediaOffice, day, mounted, tell, told
from itops.cli.output import Output, output_options
from itops.tasks.keep_custody import known_label
from itops.text import plain


@click.command()
@click.option("--kind", type=click.Choice(get_args(MediumKind)), default="hdd", show_default=True, help="What it is.")
@click.option("--place", required=True, help="Where it is now: a place of backup.custody.places.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it is mounted: maker, model, serial number, capacity and file system are then read from it.",
)
@click.option("--id", "label", help="The id that is on its label already; the next free one by default.")
@click.option("--maker", default="", help="Who made it.")
@click.option("--model", default="", help="Its model.")
@click.option("--serial", default="", help="The serial number on its label.")
@click.option("--capacity", metavar="SIZE", help="Its capacity, e.g. 4 TB.")
@click.option("--first-used", metavar="DAY", help="When it was first used; today by default.")
@click.option("--end-of-life", metavar="DAY", help="When it is to be replaced, where that is known.")
@click.option("--classification", default="", help="How confidential its content is.")
@click.option("--owner", default="", help="Who answers for it.")
@click.option("--encryption", default="", help="The method, e.g. LUKS; nothing for an open medium.")
@click.option("--key-id", default="", help="The name of its key; never the key itself.")
@click.option("--key-escrow", default="", help="Where the key is kept: not where the medium lies.")
@told(by="Who takes it into the register.")
@output_options
@pass_backups
def add(
    backups: BackupOffice, output: Output, *, folder: Path | None, label: str | None, capacity: str | None,
    first_used: str | None, end_of_life: str | None, at: str | None, **words: Any,
) -> None:  # fmt: skip
    """Take a new disk or tape into the register; the id that is printed goes onto its label.

    The last digit of an id is a check digit: a misread label is noticed.
    """
    from itops.config.scalars import parse_size  # noqa: PLC0415  as every reading of a setting

    media = MediaOffice(backups)
    disk = mounted(folder)
    size = None
    if capacity is not None:
        try:
            size = int(parse_size(capacity))
        except ValueError as wrong:
            raise click.BadParameter(str(wrong), param_hint="--capacity") from wrong
    if disk is not None:
        words["maker"] = words["maker"] or disk.maker
        words["model"] = words["model"] or disk.model
        size = size or disk.capacity_bytes
    entry = Added(
        at=media.moment(at),
        medium=known_label(label) if label else "",
        capacity_bytes=size,
        device_serial=disk.device_serial if disk else "",
        file_system=disk.file_system if disk else "",
        file_system_uuid=disk.file_system_uuid if disk else "",
        first_used_on=day(first_used),
        end_of_life_on=day(end_of_life),
        **words,
    )
    with backups.open_store() as store:
        kept = media.custodian(store).add(entry)
    tell(media, kept, output)


@click.command()
@MEDIUM
@click.option("--seal", required=True, help="The number on the seal; none is ever used twice.")
@click.option("--container", default="", help="The bag or box it was put into.")
@told(by="Who sealed it.")
@output_options
@pass_backups
def seal(backups: BackupOffice, output: Output, *, at: str | None, **words: Any) -> None:
    """Record the number of the seal that closes a medium, after it was written."""
    media = MediaOffice(backups)
    with backups.open_store() as store:
        kept = media.custodian(store).record(Sealed(at=media.moment(at), **words))
    tell(media, kept, output)


@click.command()
@click.option("--place", required=True, help="The place that was counted.")
@click.option("--found", multiple=True, metavar="MEDIUM", help="A label that was found there; once for each.")
@click.option("--action", default="", help="What is done about a difference.")
@told(by="Who counted; the other one is --witness.")
@output_options
@pass_backups
def reconcile(backups: BackupOffice, output: Output, *, found: tuple[str, ...], at: str | None, **words: Any) -> None:
    """Compare what two persons found in a place with what the register says lies there.

    A difference stays open in `itops media show` until a later entry explains it.
    """
    media = MediaOffice(backups)
    labels = tuple(sorted({known_label(label) for label in found}))
    with backups.open_store() as store:
        kept = media.custodian(store).count(Reconciled(at=media.moment(at), found=labels, **words))
    tell(media, kept, output)
    counted = kept.row.entry
    assert isinstance(counted, Reconciled), "what was written is what was asked for"
    for label in counted.missing:
        output.note(f"{label} was not found: look for it, then `itops media incident {label} --what lost`")
    for label in counted.unexpected:
        output.note(plain(f"{label} should not be there: record how it came, with `itops media receive`"))


@click.command()
@MEDIUM
@click.option(
    "--method",
    type=click.Choice(get_args(Method)),
    required=True,
    help="clear (overwritten), purge (erased for good), destroy (shredded), or lost.",
)
@click.option("--certificate", default="", help="The number of the certificate.")
@click.option("--verification", default="", help="How it was made sure that nothing is left on it.")
@click.option("--although", default="", help="Why it must go though it alone holds slots that are still demanded.")
@told(by="Who did it; a second person is --witness.")
@output_options
@pass_backups
def retire(backups: BackupOffice, output: Output, *, at: str | None, **words: Any) -> None:
    """Record the end of a medium: what was on it stays in the register."""
    media = MediaOffice(backups)
    with backups.open_store() as store:
        entry = Retired(at=media.moment(at), **words)
        kept = media.custodian(store).retire(entry, media.databases())
    tell(media, kept, output)


@click.command()
@click.argument("medium", metavar="[MEDIUM]", required=False)
@click.option("--what", type=click.Choice(get_args(Mishap)), required=True, help="What happened.")
@click.option("--data", default="", help="Which classes of data are concerned.")
@click.option("--action", default="", help="What is done about it.")
@click.option("--closes", type=int, metavar="ROW", help="The row of the incident that is dealt with by this.")
@click.option("--broken-row", type=int, metavar="ROW", help="The broken row of the register that is accounted for.")
@told(by="Who noticed it, or dealt with it.")
@output_options
@pass_backups
def incident(
    backups: BackupOffice, output: Output, *, medium: str | None, at: str | None, closes: int | None,
    broken_row: int | None, **words: Any,
) -> None:  # fmt: skip
    """Record that something went wrong with a medium or the register; with --closes, that it was dealt with."""
    media = MediaOffice(backups)
    label = known_label(medium) if medium else ""
    with backups.open_store() as store:
        custodian = media.custodian(store)
        state = custodian.register().media.get(label)
        entry = Incident(
            at=media.moment(at),
            medium=label,
            closes=closes,
            is_encrypted=bool(state.added.encryption) if state is not None else None,
            facts={} if broken_row is None else {"broken_row": broken_row},
            **words,
        )
        kept = custodian.record(entry)
    tell(media, kept, output)
