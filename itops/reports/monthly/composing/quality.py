"""Data quality: which inputs there were and what they did not show; and the identity of the report."""

from collections.abc import Iterator, Mapping, Sequence

from itops.reports.monthly.composing.backup_calendar import demanded_line
from itops.reports.monthly.composing.cells import Pen, cell
from itops.reports.monthly.composing.figures import figures_table
from itops.reports.monthly.composing.findings import whole_line
from itops.reports.monthly.composing.front import period_line
from itops.reports.monthly.parts import GapRow, SourceRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, Bullets, Cell, FactList, Heading, Line, Mark, Row, Table, code, text
from itops.text import plain

_MARKS: Mapping[str, Mark] = {
    "fresh": Mark.GOOD,
    "complete": Mark.GOOD,
    "stale": Mark.NOTICE,
    "retired": Mark.NONE,
    "failed": Mark.BAD,
    "never_seen": Mark.UNKNOWN,
    "absent": Mark.UNKNOWN,
}


_WATCHED = frozenset({"source", "repository"})  # the others are written by people: nobody looks at them


def quality(report: Report, pen: Pen) -> Iterator[Block]:
    """Sources, gaps, and what was judged of them."""
    part = report.quality
    yield Heading(level=1, title=pen.say("heading", "quality"), id="quality")
    yield from figures_table(part.figures, report.figures, "quality-figures", pen)
    yield _sources(part.sources, pen)
    yield _gaps(part.gaps, pen)
    if part.findings:
        yield Bullets(lines=tuple(whole_line(one, pen) for one in part.findings))


def _sources(sources: Sequence[SourceRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "sources"),
        columns=pen.columns(
            ("source", 2, "code"),
            ("kind", 1.3, "text"),
            ("state", 1.6, "text"),
            ("looked", 1.8, "day"),
            ("looks", 1, "number"),
            ("tool", 1.8, "code"),
            ("file", 2.2, "code"),
        ),
        rows=tuple(_source(one, pen) for one in sources),
        id="sources",
        empty=pen.none("no_sources"),
    )


def _source(one: SourceRow, pen: Pen) -> Row:
    mark = _MARKS.get(one.state, Mark.UNKNOWN)
    return Row(
        cells=(
            pen.name_cell(one.name),
            cell(pen.label("source_kind", one.kind)),
            Cell(line=pen.label("source_state", one.state), mark=mark),
            pen.moment_cell(one.seen_at),
            pen.number_cell(one.looks if one.kind in _WATCHED else None),
            pen.name_cell(one.tool),
            pen.name_cell(one.file),
        ),
        mark=mark if mark in {Mark.BAD, Mark.UNKNOWN} else None,
    )


def _gaps(gaps: Sequence[GapRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "gaps"),
        columns=pen.columns(
            ("source", 1.5, "code"),
            ("subject", 2, "code"),
            ("problem", 4, "code"),
            ("remedy", 3, "code"),
            ("code", 1.8, "code"),
        ),
        rows=tuple(
            Row(
                cells=(
                    pen.name_cell(one.source),
                    _subject(one, pen),
                    cell(_told(one.code, "problem", one.problem, pen)),
                    cell(_told(one.code, "remedy", one.remedy, pen)),
                    cell(code(plain(one.code))),
                )
            )
            for one in gaps
        ),
        id="gaps",
        empty=pen.none("no_gaps"),
    )


def _subject(one: GapRow, pen: Pen) -> Cell:
    """What was not seen; of an input as a whole the word for it, as its name stands beside it."""
    kind, _, name = one.subject.partition(" ")
    if name == one.source and kind in _WATCHED:
        return cell(pen.label("source_kind", kind))
    return pen.name_cell(one.subject)


def _told(gap: str, part: str, collected: str, pen: Pen) -> Line:
    """Our words for a gap that says the same of every subject; what the collector said of all others."""
    try:
        return pen.mixed(pen.words.template("monthly", "gap", gap, part))
    except KeyError:
        return _as_collected(collected, pen)


def _as_collected(sentence: str, pen: Pen) -> Line:
    """What a collector said, in English: a code in a Persian paper."""
    return code(plain(sentence)) if pen.is_persian else text(plain(sentence))


def identity(report: Report, pen: Pen) -> Iterator[Block]:
    """Whose, of when, made from what, by which tool: so that two copies can be compared."""
    period, office = report.period, report.office
    sources = pen.listed(pen.name(one.name) for one in report.quality.sources)
    facts: tuple[tuple[str, Line], ...] = (
        ("office", pen.listed((pen.prose(office.name), code(plain(office.id))))),
        ("unit", pen.prose(office.unit)),
        ("period", period_line(report, pen)),
        ("state_at", pen.moment(period.state_at)),
        ("judged_at", pen.moment(period.judged_at)),
        ("standing", text(pen.say("standing", "final" if period.is_final else "open"))),
        ("sources", sources or text(pen.none("no_sources"))),
        ("tool", code(f"itops {plain(report.tool_version)}".strip())),
        ("calendar", _calendar(report, pen)),
        ("working_days", demanded_line(report, pen)),
        ("redaction", pen.label("redaction", report.redaction)),
    )
    yield Heading(level=1, title=pen.say("heading", "identity"), id="identity")
    yield FactList(facts=tuple((pen.say("identity", key), line) for key, line in facts))


def _calendar(report: Report, pen: Pen) -> Line:
    calendar = pen.label("calendar", report.office.calendar)
    return pen.listed((calendar, code(plain(report.office.timezone))))
