"""The files of one backup set together: all walked, all there, all of the same set."""

from dataclasses import dataclass
from datetime import datetime

from itops.backup.contents import Thing
from itops.backup.copies import Fault
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.formats.mssql.record import MADE_DAMAGED
from itops.formats.mssql.tape import Media, Tape, open_tape, walk_tape
from itops.formats.mssql.window import Window

_MOST_STEPS = 500_000


@dataclass(slots=True)
class _File:
    """One file of the set, as far as it could be read."""

    name: str
    media: Media | None = None
    tape: Tape | None = None

    @property
    def starts(self) -> list[datetime | None]:
        """When its sets began."""
        return [backup.begun.started for backup in self.tape.sets] if self.tape else []


def walk_stripes(thing: Thing, effort: Effort) -> list[Tape]:
    """Every file to its last byte; raises Damaged with all that is wrong, in whichever file."""
    files = [_File(content.name) for content in thing.files]
    faults: list[Fault] = []
    limit: Unprovable | None = None
    for file, content in zip(files, thing.files, strict=True):
        try:
            window = Window(content, effort.tick, most_steps=_MOST_STEPS)
            file.media = open_tape(window)
            file.tape = walk_tape(window)
            expect_good(file.tape, file.name)
        except Damaged as damage:
            faults.extend(damage.faults)
        except Unprovable as unprovable:
            limit = limit or unprovable
    faults.extend(_set_faults(files))
    if faults:
        raise Damaged(*faults)
    if limit is not None:
        raise limit
    return [file.tape for file in files if file.tape is not None]


def expect_good(tape: Tape, name: str) -> None:
    """Raise Damaged for a set that SQL Server made, as it was told to, in spite of damaged pages."""
    for backup in tape.sets:
        flags = backup.begun.flags | (backup.ending.flags if backup.ending else 0)
        if flags & MADE_DAMAGED:
            raise damaged("marked-damaged", name)


def _set_faults(files: list[_File]) -> list[Fault]:
    """Stripes of another set, and stripes that are not there. A file without a readable header may be any of them."""
    known = [(file, file.media) for file in files if file.media is not None]
    if not known:
        return []
    first, media = known[0]
    of_set = [(file, other) for file, other in known if other.set_id == media.set_id and _is_same_run(first, file)]
    here = {id(file) for file, _ in of_set}
    faults = [Fault(code="stripe-of-another-set", place=file.name) for file, _ in known if id(file) not in here]
    present = len({other.stripe for _, other in of_set})
    if present + len(files) - len(known) < media.stripes:
        facts = {"present": present, "expected": media.stripes}
        faults.append(Fault(code="stripe-missing", place=first.name, facts=facts))
    return faults


def _is_same_run(one: _File, other: _File) -> bool:
    """A media set that is written anew keeps its GUID: Monday's first half and Tuesday's second are no backup."""
    return not one.tape or not other.tape or one.starts == other.starts
