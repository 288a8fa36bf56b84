"""Backups: the calendar of every job, the tiers, how far copies are proven, restore tests, what lies off-site."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from itops.reports.monthly.composing.backup_calendar import calendars
from itops.reports.monthly.composing.cells import Pen, cell, mark_of
from itops.reports.monthly.composing.deposits import deposits_table
from itops.reports.monthly.composing.figures import figures_table
from itops.reports.monthly.composing.slots import reason_line, slot_line, slot_mark
from itops.reports.monthly.parts import BackupPart, CoverRow, DrillRow, JobRow, SlotRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, Cell, Heading, Line, Mark, Paragraph, Row, Table, text
from itops.reports.words import Words
from itops.verdict import State

_COUNTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("OK", ("OK",)),
    ("OK-LATE", ("OK-LATE",)),
    ("WEAK", ("WEAK",)),
    ("DAMAGED", ("DAMAGED",)),
    ("MISSING", ("MISSING",)),
    ("UNKNOWN", ("UNKNOWN",)),
    ("not-over", ("OPEN", "PENDING")),
)
_NOT_DEMANDED = "EXEMPT"
_FINE = frozenset({"OK", _NOT_DEMANDED})
_BAD_COVERS = frozenset({"unprotected", "exemption expired"})
_HIGHEST_LEVEL = 7


def backups(report: Report, pen: Pen) -> Iterator[Block]:
    """The month's backups."""
    part = report.backups
    yield Heading(level=1, title=pen.say("heading", "backups"), id="backups")
    yield from figures_table(part.figures, report.figures, "backup-figures", pen)
    yield from calendars(report, pen)
    yield _tiers(part.jobs, pen)
    yield _jobs(part.jobs, pen)
    yield _levels(part.levels, pen)
    yield _drills(part.drills, pen)
    yield deposits_table(part.deposits, pen)
    yield from _covers(part, pen)


def _tiers(jobs: Sequence[JobRow], pen: Pen) -> Table:
    told = [(job, tier, counts) for job in jobs for tier, counts in job.tiers.items() if counts]
    sums: Counter[str] = Counter()
    for _, _, counts in told:
        sums.update(counts)
    return Table(
        title=pen.say("table", "tiers"),
        columns=(
            *pen.columns(("job", 2, "code"), ("object", 2.4, "code"), ("tier", 1.1, "text"), ("demanded", 1, "number")),
            *pen.columns(*((f"slot_{key}", 1, "number") for key, _ in _COUNTED)),
        ),
        rows=tuple(
            Row(
                cells=(
                    pen.name_cell(job.job),
                    pen.name_cell(job.object),
                    cell(pen.label("tier", tier)),
                    *_counts(counts, pen),
                )
            )
            for job, tier, counts in told
        ),
        id="backup-tiers",
        empty=pen.none("no_slots"),
        total=Row(cells=(Cell(line=text(pen.say("column", "total"))), Cell(), Cell(), *_counts(sums, pen)))
        if told
        else None,
    )


def _counts(counts: Mapping[str, int], pen: Pen) -> tuple[Cell, ...]:
    demanded = sum(count for state, count in counts.items() if state != _NOT_DEMANDED)
    told = [sum(counts.get(state, 0) for state in states) for _, states in _COUNTED]
    return tuple(pen.number_cell(number) for number in (demanded, *told))


def _jobs(jobs: Sequence[JobRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "jobs"),
        columns=pen.columns(
            ("job", 2, "code"),
            ("object", 2.4, "code"),
            ("owner", 1.5, "text"),
            ("state", 1.2, "text"),
            ("newest", 2.2, "day"),
            ("level", 1.7, "text"),
            ("restored", 2.2, "day"),
            ("took", 2, "number"),
        ),
        rows=tuple(_job(one, pen) for one in jobs),
        id="backup-jobs",
        empty=pen.none("no_jobs"),
    )


def _job(one: JobRow, pen: Pen) -> Row:
    return Row(
        cells=(
            pen.name_cell(one.job),
            pen.name_cell(one.object),
            pen.name_cell(one.owner),
            Cell(line=text(pen.say("job_state", one.state.name)), mark=mark_of(one.state)),
            pen.moment_cell(one.newest_at),
            cell(level_line(one.level, pen)),
            pen.moment_cell(one.restored_at) if one.restored_at else Cell(line=text(pen.say("not_tested"))),
            pen.number_cell(one.restore_seconds, "seconds"),
        ),
        mark=Mark.BAD if one.state is State.CRITICAL else None,
    )


def level_line(level: int | None, pen: Pen) -> Line:
    """A proof level by name, never as a tick."""
    if level is None:
        return ()
    if not 0 <= level <= _HIGHEST_LEVEL:
        return pen.number(level)
    return pen.fill("level", level=pen.name(f"L{level}"), name=text(_level_word(level, pen.words)))


def _level_word(level: int, words: Words) -> str:
    return words.template("receipt", f"L{level}")


def _levels(levels: Mapping[str, int], pen: Pen) -> Table:
    total = Row(cells=(Cell(line=text(pen.say("column", "total"))), pen.number_cell(sum(levels.values()))))
    return Table(
        title=pen.say("table", "levels"),
        columns=pen.columns(("level", 3, "text"), ("copies", 1, "number")),
        rows=tuple(
            Row(cells=(cell(level_line(int(level), pen)), pen.number_cell(count)))
            for level, count in sorted(levels.items())
        ),
        id="backup-levels",
        empty=pen.none("no_copies"),
        note=pen.say("levels_note"),
        total=total if levels else None,
    )


def _drills(drills: Sequence[DrillRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "drills"),
        columns=pen.columns(
            ("day", 1.6, "day"),
            ("job", 1.6, "code"),
            ("object", 2.2, "code"),
            ("into", 1.3, "code"),
            ("result", 1.3, "text"),
            ("took", 1.4, "number"),
            ("answer", 1.2, "number"),
            ("faults", 2.2, "text"),
        ),
        rows=tuple(_drill(one, pen) for one in drills),
        id="backup-drills",
        empty=pen.none("no_drills"),
    )


def _drill(one: DrillRow, pen: Pen) -> Row:
    mark = Mark.GOOD if one.is_good else Mark.BAD
    return Row(
        cells=(
            pen.moment_cell(one.at),
            pen.name_cell(one.job),
            pen.name_cell(one.object),
            pen.name_cell(one.into),
            Cell(line=text(pen.say("drill", "good" if one.is_good else "bad")), mark=mark),
            pen.number_cell(one.seconds, "seconds"),
            pen.number_cell(one.answer),
            cell(pen.names(one.faults)),
        ),
        mark=None if one.is_good else Mark.BAD,
    )


def _covers(part: BackupPart, pen: Pen) -> Iterator[Block]:
    open_ones = [one for one in part.covers if one.cover != "protected"]
    yield Table(
        title=pen.say("table", "covers"),
        columns=pen.columns(("object", 3, "code"), ("kind", 1, "text"), ("cover", 2, "text"), ("jobs", 2, "code")),
        rows=tuple(_cover(one, pen) for one in open_ones),
        id="backup-covers",
        empty=pen.none("all_covered" if part.covers else "no_covers"),
    )
    if not part.lists_databases and not pen.is_public:
        yield Paragraph(line=text(pen.say("databases_not_listed")), role="note", mark=Mark.UNKNOWN)


def _cover(one: CoverRow, pen: Pen) -> Row:
    mark = Mark.BAD if one.cover in _BAD_COVERS else Mark.UNKNOWN if one.cover == "never listed" else Mark.NOTICE
    return Row(
        cells=(
            pen.name_cell(one.object),
            cell(pen.label("protected", one.kind)),
            Cell(line=pen.label("cover", one.cover), mark=mark),
            cell(pen.names(one.jobs)),
        )
    )


def odd_slots(report: Report, pen: Pen) -> Table:
    """Every slot that was not filled as it should be, for the annex."""
    odd = [one for one in report.backups.slots if one.state not in _FINE]
    return Table(
        title=pen.say("table", "odd_slots", count=len(odd)),
        columns=pen.columns(
            ("number", 0.6, "number"),
            ("job", 1.8, "code"),
            ("object", 2.2, "code"),
            ("tier", 1, "text"),
            ("slot", 1.6, "day"),
            ("state", 1.3, "text"),
            ("reason", 2.6, "text"),
            ("copy_at", 1.5, "day"),
            ("level", 1.6, "text"),
            ("needed", 1.6, "text"),
            ("copy", 2.4, "code"),
        ),
        rows=tuple(_odd_slot(number, one, pen) for number, one in enumerate(odd, start=1)),
        id="annex-slots",
        empty=pen.none("no_odd_slots"),
        is_annex=True,
    )


def _odd_slot(number: int, one: SlotRow, pen: Pen) -> Row:
    return Row(
        cells=(
            pen.number_cell(number),
            pen.name_cell(one.job),
            pen.name_cell(one.object),
            cell(pen.label("tier", one.tier)),
            Cell(line=slot_line(one, pen), value=one.on),
            Cell(line=pen.label("slot_state", one.state), mark=slot_mark(one.state)),
            cell(reason_line(one, pen)),
            pen.moment_cell(one.copy_at),
            cell(level_line(one.level, pen)),
            cell(level_line(one.needed, pen)),
            pen.name_cell(one.copy_key),
        )
    )
