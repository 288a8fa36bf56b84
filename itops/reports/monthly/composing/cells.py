"""Values as lines and cells: what is words, what is a code, and the bare value that a spreadsheet gets.

A `Pen` writes in the words of one language. Names, versions, addresses and signed numbers become codes, which each
writer of papers isolates; in Persian, days are words, 1405/08/30 in Persian digits. What is unknown is a dash.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from itops.dates import persian_digits, show_day
from itops.names import Names
from itops.reports.monthly.composing.lines import LETTER_OR_DIGIT, PERSIAN_LETTER, filled, joined, set_apart
from itops.reports.monthly.figures import Figure
from itops.reports.paper.model import Cell, Column, Line, Mark, code, said, text
from itops.reports.sla import span
from itops.reports.words import Datum, Words
from itops.text import plain
from itops.verdict import State

DASH = "—"
_SLOT = re.compile(r"w?([0-9]{4}-[0-9]{2})(-[0-9]{2})?")
_MARKS = {
    State.OK: Mark.GOOD,
    State.WARNING: Mark.NOTICE,
    State.CRITICAL: Mark.BAD,
    State.UNKNOWN: Mark.UNKNOWN,
}


def mark_of(state: State) -> Mark:
    """How a state is drawn."""
    return _MARKS[state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """Writes in the words of one language, in the office's calendar and zone.

    `titles`: what the office calls its systems, places, sites, documents and services, by table and key.
    `is_public`: details were taken out, so what is not there is not said to be none.
    """

    words: Words
    titles: Mapping[str, Mapping[str, Names]] = field(default_factory=dict)
    is_public: bool = False

    @property
    def is_persian(self) -> bool:
        """Whether it writes Persian."""
        return self.words.language == "fa"

    @property
    def zone(self) -> ZoneInfo:
        """The office's."""
        return self.words.zone or ZoneInfo("UTC")

    def say(self, *path: str, **data: Datum) -> str:
        """Words of the table `monthly`. Numbers only may be filled in: names belong into lines."""
        return self.words.say("monthly", *path, data=data)

    def none(self, *path: str) -> str:
        """What is printed in the place of rows that are not there; in a public copy they were taken out."""
        return self.say("taken_out") if self.is_public else self.say(*path)

    def fill(self, *path: str, **lines: Line) -> Line:
        """A sentence of the table `monthly` with lines filled in."""
        return filled(self.words.template("monthly", *path), lines)

    def label(self, table: str, key: str) -> Line:
        """The word for a code: the office's own, ours, or the code itself where there is none."""
        if (names := self.titles.get(table, {}).get(key)) is not None:
            return self.prose(names) or self.name(key)
        try:
            return text(self.words.template(*_TABLES.get(table, ("monthly", table)), key or "none"))
        except KeyError:
            return self.name(key)

    def listed(self, lines: Iterable[Line], separator: str = "comma") -> Line:
        """Lines, one after the other: "comma" or "semicolon" between them."""
        return joined(lines, f"{self.say(separator)} ")

    def in_calendar(self, calendar: str) -> "Pen":
        """The same pen for days of another calendar."""
        return replace(self, words=replace(self.words, calendar=calendar))

    # Texts that people and machines wrote.

    def prose(self, names: Names | None) -> Line:
        """A text of the office; in Persian, what is Latin in it is set apart."""
        return () if names is None else self.mixed(names.of(self.words.language))

    def mixed(self, words: str) -> Line:
        """Words that may have names in them."""
        written = plain(words).strip()
        return set_apart(written) if self.is_persian else text(written)

    def name(self, name: str) -> Line:
        """A name as it is: a code, unless it is a Persian one in a Persian paper."""
        shown = plain(name).strip()
        if not self.is_persian or not PERSIAN_LETTER.search(shown):
            return code(shown)
        first = PERSIAN_LETTER.search(shown), LETTER_OR_DIGIT.search(shown)
        if first[1] is not None and first[0] is not None and first[1].start() < first[0].start():
            return code(shown)
        return set_apart(shown)

    def names(self, names: Iterable[str]) -> Line:
        """Names, one after the other."""
        return self.listed(self.name(name) for name in names if name)

    # Numbers.

    def number(self, value: float | None, unit: str = "count") -> Line:
        """A number with its unit; a dash for what is unknown."""
        if value is None:
            return text(DASH)
        if unit == "seconds":
            return text(span(value, self.words))
        if value < 0:
            return self.signed(value, unit)
        return text(self.words.value(f"value_{unit}", value))

    def signed(self, value: float | None, unit: str = "count") -> Line:
        """A difference with its sign: a code; of shares in percentage points."""
        if value is None:
            return text(DASH)
        size = abs(value)
        sign = "+" if value > 0 else "-" if value < 0 else ""
        if unit == "seconds":
            shown = span(size, self.words)
        elif unit == "ratio":
            shown = self.words.value("points", round(size * 100, 1))
        else:
            shown = self.words.value(f"value_{unit}", size)
        return code(f"{sign}{shown}") if sign else text(shown)

    def figure(self, figure: Figure) -> Line:
        """A figure as it is printed, with its whole where it has one."""
        value = self.number(figure.value, figure.unit)
        if figure.value is None or figure.of is None:
            return value
        part = figure.part if figure.unit == "ratio" else figure.value
        of = self.fill("of", part=self.number(part), whole=self.number(figure.of))
        return self.fill("ratio_of", ratio=value, of=of) if figure.unit == "ratio" else of

    # Days.

    def day(self, day: date | None) -> Line:
        """A day in the office's calendar."""
        if day is None:
            return text(DASH)
        shown = _shown(day, self.words.calendar)
        if self.is_persian and self.words.calendar == "jalali":
            return text(persian_digits(shown.replace("-", "/")))
        return code(shown)

    def day_of_month(self, day: date) -> str:
        """The number of a day in its month, in the digits of the language."""
        return self.words.value("number", int(_shown(day, self.words.calendar)[-2:]))

    def month_of(self, day: date) -> str:
        """The month that a day lies in, as a period: 1405-08."""
        return _shown(day, self.words.calendar)[:7]

    def moment(self, moment: datetime | None, *, is_short: bool = False) -> Line:
        """A day and a minute of the office; `is_short` in cells."""
        if moment is None:
            return text(DASH)
        local = moment.astimezone(self.zone)
        if self.is_persian and self.words.calendar == "jalali":
            hour = persian_digits(f"{local:%H:%M}")
            told = {"day": self.day(local.date()), "hour": text(hour)}
            return self.fill("day_and_hour", "short" if is_short else "long", **told)
        return code(f"{said(self.day(local.date()))} {local:%H:%M}")

    def slot(self, name: str) -> Line:
        """A slot by its name: 1405-08-30 a day, w1405-08-23 a week by its first day, 1405-08 a month."""
        if not (found := _SLOT.fullmatch(name)):
            return self.name(name)
        if found[2] is None:
            return self.period(found[1])
        written = f"{found[1]}{found[2]}"
        is_words = self.is_persian and int(written[:4]) < _FIRST_GREGORIAN_YEAR
        day = text(persian_digits(written.replace("-", "/"))) if is_words else code(written)
        return self.fill("week_of", day=day) if name.startswith("w") else day

    def period(self, name: str) -> Line:
        """A month or a year by name: Aban 1405; a text that is no period as it stands."""
        year, _, month = name.partition("-")
        if not (year.isascii() and year.isdigit() and (not month or month in _MONTHS)):
            return self.name(name)
        shown = persian_digits(year) if self.is_persian else year
        if not month:
            return text(shown)
        calendar = "jalali" if int(year) < _FIRST_GREGORIAN_YEAR else "gregorian"
        return text(f"{self.say('month', calendar, month)} {shown}")

    # Cells.

    def number_cell(self, value: float | None, unit: str = "count", mark: Mark | None = None) -> Cell:
        """A number; its bare value is what spreadsheets sum."""
        return Cell(line=self.number(value, unit), value=value, mark=mark)

    def figure_cell(self, figure: Figure) -> Cell:
        """A figure."""
        return Cell(line=self.figure(figure), value=figure.value)

    def name_cell(self, name: str, mark: Mark | None = None) -> Cell:
        """A name; a dash for none."""
        return Cell(line=self.name(name) or text(DASH), mark=mark)

    def day_cell(self, day: date | None, mark: Mark | None = None) -> Cell:
        """A day."""
        return Cell(line=self.day(day), value=day, mark=mark)

    def moment_cell(self, moment: datetime | None) -> Cell:
        """A moment; its bare value is the wall clock of the office, as spreadsheets know no zones."""
        value = None if moment is None else moment.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)
        return Cell(line=self.moment(moment, is_short=True), value=value)

    def state_cell(self, state: State) -> Cell:
        """How bad, in words."""
        return Cell(line=text(self.words.template("state", state.name)), mark=mark_of(state))

    def columns(self, *told: tuple[str, float, str]) -> tuple[Column, ...]:
        """Columns from (word, weight, kind)."""
        return tuple(Column(title=self.say("column", key), weight=weight, kind=kind) for key, weight, kind in told)


_TABLES: Mapping[str, tuple[str, ...]] = {
    "room": ("room",),
    "work_kind": ("worklog", "kind"),
    "upload_state": ("document", "state"),
}
"""Codes whose words stand elsewhere than in the table `monthly`."""
_FIRST_GREGORIAN_YEAR = 1700
_MONTHS = frozenset(f"{month:02}" for month in range(1, 13))


@cache
def _shown(day: date, calendar: str) -> str:
    return show_day(day, calendar)


def cell(line: Line, mark: Mark | None = None) -> Cell:
    """A cell of words; a dash for none."""
    return Cell(line=line or text(DASH), mark=mark)
