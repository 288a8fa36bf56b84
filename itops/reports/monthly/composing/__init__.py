"""The report in the words of one language: a frozen `Report` becomes a `Paper`.

One file for each chapter, in the order of the pages; `cells` writes values, `findings` says what is wrong. Pure: the
same report and words make the same paper.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from itops.names import Names
from itops.reports.monthly.composing.annexes import annexes
from itops.reports.monthly.composing.backups import backups
from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.changes import changes
from itops.reports.monthly.composing.exceptions import exceptions
from itops.reports.monthly.composing.front import front
from itops.reports.monthly.composing.hardware import hardware
from itops.reports.monthly.composing.lines import joined
from itops.reports.monthly.composing.papers import papers, problems
from itops.reports.monthly.composing.quality import identity, quality
from itops.reports.monthly.composing.servers import servers
from itops.reports.monthly.composing.signing import signatures
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, Line, PageBreak, Paper, code, said, text
from itops.reports.words import Words

Chapter = Callable[[Report, Pen], Iterable[Block]]
_BODY: tuple[Chapter, ...] = (
    exceptions, changes, servers, hardware, backups, papers, problems, quality, identity,
)  # fmt: skip
_SHOWN_HASH = 16


def compose(report: Report, words: Words, *, facts_sha256: str = "") -> Paper:
    """The whole paper. `words`: of its language; direction marks are left out, as writers set codes apart themselves.

    `facts_sha256`: the hash of the report as JSON, hexadecimal; printed at the foot of each page, so that two papers
    can be compared.
    """
    pen = pen_of(report, words)
    return Paper(
        language=words.language,
        title=pen.say("title", "year" if report.period.is_year else "month"),
        subtitle=pen.say(
            "subtitle",
            office=said(pen.prose(report.office.name)),
            period=said(pen.period(report.period.name)),
        ),
        cover=_cover(report, pen),
        blocks=tuple(_blocks(report, pen)),
        footer=_footer(report, pen, facts_sha256),
        page_of=words.template("monthly", "page_of"),
        made_at=report.period.judged_at,
        author=said(pen.prose(report.office.unit)),
        words=tuple((key, pen.say("writer", key)) for key in ("contents", "continued", "summary", "iso")),
    )


def pen_of(report: Report, words: Words) -> Pen:
    """A pen that knows what this office calls its systems, places, sites, documents and services."""
    zone = words.zone or ZoneInfo(report.office.timezone)
    return Pen(
        words=replace(words, marks=False, zone=zone), titles=_titles(report), is_public=report.redaction == "public"
    )


def _titles(report: Report) -> Mapping[str, Mapping[str, Names]]:
    return {
        "system": report.papers.systems,
        "place": report.backups.places,
        "site": {site.id: site.name for site in report.hardware.sites if site.name is not None},
        "document": {one.name: one.title for one in report.papers.documents},
        "service": {one.key: one.title for one in report.papers.services},
    }


def _cover(report: Report, pen: Pen) -> tuple[Line, ...]:
    lines = (
        text(pen.say("title", "year" if report.period.is_year else "month")),
        pen.prose(report.office.unit),
        pen.prose(report.office.name),
        pen.period(report.period.name),
    )
    return tuple(line for line in lines if line)


def _blocks(report: Report, pen: Pen) -> Iterator[Block]:
    yield from front(report, pen)
    yield PageBreak()
    for chapter in _BODY:
        yield from chapter(report, pen)
    yield signatures(report, pen)
    yield PageBreak()
    yield from annexes(report, pen)


def _footer(report: Report, pen: Pen, facts_sha256: str) -> Line:
    tool = code(f"itops {report.tool_version}".strip())
    facts = pen.fill("facts_hash", hash=code(facts_sha256[:_SHOWN_HASH])) if facts_sha256 else ()
    return joined((pen.period(report.period.name), tool, facts), " – ")
