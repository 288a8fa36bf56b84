"""The calendar of the backups: days across, jobs down; one map for each month of the period."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.slots import NO_SLOT, STATES, sign_cell, slot_title
from itops.reports.monthly.parts import BackupPart, SlotRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, CalendarCell, CalendarRow, HeatMap, Line, Paragraph, said, text

_TIERS = ("daily", "weekly", "monthly")


def calendars(report: Report, pen: Pen) -> Iterator[Block]:
    """A row for each object of each job, by its finest tier; the other tiers are in the tables."""
    part = report.backups
    rows = _rows(part, pen)
    if not rows or not part.days:
        yield Paragraph(line=text(pen.none("no_slots")), role="note")
        return
    seen = frozenset(slot.state for _, slots in rows for slot in slots.values())
    for month, days in _months(part.days, pen).items():
        yield HeatMap(
            title=pen.say("table", "calendar", period=said(pen.period(month))),
            days=tuple(pen.day_of_month(day) for day in days),
            rows=tuple(CalendarRow(label=label, cells=_cells(slots, days, pen)) for label, slots in rows),
            legend=tuple(
                (sign_cell(state, pen), said(pen.label("slot_state", state))) for state in STATES if state in seen
            ),
            id=f"calendar-{month}",
        )
    yield Paragraph(line=demanded_line(report, pen), role="note")


def demanded_line(report: Report, pen: Pen) -> Line:
    """On how many days of the period a daily copy was demanded: what working days were taken for."""
    daily = [slot for slot in report.backups.slots if slot.tier == "daily"]
    days = {slot.on for slot in daily if slot.state != "EXEMPT"}
    if not daily:
        return text(pen.none("days_not_demanded"))
    return pen.fill("days_demanded", demanded=pen.number(len(days)), days=pen.number(len(report.backups.days)))


def _rows(part: BackupPart, pen: Pen) -> Sequence[tuple[Line, Mapping[date, SlotRow]]]:
    by_row: dict[tuple[str, str], dict[str, dict[date, SlotRow]]] = {}
    first = part.days[0] if part.days else date.min
    for slot in part.slots:
        tiers = by_row.setdefault((slot.job, slot.object), {})
        tiers.setdefault(slot.tier, {})[max(slot.on, first)] = slot  # a week that began before the period
    several = _objects_of_several_jobs(by_row)
    return [
        (_label(job, about, tier, pen, is_of_several=about in several), tiers[tier])
        for (job, about), tiers in by_row.items()
        for tier in [next((one for one in _TIERS if one in tiers), next(iter(tiers)))]
    ]


def _objects_of_several_jobs(rows: Mapping[tuple[str, str], object]) -> frozenset[str]:
    objects = [about for _, about in rows]
    return frozenset(about for about in objects if objects.count(about) > 1)


def _label(job: str, about: str, tier: str, pen: Pen, *, is_of_several: bool) -> Line:
    name = pen.name(about) or pen.name(job)
    more = (pen.name(job) if is_of_several else (), pen.label("tier", tier) if tier != "daily" else ())
    return pen.listed((name, *more))


def _months(days: Sequence[date], pen: Pen) -> Mapping[str, Sequence[date]]:
    months: dict[str, list[date]] = {}
    for day in days:
        months.setdefault(pen.month_of(day), []).append(day)
    return months


def _cells(slots: Mapping[date, SlotRow], days: Sequence[date], pen: Pen) -> tuple[CalendarCell, ...]:
    return tuple(
        sign_cell(slots[day].state, pen, slot_title(slots[day], pen)) if day in slots else NO_SLOT for day in days
    )
