"""The register replayed: where each medium is, under which seal, with what on it, and what is still open.

A row that could not have happened after those before it is left out and named; it never stops the reading.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itops.backup.custody.chain import Break, first_break, head_of
from itops.backup.custody.labels import label_of, number_of
from itops.backup.custody.objections import objection_to
from itops.backup.custody.records import Added, Entry, Incident, Reconciled, Row, Sealed
from itops.backup.custody.states import MediumState, OpenIncident, after, begun, counted, with_incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """A row that could not have happened when it says it did."""

    number: int
    code: str  # an objection's, or "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything the rows say together."""

    rows: tuple[Row, ...] = ()
    media: Mapping[str, MediumState] = field(default_factory=dict)  # by id, in the order they were added
    seals: frozenset[str] = frozenset()  # every number that was ever used
    reconciled: Mapping[str, Reconciled] = field(default_factory=dict)  # the last count of each place
    incidents: tuple[OpenIncident, ...] = ()  # open ones that concern no medium
    broken: Break | None = None
    accepted: frozenset[int] = frozenset()  # broken rows of which an incident says that people know
    invalid: tuple[Invalid, ...] = ()

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last row."""
        return head_of(self.rows)

    @property
    def began_at(self) -> datetime | None:
        """The moment of the first entry; None of an empty register."""
        return next((entry.at for _, entry in self.entries() if entry.at.tzinfo is not None), None)

    def in_use(self) -> Iterator[MediumState]:
        """The media that are not retired."""
        return (state for state in self.media.values() if state.retired is None)

    def entries(self, medium: str | None = None) -> Iterator[tuple[Row, Entry]]:
        """The readable rows, of one medium or all."""
        return ((row, row.entry) for row in self.rows if row.entry is not None and medium in (None, row.entry.medium))

    def next_label(self, prefix: str) -> str:
        """The id of the next medium; a number is never given twice."""
        return label_of(prefix, max(map(number_of, self.media), default=0) + 1)


def register_of(rows: Sequence[Row]) -> Register:
    """Replay all rows, in their order. Never raises, whatever they hold."""
    replay = _Replay()
    for row in rows:
        replay.take(row)
    return Register(
        rows=tuple(rows),
        media=replay.media,
        seals=frozenset(replay.seals),
        reconciled=replay.reconciled,
        incidents=replay.incidents,
        broken=first_break(rows),
        accepted=frozenset(replay.accepted),
        invalid=tuple(replay.invalid),
    )


class _Replay:
    """The register while it is replayed."""

    def __init__(self) -> None:
        self.media: dict[str, MediumState] = {}
        self.seals: set[str] = set()
        self.reconciled: dict[str, Reconciled] = {}
        self.incidents: tuple[OpenIncident, ...] = ()
        self.accepted: set[int] = set()
        self.invalid: list[Invalid] = []

    def take(self, row: Row) -> None:
        """One more row."""
        entry = row.entry
        if entry is None:
            self.invalid.append(Invalid(number=row.number, code="unreadable"))
            return
        objection = objection_to(self, entry)
        if objection is not None:
            self.invalid.append(Invalid(number=row.number, code=objection.code))
            return
        self._apply(row.number, entry)

    def _apply(self, number: int, entry: Entry) -> None:
        if isinstance(entry, Added):
            self.media[entry.medium] = begun(entry)
        elif entry.medium:
            self.media[entry.medium] = after(self.media[entry.medium], number, entry)
        elif isinstance(entry, Reconciled):
            self.reconciled[entry.place] = entry
            self.media = {medium: counted(state, entry) for medium, state in self.media.items()}
        elif isinstance(entry, Incident):
            self.incidents = with_incident(self.incidents, number, entry)
        if isinstance(entry, Sealed):
            self.seals.add(entry.seal)
        if isinstance(entry, Incident) and isinstance(broken := entry.facts.get("broken_row"), int):
            self.accepted.add(broken)
