"""Which slots lie off-site: what the plan demands of a place, and what the register says is there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from itops.backup.claims import objects_of
from itops.backup.custody.days import open_day
from itops.backup.custody.records import ManifestFile
from itops.backup.custody.register import Register
from itops.backup.custody.states import MediumState
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, Job, Tier, TierPolicy
from itops.backup.slots import Calendar, Slot, excuse_for, slots_between

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """One slot of one object, and the media it lies on in a place."""

    job: str
    object: str
    slot: str
    media: tuple[str, ...]
    received_at: datetime | None  # when the last of them came in; None: it was there when it was added
    made_at: datetime | None  # the newest of its files
    level: Level | None  # the lowest of the best file on each medium; None: not even seen


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandedSlot:
    """A slot of which a copy must lie in a place."""

    job: str
    object: str  # as itops.yaml has it; "" where its job protects whatever a server has
    slot: Slot
    place: str
    needed: Level
    due_on: date  # the first day after its grace that the place is open
    last_on: date  # the last such day that is not late

    def is_late(self, calendar: Calendar, now: datetime) -> bool:
        """Whether the last day has passed, midnight to midnight as banks count."""
        return now >= midnight(self.last_on + _DAY, calendar)


def midnight(day: date, calendar: Calendar) -> datetime:
    """When a civil day begins in the office's zone, UTC."""
    return datetime.combine(day, time(), calendar.zone).astimezone(UTC)


def deposits(register: Register, place: str) -> tuple[Deposit, ...]:
    """What lies in the place now, by job, object and slot; media on the way or not to be counted on are not there."""
    held: dict[tuple[str, str, str], list[tuple[MediumState, ManifestFile]]] = {}
    for state in register.in_use():
        if state.place != place or state.is_in_transit:
            continue
        for file in state.sound_files():
            for slot in file.slots:
                held.setdefault((file.job, file.object, slot), []).append((state, file))
    return tuple(_deposit(*key, found) for key, found in sorted(held.items()))


def _deposit(job: str, object_: str, slot: str, found: Sequence[tuple[MediumState, ManifestFile]]) -> Deposit:
    best: dict[str, int] = {}
    for state, file in found:
        level = -1 if file.level is None else file.level
        best[state.medium] = max(level, best.get(state.medium, -1))
    lowest = min(best.values())
    arrivals = [state.since for state, _ in found if state.received is not None]
    return Deposit(
        job=job,
        object=object_,
        slot=slot,
        media=tuple(best),
        received_at=max(arrivals, default=None),
        made_at=max((file.made_at for _, file in found if file.made_at is not None), default=None),
        level=None if lowest < 0 else Level(lowest),
    )


def demanded_slots(
    register: Register,
    plan: BackupPlan,
    calendar: Calendar,
    now: datetime,
    databases: Iterable[tuple[str, str]] = (),
) -> Iterator[DemandedSlot]:
    """Every closed slot whose tier names a place: the last `keep` of each, none before the job or the register began.

    `databases` are the (server, name) pairs that servers have; without them `sql01/*` is one nameless object.
    """
    known = tuple(databases)
    for name, job in plan.jobs.items():
        since = register.began_at if job.since is None else calendar.begin_of(job.since)
        for tier, policy in job.tiers().items():
            if since is not None and policy.offsite in plan.custody.places:
                for object_ in _objects(job, known):
                    for slot in _closed(tier, policy, job, object_, calendar, since, now):
                        yield _demanded(plan, name, object_, slot, policy, calendar)


def _objects(job: Job, databases: tuple[tuple[str, str], ...]) -> Sequence[str]:
    if not databases and any(protected.is_all for protected in job.protects):
        named = [protected.text for protected in job.protects if not protected.is_all]
        return ["", *named]
    return list(dict.fromkeys(protected.text for protected in objects_of(job, databases)))


def _closed(
    tier: Tier, policy: TierPolicy, job: Job, object_: str, calendar: Calendar, since: datetime, now: datetime
) -> Sequence[Slot]:
    closed = [
        slot
        for slot in slots_between(tier, policy, calendar, since, now)
        if slot.begins_at >= since
        and slot.graced_until <= now
        and excuse_for(slot, policy, calendar, job.exempt, object_) is None
    ]
    return closed[-policy.keep :]


def _demanded(
    plan: BackupPlan, name: str, object_: str, slot: Slot, policy: TierPolicy, calendar: Calendar
) -> DemandedSlot:
    where = policy.offsite or ""
    place, holidays = plan.custody.places[where], plan.days.holidays
    over = slot.graced_until.astimezone(calendar.zone).date()
    job = plan.jobs[name]
    return DemandedSlot(
        job=name,
        object=object_,
        slot=slot,
        place=where,
        needed=job.level if policy.level is None else policy.level,
        due_on=open_day(place, holidays, over),
        last_on=open_day(place, holidays, over + plan.custody.deposit_grace),
    )


class Holdings:
    """The sound files of media in use, wherever those are, by what they are copies of."""

    def __init__(self, register: Register) -> None:
        self._held: dict[tuple[str, str], list[tuple[MediumState, ManifestFile]]] = {}
        for state in register.in_use():
            for file in state.sound_files():
                for slot in dict.fromkeys(file.slots):
                    self._held.setdefault((file.job, slot), []).append((state, file))

    def of(self, demanded: DemandedSlot) -> Iterator[tuple[MediumState, ManifestFile]]:
        """The copies of a slot; where the plan or the file names no object, the job alone decides."""
        wanted = demanded.object.casefold()
        for state, file in self._held.get((demanded.job, demanded.slot.name), ()):
            if not wanted or not file.object or file.object.casefold() == wanted:
                yield state, file


def only_on(
    register: Register,
    plan: BackupPlan,
    calendar: Calendar,
    now: datetime,
    medium: str,
    databases: Iterable[tuple[str, str]] = (),
) -> tuple[DemandedSlot, ...]:
    """The demanded slots of which no other medium holds a sound copy: what is lost if this one is written over."""
    holdings = Holdings(register)
    return tuple(
        demanded
        for demanded in demanded_slots(register, plan, calendar, now, databases)
        if {state.medium for state, _ in holdings.of(demanded)} == {medium}
    )
