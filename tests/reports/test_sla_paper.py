"""The SLA statement on paper: its seven sections in order, the annex on a page of its own, places to sign."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.names import Names
from itops.reports.paper.docx import write_docx
from itops.reports.paper.html import write_html
from itops.reports.paper.model import FactList, Heading, PageBreak, Paper, Paragraph, Signatures, Table, said
from itops.reports.sla import sla_of
from itops.reports.sla_paper import paper_of_statement
from itops.reports.words import load_words
from itops.worklog.policy import SECTIONS, ServiceCatalogue
from itops.worklog.services import judge_services
from tests.worklog.test_services import ESTATE, MONTH, TODAY, WHOLE, service

BOTH = pytest.mark.parametrize("language", ["fa", "en"])
MADE_AT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)


def paper(language: str = "fa", **more: object) -> Paper:
    words = load_words(language, calendar="jalali", marks=False)
    catalogue = ServiceCatalogue(services={"record": service(**more)})
    verdict = judge_services(catalogue, ESTATE, MONTH, TODAY)[0]
    statement = sla_of(verdict, catalogue, MONTH, words)
    return paper_of_statement(statement, MADE_AT, words, office="اداره کل البرز", tool_version="0.3.0")


def test_the_seven_sections_are_the_headings_and_stand_in_order():
    words = load_words("fa")
    headings = [one.title for one in paper().blocks if isinstance(one, Heading)]
    assert headings == [words.template("service", "section", name) for name in SECTIONS]


@BOTH
def test_the_annex_is_a_table_on_a_new_page_and_room_to_sign_follows(language):
    *_, page, title, table, signatures = paper(language).blocks
    assert isinstance(page, PageBreak)
    assert isinstance(title, Paragraph)
    assert said(title.line) == {"fa": "پیوست ۱: شاخص‌های سطح خدمت", "en": "Annex 1: service level indicators"}[language]
    assert isinstance(table, Table)
    assert {len(row.cells) for row in table.rows} == {2} == {len(table.columns)}
    assert isinstance(signatures, Signatures)
    assert len(signatures.signatures) == 3


def test_numbers_stand_in_the_annex_with_what_they_rest_on_and_names_are_codes():
    (table,) = [one for one in paper().blocks if isinstance(one, Table)]
    (rto,) = [row.cells[1].line for row in table.rows if "RTO" in said(row.cells[0].line)]
    assert said(rto) == "۲ ساعت؛ آخرین تست بازیابی sql01/Insurance: ۱ ساعت (1405-08-10 00:00)"
    assert [span.text for span in rto if span.is_code] == ["sql01/Insurance", "1405-08-10 00:00"]


def test_the_id_of_the_service_is_a_code():
    (head,) = [one for one in paper().blocks if isinstance(one, FactList)]
    assert [said(line) for _, line in head.facts if line[0].is_code] == ["11141141104"]


@BOTH
def test_a_section_that_nobody_wrote_says_so_in_small_letters(language):
    blocks = paper(language, sla=replace(WHOLE, costs=None)).blocks
    notes = [said(one.line) for one in blocks if isinstance(one, Paragraph) and one.role == "note"]
    assert notes == [load_words(language).template("service", "form", "not_written")]


def test_every_line_of_a_section_is_a_paragraph():
    lines = Names(fa="متن\nتبصره ۱: کاغذی", en="text\nNote 1: on paper")
    blocks = paper(sla=replace(WHOLE, purpose=lines)).blocks
    at = next(place for place, one in enumerate(blocks) if isinstance(one, Heading) and one.id == "section-2")
    assert [said(one.line) for one in blocks[at + 1 : at + 3] if isinstance(one, Paragraph)] == [
        "متن",
        "تبصره ۱: کاغذی",
    ]


@BOTH
def test_the_writers_draw_it_and_the_same_facts_give_the_same_bytes(language):
    made = write_docx(paper(language))
    assert made == write_docx(paper(language))
    shown = [one.text for one in Document(BytesIO(made)).paragraphs]
    assert [
        one for one in shown if one in {block.title for block in paper(language).blocks if isinstance(block, Heading)}
    ]
    assert paper(language).title in write_html(paper(language)).decode()


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["fa", "en"]))
def test_whatever_the_office_wrote_the_file_can_be_opened(text, language):
    names = Names(fa=text, en=text)
    Document(BytesIO(write_docx(paper(language, title=names, sla=replace(WHOLE, purpose=names)))))
