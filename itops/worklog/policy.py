"""What the office wants of its log, its documents and its services: parts of itops.yaml, as frozen records.

`report.changes`, `report.documents`, `report.systems` and `services`. No day, no length and no limit here pretends to
be somebody's rule: where the office wrote none, nothing is demanded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

from itops.backup.policy import MonthDay, Protected
from itops.dates import latin_digits
from itops.inventory.facts import Action
from itops.names import Identifier, Names

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """Which observed changes somebody must explain, and how far apart deed and observation may lie."""

    explain: tuple[Action, ...] = (Action.ADDED, Action.REMOVED, Action.UPGRADED)
    match_within: timedelta = 35 * _DAY  # a monthly export shows a deed up to a month later
    order_within: timedelta = 180 * _DAY  # a paper comes before the deed, sometimes long before
    slack: timedelta = _DAY  # an hour that was told from memory may lie after the scan that saw the deed


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPolicy:
    """One document that systems ask for."""

    title: Names
    systems: tuple[Identifier, ...] = ()  # of `report.systems`; () : it is made and kept, nobody asks for it
    cadence: Literal["monthly", "yearly"] = "monthly"
    made_by: Literal["itops", "hand"] = "hand"
    report: str | None = None  # which report of itops it is
    due: MonthDay | None = None  # a day of the month after the period; None: it is never called overdue

    def __post_init__(self) -> None:
        if (self.report is not None) != (self.made_by == "itops"):
            raise ValueError("report: names the report of itops that this is; it goes with `made_by: itops`")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCatalogue:
    """All documents and the systems that ask for them."""

    systems: Mapping[str, Names] = field(default_factory=dict)
    documents: Mapping[str, DocumentPolicy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a system that nobody named."""
        for name, document in self.documents.items():
            unknown = [system for system in document.systems if system not in self.systems]
            if unknown:
                raise ValueError(f"documents.{name}: there is no system {', '.join(unknown)} in `systems`")
            if len(set(document.systems)) < len(document.systems):
                raise ValueError(f"documents.{name}: a system is named twice")


class Percent(Decimal):
    """A share of a hundred, exactly as it was written: 99.9 stays 99.9."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Percent":
        """`99`, `99.9` or `99.9%`; raises ValueError."""
        text = latin_digits(str(value)).strip().removesuffix("%").removesuffix("٪").strip()
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal(-1)
        if len(text) > 12 or not number.is_finite() or not 0 < number <= 100:
            raise ValueError(f'"{text[:20]}" is no availability; write 99 or 99.9')
        return cls(number)


SECTIONS = ("introduction", "purpose", "responsibility", "commitments", "costs", "period", "termination")
"""The seven sections of a statement, in the order of the national form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The SLA statement: the text of its seven sections, and until when it holds."""

    introduction: Names | None = None
    purpose: Names | None = None
    responsibility: Names | None = None
    commitments: Names | None = None
    costs: Names | None = None
    period: Names | None = None
    termination: Names | None = None
    valid_from: date | None = None
    valid_to: date | None = None  # the last day
    term_months: int | None = field(default=None, metadata={"range": (1, 1200)})  # what section 6 says
    renewal_months: int | None = field(default=None, metadata={"range": (1, 1200)})  # what section 7 says

    def __post_init__(self) -> None:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to: lies before valid_from")

    def section(self, name: str) -> Names | None:
        """The text of one of SECTIONS."""
        text: Names | None = getattr(self, name)
        return text

    def missing(self) -> tuple[str, ...]:
        """The sections that nobody wrote."""
        return tuple(name for name in SECTIONS if self.section(name) is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What a service stands on."""

    vms: tuple[str, ...] = ()  # names or instance UUIDs
    databases: tuple[str, ...] = ()  # as in the backup plan: sql01/Insurance
    links: tuple[str, ...] = ()  # ids in the hardware register

    def __post_init__(self) -> None:
        for text in self.databases:
            server, slash, name = text.partition("/")
            if not slash or Protected.parse(text).kind != "database" or "*" in (server, name):
                raise ValueError(f'databases: "{text}" is not one database; write sql01/Insurance')

    def __bool__(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of the office: what it is called outside, and what was promised of it."""

    title: Names
    service_id: str | None = None  # opaque text, given by the central body: nothing is derived from it
    parent: str | None = None  # the key of another service
    nature: str | None = None
    kind: str | None = None  # G2C, G2B, G2G
    level: str | None = None
    owner_unit: str | None = None
    url: str | None = None
    profile: Path | None = None  # the file of the service's profile
    sla: Statement | None = None
    depends_on: Dependencies = Dependencies()
    rpo: timedelta | None = None
    rto: timedelta | None = None
    availability_target: Percent | None = None
    period_basis: Literal["30d", "calendar"] = "30d"
    hours: Literal["24", "office"] = "24"
    office_day: timedelta | None = None  # hours of one working day, where `hours: office`

    def __post_init__(self) -> None:
        if (self.hours == "office") != (self.office_day is not None):
            raise ValueError("office_day: how long a working day is; it goes with `hours: office`")
        if self.hours == "office" and self.period_basis != "calendar":
            raise ValueError("period_basis: 30 days have no working days; write calendar")
        if self.office_day is not None and not timedelta() < self.office_day <= _DAY:
            raise ValueError("office_day: should be more than nothing and at most 24h")
        for limit in (self.rpo, self.rto):
            if limit is not None and limit <= timedelta():
                raise ValueError("rpo, rto: nothing can be lost or restored in no time")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRules:
    """How service ids must look, where the office knows it, and when an ending statement is named."""

    id_length: int | None = field(default=None, metadata={"range": (1, 64)})
    id_digits: bool = False  # nothing but 0-9
    warn_before: timedelta = 60 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCatalogue:
    """All services and the rules for them."""

    services: Mapping[str, Service] = field(default_factory=dict)
    rules: ServiceRules = ServiceRules()
