"""What people write for the report of a period: why something is as it is, who answers for it, until when.

No row is ever changed. The last note about a thing in a period counts; one without any text takes the earlier one back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from itops.names import Names


class NoteKind(StrEnum):
    """What is noted. The values are what people type."""

    CAUSE = "cause"  # of an exception
    PROBLEM = "problem"
    PROPOSAL = "proposal"
    SUMMARY = "summary"  # what changed in the period, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note, as somebody typed it."""

    TYPE: ClassVar[str] = "note"

    kind: NoteKind
    period: str  # 1405-08
    about: str = ""  # the key of an exception; of a problem or proposal a short name; "" for the summary
    text: Names | None = None  # None: nothing any more
    owner: str = ""
    due_on: date | None = None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodNotes:
    """The notes that hold for a period, in the order they were first written."""

    notes: tuple[Note, ...] = ()

    def of(self, kind: NoteKind) -> tuple[Note, ...]:
        """Those of one kind."""
        return tuple(note for note in self.notes if note.kind is kind)

    def about(self, kind: NoteKind, about: str) -> Note | None:
        """The one about a thing."""
        return next((note for note in self.of(kind) if note.about == about), None)


def notes_of(rows: Iterable[Note], period: str) -> PeriodNotes:
    """Replay all rows, in the order they were written."""
    held: dict[tuple[NoteKind, str], Note] = {}
    for note in rows:
        if note.period == period:
            held[note.kind, note.about] = note
    return PeriodNotes(notes=tuple(note for note in held.values() if note.text or note.owner or note.due_on))
