"""What lay in places of custody until a moment: the register replayed, content by content.

A medium that came home and was written over does not undo that its content lay there before. What a later reading
could not confirm never did.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itops.backup.custody.records import (
    Added,
    Entry,
    Incident,
    ManifestFile,
    MediumRead,
    Moved,
    Received,
    Reconciled,
    Retired,
    Row,
    Written,
)
from itops.backup.custody.register import Register, register_of
from itops.backup.custody.states import MediumState, after, begun, counted

_NEVER_GOOD = frozenset({"unreadable", "wrong-medium"})
"""Incidents that tell of the content itself, wherever the medium is by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """One slot's copy on one medium that lies in a place, or did."""

    object: str  # as the manifest has it; "": it names none
    medium: str
    received_at: datetime | None  # None: it was written there


@dataclass(slots=True)
class _Stay:
    """The time of one content in one place."""

    files: tuple[ManifestFile, ...]
    received_at: datetime | None = None


@dataclass(slots=True)
class _Content:
    """What was once written onto a medium, and the places it came to while it was on it."""

    medium: str
    stays: dict[str, _Stay] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyThen:
    """The register as far as it is dated up to a moment, whenever that was written down."""

    register: Register  # for what lies where, and since when there is one; its rows are those of then
    laid: Mapping[tuple[str, str, str], tuple[Laid, ...]]  # by place, job and slot


def custody_then(rows: Sequence[Row], moment: datetime) -> CustodyThen:
    """Replay what happened up to `moment`; rows that the whole register holds impossible are left out."""
    impossible = {invalid.number for invalid in register_of(rows).invalid}
    kept = [row for row in rows if row.number not in impossible and row.entry is not None and row.entry.at <= moment]
    replay = _Replay()
    for row in kept:
        replay.take(row)
    register = Register(rows=tuple(kept), media=replay.media)
    return CustodyThen(register=register, laid=_by_slot(replay.contents))


def _by_slot(contents: Iterable[_Content]) -> Mapping[tuple[str, str, str], tuple[Laid, ...]]:
    found: dict[tuple[str, str, str], list[Laid]] = {}
    for content in contents:
        for place, stay in content.stays.items():
            for file in stay.files:
                laid = Laid(object=file.object, medium=content.medium, received_at=stay.received_at)
                for slot in dict.fromkeys(file.slots):
                    found.setdefault((place, file.job, slot), []).append(laid)
    return {key: tuple(laid) for key, laid in found.items()}


class _Replay:
    """Media and their contents while the rows are replayed."""

    def __init__(self) -> None:
        self.media: dict[str, MediumState] = {}
        self.contents: list[_Content] = []
        self._now_on: dict[str, _Content] = {}

    def take(self, row: Row) -> None:
        """One more row that could have happened."""
        entry = row.entry
        if isinstance(entry, Added):
            self.media[entry.medium] = begun(entry)
        elif isinstance(entry, Reconciled):
            for medium, state in self.media.items():
                self._becomes(medium, counted(state, entry), entry)
        elif entry is not None and entry.medium in self.media:
            self._becomes(entry.medium, after(self.media[entry.medium], row.number, entry), entry)

    def _becomes(self, medium: str, state: MediumState, entry: Entry) -> None:
        self.media[medium] = state
        if isinstance(entry, Written):
            self._now_on[medium] = _Content(medium)
            self.contents.append(self._now_on[medium])
        content = self._now_on.get(medium)
        if content is not None:
            _follow(content, state, entry)


def _follow(content: _Content, state: MediumState, entry: Entry) -> None:
    """What an entry says of where a content lies, and of whether it is good."""
    if isinstance(entry, Retired) and entry.method != "lost":
        return
    if isinstance(entry, Moved):
        _leave(content, entry)
    elif not state.is_in_transit:
        _stay(content, state, entry)
    for stay in content.stays.values():
        stay.files = tuple(_confirmed(stay.files, entry))


def _leave(content: _Content, entry: Moved) -> None:
    """What was written in a place and leaves it was never brought there."""
    stay = content.stays.get(entry.origin)
    if stay is not None and stay.received_at is None:
        del content.stays[entry.origin]


def _stay(content: _Content, state: MediumState, entry: Entry) -> None:
    """While it lies in a place, it is worth there what can be counted on now."""
    came_at = entry.at if isinstance(entry, Received) else None
    stay = content.stays.setdefault(state.place, _Stay((), came_at))
    stay.files = tuple(state.sound_files())


def _confirmed(files: Iterable[ManifestFile], entry: Entry) -> Iterator[ManifestFile]:
    """Those that a reading elsewhere, or an incident with the content itself, does not deny."""
    if isinstance(entry, Incident) and entry.closes is None and entry.what in _NEVER_GOOD:
        return
    bad = {file.name for file in entry.bad} if isinstance(entry, MediumRead) else set()
    yield from (file for file in files if file.name not in bad)
