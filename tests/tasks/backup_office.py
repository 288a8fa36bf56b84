"""A small office with copies in a folder, for tests of the verbs: the real folder repository, the real store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.patterns import Pattern
from itops.backup.policy import BackupPlan, DailyPolicy, Job, Protected, ProtectedList, Texts
from itops.backup.rota import rota
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.formats.mssql import MssqlBackup
from itops.repositories.folder import FolderRepository
from itops.repositories.folder.settings import FolderSettings
from itops.store import StoreLocation, open_reader, open_store
from itops.store.reader import Reader
from itops.store.writing import Store
from itops.tasks.examine_things import Examiner
from itops.tasks.look_at_repositories import Looking, RepositoryLook, look_at
from itops.tasks.verify_copies import Verifier, VerifyOutcome

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)


@dataclass
class Office:
    """Copies in `copies`, a store in `state`, a clock that stands still."""

    folder: Path
    now: datetime = NOW
    level: Level = Level.INTACT
    on_look: Callable[[RepositoryLook], None] = lambda look: None

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    @property
    def plan(self) -> BackupPlan:
        job = Job(
            protects=ProtectedList([Protected.parse("sql01/Insurance")]),
            repository=Texts(("nas",)),
            files=Pattern.parse("Insurance_{year}{month}{day}_{hour}{minute}.bak"),
            level=self.level,
            since=datetime(2026, 11, 10, tzinfo=UTC).date(),
            daily=DailyPolicy(keep=5),
        )
        return BackupPlan(jobs={"insurance": job})

    def back_up(self, day: int, *, database: str = "Insurance") -> Path:
        """A real tape of that day of November, as its name says."""
        self.copies.mkdir(exist_ok=True)
        path = self.copies / f"Insurance_202611{day:02}_2330.bak"
        begun = datetime(2026, 11, day, 23, 30, tzinfo=TEHRAN)
        ended = begun + timedelta(minutes=5)
        write_tape([path], TapeBackup(database=database, started_at=begun, finished_at=ended, data_bytes=65536))
        return path

    def repository(self) -> FolderRepository:
        return FolderRepository("nas", FolderSettings(path=self.copies), TEHRAN)

    @contextmanager
    def store(self) -> Iterator[Store]:
        with open_store(self.location, self.now) as store:
            yield store

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        with open_reader(self.location) as reader:
            yield reader

    def known(self) -> list[KnownCopy]:
        with self.reader() as reader:
            return reader.ledger.copies()

    def look(self, *repositories: Any) -> list[RepositoryLook]:
        with self.store() as store, self.reader() as reader:
            looking = Looking(
                plan=self.plan, zone=TEHRAN, now=self.now, clock=lambda: self.now, last_looks=reader.ledger.looks()
            )
            return look_at(list(repositories) or [self.repository()], store.ledger, looking, self.on_look)

    def verify(self, *, level: Level | None = None, **more: Any) -> VerifyOutcome:
        looks = self.look()
        with self.store() as store:
            verifier = Verifier(
                repositories={"nas": self.repository()},
                hash_lists={look.repository: look.claims.hash_lists for look in looks},
                writer=store.ledger,
                examiner=Examiner(formats=(MssqlBackup(),), zone=TEHRAN),
                clock=lambda: self.now,
                **more,
            )
            return verifier.run(rota(self.known(), self.plan, level, self.now).turns)
