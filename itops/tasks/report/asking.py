"""What a gatherer of the report is handed: the period, the moments that count, and what is remembered, read once.

A period is a value. What machines saw counts up to the period's end (the state of things) or up to `judged_at` (late
copies, proofs, deposits); what people wrote about the period counts whenever they wrote it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.backup.copies import ServerFact
from itops.backup.custody.records import Row as CustodyRow
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar
from itops.config.plan import ReportSettings
from itops.config.settings import Settings
from itops.dates import Period
from itops.store.reader import Reader
from itops.worklog.documents import DocumentRecord
from itops.worklog.entries import LogRow
from itops.worklog.exports import Exported
from itops.worklog.notes import Note

_JUST = timedelta(microseconds=1)
_LOOKS = 10_000_000


class Memory:
    """The store, each list of it read once however many periods are asked for. `reader` None: there is no store yet."""

    def __init__(self, reader: Reader | None) -> None:
        self.reader = reader

    @cached_property
    def copies(self) -> list[KnownCopy]:
        """Every copy that was ever seen."""
        return self.reader.ledger.copies() if self.reader else []

    @cached_property
    def looks(self) -> list[LookRecord]:
        """Every look at a repository, newest first."""
        return self.reader.ledger.looks(limit=_LOOKS) if self.reader else []

    @cached_property
    def databases(self) -> list[KnownDatabase]:
        """Every database that a server listed."""
        return self.reader.ledger.databases() if self.reader else []

    @cached_property
    def server_facts(self) -> list[ServerFact]:
        """What servers' own histories tell."""
        return self.reader.ledger.server_facts() if self.reader else []

    @cached_property
    def drills(self) -> list[DrillRecord]:
        """Every restore test, newest first."""
        return self.reader.ledger.drills() if self.reader else []

    @cached_property
    def custody(self) -> list[CustodyRow]:
        """The register of custody."""
        return self.reader.custody.rows() if self.reader else []

    @cached_property
    def log(self) -> list[LogRow]:
        """The change log."""
        return self.reader.worklog.rows() if self.reader else []

    @cached_property
    def documents(self) -> list[DocumentRecord]:
        """What became of documents."""
        return self.reader.worklog.documents() if self.reader else []

    @cached_property
    def notes(self) -> list[Note]:
        """What was written for reports."""
        return self.reader.worklog.notes() if self.reader else []

    @cached_property
    def exports(self) -> list[Exported]:
        """Lists that were made for headquarters."""
        return self.reader.worklog.exports() if self.reader else []


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One period of one office, asked for at one moment."""

    settings: Settings
    memory: Memory
    period: Period
    now: datetime

    @property
    def reader(self) -> Reader | None:
        """The store's history."""
        return self.memory.reader

    @property
    def zone(self) -> ZoneInfo:
        """The office's."""
        return self.settings.office.zone

    @property
    def folder(self) -> Path:
        """Of itops.yaml."""
        return self.settings.folder

    @property
    def report(self) -> ReportSettings:
        """The section `report`."""
        return self.settings.report or ReportSettings()

    @property
    def plan(self) -> BackupPlan:
        """The section `backup`; an empty one without it."""
        return self.settings.backup or BackupPlan()

    @property
    def days(self) -> Calendar:
        """The office's calendar as the backup plan has it."""
        return Calendar(calendar=self.settings.office.calendar, zone=self.zone, days=self.plan.days)

    @cached_property
    def begin(self) -> datetime:
        """The first moment of the period, UTC."""
        return self.period.moments(self.zone)[0]

    @cached_property
    def end(self) -> datetime:
        """The first moment after it, UTC."""
        return self.period.moments(self.zone)[1]

    @property
    def as_of(self) -> datetime:
        """The state of things is that of this moment: the last one of the period, or now while it runs."""
        return min(self.end - _JUST, self.now)

    @property
    def judged_at(self) -> datetime:
        """Until when late copies, proofs and deposits count."""
        return min(self.end + self.report.settle, self.now)

    @property
    def is_final(self) -> bool:
        """Whether nothing that machines see can change it any more."""
        return self.now >= self.end + self.report.settle

    @property
    def today(self) -> date:
        """The day that ages and due days are counted to: the last of the period, or today while it runs."""
        return self.as_of.astimezone(self.zone).date()
