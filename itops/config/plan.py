"""The `report` section of itops.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Literal

from itops.backup.policy import MonthDay
from itops.names import Names
from itops.worklog.policy import ChangePolicy, DocumentCatalogue, DocumentPolicy, ServiceRules


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyReport:
    """When the monthly report is due: a day of the office's calendar and an hour."""

    day: MonthDay
    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """Who signs the report; an empty name leaves a line to write it on."""

    prepared: str = ""
    approved: str = ""
    ratified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Who answers for what nobody else is named for, by the part of the report."""

    servers: str = ""
    changes: str = ""
    backup: str = ""
    custody: str = ""
    hardware: str = ""
    documents: str = ""
    services: str = ""
    sources: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSettings:
    """The covering letter. Its number is issued by the office's own system and stays blank."""

    to: Names | None = None  # the post title of the receiver
    copies_to: tuple[Names, ...] = ()
    drafter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """Which documents are made, how, and when."""

    formats: tuple[Literal["pdf", "xlsx", "docx", "html", "json"], ...] = ()
    languages: tuple[Literal["fa", "en"], ...] = ()  # () : the office's own
    monthly: MonthlyReport | None = None
    settle: timedelta = timedelta(days=2)  # late copies, proofs and deposits count so long after the period's end
    unit: Names | None = None  # the department that writes it
    signers: Signers = Signers()
    owners: Owners = Owners()
    letter: LetterSettings = field(default_factory=LetterSettings)
    letterhead: Path | None = None  # a DOCX of the office's own: head and foot are kept, the body is filled in
    font: str | None = None  # the name of a font in `font_dirs`, or of one the machine has
    font_dirs: tuple[Path, ...] = ()
    head_site: str | None = None  # the site of the hardware register that is the head office
    changes: ChangePolicy = field(default_factory=ChangePolicy)
    systems: Mapping[str, Names] = field(default_factory=dict)
    documents: Mapping[str, DocumentPolicy] = field(default_factory=dict)
    services: ServiceRules = field(default_factory=ServiceRules)

    def __post_init__(self) -> None:
        """Raises ValueError for a document that a system asks for which nobody named."""
        assert self.catalogue

    @property
    def catalogue(self) -> DocumentCatalogue:
        """The documents and the systems that ask for them."""
        return DocumentCatalogue(systems=self.systems, documents=self.documents)
