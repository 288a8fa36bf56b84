"""The change log replayed: what stands now, with what it is linked to, and which rows could not have been written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itops.worklog.entries import ChangeRef, Entry, Linked, LogRow, Record, Withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry that holds: the last of those that corrected each other."""

    number: int  # of the last one
    entry: Entry
    recorded_at: datetime
    links: tuple[ChangeRef, ...] = ()
    numbers: tuple[int, ...] = ()  # of all of them, the first one first


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRow:
    """A row that has no place in the log."""

    number: int
    code: str  # "unreadable", or an objection's


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLog:
    """Everything the rows say together."""

    standing: tuple[Standing, ...] = ()  # by the moment it happened, then by number
    invalid: tuple[InvalidRow, ...] = ()
    last: int = 0  # the number of the last row
    by_number: Mapping[int, Standing] = field(default_factory=dict)  # also by the numbers that were corrected
    withdrawn: frozenset[int] = frozenset()

    def within(self, begin: datetime, end: datetime) -> Iterator[Standing]:
        """What happened in [begin, end)."""
        return (one for one in self.standing if begin <= one.entry.at < end)


def log_of(rows: Sequence[LogRow]) -> WorkLog:
    """Replay all rows, in the order of their numbers. Never raises: a row that does not fit is named."""
    known: dict[int, Standing] = {}
    withdrawn: set[int] = set()
    invalid: list[InvalidRow] = []
    for row in sorted(rows, key=lambda one: one.number):
        code = "unreadable" if row.record is None else objection_to(known, withdrawn, row.record)
        if row.record is None or code is not None:
            invalid.append(InvalidRow(number=row.number, code=code or "unreadable"))
        else:
            _apply(known, withdrawn, row, row.record)
    once = {one.number: one for one in known.values()}
    return WorkLog(
        standing=tuple(sorted(once.values(), key=lambda one: (one.entry.at, one.number))),
        invalid=tuple(invalid),
        last=max((row.number for row in rows), default=0),
        by_number=known,
        withdrawn=frozenset(withdrawn),
    )


def objection_to(known: Mapping[int, Standing], withdrawn: "set[int] | frozenset[int]", record: Record) -> str | None:
    """Why a record cannot be written after these: "no-entry", "withdrawn", "corrected"; None when it can."""
    about = record.corrects if isinstance(record, Entry) else record.entry
    if about is None:
        return None
    if about in withdrawn:
        return "withdrawn"
    if about not in known:
        return "no-entry"
    # Links follow a correction; two corrections of one entry would be two truths.
    return "corrected" if isinstance(record, Entry) and known[about].number != about else None


def _apply(known: dict[int, Standing], withdrawn: set[int], row: LogRow, record: Record) -> None:
    if isinstance(record, Entry):
        before = known.get(record.corrects) if record.corrects is not None else None
        stands = Standing(
            number=row.number,
            entry=record,
            recorded_at=row.recorded_at,
            links=_joined(before.links if before else (), record.links),
            numbers=(*(before.numbers if before else ()), row.number),
        )
    elif isinstance(record, Withdrawn):
        for number in known[record.entry].numbers:
            withdrawn.add(number)
            known.pop(number)
        return
    else:
        stands = _linked(known[record.entry], record)
    known |= dict.fromkeys(stands.numbers, stands)


def _linked(before: Standing, record: Linked) -> Standing:
    kept = tuple(link for link in before.links if link not in record.changes)
    links = kept if record.is_undone else _joined(before.links, record.changes)
    return Standing(
        number=before.number,
        entry=before.entry,
        recorded_at=before.recorded_at,
        links=links,
        numbers=before.numbers,
    )


def _joined(first: Sequence[ChangeRef], second: Sequence[ChangeRef]) -> tuple[ChangeRef, ...]:
    return tuple(dict.fromkeys((*first, *second)))
