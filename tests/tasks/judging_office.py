"""An office whose copies are judged by the whole way: looked at, read, kept in a store, judged from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from itops.backup.judgement import ObjectVerdict
from itops.backup.policy import BackupPlan, DaysPolicy, Job, Protected, ProtectedList, Texts, Tier
from itops.backup.rota import rota
from itops.backup.slots import Calendar
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.errors import SourceUnavailable
from itops.formats.mssql import MssqlBackup
from itops.repositories.folder import FolderRepository
from itops.repositories.folder.settings import FolderSettings
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.examine_things import Examiner
from itops.tasks.judge_backups import Judged, judge_backups
from itops.tasks.look_at_repositories import Looking, RepositoryLook, look_at
from itops.tasks.verify_copies import Verifier
from tests.backup.judgement.factory import NOW, TEHRAN, at

WORKING = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday")
DAYS = DaysPolicy(start=time(6), week="saturday", working=WORKING, holidays=(date(2026, 11, 18),))


def job(*, protects: str = "sql01/Insurance", repositories: Sequence[str] = ("nas",), **settings: Any) -> Job:
    given = {"since": date(2026, 11, 10), **settings}
    return Job(protects=ProtectedList([Protected.parse(protects)]), repository=Texts(repositories), **given)


class Unreachable:
    """A server that does not answer."""

    def __init__(self, name: str) -> None:
        self.name = name

    def look(self, now: datetime, last_facts: Mapping[str, Any]) -> Any:
        raise SourceUnavailable(f"{self.name} does not answer", remedy="look at its cable")


@dataclass
class JudgedOffice:
    """Folders called as the repositories below `folder`, a store beside them, a clock that is moved by hand."""

    folder: Path
    jobs: Mapping[str, Job]
    now: datetime = NOW
    calendar: str = "jalali"
    more: dict[str, Any] = field(default_factory=dict)  # repositories that are no folders

    @property
    def plan(self) -> BackupPlan:
        return BackupPlan(jobs=self.jobs, days=DAYS)

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    def place(self, repository: str = "nas") -> Path:
        path = self.folder / repository
        path.mkdir(exist_ok=True)
        return path

    def tape(self, moment: str, *, repository: str = "nas", name: str = "Insurance", **facts: Any) -> Path:
        """A real tape that began at `moment` by the clock of Tehran, and is called so."""
        begun = at(moment).astimezone(TEHRAN)
        path = self.place(repository) / f"{name}_{begun:%Y%m%d_%H%M}.bak"
        told = {"database": "Insurance", "finished_at": begun + timedelta(minutes=3), "data_bytes": 65536, **facts}
        write_tape([path], TapeBackup(started_at=begun, **told))
        return path

    def repositories(self) -> list[Any]:
        names = dict.fromkeys(name for one in self.jobs.values() for name in one.repository)
        return [
            self.more.get(name) or FolderRepository(name, FolderSettings(path=self.place(name)), TEHRAN)
            for name in names
        ]

    def look(self) -> list[RepositoryLook]:
        with open_store(self.location, self.now) as store, open_reader(self.location) as reader:
            looking = Looking(
                plan=self.plan, zone=TEHRAN, now=self.now, clock=lambda: self.now, last_looks=reader.ledger.looks()
            )
            return look_at(self.repositories(), store.ledger, looking)

    def verify(self) -> None:
        """Look, and read everything there is."""
        looks = {look.repository: look for look in self.look()}
        with open_reader(self.location) as reader:
            known = reader.ledger.copies()
        seen = {name for name, look in looks.items() if look.error is None}
        known = [one for one in known if one.copy.repository in seen and one.is_here]
        with open_store(self.location, self.now) as store:
            Verifier(
                repositories={one.name: one for one in self.repositories()},
                hash_lists={name: look.claims.hash_lists for name, look in looks.items()},
                writer=store.ledger,
                examiner=Examiner(formats=(MssqlBackup(),), zone=TEHRAN),
                clock=lambda: self.now,
            ).run(rota(known, self.plan, None, self.now).turns)

    def judge(self) -> Judged:
        calendar = Calendar(days=DAYS, calendar=self.calendar, zone=TEHRAN)  # type: ignore[arg-type]
        with open_reader(self.location) as reader:
            return judge_backups(self.plan, reader.ledger, calendar, self.now)

    def verdict(self, name: str = "insurance") -> ObjectVerdict:
        (found,) = [one for one in self.judge().verdicts if one.job == name]
        return found

    def with_jobs(self, **jobs: Job) -> "JudgedOffice":
        return replace(self, jobs=jobs)


def by_name(verdict: ObjectVerdict, tier: Tier = Tier.DAILY) -> dict[str, str]:
    """The state of each slot by its name."""
    return {slot.slot.name: slot.state.value for one in verdict.tiers if one.tier is tier for slot in one.slots}
