"""Any finding or exception as a sentence, whichever room found it.

Its table and code name the words; what fills them are its facts: days in the office's calendar, names as codes, our own
codes as words. A code without words is printed as it is.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime

from itops.facts import Fact
from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.lines import filled
from itops.reports.monthly.exceptions import ITEM_COUNT, ITEMS
from itops.reports.monthly.parts import FindingRow
from itops.reports.monthly.records import ExceptionRow
from itops.reports.paper.model import Line, code, text
from itops.reports.words import Words, placeholders
from itops.text import plain

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LABELS: Mapping[str, str] = {
    "action": "action",
    "field": "field",
    "tier": "tier",
    "status": "asset_status",
    "owner_status": "asset_status",
    "system": "system",
    "place": "place",
    "site": "site",
    "owner_site": "site",
}
"""Facts that hold a code of ours, and the table that says it."""
_LISTS: Mapping[str, str] = {"fields": "server_field", "tier_list": "tier"}
"""Facts that hold several of them, with commas between."""
_WITH_SPANS = frozenset({"service"})
"""Tables that write seconds as 7 h 12 min; the others name the unit themselves."""
_NAMED = 3
_PERIODS = frozenset({"period", "month"})
_SUBJECTS: Mapping[str, str] = {"document": "document", "service": "service"}
"""Tables whose subjects have a title."""


def finding_line(row: ExceptionRow | FindingRow, pen: Pen) -> Line:
    """What is wrong, with the facts that decided."""
    if ITEM_COUNT in row.facts and not row.subject:
        return _gathered(row, pen)
    template = _template(row.table, row.code, pen.words)
    if template is None:
        return code(plain(row.code))
    data = {
        name: _without_echo(template, name, fact_line(name, row.facts.get(name), pen, table=row.table))
        for name in placeholders(template)
    }
    return filled(template, data)


def _gathered(row: ExceptionRow | FindingRow, pen: Pen) -> Line:
    """Several things of one code: its title, how many, and the first few by name."""
    items = str(row.facts[ITEMS]).split(", ")
    named = [pen.name(item) for item in items[:_NAMED]]
    return pen.fill(
        "gathered" if len(items) <= _NAMED else "gathered_more",
        title=_title(row, pen),
        count=fact_line(ITEM_COUNT, row.facts[ITEM_COUNT], pen),
        items=pen.listed(named),
    )


def _title(row: ExceptionRow | FindingRow, pen: Pen) -> Line:
    try:
        return text(pen.words.template(row.table, row.code, "title"))
    except KeyError:
        return code(plain(row.code))


def _without_echo(template: str, name: str, line: Line) -> Line:
    """A title without its first word where the sentence has just said it: "the system {system}", "system of goals"."""
    if not line or line[0].is_code:
        return line
    first, _, rest = line[0].text.partition(" ")
    is_echo = bool(rest) and template.partition(f"{{{name}}}")[0].endswith(f" {first} ")
    return (*text(rest), *line[1:]) if is_echo else line


def subject_line(row: ExceptionRow | FindingRow, pen: Pen) -> Line:
    """Whom it is about; documents and services by their titles."""
    table = _SUBJECTS.get(row.table)
    return pen.label(table, row.subject) if table and row.subject else pen.name(row.subject)


def whole_line(row: ExceptionRow | FindingRow, pen: Pen) -> Line:
    """Subject and sentence; of what was taken out of this copy, the chapter and the sentence."""
    subject = subject_line(row, pen) or pen.label("room", row.room)
    return pen.fill("of_what", subject=subject, what=finding_line(row, pen)) if subject else finding_line(row, pen)


def fact_line(name: str, fact: Fact, pen: Pen, *, table: str = "") -> Line:
    """One fact of a sentence; how it is written follows from its name, as everywhere in the word files."""
    if fact is None or fact == "":
        return text(pen.words.template("unit", "unknown"))
    if isinstance(fact, bool):
        return text(pen.say("yes" if fact else "no"))
    if isinstance(fact, int | float):
        unit = name.rpartition("_")[2]
        return pen.number(fact, unit if unit != "seconds" or table in _WITH_SPANS else "count")
    if name in _PERIODS:
        return pen.period(fact)
    if name.endswith("_slot"):
        return pen.slot(fact)
    if name in _LISTS:
        return pen.listed(pen.label(_LISTS[name], key) for key in fact.split(", "))
    if name in _LABELS:
        return pen.label(_LABELS[name], fact)
    return _text_line(name, fact, pen)


def _text_line(name: str, fact: str, pen: Pen) -> Line:
    try:
        if _DAY.fullmatch(fact) and date.fromisoformat(fact).year >= _FIRST_GREGORIAN_YEAR:
            return pen.day(date.fromisoformat(fact))
        if name.endswith("_at") and (moment := datetime.fromisoformat(fact)).tzinfo is not None:
            return pen.moment(moment)
    except ValueError:
        pass  # not a day after all: a name that looks like one
    return pen.name(fact)


_FIRST_GREGORIAN_YEAR = 1700


def _template(table: str, told: str, words: Words) -> str | None:
    """Some rooms have a sentence under a code, others several: the message is the one for reports."""
    for path in ((table, told), (table, told, "message")):
        try:
            return words.template(*path)
        except KeyError:
            continue
    return None
