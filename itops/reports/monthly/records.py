"""The report itself: the parts, and what was judged of them all together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from itops.facts import Fact
from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure
from itops.reports.monthly.parts import BackupPart, HardwarePart, PaperPart, QualityPart, ServerPart
from itops.verdict import State

SCHEMA = "itops.report.monthly/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """Whose report it is."""

    id: str
    name: Names
    unit: Names  # the department that writes it
    calendar: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRow:
    """Of what time it is."""

    name: str  # 1405-08, 2026-11, 1402
    first: date
    last: date
    is_year: bool
    state_at: datetime  # the state of things is that of this moment: the period's end, or earlier when it is not over
    judged_at: datetime  # late copies, proofs and deposits count up to this moment
    is_final: bool  # False: the period or its settling time is not over; built later it may say something else
    months: tuple[str, ...] = ()  # the periods of its months: of a month itself


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """Something that needs a person. Worst first; `months` is how long it has stood in these reports."""

    key: str  # what a cause is written for: "backup.slot-missing:insurance-db sql01/Insurance"
    room: str
    table: str
    code: str
    subject: str
    state: State
    count: int = 1  # findings of this code and subject
    since: datetime | None = None
    age_days: int | None = None  # at the period's end
    months: int = 1  # consecutive periods, this one included
    is_longer: bool = False  # it stood in every period that was looked at: perhaps in more of them
    owner: str = ""
    due_on: date | None = None
    cause: Names | None = None  # typed by a person; None: nobody did, and the report says so
    facts: Mapping[str, Fact] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An indicator in another period. None: it cannot be known."""

    period: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One of the few numbers that are compared month by month."""

    figure: str  # the id of the figure; its words stand under that id
    value: float | None
    unit: str
    target: float | None = None
    higher_is_better: bool | None = None  # None: neither
    state: State = State.OK
    history: tuple[
        Point, ...
    ] = ()  # oldest first, the last is this period's; of a year the year before, then its months

    @property
    def drawn(self) -> tuple[Point, ...]:
        """What makes a trend: months and the period itself, not the year before among months."""
        months = tuple(point for point in self.history[:-1] if "-" in point.period)
        return (*months, *self.history[-1:]) if months else self.history

    @property
    def before(self) -> float | None:
        """Last period's value: of a year the year before's, not that of its last month."""
        named = [point.value for point in self.history[:-1] if len(point.period) == len(self.history[-1].period)]
        return named[-1] if named else None

    @property
    def change(self) -> float | None:
        """Against last period."""
        return None if self.value is None or self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence that the facts support. `code` has a template in the table `statement` of the word files."""

    code: str
    data: Mapping[str, Fact] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lists that the sentence names
    texts: Mapping[str, Names] = field(default_factory=dict)  # the office's own words: a system's name, a place's
    figures: tuple[str, ...] = ()  # ids: what `itops report explain` shows of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Page one: how the office stands, and why."""

    state: State
    exceptions: int  # open ones that are worse than advice
    reasons: tuple[str, ...] = ()  # keys of the exceptions that decided, the worst first
    new: int = 0  # exceptions that were not there last period
    closed: int = 0  # exceptions of last period that are gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is known of the period. The same facts make the same record."""

    office: OfficeRow
    period: PeriodRow
    tool_version: str
    verdict: Verdict
    servers: ServerPart
    hardware: HardwarePart
    backups: BackupPart
    papers: PaperPart
    quality: QualityPart
    exceptions: tuple[ExceptionRow, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    statements: tuple[Statement, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    problems: tuple[Names, ...] = ()  # typed by people for this period
    proposals: tuple[Names, ...] = ()
    summary: Names | None = None  # typed by people: what changed, and why
    signers: tuple[tuple[str, str], ...] = ()  # (role: "prepared", "approved", "ratified"; name or "")
    redaction: str = "internal"  # "internal", "hq", "public": what was taken out
