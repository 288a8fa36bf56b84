"""The `report` section of itops.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
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
class ReportSettings:
    """Which documents are made, and when."""

    formats: tuple[Literal["pdf", "xlsx", "docx", "html", "json"], ...] = ()
    monthly: MonthlyReport | None = None
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
