"""The SLA statement as a paper: the seven sections of the national form, an annex behind them, room to sign."""

from collections.abc import Iterator
from datetime import datetime

from itops.reports.monthly.composing.lines import set_apart
from itops.reports.paper.model import (
    Block,
    Cell,
    Column,
    FactList,
    Heading,
    Line,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Signature,
    Signatures,
    Table,
    code,
    text,
)
from itops.reports.sla import Line as Named
from itops.reports.sla import Section, SlaStatement
from itops.reports.words import Words


def paper_of_statement(
    statement: SlaStatement, made_at: datetime, words: Words, *, office: str = "", tool_version: str = ""
) -> Paper:
    """The paper of a statement. `words`: of its language, and the statement in words without direction marks.

    `made_at`: the moment that stands in the files. `office`: whose it is, in the language of the statement.
    """
    return Paper(
        language=statement.language,
        title=statement.title,
        subtitle=office,
        cover=(),
        blocks=tuple(_blocks(statement, words)),
        footer=code(f"itops {tool_version}".strip()),
        page_of=words.template("monthly", "page_of"),
        made_at=made_at,
        author=office,
    )


def _blocks(statement: SlaStatement, words: Words) -> Iterator[Block]:
    language = statement.language
    yield FactList(facts=tuple((line.name, _value(line, language)) for line in statement.head))
    for section in statement.sections:
        yield from _section(section, language)
    yield PageBreak()
    yield Paragraph(line=_words(statement.annex_title, language), role="lead")
    yield Table(
        title="",
        columns=tuple(
            Column(title=words.template("sla_paper", key), weight=weight)
            for key, weight in (("indicator", 2), ("value", 5))
        ),
        rows=tuple(
            Row(cells=(Cell(line=_words(line.name, language)), Cell(line=_value(line, language))))
            for line in statement.annex
        ),
        id="annex",
    )
    yield Signatures(
        signatures=tuple(Signature(role=role, name="", labels=statement.labels) for role in statement.signers)
    )


def _section(section: Section, language: str) -> Iterator[Block]:
    yield Heading(level=1, title=section.heading, id=f"section-{section.number}")
    for line in section.text.splitlines():
        yield Paragraph(line=_words(line, language), role="normal" if section.is_written else "note")


def _value(line: Named, language: str) -> Line:
    return code(line.value) if line.is_code else _words(line.value, language)


def _words(written: str, language: str) -> Line:
    """In Persian, what is Latin is set apart."""
    return set_apart(written) if language == "fa" else text(written)
