"""The copies that must lie off-site: of each demanded slot of the period, whether it came to its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.backup.custody.deposits import DemandedSlot, demanded_slots, midnight
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar, SlotState
from itops.dates import Period
from itops.names import Names
from itops.reports.monthly.backups_places import CustodyThen, Laid
from itops.reports.monthly.backups_slots import Standing, expected_day, is_of
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import DepositRow, FindingRow
from itops.verdict import State

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDeposit:
    """One demanded copy, and since when it is late."""

    row: DepositRow
    late_at: datetime  # when its last day is over

    @property
    def evidence(self) -> Evidence:
        """What shows it; the note says where it is, or that there is still time."""
        row = self.row
        note = "deposited" if row.is_deposited else "late" if row.is_late else "due"
        return Evidence(
            kind="custody", ref=f"{row.place} {row.slot} {row.job} {row.object}".strip(), at=row.received_at, note=note
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What decides which deposits the period asks for. `plan` is that of `plan_for`: no slot is forgotten."""

    plan: BackupPlan
    calendar: Calendar
    period: Period
    judged_at: datetime
    databases: Sequence[tuple[str, str]] = ()


def told_deposits(demands: Demands, custody: CustodyThen, told: Iterable[Standing]) -> tuple[ToldDeposit, ...]:
    """By place, month, job and object."""
    slots = _demanded_of(told)
    asked = demanded_slots(custody.register, demands.plan, demands.calendar, demands.judged_at, demands.databases)
    found = [
        _told(demands, custody, one)
        for one in asked
        if is_of(demands.period, one.slot, demands.plan.jobs[one.job].tiers()[one.slot.tier]) and _is_wanted(one, slots)
    ]
    return tuple(sorted(found, key=lambda one: _order(one.row)))


def _order(row: DepositRow) -> tuple[str, ...]:
    return row.place, row.month, row.job, row.object.casefold(), row.slot


def _demanded_of(told: Iterable[Standing]) -> Mapping[tuple[str, str], frozenset[str]]:
    """The slots that something was demanded of, by job and object; nothing of an object that was never judged."""
    return {
        (one.job, one.object.casefold()): frozenset(
            slot.row.slot for slot in one.slots if slot.row.state != SlotState.EXEMPT.value
        )
        for one in told
        if one.verdict.tiers
    }


def _is_wanted(one: DemandedSlot, slots: Mapping[tuple[str, str], frozenset[str]]) -> bool:
    """A copy that was never demanded, of before the database was made, say, need not lie anywhere."""
    known = slots.get((one.job, one.object.casefold()))
    return known is None or one.slot.name in known


def _told(demands: Demands, custody: CustodyThen, one: DemandedSlot) -> ToldDeposit:
    laid = tuple(_laid(custody, one))
    policy = demands.plan.jobs[one.job].tiers()[one.slot.tier]
    row = DepositRow(
        place=one.place,
        month=demands.calendar.month_of(expected_day(one.slot, policy)).name,
        job=one.job,
        object=one.object,
        slot=one.slot.name,
        is_deposited=bool(laid),
        is_late=not laid and one.is_late(demands.calendar, demands.judged_at),
        media=tuple(sorted({held.medium for held in laid})),
        received_at=min((held.received_at for held in laid if held.received_at is not None), default=None),
        due_on=one.due_on,
    )
    return ToldDeposit(row=row, late_at=midnight(one.last_on + _DAY, demands.calendar))


def _laid(custody: CustodyThen, one: DemandedSlot) -> Iterator[Laid]:
    """As itops.backup.custody.deposits.Holdings: where the plan or the file names no object, the job alone decides."""
    wanted = one.object.casefold()
    for laid in custody.laid.get((one.place, one.job, one.slot.name), ()):
        if not wanted or not laid.object or laid.object.casefold() == wanted:
            yield laid


def place_names(plan: BackupPlan) -> Mapping[str, Names]:
    """What the places are called."""
    return {key: place.name for key, place in plan.custody.places.items()}


def unknown_deposits(reason: str) -> Iterator[Figure]:
    """The figures where nobody can tell."""
    yield Figure(id="custody.deposits", value=None, unit="ratio", reason=reason)
    yield Figure(id="custody.months", value=None, unit="ratio", reason=reason)
    yield Figure(id="custody.media", value=None, reason=reason)


def deposit_figures(told: Sequence[ToldDeposit], custody: CustodyThen, plan: BackupPlan) -> Iterator[Figure]:
    """How much of what was demanded lay off-site, in how many months all of it, and how many media are in use."""
    if not plan.custody.places:
        yield from unknown_deposits("no-place")
        return
    made = sum(one.row.is_deposited for one in told)
    yield ratio_of("custody.deposits", made, len(told), (one.evidence for one in told))
    months = _months(told)
    whole = sum(note == "deposited" for note in months.values())
    evidence = [Evidence(kind="custody", ref=month, note=note) for month, note in months.items()]
    yield ratio_of("custody.months", whole, len(months), evidence)
    media = (
        Evidence(kind="custody", ref=state.medium, at=state.added.at, note=state.condition)
        for state in custody.register.in_use()
    )
    yield count_of("custody.media", media)


def _months(told: Iterable[ToldDeposit]) -> Mapping[str, str]:
    """Each month that something was demanded of, and the worst that became of it."""
    notes: dict[str, set[str]] = {}
    for one in told:
        notes.setdefault(one.row.month, set()).add(one.evidence.note)
    order = ("late", "due", "deposited")
    return {month: next(note for note in order if note in notes[month]) for month in sorted(notes)}


def deposit_findings(told: Iterable[ToldDeposit]) -> Iterator[FindingRow]:
    """Late ones, one finding for each place and month."""
    late: dict[tuple[str, str], list[ToldDeposit]] = {}
    for one in told:
        if one.row.is_late:
            late.setdefault((one.row.place, one.row.month), []).append(one)
    for (place, month), found in late.items():
        yield FindingRow(
            room="custody",
            table="report",
            code="report.deposit-missing",
            subject=f"{place} {month}",
            state=State.CRITICAL,
            since=min(one.late_at for one in found),
            facts={"place": place, "month": month, "slot_count": len(found)},
            evidence=tuple(one.evidence for one in found),
        )
