"""Keep what people write for the report of a period: causes, problems, proposals, the summary."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from itops.errors import UsageWrong
from itops.worklog.notes import Note, NoteKind

_NEEDS_A_NAME = frozenset({NoteKind.CAUSE, NoteKind.PROBLEM, NoteKind.PROPOSAL})


class KeepsNotes(Protocol):
    """The notes where they are kept: `Store.worklog`."""

    def record_note(self, note: Note, recorded_at: datetime) -> None:
        """One more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKeeper:
    """Takes notes; a later one about the same thing stands in the place of the earlier one."""

    store: KeepsNotes
    now: datetime

    def take(self, note: Note) -> None:
        """Keep it; raises UsageWrong for one that says nothing about nothing."""
        if not note.by.strip():
            raise UsageWrong("nobody is named who writes it", remedy="give a name: --by NAME")
        if note.kind in _NEEDS_A_NAME and not note.about.strip():
            raise UsageWrong(
                f"it is not said which {note.kind.value} this is",
                remedy="name it; `itops report exceptions` shows keys",
            )
        if note.kind is NoteKind.SUMMARY and note.about:
            raise UsageWrong(
                f"a period has one summary, and no {note.about!r}",
                remedy="write it without a name: note summary --text TEXT",
            )
        if note.kind is not NoteKind.CAUSE and (note.owner or note.due_on):
            raise UsageWrong("only an exception has an owner and a day", remedy="write them with a cause")
        self.store.record_note(note, self.now)
