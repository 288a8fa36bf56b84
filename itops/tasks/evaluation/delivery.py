"""The delivery to headquarters: what was promised of the reports of the last months, and the documents that are due.

Of a period only the newest edition counts, as in `itops report outbox`. It is late when `max_delay` has passed since it
was made, and of a period of which nothing was delivered yet since the report was due, whichever was first. That the
report of today is not made yet is no news for a day: its job may be at work, and the schedule tells when it is not.

Files of documents are not hashed here, every few minutes: `itops report documents` does that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from itops.alerts.records import Evaluation, Key
from itops.bundles.outbox import OutboxRow
from itops.bundles.outbox import State as OutboxState
from itops.bundles.policy import DeliveryPolicy
from itops.dates import Period, start_of
from itops.facts import Fact
from itops.schedule.due import INSTANT, newest_due, next_due, period_of
from itops.schedule.planning import JobMemory
from itops.schedule.policy import REPORT, JobPolicy
from itops.tasks.evaluation.documents import evaluate_documents
from itops.tasks.evaluation.findings import TABLE, unknown
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State
from itops.worklog.periods import before

CHECK = "delivery"
PERIODS = 13
"""So many periods back something may still be owed; what is older only counts where a bundle of it is open."""
_DAY = timedelta(days=1)
STATES: Mapping[str, State] = {
    "delivery.not-yet-due": State.OK,
    "delivery.due": State.OK,  # not made yet, and that may be
    "delivery.not-made": State.WARNING,
    "delivery.never-made": State.CRITICAL,
    "delivery.queued": State.OK,
    "delivery.failing": State.OK,  # tried in vain, and there is time
    "delivery.sent": State.OK,
    "delivery.delivered": State.OK,
    "delivery.refused": State.CRITICAL,
    "delivery.late": State.CRITICAL,  # made and never tried
    "delivery.late-failing": State.CRITICAL,
    "delivery.late-sent": State.CRITICAL,
    "delivery.late-received": State.WARNING,  # headquarters has it, and says neither yes nor no
}
"""Every code of a period, and how bad it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """A period and what there is of it."""

    period: str
    due_at: datetime | None = None  # None: no due time of the report asked for it
    editions: tuple[OutboxRow, ...] = ()  # by number

    @property
    def newest(self) -> OutboxRow | None:
        """The edition that counts."""
        return self.editions[-1] if self.editions else None

    @property
    def last_delivered_at(self) -> datetime | None:
        """When an edition was delivered the last time."""
        return max((row.closed_at for row in self.editions if _is_delivered(row) and row.closed_at), default=None)

    @property
    def promised_at(self) -> datetime:
        """Since when it may not take longer than `max_delay`; a period without a bundle is one that was due."""
        moments = [row.queued_at for row in self.editions[-1:]]
        if self.due_at is not None and self.last_delivered_at is None:
            moments.append(self.due_at)
        return min(moments)


class _Said(NamedTuple):
    code: str
    facts: dict[str, Fact]
    since: datetime | None = None
    until: datetime | None = None


def evaluate_delivery(watched: Watched) -> tuple[Evaluation, ...]:
    """Every period that was due or has a bundle that is open, then documents; nothing where nothing was promised."""
    job = _reporting(watched)
    owed = tuple(_owed(watched, job))
    newest = max((at for one in owed if (at := one.last_delivered_at)), default=None)
    found = [_period(one, newest, watched) for one in owed]
    if job is not None and not any(one.due_at for one in owed):
        found.append(_nothing_due(job, watched))
    return (*found, *evaluate_documents(watched))


def _reporting(watched: Watched) -> JobPolicy | None:
    """The job that makes and delivers the report; None where none is promised to anybody."""
    settings = watched.settings
    is_promised = settings.report is not None and settings.report.monthly is not None
    has_way = settings.delivery is not None and bool(settings.delivery.targets)
    return settings.schedule.jobs.get(REPORT) if is_promised and has_way else None


def _owed(watched: Watched, job: JobPolicy | None) -> Iterator[_Owed]:
    """The newest period first; of periods that no due time of late asked for only those that somebody waits for."""
    rows = watched.reader.outbox.rows()
    editions: dict[str, list[OutboxRow]] = {}
    for row in sorted(rows, key=lambda row: row.sequence):
        editions.setdefault(row.period, []).append(row)
    begun_at = _begun_at(rows, watched)
    for period, due_at in _due(job, watched) if job is not None else ():
        if period.name in editions or (begun_at is not None and due_at >= begun_at):
            yield _Owed(period=period.name, due_at=due_at, editions=tuple(editions.pop(period.name, ())))
    told = watched.reader.watch.incidents(only_open=True)
    for name, made in sorted(editions.items(), reverse=True):
        if not _is_delivered(made[-1]) or Key(CHECK, name) in told:
            yield _Owed(period=name, editions=tuple(made))


def _begun_at(rows: Sequence[OutboxRow], watched: Watched) -> datetime | None:
    """Since when reports are owed: the first bundle, or since the job is known. None: nothing tells."""
    memory = watched.reader.watch.memory(watched.now).get(REPORT)
    known = [row.queued_at for row in rows] + ([_known_since(memory)] if memory is not None else [])
    return min(known, default=None)


def _known_since(memory: JobMemory) -> datetime:
    return memory.known_since or memory.first.due_at


def _due(job: JobPolicy, watched: Watched) -> Iterator[tuple[Period, datetime]]:
    """The last periods and when each became due, the newest first.

    A job that is not monthly is about the last whole month each time: the first of its times counts.
    """
    office = watched.settings.office
    due_at = newest_due(job.at, office.zone, office.calendar, watched.now)
    period = period_of(job.at, due_at, office.zone, office.calendar)
    for _ in range(PERIODS):
        if job.at.day is None:
            begin = start_of(period.last + _DAY, office.zone)
            yield period, next_due(job.at, office.zone, office.calendar, begin - INSTANT)
            period = before(period)
        else:
            yield period, due_at
            due_at = newest_due(job.at, office.zone, office.calendar, due_at - INSTANT)
            period = period_of(job.at, due_at, office.zone, office.calendar)


def _period(owed: _Owed, newest: datetime | None, watched: Watched) -> Evaluation:
    """`newest`: the last delivery at all; the gauge of ages is about that, and not about a month of last year."""
    policy = watched.settings.delivery or DeliveryPolicy()
    said = _unmade(owed, policy, watched) if owed.newest is None else _made(owed, owed.newest, policy, watched)
    on = owed.due_at and owed.due_at.astimezone(watched.settings.office.zone).date().isoformat()
    delivered = owed.last_delivered_at
    return Evaluation(
        key=Key(CHECK, owed.period),
        state=STATES[said.code],
        code=said.code,
        table=TABLE,
        judged_at=watched.now,
        valid_until=said.until,
        facts={"due_on": on, **said.facts} if on else said.facts,
        since=said.since,
        last_good_at=delivered if delivered == newest else None,
        depends_on=(Key("schedule", REPORT),) if said.code == "delivery.not-made" else (),
    )


def _unmade(owed: _Owed, policy: DeliveryPolicy, watched: Watched) -> _Said:
    """Of a period without any bundle. The last step depends on nothing: it is told whatever else is wrong."""
    due_at, late_at = owed.promised_at, owed.promised_at + policy.max_delay
    told_at = due_at + min(_DAY, policy.max_delay / 2) + INSTANT
    facts: dict[str, Fact] = {"due_at": due_at.isoformat(), "late_at": late_at.isoformat()}
    if watched.now > late_at:
        return _Said("delivery.never-made", facts, late_at)
    if watched.now >= told_at:
        return _Said("delivery.not-made", facts, due_at, late_at + INSTANT)
    return _Said("delivery.due", facts, due_at, told_at)


def _made(owed: _Owed, row: OutboxRow, policy: DeliveryPolicy, watched: Watched) -> _Said:
    facts: dict[str, Fact] = {"sequence": row.sequence}
    trouble: dict[str, Fact] = {"problem": row.problem, "remedy": row.remedy}
    if _is_delivered(row):
        return _Said("delivery.delivered", {**facts, "closed_at": _iso(row.closed_at)}, row.closed_at)
    if row.state is OutboxState.REFUSED:
        return _Said("delivery.refused", facts | trouble, row.closed_at)
    late_at = owed.promised_at + policy.max_delay
    facts |= {"late_at": late_at.isoformat(), "sent_at": _iso(row.sent_at), "received_at": _iso(row.received_at)}
    if row.problem is not None:
        facts |= trouble
    if watched.now > late_at:
        return _Said(_late(row), facts, late_at)
    return _Said(_in_time(row), facts, None, late_at + INSTANT)


def _late(row: OutboxRow) -> str:
    if row.received_at is not None:
        return "delivery.late-received"
    if row.state is OutboxState.SENT:
        return "delivery.late-sent"
    return "delivery.late" if row.problem is None else "delivery.late-failing"


def _in_time(row: OutboxRow) -> str:
    if row.state is OutboxState.SENT:
        return "delivery.sent"
    return "delivery.queued" if row.problem is None else "delivery.failing"


def _nothing_due(job: JobPolicy, watched: Watched) -> Evaluation:
    """The first report is still to come; or nobody knows since when any is owed."""
    key, office = Key(CHECK, ""), watched.settings.office
    if watched.reader.watch.memory(watched.now).get(REPORT) is None:
        return unknown(watched, key, "delivery.nothing-known", depends_on=(Key("schedule", REPORT),))
    due_at = next_due(job.at, office.zone, office.calendar, watched.now)
    return Evaluation(
        key=key,
        state=STATES["delivery.not-yet-due"],
        code="delivery.not-yet-due",
        table=TABLE,
        judged_at=watched.now,
        valid_until=due_at,
        facts={"due_at": due_at.isoformat()},
    )


def _is_delivered(row: OutboxRow) -> bool:
    return row.state is OutboxState.DELIVERED


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
