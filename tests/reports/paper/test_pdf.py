"""The PDF writer: what is printed is read back from the pages, where it stands is measured."""

import re
import subprocess
import sys
from collections import defaultdict
from ctypes import byref, c_double
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import raw

from itops.errors import ConfigInvalid
from itops.reports.paper.model import (
    Block,
    Cell,
    Column,
    FactList,
    Heading,
    Mark,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Table,
    code,
    text,
)
from itops.reports.paper.pdf import write_pdf
from tests.reports.paper.papers import BIDI_ROWS, HOSTILE_NAMES, numeral, sample_paper, table_paper

FACTS = b'{"schema": "itops.report.monthly/1"}'
LANGUAGES = pytest.mark.parametrize("language", ["fa", "en"])
CODES = [one for row in BIDI_ROWS for one in row] + list(HOSTILE_NAMES)
_BRACKETS = str.maketrans("]})>", "[{(<")
"""The reader of these tests turns brackets on lines that it takes for Persian; where they stand is still seen."""


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    return {language: write_pdf(sample_paper(language), attachment=FACTS) for language in ("fa", "en")}


def paper_of(*blocks: Block, language: str = "en", **changes) -> Paper:
    return replace(sample_paper(language), blocks=blocks, cover=(), **changes)


def lines_as_seen(pdf: bytes) -> list[list[str]]:
    """The lines of each page, each from its left end to its right: what an eye sees, whatever its direction."""
    document = pypdfium2.PdfDocument(pdf)
    pages = []
    for page in document:
        lines = defaultdict(list)
        for x, y, letter in letters(page):
            lines[round(y)].append((x, letter))
        pages.append(["".join(one for _, one in sorted(line)) for _, line in sorted(lines.items(), reverse=True)])
    document.close()
    return pages


def letters(page) -> list[tuple[float, float, str]]:
    """Left, baseline and letter; what the reader makes up itself, spaces and ends of lines, is left out."""
    textpage = page.get_textpage()
    x, y = c_double(), c_double()
    found = []
    for index in range(textpage.count_chars()):
        raw.FPDFText_GetCharOrigin(textpage.raw, index, byref(x), byref(y))
        letter = chr(raw.FPDFText_GetUnicode(textpage.raw, index))
        if not letter.isspace() and letter not in "\u2066\u2069\u200b":
            found.append((x.value, y.value, letter.translate(_BRACKETS)))
    textpage.close()
    return found


def place_of(pdf: bytes, words: str) -> tuple[int, float]:
    """Page and left edge of some Latin words."""
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document):
        textpage = page.get_textpage()
        found = textpage.search(words, match_case=True).get_next()
        if found:
            return number, textpage.get_charbox(found[0])[0]
    raise AssertionError(f"{words} is on no page")


def compact(words: str) -> str:
    """As `lines_as_seen` gives it."""
    return "".join(words.split()).translate(_BRACKETS)


@LANGUAGES
def test_it_declares_the_archival_and_the_accessible_standard(language, samples):
    pdf = samples[language]
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>\s*<pdfaid:conformance>A</pdfaid:conformance>", pdf)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


@LANGUAGES
def test_the_facts_are_inside_byte_by_byte(language, samples):
    document = pypdfium2.PdfDocument(samples[language])
    assert document.count_attachments() == 1
    assert document.get_attachment(0).get_name() == "report.json"
    assert bytes(document.get_attachment(0).get_data()) == FACTS


def test_the_same_paper_makes_the_same_bytes_in_any_time_zone_and_hash_order(samples, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tehran")
    monkeypatch.setenv("PYTHONHASHSEED", "77")
    assert write_pdf(sample_paper("fa"), attachment=FACTS) == samples["fa"]


def test_another_moment_makes_other_bytes(samples):
    paper = sample_paper("fa")
    assert write_pdf(replace(paper, made_at=paper.made_at.replace(year=2025)), attachment=FACTS) != samples["fa"]


@LANGUAGES
def test_codes_are_printed_as_they_are_beside_words_of_any_direction(language, samples):
    lines = [compact(line) for page in lines_as_seen(samples[language]) for line in page]
    assert [one for one in CODES if not any(compact(one) in line for line in lines)] == []


def test_no_code_is_turned_round(samples):
    lines = [line for page in lines_as_seen(samples["fa"])[1:] for line in page]
    turned = ("22-07-2024", "AB:CD:EF:00:50:56", "10–5", "++C", "0.3.0itops", "12-", "vmx.")
    assert [one for one in turned if any(one in line for line in lines)] == []


def test_codes_in_cells_are_printed_as_they_are():
    rows = [Row(cells=(Cell(line=code(one)), Cell(line=(*text("نام "), *code(one), *text(" است"))))) for one in CODES]
    columns = (Column(title="a", kind="code"), Column(title="b"))
    pdf = write_pdf(paper_of(Table(title="", columns=columns, rows=tuple(rows), id="t"), language="fa"))
    lines = [compact(line) for page in lines_as_seen(pdf) for line in page]
    assert [one for one in CODES if not any(line.count(compact(one)) >= 2 for line in lines)] == []


def test_numbers_of_pages_are_in_the_digits_of_the_language(samples):
    english, persian = lines_as_seen(samples["en"]), lines_as_seen(samples["fa"])
    for number in range(2, len(english) + 1):
        assert f"Page{number}of{len(english)}" in english[number - 1][-1]
    for number in range(2, len(persian) + 1):
        seen = f"{numeral('fa', str(len(persian)))}\\D+{numeral('fa', str(number))}\\D"  # from the left
        assert any(re.match(seen, line) for line in persian[number - 1])


def test_columns_begin_at_the_side_where_reading_begins(samples):
    assert place_of(samples["en"], "sql01/Insurance")[1] < place_of(samples["en"], "1405-09-15")[1]
    table = Table(
        title="",
        columns=(Column(title="first"), Column(title="second")),
        rows=(Row(cells=(Cell(line=code("a")), Cell(line=code("b")))),),
        id="t",
    )
    persian = write_pdf(paper_of(table, language="fa"))
    assert place_of(persian, "first")[1] > place_of(persian, "second")[1]


def test_an_annex_lies_with_its_heading_and_repeats_the_titles_of_its_columns():
    document = pypdfium2.PdfDocument(write_pdf(table_paper("en", 90)))
    assert len(document) > 2
    assert all(page.get_width() > page.get_height() for page in document)
    texts = [page.get_textpage().get_text_range() for page in document]
    assert "Annex" in texts[0]
    assert all("day 8" in words for words in texts)


def test_only_annexes_lie(samples):
    lies = [page.get_width() > page.get_height() for page in pypdfium2.PdfDocument(samples["en"])]
    assert lies == [False, False, False, True, False]


@pytest.mark.parametrize("before", [30, 31, 32])
def test_no_heading_and_no_title_is_left_alone_at_the_foot_of_a_page(before):
    rows = tuple(Row(cells=(Cell(line=text(f"Row-{number}-")),)) for number in range(20))
    table = Table(title="Title-of-it", columns=(Column(title="Head-of-it"),), rows=rows, id="t")
    lines = tuple(Paragraph(line=text("words")) for _ in range(before))
    pdf = write_pdf(paper_of(*lines, Heading(level=1, title="Heading-of-it", id="h"), table))
    assert len({place_of(pdf, one)[0] for one in ("Heading-of-it", "Title-of-it", "Head-of-it", "Row-0-")}) == 1


def test_the_verdict_stands_on_the_cover(samples):
    assert any("Needsattention:3items" in compact(line) for line in lines_as_seen(samples["en"])[0])


@pytest.mark.parametrize(("chapters", "has_contents"), [(6, False), (7, True)])
def test_contents_are_printed_when_there_are_many_chapters(chapters, has_contents):
    headings = [Heading(level=1, title=f"Chapter-{number}", id=f"c{number}") for number in range(chapters)]
    pdf = write_pdf(paper_of(*(block for heading in headings for block in (heading, PageBreak()))))
    first = compact("".join(lines_as_seen(pdf)[0]))
    assert ("Contents" in first) is has_contents
    assert [one.get_title() for one in pypdfium2.PdfDocument(pdf).get_toc() if "Chapter" in one.get_title()]


@LANGUAGES
@pytest.mark.parametrize("is_annex", [False, True])
def test_nothing_runs_off_the_page(language, is_annex):
    endless = (
        "sha256:" + "3f9a1c2b" * 16,
        "x" * 300,
        "C:\\Program Files\\" + "Vendor\\" * 30,
        "http://h/" + "q=1&" * 60,
    )
    cells = tuple(Cell(line=code(one), mark=Mark.BAD) for one in endless)
    columns = tuple(Column(title="a title that is long", kind="code") for _ in endless)
    table = Table(title="t", columns=columns, rows=(Row(cells=cells, mark=Mark.BAD),) * 3, id="t", is_annex=is_annex)
    paragraphs = [Paragraph(line=line(one)) for one in endless for line in (code, text)]
    facts = FactList(facts=(("name", code(endless[0])),))
    pdf = write_pdf(paper_of(table, facts, *paragraphs, language=language))
    for page in pypdfium2.PdfDocument(pdf):
        edges = [x for x, _, _ in letters(page)]
        assert min(edges) > 30
        assert max(edges) < page.get_width() - 30


def test_names_that_no_font_can_write_do_not_stop_the_report():
    names = ("服务器", "db-😀", "\ue000", "\ud800", "a\u202eb", "\x00\x07", "\u0600", "ب\u0b3c", '"\u0b3c')
    pdf = write_pdf(paper_of(*(Paragraph(line=(*text("before "), *code(one), *text(" after"))) for one in names)))
    seen = "".join(lines_as_seen(pdf)[0])
    assert seen.count("before") == seen.count("after") == len(names)


def test_letters_that_no_font_has_are_shown_as_missing_and_the_others_stay():
    pdf = write_pdf(paper_of(Paragraph(line=code("srv-服-01"))))
    assert any("srv-\ufffd-01" in line for line in lines_as_seen(pdf)[0])


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        (PageBreak(),),
        (
            Heading(level=3, title="deep", id="a"),
            Heading(level=1, title="", id="b"),
            Heading(level=3, title="c", id="c"),
        ),
        (Paragraph(line=()), FactList(facts=())),
        (Table(title="", columns=(), rows=(), id="t"), Table(title="x", columns=(), rows=(Row(cells=()),), id="u")),
        (Table(title="x", columns=(Column(title="", weight=0),), rows=(Row(cells=()),), id="t", is_annex=True),),
        (replace(table_paper("en", 1).blocks[1], rows=()),),
    ],
    ids=["nothing", "a break", "headings that skip", "empty blocks", "no columns", "no weight", "an empty annex"],
)
@pytest.mark.parametrize("tagged", [True, False])
def test_a_strange_paper_is_drawn_all_the_same(blocks, tagged):
    pdf = write_pdf(paper_of(*blocks, title="", subtitle="", author="", footer=(), words=()), tagged=tagged)
    assert len(pypdfium2.PdfDocument(pdf)) >= 1


def test_a_paper_without_tags_is_smaller_and_still_archival():
    paper = table_paper("fa", 100)
    plain = write_pdf(paper, tagged=False, attachment=FACTS)
    assert len(plain) < len(write_pdf(paper, attachment=FACTS)) / 2
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>\s*<pdfaid:conformance>B</pdfaid:conformance>", plain)
    assert pypdfium2.PdfDocument(plain).count_attachments() == 1


def test_a_font_that_is_not_there_is_named_with_a_way_out():
    with pytest.raises(ConfigInvalid, match="B Nazanin") as refused:
        write_pdf(paper_of(), font="B Nazanin")
    assert "report.font_dirs" in refused.value.remedy
    assert "Noto Sans Arabic" in refused.value.remedy


def test_a_folder_of_fonts_that_is_not_there_is_named():
    with pytest.raises(ConfigInvalid, match="no-such-folder"):
        write_pdf(paper_of(), font_dirs=[Path("no-such-folder")])


def test_a_font_is_found_by_its_name_in_any_case(samples):
    pdf = write_pdf(paper_of(Paragraph(line=text("words"))), font="dejavu sans mono")
    assert b"DejaVuSansMono" in pdf
    assert b"DejaVuSansMono" not in samples["en"]


@given(
    words=st.text(max_size=30),
    name=st.text(max_size=30),
    mark=st.sampled_from([None, *Mark]),
    language=st.sampled_from(["fa", "en"]),
)
@settings(max_examples=10, deadline=None)
def test_any_text_can_be_drawn(words, name, mark, language):
    row = Row(cells=(Cell(line=(*text(words), *code(name)), mark=mark),), mark=mark)
    table = Table(title=words, columns=(Column(title=name),), rows=(row,), id="t", note=words)
    heading = Heading(level=1, title=words, id="h")
    pdf = write_pdf(paper_of(heading, Paragraph(line=(*text(words), *code(name)), mark=mark), table, language=language))
    assert pdf.startswith(b"%PDF-1.7")


def test_the_process_that_asks_never_loads_typst():
    program = (
        "import sys\n"
        "from itops.reports.paper.pdf import write_pdf\n"
        "from tests.reports.paper.papers import sample_paper\n"
        "assert write_pdf(sample_paper('en')).startswith(b'%PDF-')\n"
        "assert 'typst' not in sys.modules\n"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True, timeout=120)


def test_no_template_fetches_anything():
    folder = files("itops.reports").joinpath("templates")
    sources = [one.read_text(encoding="utf-8") for one in folder.iterdir() if re.match(r"paper.*\.typ$", one.name)]
    assert len(sources) == 4
    assert not any("@preview" in source or "http" in source for source in sources)
