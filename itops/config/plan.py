"""The `backup` and `report` sections of itops.yaml: read strictly, though nothing acts on them yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from itops.config.mistakes import quoted

Weekday: TypeAlias = Literal["saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"]
_LAST_DAY = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A place where backups lie."""

    type: Literal["folder"]
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """A copy for each day, due at an hour, late after the grace."""

    due: time
    grace: timedelta = timedelta()
    keep: int = field(metadata={"range": (1, 10_000)})
    offsite: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A copy for each week."""

    on: Weekday
    keep: int = field(metadata={"range": (1, 10_000)})
    offsite: str | None = None


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the office's month; 31 is the last of a shorter one too. None: the last day, whichever it is."""

    number: int | None

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "MonthDay":
        """`last`, or a number from 1 to 31; raises ValueError."""
        text = str(value)
        if text == "last":
            return cls(None)
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:3]) <= _LAST_DAY:
            raise ValueError(f"{quoted(text)} is not a day of a month; write last or 1 to 31")
        return cls(int(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """A copy for each month, and where its off-site copy goes."""

    on: MonthDay
    keep: int = field(metadata={"range": (1, 10_000)})
    offsite: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a backup job protects, where its copies lie and how many there must be."""

    protects: str
    repository: str
    files: str
    daily: Daily | None = None
    weekly: Weekly | None = None
    monthly: Monthly | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """The backup plan."""

    repositories: Mapping[str, Repository] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)


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
