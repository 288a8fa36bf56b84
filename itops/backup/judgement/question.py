"""What is judged: one object of one job, with every fact there is about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.backup.ledger import KnownCopy, LookRecord
from itops.backup.policy import Job, Protected
from itops.backup.slots import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """When the size of the newest copy is strange beside the copies before it. Ratios to their median."""

    shrunk_ratio: float = 0.5  # below: WARNING
    collapsed_ratio: float = 0.1  # below: CRITICAL
    grown_ratio: float = 3.0  # above: WARNING
    least_copies: int = 5  # fewer good ones before it prove no habit
    most_copies: int = 10  # older ones are another time


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The facts about one object. Their order means nothing."""

    job_name: str
    job: Job
    object: Protected
    calendar: Calendar
    copies: tuple[KnownCopy, ...]  # of this object in this job
    looks: tuple[LookRecord, ...]  # of the job's repositories
    bases: tuple[KnownCopy, ...] = ()  # of this object in other jobs: they carry differentials and logs, fill no slot
    watched_since: datetime | None = None  # the first complete look, where `looks` does not go back so far
    object_seen_at: datetime | None = None  # when an inventory or a server first told of the object
    object_gone_at: datetime | None = None  # when it was retired: its copies are kept, no new ones demanded
    expected_server: str | None = None  # the server its copies should name
    reread_within: timedelta = timedelta(days=90)
    look_within: timedelta = timedelta(hours=26)
    sizes: SizeLimits = SizeLimits()
