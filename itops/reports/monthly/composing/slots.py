"""One slot in words: which day, week or month it is, what became of it, its sign in the calendar."""

from collections.abc import Mapping

from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.findings import fact_line
from itops.reports.monthly.composing.lines import filled
from itops.reports.monthly.parts import SlotRow
from itops.reports.paper.model import CalendarCell, Line, Mark, said, text
from itops.reports.words import placeholders

_MARKS: Mapping[str, Mark] = {
    "OK": Mark.GOOD,
    "OK-LATE": Mark.NOTICE,
    "WEAK": Mark.NOTICE,
    "DAMAGED": Mark.BAD,
    "OPEN": Mark.NONE,
    "PENDING": Mark.NOTICE,
    "MISSING": Mark.BAD,
    "UNKNOWN": Mark.UNKNOWN,
    "EXEMPT": Mark.NONE,
}
STATES = tuple(_MARKS)
NO_SLOT = CalendarCell(sign="", mark=Mark.NONE)


def slot_mark(state: str) -> Mark:
    """How bad it is; UNKNOWN for a state of a newer itops."""
    return _MARKS.get(state, Mark.UNKNOWN)


def slot_line(slot: SlotRow, pen: Pen) -> Line:
    """Its day, its week, its month."""
    return pen.slot(slot.slot) or pen.day(slot.on)


def reason_line(slot: SlotRow, pen: Pen) -> Line:
    """Why it is as it is."""
    try:
        template = pen.words.template("slot", slot.reason)
    except KeyError:
        return pen.name(slot.reason)
    return filled(template, {name: fact_line(name, slot.facts.get(name), pen) for name in placeholders(template)})


def sign_cell(state: str, pen: Pen, title: str = "") -> CalendarCell:
    """A letter that says without colour what became of a slot."""
    try:
        sign = pen.words.template("slot_sign", state)
    except KeyError:
        sign = pen.words.template("slot_sign", "UNKNOWN")
    return CalendarCell(sign=sign, mark=slot_mark(state), title=title)


def slot_title(slot: SlotRow, pen: Pen) -> str:
    """A slot in a few words."""
    reason = reason_line(slot, pen)
    state = pen.label("slot_state", slot.state)
    return said(pen.fill("slot_title", slot=slot_line(slot, pen), state=state, reason=reason or text("")))
