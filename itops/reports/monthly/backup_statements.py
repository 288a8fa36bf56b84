"""What may be said of the backups: "all", "daily", "monthly" only where every slot and every database bears it out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from itops.backup.coverage import Cover
from itops.backup.policy import Tier
from itops.backup.slots import SlotState
from itops.facts import Fact
from itops.names import Names
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.indicators import share_of
from itops.reports.monthly.parts import BackupPart, CoverRow, JobRow, SlotRow
from itops.reports.monthly.records import PeriodRow, Statement

_PROTECTED, _SLOTS, _MONTHS = "backup.databases_protected", "backup.slots_ok", "custody.months"
_KEPT = frozenset({SlotState.OK.value, SlotState.OK_LATE.value})
_NOT_DEMANDED = frozenset({SlotState.EXEMPT.value, SlotState.OPEN.value, SlotState.PENDING.value})
_REAL = frozenset({Cover.PROTECTED.value, Cover.UNPROTECTED.value, Cover.EXPIRED.value, Cover.EXEMPT.value})
_DATABASE = "database"
_BEFORE_POLICY = "before-policy"  # the reason of a slot of when nobody looked yet
_FIRST_DAYS: Mapping[Tier, int] = {Tier.DAILY: 0, Tier.WEEKLY: 6, Tier.MONTHLY: 0}
"""How many days after the period begins the first slot of a tier may begin: a week belongs to its expected day."""
_ANYWAY = "anyway"  # the reason of a slot that was filled though nothing was demanded


@dataclass(frozen=True, kw_only=True)
class _Databases:
    """The databases that there are or that a job keeps, and what became of their slots."""

    part: BackupPart
    first: date  # of the period

    @cached_property
    def covers(self) -> tuple[CoverRow, ...]:
        """Databases that a server has."""
        return tuple(row for row in self.part.covers if row.kind == _DATABASE and row.cover in _REAL)

    @cached_property
    def _jobs(self) -> tuple[JobRow, ...]:
        """Jobs of databases; of one that a job names and no server has nothing can be said."""
        absent = {row.object.casefold() for row in self.part.covers if row.cover == Cover.ABSENT}
        return tuple(row for row in self.part.jobs if row.is_database and row.object.casefold() not in absent)

    @cached_property
    def _listed(self) -> tuple[tuple[JobRow, ...], ...]:
        """For each database that a server lists and a job keeps: what its jobs tell of it."""
        kept = (cover for cover in self.covers if cover.cover == Cover.PROTECTED)
        return tuple(
            tuple(row for row in self._jobs if row.job in cover.jobs and _fits(row.object, cover.object))
            for cover in kept
        )

    @cached_property
    def _unlisted(self) -> tuple[tuple[JobRow, ...], ...]:
        """The same of databases that jobs keep and no server listed."""
        told = [row for rows in self._listed for row in rows]
        found: dict[str, list[JobRow]] = {}
        for row in self._jobs:
            if row not in told:
                found.setdefault(row.object.casefold() or row.job, []).append(row)
        return tuple(map(tuple, found.values()))

    @property
    def held(self) -> tuple[tuple[JobRow, ...], ...]:
        """Every database that a job keeps; nothing told of one is no slot filled."""
        return self._listed + self._unlisted

    def is_counted(self, figure: Figure) -> bool:
        """Whether it is known how many there are: each server was asked, and rows and figure agree.

        The figure leaves out the server's own databases; its evidence names those that it counts.
        """
        counted = {one.ref.casefold() for one in figure.evidence}
        rows = [row for row in self.covers if row.object.casefold() in counted]
        kept = sum(row.cover == Cover.PROTECTED for row in rows)
        unasked = any(row.kind == _DATABASE and row.cover == Cover.UNKNOWN for row in self.part.covers)
        is_listed = self.part.lists_databases and not self.part.has_old_lists
        is_whole = is_listed and not unasked and not self._unlisted
        return is_whole and bool(rows) and (kept, len(rows)) == (figure.part, figure.of)

    def tiers(self) -> tuple[Tier, ...]:
        """Tiers that every kept database has, with every demanded slot filled; none where slots are nobody's."""
        told = {(row.job, row.object) for row in self.part.jobs}
        if not self.held or any((slot.job, slot.object) not in told for slot in self.part.slots):
            return ()
        begun = (tier for tier in Tier if self._is_begun(tier))
        return tuple(tier for tier in begun if all(self._has(rows, tier) for rows in self.held))

    def _is_begun(self, tier: Tier) -> bool:
        """Whether anybody looked since the period began: of the days before, nobody knows what there was."""
        days = (slot.on for slot in self.part.slots if slot.tier == tier)
        first = min(days, default=None)
        return first is not None and first <= self.first + timedelta(days=_FIRST_DAYS[tier])

    def _has(self, rows: Iterable[JobRow], tier: Tier) -> bool:
        """Whether one of its jobs filled every slot of the tier."""
        return any(self._is_whole(row, tier) for row in rows)

    def _is_whole(self, row: JobRow, tier: Tier) -> bool:
        """All slots that were counted are there by name, filled or excused, and at least one is filled."""
        states = {slot.state for slot in self.slots(row, tier)}
        if any(slot.reason == _BEFORE_POLICY for slot in self.slots(row, tier)):
            return False
        is_told = sum(row.tiers.get(tier, {}).values()) == len(self.slots(row, tier))
        return is_told and bool(_KEPT & states) and states <= _KEPT | {SlotState.EXEMPT.value}

    def slots(self, row: JobRow, tier: Tier) -> tuple[SlotRow, ...]:
        """Of its slots in the period."""
        return self._slots.get((row.job, row.object, tier.value), ())

    @cached_property
    def _slots(self) -> Mapping[tuple[str, str, str], tuple[SlotRow, ...]]:
        found: dict[tuple[str, str, str], list[SlotRow]] = {}
        for slot in self.part.slots:
            found.setdefault((slot.job, slot.object, slot.tier), []).append(slot)
        return {key: tuple(slots) for key, slots in found.items()}


def _fits(promised: str, database: str) -> bool:
    """Whether a job's row is of this database: by its name, or because the job keeps whatever the server has."""
    server = database.partition("/")[0].casefold()
    return promised.casefold() in (database.casefold(), f"{server}/*", "*", "")


def backup_statements(
    part: BackupPart, period: PeriodRow, figures: Mapping[str, Figure], *, has_head: bool
) -> Iterator[Statement]:
    """Backups of databases and what went off-site; nothing while the figures behind it are unknown."""
    databases = _Databases(part=part, first=period.first)
    known = {name for name in (_PROTECTED, _SLOTS, _MONTHS) if (one := figures.get(name)) and one.value is not None}
    deposits = _Deposits.of(part, period, figures.get(_MONTHS)) if _MONTHS in known else []
    whole = [one for one in deposits if one.is_whole]
    carried = {f"places.{number}": one.name for number, one in enumerate(whole)}
    tiers = databases.tiers() if _SLOTS in known else ()
    if tiers:
        names, data = _scope(databases, figures.get(_PROTECTED), has_head=has_head)
        phrases = {"tier_phrase": tuple(tier.value for tier in tiers), "deposit_phrase": ("carried",) if whole else ()}
        named = tuple(name for name in (_PROTECTED, _SLOTS, *([_MONTHS] if whole else [])) if name in known)
        yield Statement(code="backup.made", data=data, names={**names, **phrases}, texts=carried, figures=named)
    elif whole:
        yield Statement(code="backup.carried", texts=carried, figures=(_MONTHS,))
    if _SLOTS in known:
        yield from _parts_of_tiers(databases, tiers)
    yield from (one.partly() for one in deposits if not one.is_whole and one.done)


def _scope(
    databases: _Databases, figure: Figure | None, *, has_head: bool
) -> tuple[dict[str, tuple[str, ...]], dict[str, Fact]]:
    """Of which databases the sentence speaks: of all only where all are known and the figure says so, too."""
    if figure is None or figure.value is None or not databases.is_counted(figure):
        return {"scope_phrase": ("unlisted",)}, {"part_count": len(databases.held)}
    if figure.value < 1:
        return {"scope_phrase": ("part",)}, {"part_count": figure.part, "count": figure.of}
    return {"scope_phrase": ("all-of-head" if has_head else "all",)}, {"count": figure.of}


def _parts_of_tiers(databases: _Databases, whole: Sequence[Tier]) -> Iterator[Statement]:
    """How far the tiers got that not every database has whole."""
    for tier in Tier:
        having = [rows for rows in databases.held if any(databases.slots(row, tier) for row in rows)]
        slots = [slot for rows in having for row in rows for slot in databases.slots(row, tier) if _is_demanded(slot)]
        done = sum(slot.state in _KEPT for slot in slots)
        if tier in whole or not done:
            continue
        names = {"tier_phrase": (tier.value,)}
        if done == len(slots) and len(having) < len(databases.held):
            told = {"part_count": len(having), "count": len(databases.held)}
            yield Statement(code="backup.some", data=told, names=names, figures=(_SLOTS, f"backup.{tier}"))
        else:
            told = {"part_count": done, "count": len(slots), "object_count": len(having)}
            yield Statement(code="backup.slots", data=told, names=names, figures=(_SLOTS, f"backup.{tier}"))


def _is_demanded(slot: SlotRow) -> bool:
    return slot.state not in _NOT_DEMANDED and slot.reason != _ANYWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deposits:
    """One place of custody and the months of the period."""

    name: Names
    done: tuple[str, ...]  # months of which all that was demanded lies there
    late: tuple[str, ...]
    open: tuple[str, ...]  # nothing is late yet
    count: int  # of the months of the period; of some nothing may have been demanded
    is_doubtful: bool  # the figure says less than the rows

    @classmethod
    def of(cls, part: BackupPart, period: PeriodRow, figure: Figure | None) -> "list[_Deposits]":
        """Those that something had to be carried to."""
        places = dict.fromkeys([*part.places, *(row.place for row in part.deposits)])
        is_all = all(row.is_deposited for row in part.deposits)
        is_doubtful = figure is None or (is_all and share_of(figure) != 1)
        used = [place for place in places if any(row.place == place for row in part.deposits)]
        return [cls._of_place(part, period, place, is_doubtful=is_doubtful) for place in used]

    @classmethod
    def _of_place(cls, part: BackupPart, period: PeriodRow, place: str, *, is_doubtful: bool) -> "_Deposits":
        months: dict[str, list[str]] = {"done": [], "late": [], "open": []}
        for month in period.months:
            rows = [row for row in part.deposits if row.place == place and row.month == month]
            missing = [row for row in rows if not row.is_deposited]
            if missing:
                months["late" if any(row.is_late for row in missing) else "open"].append(month)
            elif rows:
                months["done"].append(month)
        return cls(
            name=part.places.get(place, Names(fa=place, en=place)),
            count=len(period.months),
            is_doubtful=is_doubtful,
            done=tuple(months["done"]),
            late=tuple(months["late"]),
            open=tuple(months["open"]),
        )

    @property
    def is_whole(self) -> bool:
        """Every month of the period."""
        return len(self.done) == self.count and not self.is_doubtful

    def partly(self) -> Statement:
        """In how many months, and in which not."""
        return Statement(
            code="backup.carried-part",
            data={"part_count": len(self.done), "count": self.count},
            names={
                "late_months": self.late,
                "open_months": self.open,
                "late_phrase": ("not-carried",) if self.late else (),
                "open_phrase": ("not-yet-carried",) if self.open else (),
            },
            texts={"place": self.name},
            figures=(_MONTHS,),
        )


def drill_statements(part: BackupPart, figures: tuple[str, ...]) -> Iterator[Statement]:
    """Restore tests of the period. A test that failed is told with the others."""
    good = [drill for drill in part.drills if drill.is_good]
    if not good:
        return
    objects = tuple(dict.fromkeys(drill.object for drill in part.drills))
    if len(good) == len(part.drills):
        yield Statement(code="backup.tested", data={"count": len(good)}, names={"objects": objects}, figures=figures)
    else:
        told = {"part_count": len(good), "count": len(part.drills)}
        yield Statement(code="backup.tested-part", data=told, names={"objects": objects}, figures=figures)
