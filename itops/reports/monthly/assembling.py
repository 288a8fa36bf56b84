"""Putting the report together: the parts, what is judged of them all, and what people typed for the period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from itops.names import Names
from itops.reports.monthly.exceptions import exception_figures, exceptions_of, verdict_of
from itops.reports.monthly.figures import Evidence, Figure, FigureBook, count_of
from itops.reports.monthly.indicators import indicators_of
from itops.reports.monthly.parts import (
    AssetRow,
    BackupPart,
    FindingRow,
    HardwarePart,
    PaperPart,
    QualityPart,
    ServerPart,
)
from itops.reports.monthly.records import ExceptionRow, OfficeRow, PeriodRow, Report
from itops.reports.monthly.statements import statements_of
from itops.worklog.notes import NoteKind, PeriodNotes

_PERSONAL = ("computer", "notebook")  # kinds of which each has somebody who answers for it
_ROLES = ("prepared", "approved", "ratified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What all rooms found of one period."""

    servers: ServerPart = field(default_factory=ServerPart)
    hardware: HardwarePart = field(default_factory=HardwarePart)
    backups: BackupPart = field(default_factory=BackupPart)
    papers: PaperPart = field(default_factory=PaperPart)
    quality: QualityPart = field(default_factory=QualityPart)

    @property
    def findings(self) -> tuple[FindingRow, ...]:
        """Of all rooms."""
        rooms = (self.servers, self.hardware, self.backups, self.papers, self.quality)
        return tuple(finding for room in rooms for finding in room.findings)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Of all rooms."""
        rooms = (self.servers, self.hardware, self.backups, self.papers, self.quality)
        return tuple(figure for room in rooms for figure in room.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The periods before this one, by name, oldest first; and of a year its own months."""

    periods: Sequence[tuple[str, Parts]] = ()
    months: Sequence[tuple[str, Parts]] = ()

    @property
    def last(self) -> Parts | None:
        """The period just before."""
        return self.periods[-1][1] if self.periods else None

    @property
    def newest_first(self) -> list[Parts]:
        """Without their names."""
        return [parts for _, parts in reversed(self.periods)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the report is of, and whose."""

    office: OfficeRow
    period: PeriodRow
    tool_version: str
    owners: Mapping[str, str] = field(default_factory=dict)  # room -> who answers where nobody else is named
    signers: Mapping[str, str] = field(default_factory=dict)  # prepared, approved, ratified -> name


def assemble(heading: Heading, parts: Parts, notes: PeriodNotes, earlier: Earlier | None = None) -> Report:
    """The whole record. Raises ValueError where two rooms call different figures by one name."""
    past = earlier or Earlier()
    period = heading.period
    exceptions = exceptions_of(parts, past.newest_first, period, notes, heading.owners)
    summary = notes.about(NoteKind.SUMMARY, "")
    return Report(
        office=heading.office,
        period=period,
        tool_version=heading.tool_version,
        verdict=verdict_of(exceptions, past.last),
        servers=parts.servers,
        hardware=parts.hardware,
        backups=parts.backups,
        papers=parts.papers,
        quality=parts.quality,
        exceptions=exceptions,
        indicators=indicators_of(parts, (*past.periods, *past.months), period),
        statements=statements_of(parts, period),
        figures=figures_of(parts, exceptions, past.last).figures,
        problems=_typed(notes, NoteKind.PROBLEM),
        proposals=_typed(notes, NoteKind.PROPOSAL),
        summary=summary.text if summary else None,
        signers=tuple((role, heading.signers.get(role, "")) for role in _ROLES),
    )


def figures_of(parts: Parts, exceptions: Sequence[ExceptionRow], last: Parts | None) -> FigureBook:
    """Those of the rooms, and those that only all rooms together give. Raises ValueError for a name used twice."""
    return FigureBook.of(parts.figures, (_without_holder(parts.hardware.items),), exception_figures(exceptions, last))


def _without_holder(items: Iterable[AssetRow]) -> Figure:
    """Machines in use that nobody took charge of; unknown without any item: an empty register answers nothing."""
    held = [item for item in items if item.kind in _PERSONAL and item.status == "in_use"]
    if not held:
        return Figure(id="quality.no_holder", value=None, reason="no-items")
    nobodys = (
        Evidence(kind="asset", ref=item.id, note=item.kind) for item in held if not (item.is_held or item.holder)
    )
    return count_of("quality.no_holder", nobodys, of=len(held))


def _typed(notes: PeriodNotes, kind: NoteKind) -> tuple[Names, ...]:
    return tuple(note.text for note in notes.of(kind) if note.text is not None)
