"""The covering letter: what is sent, how the office stood in one sentence, what is open, and room for the number.

It names documents and parts of the report, but no server, no database and no person of an exception: letters are
copied and carried where the report is not. Its number is issued by the office's own system, so that is left to fill.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from itops.names import Names
from itops.reports.monthly.composing import pen_of
from itops.reports.monthly.composing.cells import Pen, cell
from itops.reports.monthly.composing.lines import filled
from itops.reports.monthly.parts import DocumentRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import (
    Block,
    Bullets,
    Column,
    Line,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Table,
    said,
    text,
)
from itops.reports.words import Words
from itops.text import comparable
from itops.verdict import State

BLANK = "." * 20
"""Where somebody writes by hand."""
_OWN_REPORTS = frozenset({"monthly", "yearly"})  # what `report:` of a document may call the report itself
_LISTED = 8  # so many attachments stand in the letter itself; more would push the signature to another page
_OPENINGS = ("بسمه تعالی", "بسم الله", "in the name of god")
_NUMBER_LINES = (("شماره", "تاریخ", "پیوست"), ("number", "date", "attachment"), ("no.", "date", "attachment"))
_REASONS = {"fa": ("جهت ", "، برای "), "en": (", for ",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What a letter says that the report does not know."""

    on: date  # the day it bears
    to: Names | None = None  # the post title of the receiver; None leaves a line
    copies_to: tuple[Names, ...] = ()  # a reason may stand in the name: "..., for action"
    drafter: str = ""
    has_head: bool = True  # False: the letterhead has the opening and the number lines, perhaps as a picture
    printed: str = ""  # the words that the letterhead bears: what it has of the head is not said twice


def letter_of(report: Report, letter: LetterFacts, words: Words) -> Paper:
    """The letter that goes with a report: a paper without cover, title and footer, its paragraphs in roles of a letter.

    `words`: of its language.
    """
    composer = _Composer(report=report, letter=letter, pen=pen_of(report, words))
    return Paper(
        language=words.language,
        title="",
        subtitle="",
        cover=(),
        blocks=tuple(composer.blocks()),
        footer=(),
        page_of="",
        made_at=report.period.judged_at,
        author=said(composer.unit),
    )


@dataclass(frozen=True, kw_only=True)
class _Composer:
    """Writes one letter."""

    report: Report
    letter: LetterFacts
    pen: Pen

    def fill(self, *path: str, **lines: Line) -> Line:
        """A sentence of the table `letter`."""
        return filled(self.pen.words.template("letter", *path), lines)

    def paragraph(self, key: str, role: str = "letter", /, **lines: Line) -> Paragraph:
        """A sentence as a paragraph."""
        return Paragraph(line=self.fill(key, **lines), role=role)

    @cached_property
    def unit(self) -> Line:
        """Who writes."""
        return self.pen.prose(self.report.office.unit)

    @cached_property
    def title(self) -> Line:
        """What the report is called."""
        return self.fill("title", "year" if self.report.period.is_year else "month")

    @cached_property
    def period(self) -> Line:
        """Of when it is."""
        return self.pen.period(self.report.period.name)

    @cached_property
    def asked(self) -> Sequence[DocumentRow]:
        """The documents of this very period: what is made once a year goes with the report of the year."""
        return [one for one in self.report.papers.documents if one.period == self.report.period.name]

    @cached_property
    def attached(self) -> Sequence[Line]:
        """The titles of all that goes with the letter, the report first; as a document, it is not named again."""
        others = [one for one in self.asked if one.is_made and one.report not in _OWN_REPORTS]
        return [self.fill("report", title=self.title, period=self.period), *map(self.title_of, others)]

    def title_of(self, one: DocumentRow) -> Line:
        """What a document is called."""
        return self.pen.prose(one.title) or self.pen.name(one.name)

    def day(self, day: date) -> Line:
        """A day in the office's calendar; in English by the calendar that readers of English know."""
        return (self.pen if self.pen.is_persian else self.pen.in_calendar("gregorian")).day(day)

    def blocks(self) -> Iterator[Block]:
        """The letter from its head to the list behind it."""
        if self.letter.has_head:
            yield from self.head()
        yield from self.address()
        yield from self.body()
        yield from self.end()
        if len(self.attached) > _LISTED:
            yield from self.list_behind()

    def head(self) -> Iterator[Block]:
        """What a printed letterhead often has already."""
        printed = _folded(self.letter.printed)
        if not any(_folded(one) in printed for one in _OPENINGS):
            yield self.paragraph("opening", "centered")
        if not any(all(_folded(label) in printed for label in labels) for labels in _NUMBER_LINES):
            yield self.paragraph("number", "aside", blank=text(BLANK))
            yield self.paragraph("date", "aside", day=self.day(self.letter.on))
            yield self.paragraph("attached", "aside", count=self.pen.number(len(self.attached)))

    def address(self) -> Iterator[Block]:
        """To whom, from whom, of what."""
        office, pen = self.report.office, self.pen
        sender = self.unit if office.unit == office.name else pen.listed((self.unit, pen.prose(office.name)))
        yield self.paragraph("to", "address", name=pen.prose(self.letter.to) or text(BLANK))
        yield self.paragraph("from", "address", name=sender)
        yield self.paragraph("subject", "address", title=self.title, period=self.period)

    def body(self) -> Iterator[Block]:
        """Computed sentences between the greeting and the close."""
        yield self.paragraph("greeting", "greeting")
        yield self.paragraph("reference", blank=text(BLANK))
        yield from self.sent()
        yield Paragraph(line=self.verdict(), role="letter")
        if not self.report.period.is_final:
            yield self.paragraph("provisional")
        if still := tuple(self.still_open()):
            yield self.paragraph("open")
            yield Bullets(lines=still)
        yield self.paragraph("closing", "closing")

    def sent(self) -> Iterator[Block]:
        """What is attached, by title where there is room."""
        count, period = len(self.attached), self.report.period
        key = "sent_alone" if count == 1 else "sent_listed" if count <= _LISTED else "sent_list_below"
        what = self.fill("called", "year" if period.is_year else "month")
        told = {"first": self.day(period.first), "last": self.day(period.last), "count": self.pen.number(count)}
        yield self.paragraph(key, title=what, period=self.period, **told)
        if 1 < count <= _LISTED:
            yield Bullets(lines=tuple(self.attached), is_numbered=True)

    def verdict(self) -> Line:
        """How the office stood, in one sentence."""
        verdict = self.report.verdict
        urgent = sum(one.state is State.CRITICAL for one in self.report.exceptions)
        told = {"count": self.pen.number(verdict.exceptions), "urgent": self.pen.number(urgent)}
        return self.fill("verdict", verdict.state.name, **told)

    def still_open(self) -> Iterator[Line]:
        """Exceptions by part of the report, against the last one; documents not made; uploads not done."""
        pen, exceptions = self.pen, self.report.exceptions
        if exceptions:
            rooms = Counter(one.room for one in exceptions)
            told = [self.fill("open_room", room=pen.label("room", room), count=pen.number(count))
                    for room, count in rooms.most_common()]  # fmt: skip
            yield self.fill("open_rooms", rooms=pen.listed(told))
        changed = [self.report.figures.get(f"exceptions.{key}") for key in ("new", "closed")]
        new, closed = (None if one is None else one.value for one in changed)
        if new is not None and closed is not None and new + closed:
            yield self.fill("changed", new=pen.number(new), closed=pen.number(closed))
        yield from self.documents_left()

    def documents_left(self) -> Iterator[Line]:
        """Documents not made by title, and how many uploads each system still waits for."""
        pen = self.pen
        missing = [one for one in self.asked if not one.is_made]
        if missing:
            told = {"of": pen.number(len(self.asked)), "titles": pen.listed(map(self.title_of, missing), "semicolon")}
            yield self.fill("documents_missing", count=pen.number(len(missing)), **told)
        made = [upload for one in self.asked if one.is_made for upload in one.uploads]
        left = Counter(upload.system for upload in made if upload.state != "uploaded")
        if left:
            systems = [self.fill("open_room", room=pen.label("system", system), count=pen.number(count))
                       for system, count in left.items()]  # fmt: skip
            yield self.fill("uploads_left", systems=pen.listed(systems))

    def end(self) -> Iterator[Block]:
        """Who signs, who gets a copy and why, who wrote it."""
        office, pen = self.report.office, self.pen
        signer = dict(self.report.signers).get("approved", "")
        yield Paragraph(line=pen.mixed(signer) or text(BLANK), role="signature")
        is_named = office.unit != office.name
        post = self.fill("post", unit=self.unit) if is_named else self.fill("post_unnamed")
        yield Paragraph(line=post, role="post")
        if self.letter.copies_to:
            yield self.paragraph("copies")
            yield Bullets(lines=tuple(map(self.copy, self.letter.copies_to)))
        if self.letter.drafter:
            yield self.paragraph("drafter", "note", name=pen.mixed(self.letter.drafter))

    def copy(self, to: Names) -> Line:
        """Who gets a copy; for information, unless the office wrote why."""
        line = self.pen.prose(to)
        has_reason = any(reason in said(line) for reason in _REASONS[self.pen.words.language])
        return line if has_reason else self.fill("copy", name=line)

    def list_behind(self) -> Iterator[Block]:
        """All attachments on a page of their own."""
        number, title = (said(self.fill(f"list_{key}")) for key in ("number", "title"))
        yield PageBreak()
        yield Table(
            title=said(self.fill("list")),
            columns=(Column(title=number, weight=0.4, kind="number"), Column(title=title, weight=5)),
            rows=tuple(
                Row(cells=(self.pen.number_cell(place), cell(line)))
                for place, line in enumerate(self.attached, start=1)
            ),
            id="attachments",
        )


def _folded(words: str) -> str:
    """As two people's ways of writing it are equal, with or without a space."""
    return comparable(words).replace(" ", "")
