"""What the office promises about its backups: the `backup` section of itops.yaml, as frozen records.

The records are built straight from the file (`itops.config.building`); what several keys say together is judged in
`__post_init__`. Days and hours are the office's own; nothing here asks the clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeAlias

from itops.backup.controls.policy import ControlsPolicy
from itops.backup.copies import CopyKind
from itops.backup.custody.policy import CustodyPolicy
from itops.backup.levels import Level
from itops.backup.patterns import Pattern

Weekday: TypeAlias = Literal["saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of date.weekday()."""
_LAST_DAY = 31
_KEEP = {"range": (1, 10_000)}


class Tier(StrEnum):
    """The three kinds of slots."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


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
            raise ValueError(f'"{text}" is not a day of a month; write last or 1 to 31')
        return cls(int(text))


class Texts(tuple[str, ...]):
    """One text or a list of them."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Texts":
        """`a` or `[a, b]`; raises ValueError."""
        texts = [value] if isinstance(value, str) else value
        if (
            not isinstance(texts, list | tuple)
            or not texts
            or not all(isinstance(text, str) and text for text in texts)
        ):
            raise ValueError("should be one text or a list: [a, b]")
        return cls(texts)


@dataclass(frozen=True, slots=True)
class Protected:
    """An object that a job protects: `sql01/Insurance` a database, `vm/dc01` a VM, `files/fs01/scans` a file set.

    The server of a database is the name of a repository (or of a VM) in itops.yaml; `sql01/*` is every database the
    server really has.
    """

    kind: Literal["database", "vm", "files"]
    server: str  # "" for a VM
    name: str

    @classmethod
    def parse(cls, text: str) -> "Protected":
        """From its text; raises ValueError."""
        first, slash, rest = text.strip().partition("/")
        if not slash or not first or not rest:
            raise ValueError(f'"{text}" names no object; write sql01/Insurance, vm/dc01 or files/fs01/scans')
        if first == "vm":
            return cls("vm", "", rest)
        if first == "files":
            server, _, name = rest.partition("/")
            if not server or not name:
                raise ValueError(f'"{text}" names no file set; write files/fs01/scans')
            return cls("files", server, name)
        return cls("database", first, rest)

    @property
    def text(self) -> str:
        """As it is written in itops.yaml."""
        if self.kind == "vm":
            return f"vm/{self.name}"
        return f"files/{self.server}/{self.name}" if self.kind == "files" else f"{self.server}/{self.name}"

    @property
    def is_all(self) -> bool:
        """Whether it stands for every database of the server."""
        return self.kind == "database" and self.name == "*"


class ProtectedList(tuple[Protected, ...]):
    """What a job protects: one object or several."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "ProtectedList":
        """`sql01/Insurance` or a list of such; raises ValueError."""
        return cls(map(Protected.parse, Texts.from_setting(value, folder)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Something the office decided not to demand for a while: why, who answers for it, and until when."""

    reason: str
    owner: str
    until: date  # the last day it holds
    since: date | None = None
    tier: Tier | None = None  # None: all tiers
    object: str | None = None  # in `backup.exempt`: what need not be backed up, `*` as a wildcard


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPolicy:
    """What each day, week or month needs."""

    keep: int = field(metadata=_KEEP)
    grace: timedelta = timedelta()  # how long after the slot's end a late copy still fills it
    due: time | None = None  # the first such hour after the slot's expected day began: when the copy should be there
    level: Level | None = None  # proof needed; None: the job's
    kinds: tuple[CopyKind, ...] = ()  # allowed; () : the job's
    own_copy: bool = False  # a copy that serves no other tier
    offsite: str | None = None  # the place in `custody.places` where a copy of each slot must lie


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPolicy(TierPolicy):
    """A copy for each expected day."""

    on: tuple[Weekday, ...] = ()  # () : the office's working days


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPolicy(TierPolicy):
    """A copy for each week, expected on a day of it."""

    on: Weekday


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPolicy(TierPolicy):
    """A copy for each month of the office's calendar, expected on a day of it."""

    on: MonthDay


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPolicy:
    """How a restore is tested."""

    into: str  # a drill plugin: postgresql, mariadb, sqlite, folder, mssql
    question: str | None = (
        None  # one SQL statement that answers with one number, or a shell-free path pattern for files
    )
    at_least: float | None = None
    every: timedelta = timedelta(days=92)
    rto: timedelta | None = None
    server: str | None = None  # mssql: the repository of the server that restores are tried on
    server_path: str | None = None  # mssql: where that server sees the copies' repository, such as \\nas\sql
    verify_only: bool = False  # mssql: RESTORE VERIFYONLY instead of a restore under another name


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a backup job protects, where its copies lie, and how many of which there must be."""

    protects: ProtectedList
    repository: Texts
    files: Pattern | None = None  # of names; without one a job takes what the catalogue says is of its object
    labels: tuple[str, ...] = ()  # tags every copy must carry (restic)
    format: str | None = None  # the format every copy must have
    kinds: tuple[CopyKind, ...] = (CopyKind.FULL, CopyKind.UNKNOWN)
    level: Level = Level.COMPLETE
    owner: str | None = None
    since: date | None = None  # no slot before this day is demanded; None: the day of the first complete look
    max_age: timedelta | None = None
    rpo: timedelta | None = None
    anchor: Literal["start", "finish"] = "start"
    min_size_bytes: int | None = None
    daily: DailyPolicy | None = None
    weekly: WeeklyPolicy | None = None
    monthly: MonthlyPolicy | None = None
    drill: DrillPolicy | None = None
    exempt: tuple[Exemption, ...] = ()

    def __post_init__(self) -> None:
        if self.drill and self.drill.into == "folder" and any(held.kind == "database" for held in self.protects):
            raise ValueError("drill.into: a database that was put into a folder is copied, not restored")

    def tiers(self) -> Mapping[Tier, TierPolicy]:
        """The tiers it has."""
        held = {Tier.DAILY: self.daily, Tier.WEEKLY: self.weekly, Tier.MONTHLY: self.monthly}
        return {tier: policy for tier, policy in held.items() if policy is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysPolicy:
    """The office's days: when one begins, which are worked, when the week begins."""

    start: time = time(0)
    week: Weekday = "saturday"
    working: tuple[Weekday, ...] = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a repository stands, for counting copies that are really apart."""

    site: str = "office"
    medium: Literal["disk", "nas", "tape", "cloud", "removable"] = "disk"
    offline: bool = False  # switched off or taken away between runs
    immutable: bool = False  # nobody can change or delete before a date


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """The whole plan."""

    days: DaysPolicy = DaysPolicy()
    repositories: Mapping[str, Any] = field(default_factory=dict)  # name -> what the place is, as its plugin has it
    jobs: Mapping[str, Job] = field(default_factory=dict)
    exempt: tuple[Exemption, ...] = ()
    reread_within: timedelta = timedelta(days=90)
    look_within: timedelta = timedelta(hours=26)  # an older look proves no absence: UNKNOWN
    custody: CustodyPolicy = field(default_factory=CustodyPolicy)
    controls: ControlsPolicy = field(default_factory=ControlsPolicy)

    def __post_init__(self) -> None:
        for name, job in self.jobs.items():
            if not job.tiers() and job.max_age is None and job.rpo is None:
                raise ValueError(f"jobs.{name}: promises nothing; write daily:, weekly:, monthly:, max_age: or rpo:")

    def jobs_of(self, repository: str) -> Iterable[tuple[str, Job]]:
        """The jobs that keep copies there."""
        return ((name, job) for name, job in self.jobs.items() if repository in job.repository)
