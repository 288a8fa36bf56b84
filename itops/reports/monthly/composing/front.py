"""Page one: how the office stands and why, what changed, the indicators."""

from collections.abc import Iterator, Mapping

from itops.reports.monthly.composing.cells import DASH, Pen, mark_of
from itops.reports.monthly.composing.figures import figure_title, reasons_note
from itops.reports.monthly.composing.findings import whole_line
from itops.reports.monthly.records import Indicator, Report
from itops.reports.paper.model import (
    Block,
    Bullets,
    Cell,
    Heading,
    IndicatorRow,
    Indicators,
    Line,
    Mark,
    Paragraph,
    said,
    text,
)
from itops.verdict import State

_REASONS = 3
_COUNTED: Mapping[str, str] = {
    "added": "servers.created",
    "removed": "servers.removed",
    "upgraded": "servers.upgraded",
    "moved": "servers.moved",
    "resized": "servers.resized",
}


def front(report: Report, pen: Pen) -> Iterator[Block]:
    """The first page, the same at every office."""
    yield Heading(level=1, title=pen.say("heading", "summary"), id="summary")
    verdict = report.verdict
    yield Paragraph(
        line=text(pen.say("verdict", verdict.state.name, exceptions=verdict.exceptions)),
        role="lead",
        mark=mark_of(verdict.state),
    )
    if reasons := _reasons(report, pen):
        yield Bullets(lines=reasons)
    yield Paragraph(line=period_line(report, pen))
    yield from _warnings(report, pen)
    for line in _what_changed(report, pen):
        yield Paragraph(line=line, role="statement")
    yield from _indicators(report, pen)


def _reasons(report: Report, pen: Pen) -> tuple[Line, ...]:
    """The exceptions that decided, in words; their keys alone where a redaction took the exceptions out."""
    by_key = {one.key: one for one in report.exceptions}
    return tuple(whole_line(by_key[key], pen) for key in report.verdict.reasons[:_REASONS] if key in by_key)


def period_line(report: Report, pen: Pen) -> Line:
    """The period in both calendars."""
    period, own = report.period, pen.words.calendar
    other = "gregorian" if own == "jalali" else "jalali"
    also = pen.in_calendar(other)
    return pen.fill(
        "period_line",
        name=pen.period(period.name),
        first=pen.day(period.first),
        last=pen.day(period.last),
        other_first=also.day(period.first),
        other_last=also.day(period.last),
        calendar=text(pen.say("calendar", other)),
    )


def _warnings(report: Report, pen: Pen) -> Iterator[Paragraph]:
    if not report.period.is_final:
        line = pen.fill("not_final", state_at=pen.moment(report.period.state_at))
        yield Paragraph(line=line, role="note", mark=Mark.NOTICE)
    if report.redaction not in ("internal", ""):
        yield Paragraph(line=pen.label("redaction", report.redaction), role="note")


def _what_changed(report: Report, pen: Pen) -> tuple[Line, ...]:
    """What people wrote; else what was counted."""
    if line := pen.prose(report.summary):
        return (line,)
    new, closed = (report.figures.get(f"exceptions.{key}") for key in ("new", "closed"))
    exceptions = pen.fill(
        "exceptions_changed",
        new=text(DASH) if new is None else pen.figure(new),
        closed=text(DASH) if closed is None else pen.figure(closed),
    )
    return (_servers_changed(report, pen), exceptions)


def _servers_changed(report: Report, pen: Pen) -> Line:
    """How many servers came, went and changed: from the figures, as nobody may have looked."""
    figures = {action: report.figures.get(figure) for action, figure in _COUNTED.items()}
    told = [
        pen.fill("counted", what=pen.label("action", action), count=pen.figure(figure))
        for action, figure in figures.items()
        if figure is not None
    ]
    if not told:
        return text(pen.say("servers_not_counted"))
    return pen.fill("servers_changed", counts=pen.listed(told))


def _indicators(report: Report, pen: Pen) -> Iterator[Block]:
    if not report.indicators:
        yield Paragraph(line=text(pen.say("no_indicators")), role="note")
        return
    which = "year" if report.period.is_year else "month"
    headings = ("indicator", "now", "target", f"before_{which}", "change", "trend", "state")
    name, now, target, before, change, trend, state = (pen.say("column", key) for key in headings)
    yield Indicators(
        headings=(name, now, target, before, change, trend, state),
        rows=tuple(_indicator(one, report, pen) for one in report.indicators),
    )
    yield Paragraph(line=text(pen.say("trend_note")), role="note")
    unknown = [report.figures[one.figure] for one in report.indicators if one.figure in report.figures]
    yield from reasons_note(unknown, pen)


def _indicator(one: Indicator, report: Report, pen: Pen) -> IndicatorRow:
    figure = report.figures.get(one.figure)
    is_judged = one.target is not None or one.state is not State.OK
    return IndicatorRow(
        name=said(figure_title(one.figure, pen)),
        now=pen.number_cell(one.value, one.unit),
        target=pen.number_cell(one.target, one.unit),
        before=pen.number_cell(one.before, one.unit),
        change=_change(one, pen),
        mark=mark_of(one.state) if is_judged else Mark.NONE,
        state=pen.say("indicator_state", one.state.name if is_judged else "NONE"),
        trend=tuple(point.value for point in one.drawn),
        trend_labels=tuple(point.period for point in one.drawn),
        trend_texts=tuple(said(pen.number(point.value, one.unit)) for point in one.drawn),
        ceiling=_ceiling(one, None if figure is None else figure.of),
    )


def _change(one: Indicator, pen: Pen) -> Cell:
    change = _difference(one)
    mark = None
    if change and one.higher_is_better is not None:
        mark = Mark.GOOD if (change > 0) is one.higher_is_better else Mark.NOTICE
    return Cell(line=pen.signed(change, one.unit) if change is not None else text(DASH), value=change, mark=mark)


def _difference(one: Indicator) -> float | None:
    """Against last period, between the numbers as they are printed: shares are cut, not rounded."""
    if one.unit != "ratio" or one.value is None or one.before is None:
        return one.change
    now, before = (int(value * 1000 + 1e-9) for value in (one.value, one.before))
    return (now - before) / 1000


def _ceiling(one: Indicator, whole: float | None) -> float | None:
    """The top of the scale: all of it. A base is never cut."""
    if one.unit == "ratio":
        return 1.0
    tops = [value for value in (whole, one.target, *(point.value for point in one.drawn)) if value is not None]
    return max(tops, default=None) or None
