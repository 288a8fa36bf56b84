"""The `report` section of itops.yaml: read strictly, though nothing acts on it yet."""

from dataclasses import dataclass
from datetime import time
from typing import Literal

from itops.backup.policy import MonthDay


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
