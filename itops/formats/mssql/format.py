"""SQL Server backups in Microsoft Tape Format, uncompressed: recognised, identified, walked, read."""

from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import Identity
from itops.backup.formats import Damaged, Effort, Unprovable
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.mssql.blocks import BLOCK_HEADER, is_header
from itops.formats.mssql.fields import text_at
from itops.formats.mssql.identity import identity_of, main_set, set_facts
from itops.formats.mssql.stripes import expect_good, walk_stripes
from itops.formats.mssql.tape import begin_tape
from itops.formats.mssql.window import Window

_FEW_STEPS = 256  # headers before the first record: a real file has a dozen


class MssqlBackup:
    """A .bak, .trn or .dif file, or the stripes of one backup set."""

    name: ClassVar[str] = "mssql-backup"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".bak", ".trn", ".dif")

    def recognises(self, thing: Thing) -> bool:
        """By a TAPE block under its checksum, unless it names another program: Windows Backup writes tapes, too."""
        head = thing.head
        if thing.is_folder or head[:4] != b"TAPE" or len(head) < 86 or not is_header(head[:BLOCK_HEADER]):
            return False
        software = text_at(head, 80)
        return software is None or "sql" in software.casefold()

    def set_of(self, thing: Thing) -> str | None:
        """The media set and the moment the backup began, for one stripe of several; None for a lone file.

        The moment is needed: a media set that is written anew every night keeps its GUID.
        """
        try:
            tape = begin_tape(Window(thing.file, _no_limit, head=thing.head, most_steps=_FEW_STEPS))
        except (Damaged, Unprovable):
            return None
        started = tape.sets[-1].begun.started
        if tape.media.stripes < 2 or tape.media.set_id is None or started is None:
            return None
        return f"{tape.media.set_id} {started.isoformat()}"

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """What the header says; raises Damaged when SQL Server itself marked the backup as made of damaged pages."""
        tape = begin_tape(Window(thing.file, effort.tick, head=thing.head, most_steps=_FEW_STEPS))
        expect_good(tape, thing.file.name)
        return identity_of(tape.media, tape.sets[-1])

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every file to its last byte, every set finished and closed, every stripe there."""
        first = walk_stripes(thing, effort)[0]
        whole = identity_of(first.media, main_set(first.sets))
        return _with(whole, stripes_present=len(thing.files), **set_facts(first.sets))

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The page checksums and, where the backup was made WITH CHECKSUM, the stream checksums."""
        from itops.formats.mssql.deep import check_files  # noqa: PLC0415  numpy is heavy

        tapes = walk_stripes(thing, effort)
        judged = check_files(thing.files, tapes, effort.tick)
        if faults := judged.faults():
            raise Damaged(*faults)
        judged.expect_enough()
        return _with(identity, **judged.counts)


def _no_limit() -> None:
    """A look at a few KiB needs none."""


def _with(identity: Identity, **facts: Fact) -> Identity:
    return replace(identity, facts={**identity.facts, **facts})
