"""Keeping notes: what could never be printed is refused, so that nobody believes it was written."""

from datetime import UTC, datetime

import pytest

from itops.errors import UsageWrong
from itops.names import Names
from itops.tasks.keep_notes import NoteKeeper
from itops.worklog.notes import Note, NoteKind

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Kept:
    """A store of notes in memory."""

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def record_note(self, note: Note, recorded_at: datetime) -> None:
        self.notes.append(note)


def note(kind: NoteKind, about: str) -> Note:
    return Note(kind=kind, period="1405-08", about=about, text=Names.same("text"), at=NOW, by="A")


@pytest.mark.parametrize(
    ("kind", "about", "is_kept"),
    [
        (NoteKind.SUMMARY, "", True),
        (NoteKind.SUMMARY, "servers", False),
        (NoteKind.CAUSE, "report.no-source:sources", True),
        (NoteKind.CAUSE, " ", False),
        (NoteKind.PROBLEM, "power", True),
        (NoteKind.PROPOSAL, "", False),
    ],
)
def test_a_note_that_no_report_would_print_is_refused(kind: NoteKind, about: str, is_kept: bool) -> None:
    store = Kept()
    keeper = NoteKeeper(store=store, now=NOW)
    if is_kept:
        keeper.take(note(kind, about))
    else:
        with pytest.raises(UsageWrong):
            keeper.take(note(kind, about))
    assert len(store.notes) == is_kept
