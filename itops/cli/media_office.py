"""What the commands about off-site media share: the register, moments as typed, and how an entry is told."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from itops.backup.custody.register import Register, register_of
from itops.backup.custody.states import MediumState
from itops.cli.backup_office import BackupOffice
from itops.cli.output import Column, Listing, Output, Row
from itops.dates import latin_digits, parse_day
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.store.reader import Reader as StoreReader
from itops.tasks.keep_custody import Custodian, Kept, known_label

if TYPE_CHECKING:
    from itops.store.writing import Store
    from itops.tasks.mounted_medium import Mounted

_Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
_FIELDS = ("number", "medium", "entry", "at", "by", "condition", "place", "seal", "hash")


class MediaOffice:
    """The register behind a command."""

    def __init__(self, backups: BackupOffice) -> None:
        self.backups = backups

    def register(self) -> Register:
        """As it is; empty before the first scan or entry."""
        reader = self.backups.office.any_reader
        return register_of(reader.custody.rows() if isinstance(reader, StoreReader) else ())

    def custodian(self, store: "Store") -> Custodian:
        """Who writes into it."""
        backups = self.backups
        return Custodian(store=store.custody, plan=backups.plan, calendar=backups.calendar, now=backups.office.now)

    def databases(self) -> tuple[tuple[str, str], ...]:
        """The (server, name) pairs that servers have, their own left out."""
        known = self.backups.databases()
        return tuple((one.database.server, one.database.name) for one in known if not one.database.is_system)

    def moment(self, typed: str | None) -> datetime:
        """A day and hour of the office as typed, in either calendar, with the zone's offset; now by default."""
        zone = self.backups.office.zone
        if typed is None:
            return self.backups.office.now.astimezone(zone)
        day, _, hour = latin_digits(typed).strip().replace("T", " ").partition(" ")
        from itops.config.scalars import parse_time  # noqa: PLC0415  only where a moment was typed

        try:
            return datetime.combine(parse_day(day), parse_time(hour.strip()), zone)
        except ValueError:
            raise UsageWrong(f"{typed!r} is no day and hour", remedy='write --at "1405-09-02 10:30"') from None


def day(typed: str | None) -> date | None:
    """A day as typed; raises UsageWrong."""
    return None if typed is None else parse_day(typed)


def mounted(folder: Path | None) -> "Mounted | None":
    """The disk that is mounted there; raises InputInvalid."""
    from itops.tasks.mounted_medium import Machine  # noqa: PLC0415  only where a disk is looked at

    return None if folder is None else Machine().mounted(folder)


MEDIUM = click.argument("medium", metavar="MEDIUM", callback=lambda context, parameter, typed: known_label(typed))
FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the medium is mounted.",
)
RECORD_INCIDENT = click.option(
    "--record-incident", is_flag=True, help="When another disk is there, write that down as an incident."
)


def told(by: str) -> _Decorator:
    """The options of every entry: --by (with what it means here), --witness, --at, --note."""

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--note", default="", help="Anything else worth keeping."),
            click.option("--at", "at", metavar="MOMENT", help='When it happened: "1405-09-02 10:30"; now by default.'),
            click.option("--witness", default="", help="A second person who saw it."),
            click.option("--by", required=True, help=by),
        ):
            command = option(command)
        return command

    return with_options


def tell(media: MediaOffice, kept: Kept, output: Output) -> None:
    """Show the entry that was taken, and the medium as it is now."""
    listing = Listing(
        schema="itops.media.entry/1",
        rows=[entry_row(kept)],
        columns=(
            Column(field="number", title="row", is_number=True),
            Column(field="medium", title="medium"),
            Column(field="entry", title="entry"),
            Column(field="at", title="at", show=media.backups.when),
            Column(field="condition", title="now"),
            Column(field="place", title="place"),
            Column(field="seal", title="seal"),
        ),
        csv_fields=_FIELDS,
    )
    output.show(listing, media.backups.office.now)
    if kept.register.broken is not None:
        output.note(f"the register was changed from outside at row {kept.register.broken.number}: `itops media show`")


def entry_row(kept: Kept) -> Row:
    """An entry and what follows from it."""
    row, entry = kept.row, kept.row.entry
    state = kept.register.media.get(row.medium)
    return {
        "number": row.number,
        "medium": row.medium or None,
        "entry": entry.KIND if entry is not None else None,
        "at": jsonable(entry.at) if entry is not None else None,
        "by": entry.by if entry is not None else None,
        "condition": state.condition if state is not None else None,
        "place": state.place if state is not None else getattr(entry, "place", None),
        "seal": state.seal or None if state is not None else None,
        "hash": row.hash,
    }


def slots_of(state: MediumState) -> tuple[str, ...]:
    """The slots that its sound files fill, the newest first."""
    return tuple(sorted({slot for file in state.sound_files() for slot in file.slots}, reverse=True))


def shown_list(values: Iterable[str]) -> str:
    """The first of some words and how many more there are."""
    held = list(values)
    return ", ".join(held[:3]) + (f" +{len(held) - 3}" if len(held) > 3 else "")
