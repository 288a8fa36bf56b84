"""Everything the controls read, gathered before they are asked. Facts only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from itops.backup.controls.policy import ControlsPolicy
from itops.backup.controls.verdicts import Reason, not_evaluated, unknown
from itops.backup.copies import ServerFact
from itops.backup.coverage import Coverage
from itops.backup.judgement.verdicts import BackupFinding, ObjectVerdict
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord, RecordedVerdict
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, Place
from itops.backup.slots import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """A file that says what should be done: itops.yaml, the written procedure."""

    path: str
    sha256: str | None = None  # None: it could not be read, `problem` says why
    modified_at: datetime | None = None
    problem: str | None = None  # "missing", "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """Who may reach the files of a repository that is a folder here. Source: stat of the folder and its copies."""

    checked_at: datetime
    mode: str = ""  # of the folder: 0750
    owner: str = ""
    is_readable_by_all: bool | None = None  # None: cannot be told here, `problem` says why
    is_writable_by_all: bool | None = None
    example: str = ""  # a file that everybody can read
    problem: str | None = None  # "unreadable", "share" (the modes are those of the mount), "not-posix"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """A repository as far as the controls care."""

    name: str
    place: Place
    box: str  # what its bytes lie on: two repositories with the same are one medium
    holds_copies: bool = True  # False: a catalogue, which tells of copies that lie elsewhere
    is_encrypted: bool | None = None  # the repository as a whole; None: that depends on the copy
    access: AccessFacts | None = None  # None: no folder of this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFacts:
    """A list whose rows are chained by hashes, and whether the chain holds."""

    name: str  # "custody", "verdicts"
    rows: int
    head: str
    head_at: datetime | None
    broken_at: int | None = None  # the number of the first row that does not follow; None: every byte is as written


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumFacts:
    """A medium of the register that is in use."""

    medium: str
    kind: str  # hdd, ssd, flash, lto
    place: str  # a key of custody.places
    since: datetime
    file_system_uuid: str = ""
    is_in_vault: bool = False  # its last movement ended off-site
    is_in_transit: bool = False
    read_at: datetime | None = None  # the last test read of what is on it now
    is_read_good: bool | None = None
    key_id: str = ""  # "" : not encrypted
    key_escrow: str = ""
    key_tested_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumCopy:
    """One sound file on a medium of the register."""

    medium: str
    name: str
    job: str
    object: str  # "" : whatever its job protects
    sha256: str
    slots: tuple[str, ...] = ()
    made_at: datetime | None = None
    level: Level | None = None  # reached before the medium was sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyFacts:
    """The register of off-site media, summed up."""

    chain: ChainFacts
    media: tuple[MediumFacts, ...] = ()
    copies: tuple[MediumCopy, ...] = ()
    findings: tuple[BackupFinding, ...] = ()  # what its own checks found: overdue, in transit, missing, untested ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFacts:
    """The facts. Their order means nothing but where it is said."""

    plan: BackupPlan
    calendar: Calendar
    plan_file: DocumentFacts  # itops.yaml
    document: DocumentFacts | None = None  # what controls.document names
    coverage: Coverage = field(default_factory=lambda: Coverage(rows=()))
    vm_count: int = 0
    vms_seen_at: datetime | None = None  # None: no inventory tells of VMs
    repositories: tuple[RepositoryFacts, ...] = ()
    verdicts: tuple[ObjectVerdict, ...] = ()
    copies: tuple[KnownCopy, ...] = ()  # with those gone lately
    looks: tuple[LookRecord, ...] = ()
    databases: tuple[KnownDatabase, ...] = ()
    server_facts: tuple[ServerFact, ...] = ()
    drills: tuple[DrillRecord, ...] = ()
    history: tuple[RecordedVerdict, ...] = ()  # of the time since `history_since`
    history_since: datetime | None = None
    custody: CustodyFacts | None = None  # None: no register was ever begun
    chains: tuple[ChainFacts, ...] = ()  # of other lists than the register

    @property
    def policy(self) -> ControlsPolicy:
        """The limits."""
        return self.plan.controls

    @property
    def current(self) -> tuple[ObjectVerdict, ...]:
        """The verdicts on objects that are not retired, of jobs that are still planned."""
        jobs = self.plan.jobs
        return tuple(one for one in self.verdicts if one.freshness.reason != "retired" and one.job in jobs)

    def of_objects(self) -> dict[str, list[ObjectVerdict]]:
        """The same by object, whichever jobs protect it."""
        by_object: dict[str, list[ObjectVerdict]] = {}
        for one in self.current:
            by_object.setdefault(one.object.casefold(), []).append(one)
        return by_object

    def looked_at(self, job: str) -> datetime | None:
        """When all repositories of a job had last been seen; None when one never was."""
        if job not in self.plan.jobs:
            return None
        last = [self.last_look(name) for name in self.plan.jobs[job].repository]
        moments = [look.looked_at for look in last if look is not None]
        return min(moments) if moments and len(moments) == len(last) else None

    def last_look(self, repository: str) -> LookRecord | None:
        """The newest look at it that came to its end."""
        done = [look for look in self.looks if look.repository == repository and look.is_complete]
        return max(done, key=lambda look: look.looked_at, default=None)

    def not_ready(self) -> Reason | None:
        """Why copies cannot be judged at all."""
        if not self.plan.jobs:
            return not_evaluated("no-jobs")
        return None if any(look.is_complete for look in self.looks) and self.verdicts else unknown("never-looked")

    def copies_of(self, verdict: ObjectVerdict) -> Iterator[KnownCopy]:
        """The copies of an object in its job; a copy that names no object is of everything its job protects."""
        text = verdict.object.casefold()
        for known in self.copies:
            if known.copy.job == verdict.job and (known.copy.object is None or known.copy.object.casefold() == text):
                yield known

    def today(self, now: datetime) -> date:
        """The civil day in the office."""
        return now.astimezone(self.calendar.zone).date()


def days(span: timedelta) -> int:
    """Whole days."""
    return span.days


def hours(span: timedelta) -> float:
    """Hours, to a tenth."""
    return round(span.total_seconds() / 3600, 1)
