"""The paper as a file of Word, as another program reads it and as its XML says it."""

import re
from dataclasses import replace
from datetime import timedelta, timezone
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from itops.reports.paper.docx import write_docx
from itops.reports.paper.docx_blocks import stretches
from itops.reports.paper.docx_tables import shared
from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    Cell,
    Column,
    Heading,
    Mark,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Span,
    Table,
    code,
    text,
)
from tests.reports.paper.papers import BIDI_ROWS, HOSTILE_NAMES, MADE_AT, sample_paper, table_paper

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LANGUAGES = pytest.mark.parametrize("language", ["fa", "en"])
BOTH_SIDES = re.compile("\u200f\u200e([^\u200e\u200f]*)\u200e\u200f")


def paper(*blocks: Block, language: str = "fa") -> Paper:
    return Paper(
        language=language,
        title="گزارش",
        subtitle="",
        cover=(),
        blocks=blocks,
        footer=code("itops 0.3.0"),
        page_of="صفحهٔ {page} از {pages}",
        made_at=MADE_AT,
    )


def table(rows: int, *, is_annex: bool = False) -> Table:
    return Table(
        title="سرورها",
        columns=(
            Column(title="نام", kind="code"),
            Column(title="حافظه", kind="number", weight=2.0),
            Column(title="حالت"),
        ),
        rows=tuple(
            Row(cells=(Cell(line=code(f"srv-{number}")), Cell(line=text("۸"), value=8), Cell(line=text("روشن"))))
            for number in range(rows)
        ),
        id="servers",
        is_annex=is_annex,
    )


def part(made: bytes, name: str = "word/document.xml") -> etree._Element:
    with ZipFile(BytesIO(made)) as package:
        return etree.fromstring(package.read(name))


def texts(element: etree._Element) -> str:
    return "".join(element.itertext(f"{W}t"))


def paragraphs(made: bytes) -> list[str]:
    return [texts(one) for one in part(made).iter(f"{W}p")]


def style_of(paragraph: etree._Element) -> str:
    return paragraph.find(f"{W}pPr/{W}pStyle").get(f"{W}val")


def value(element: etree._Element, name: str) -> str:
    return element.get(f"{W}{name}")


@LANGUAGES
def test_the_same_paper_gives_the_same_bytes_whose_moments_are_the_papers(language):
    made = write_docx(sample_paper(language))
    assert made == write_docx(sample_paper(language))
    with ZipFile(BytesIO(made)) as package:
        assert {one.date_time for one in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    told = Document(BytesIO(made)).core_properties
    assert (told.created, told.modified) == (MADE_AT, MADE_AT)
    assert (told.author, told.title) == (sample_paper(language).author, sample_paper(language).title)


@LANGUAGES
def test_everything_the_paper_says_is_in_the_file(language):
    found = re.sub("[\u200e\u200f]", "", "\n".join(paragraphs(write_docx(sample_paper(language)))))
    whole = sample_paper(language)
    for block in whole.blocks:
        for words in said_by(block):
            assert words in found
    assert whole.title in found


def said_by(block: Block) -> list[str]:
    match block:
        case Heading():
            return [block.title]
        case Paragraph():
            return ["".join(span.text for span in block.line)]
        case Bullets():
            return ["".join(span.text for span in line) for line in block.lines]
        case Table():
            cells = [cell for row in (*block.rows, *([block.total] if block.total else [])) for cell in row.cells]
            lines = ["".join(span.text for span in cell.line) for cell in cells]
            return [block.title, block.note, *(lines or [block.empty]), *(column.title for column in block.columns)]
        case Bars():
            return [block.title, *block.texts, *("".join(span.text for span in label) for label in block.labels)]
        case _:
            return []


@pytest.mark.parametrize("row", BIDI_ROWS, ids=lambda row: row[0])
def test_each_code_in_a_persian_sentence_is_a_run_of_its_own_between_marks(row):
    line = [Span("نام ")]
    for one in row:
        line += [Span(one, is_code=True), Span(" ثبت شد ")]
    root = part(write_docx(paper(Paragraph(line=tuple(line)))))
    written = next(one for one in root.iter(f"{W}p") if row[0] in texts(one))
    assert BOTH_SIDES.findall(texts(written)) == list(row)
    assert written.find(f"{W}pPr/{W}bidi").get(f"{W}val") is None
    for run in written.iter(f"{W}r"):
        is_persian = re.search("[آ-ی]", texts(run)) is not None
        assert (run.find(f"{W}rPr/{W}rtl") is not None) is is_persian


@pytest.mark.parametrize("row", BIDI_ROWS, ids=lambda row: row[0])
def test_a_cell_that_is_a_code_is_read_from_the_left_without_marks_and_stands_at_the_right(row):
    block = Table(
        title="",
        columns=(Column(title="نام"),),
        rows=tuple(Row(cells=(Cell(line=code(one)),)) for one in row),
        id="t",
    )
    root = part(write_docx(paper(block)))
    cells = [one for one in root.iter(f"{W}p") if style_of(one) == "ReportCell"]
    assert [texts(one) for one in cells] == list(row)
    for one in cells:
        assert one.find(f"{W}pPr/{W}bidi").get(f"{W}val") == "0"
        assert one.find(f"{W}pPr/{W}jc").get(f"{W}val") == "right"


def test_every_persian_run_paragraph_table_and_section_says_that_it_is_read_from_the_right():
    made = write_docx(sample_paper("fa"))
    root = part(made)
    for paragraph in root.iter(f"{W}p"):
        has_words = re.search("[آ-ی]", texts(paragraph)) is not None
        if has_words:
            assert value(paragraph.find(f"{W}pPr/{W}bidi"), "val") is None, texts(paragraph)
    for run in root.iter(f"{W}r"):
        assert (run.find(f"{W}rPr/{W}rtl") is not None) or not re.search("[آ-ی۰-۹]", texts(run)), texts(run)
    for properties in root.iter(f"{W}tblPr"):
        assert properties.find(f"{W}bidiVisual") is not None
    assert all(section.find(f"{W}bidi") is not None for section in root.iter(f"{W}sectPr"))
    defaults = part(made, "word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    assert value(defaults.find(f"{W}rFonts"), "cs") == "Tahoma"
    assert value(defaults.find(f"{W}lang"), "bidi") == "fa-IR"


def test_sizes_and_weights_are_said_for_complex_scripts_too_and_no_style_tears_letters_apart():
    for style in part(write_docx(sample_paper("fa")), "word/styles.xml").iter(f"{W}style"):
        run = style.find(f"{W}rPr")
        if run is not None:
            assert (run.find(f"{W}b") is None) == (run.find(f"{W}bCs") is None)
            assert (run.find(f"{W}sz") is None) == (run.find(f"{W}szCs") is None)
            assert run.find(f"{W}spacing") is None


def test_an_english_paper_is_read_from_the_left():
    root = part(write_docx(sample_paper("en")))
    assert root.find(f".//{W}bidiVisual") is None
    assert root.find(f".//{W}rtl") is None
    assert {value(one, "val") for one in root.iter(f"{W}bidi")} == {"0"}


@LANGUAGES
def test_the_styles_are_words_own_so_that_people_can_go_on_writing(language):
    document = Document(BytesIO(write_docx(sample_paper(language))))
    used = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "List Bullet", "List Number"} <= used
    known = {style.style_id for style in document.styles}
    root = part(write_docx(sample_paper(language)))
    for name in ("pStyle", "rStyle", "tblStyle"):
        assert {value(one, "val") for one in root.iter(f"{W}{name}")} <= known


def test_the_heading_of_a_table_is_repeated_and_its_rows_do_not_break():
    rows = part(write_docx(paper(table(3)))).findall(f".//{W}tr")
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True, False, False, False]
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


@given(
    st.integers(500, 20_000),
    st.lists(st.tuples(st.floats(0, 50), st.integers(0, 2_000)), min_size=1, max_size=40),
)
def test_widths_fill_the_page_and_none_is_under_its_least_while_there_is_room(width, columns):
    weights, least = [one[0] for one in columns], [one[1] for one in columns]
    widths = shared(width, weights, least)
    if sum(least) <= width:
        assert sum(widths) == width
        assert all(got >= wanted for got, wanted in zip(widths, least, strict=True))


def test_a_table_is_as_wide_as_the_page_between_its_margins_and_follows_the_weights():
    root = part(write_docx(paper(table(1))))
    widths = [int(value(one, "w")) for one in root.findall(f".//{W}gridCol")]
    assert sum(widths) == 11906 - 2 * 1134
    assert widths[1] > 1.5 * widths[0]
    cells = [int(value(one, "w")) for one in root.find(f".//{W}tr").iter(f"{W}tcW")]
    assert cells == widths


def test_an_annex_stands_on_broad_pages_with_its_heading_and_what_follows_is_upright_again():
    made = write_docx(
        paper(
            Heading(level=1, title="ماه", id="a"),
            PageBreak(),
            Heading(level=1, title="پیوست", id="b"),
            Paragraph(line=text("همه")),
            table(2, is_annex=True),
            PageBreak(),
            Heading(level=1, title="پایان", id="c"),
        )
    )
    sections = list(part(made).iter(f"{W}sectPr"))
    assert [value(one.find(f"{W}pgSz"), "w") for one in sections] == ["11906", "16838", "11906"]
    assert [value(one.find(f"{W}pgSz"), "orient") for one in sections] == [None, "landscape", None]
    assert len(list(sections[0].iter(f"{W}footerReference"))) == 1
    assert not list(sections[1].iter(f"{W}footerReference")), "it goes on with the one before"
    said = paragraphs(made)
    assert said.index("پیوست") > 1
    assert part(made).find(f".//{W}br") is None, "a new kind of page begins on a new page anyway"


def test_a_paper_that_ends_with_an_annex_ends_without_an_empty_page():
    made = write_docx(paper(Paragraph(line=text("ماه")), table(2, is_annex=True)))
    sections = list(part(made).iter(f"{W}sectPr"))
    assert [value(one.find(f"{W}pgSz"), "orient") for one in sections] == [None, "landscape"]
    assert sections[-1].getparent().tag == f"{W}body"


BLOCKS = st.sampled_from(
    [
        PageBreak(),
        Heading(level=1, title="سر", id="h"),
        Paragraph(line=text("بند")),
        table(1),
        table(1, is_annex=True),
        table(0, is_annex=True),
    ]
)


@given(st.lists(BLOCKS, max_size=12))
def test_stretches_keep_every_block_in_its_order_and_broad_ones_are_those_with_annexes(blocks):
    made = stretches(blocks)
    placed = [one for stretch in made for one in stretch.blocks]
    assert [place for place, _ in placed] == sorted(place for place, _ in placed)
    kept = [block for _, block in placed if not isinstance(block, PageBreak)]
    assert kept == [block for block in blocks if not isinstance(block, PageBreak)]
    assert not made[0].is_broad
    for stretch in made:
        annexes = [one for _, one in stretch.blocks if isinstance(one, Table) and one.is_annex and one.rows]
        assert bool(annexes) is stretch.is_broad
    assert all(one.is_broad is not other.is_broad for one, other in pairwise(made))


def test_a_table_without_rows_says_so_in_words():
    block = Table(title="کارها", columns=(Column(title="نام"),), rows=(), id="t", empty="هیچ کاری نبود.")
    made = write_docx(paper(block))
    assert part(made).find(f".//{W}tbl") is None
    assert "هیچ کاری نبود." in paragraphs(made)


def test_bars_are_cells_whose_widths_are_the_shares():
    block = Bars(
        title="پر",
        labels=(code("a"), code("b"), code("c")),
        values=(1.0, 0.5, 0.0),
        texts=("۱۰۰٪", "۵۰٪", "۰٪"),
        id="b",
    )
    rows = part(write_docx(paper(block))).findall(f".//{W}tr")
    filled = []
    for row in rows:
        shaded = [one for one in row.iter(f"{W}tcPr") if one.find(f"{W}shd") is not None]
        dark = [one for one in shaded if value(one.find(f"{W}shd"), "fill") == "5B84B1"]
        filled.append(sum(int(value(one.find(f"{W}gridSpan"), "val")) for one in dark))
    assert filled == [40, 20, 0]


@LANGUAGES
def test_a_calendar_has_one_cell_a_day_with_its_sign_and_shade_and_a_legend(language):
    root = part(write_docx(sample_paper(language)))
    rows = [row for row in root.iter(f"{W}tr") if len(row.findall(f"{W}tc")) == 31]
    assert len(rows) == 3
    missing = rows[1].findall(f"{W}tc")[5]
    assert (texts(missing), value(missing.find(f"{W}tcPr/{W}shd"), "fill")) == (
        {"fa": "ن", "en": "M"}[language],
        "F4A58A",
    )
    assert rows[2].findall(f"{W}tc")[2].find(f"{W}tcPr/{W}shd") is None


def test_a_shaded_number_has_a_sign_and_a_shaded_word_has_none():
    row = Row(cells=(Cell(line=text("۵"), mark=Mark.BAD), Cell(line=text("بحرانی"), mark=Mark.BAD)))
    block = Table(title="", columns=(Column(title="الف"), Column(title="ب")), rows=(row,), id="t")
    root = part(write_docx(paper(block)))
    assert [texts(one) for one in root.iter(f"{W}p") if style_of(one) == "ReportCell"] == ["!! ۵", "بحرانی"]


def test_numbers_of_a_list_are_persian_digits_and_english_lists_each_begin_at_one():
    lists = (Bullets(lines=(text("یک"), text("دو")), is_numbered=True),) * 2
    assert [one for one in paragraphs(write_docx(paper(*lists))) if "." in one] == ["۱.یک", "۲.دو"] * 2
    made = write_docx(paper(*lists, language="en"))
    used = [value(one, "val") for one in part(made).iter(f"{W}numId")]
    assert used[0] == used[1] != used[2] == used[3]
    known = {value(one, "numId"): one for one in part(made, "word/numbering.xml").iter(f"{W}num")}
    assert all(known[one].find(f"{W}lvlOverride/{W}startOverride") is not None for one in used)


@LANGUAGES
def test_the_footer_counts_pages_and_names_the_facts(language):
    made = write_docx(sample_paper(language))
    with ZipFile(BytesIO(made)) as package:
        name = next(one for one in package.namelist() if one.startswith("word/footer"))
    footer = part(made, name)
    assert [one.text.strip() for one in footer.iter(f"{W}instrText")] == ["PAGE", "NUMPAGES"]
    assert "sha256:3f9a1c2b7d40" in texts(footer)


@LANGUAGES
def test_the_contents_are_links_to_headings_that_exist(language):
    root = part(write_docx(sample_paper(language)))
    known = {value(one, "name") for one in root.iter(f"{W}bookmarkStart")}
    links = {value(one, "anchor"): texts(one) for one in root.iter(f"{W}hyperlink")}
    chapters = [one.title for one in sample_paper(language).blocks if isinstance(one, Heading) and one.level == 1]
    assert list(links.values()) == chapters
    assert set(links) <= known
    kinds = [value(one, "fldCharType") for one in root.iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"]


def test_a_font_of_the_office_draws_persian_and_never_the_digits_of_an_address():
    styles = part(write_docx(sample_paper("fa"), font='B "Nazanin'), "word/styles.xml")
    fonts = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts")
    assert (value(fonts, "cs"), value(fonts, "ascii")) == ('B "Nazanin', "Tahoma")


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, "</w:t>", "&amp;", "\u202egnp.exe", "a\x00b\x1b[31m", "\ud800"])
def test_names_from_outside_are_text(name):
    made = write_docx(paper(Heading(level=1, title=name, id="h"), Paragraph(line=(Span("نام "), Span(name, True)))))
    shown = name.replace("\u202e", "").replace("\x00", "").replace("\x1b", "").replace("\ud800", "")
    assert f"نام \u200f\u200e{shown}\u200e\u200f".strip("\u200e\u200f") in "\n".join(paragraphs(made)) or not shown


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["fa", "en"]))
def test_whatever_is_written_the_file_can_be_opened(words, language):
    block = Table(
        title=words,
        columns=(Column(title=words),),
        rows=(Row(cells=(Cell(line=(Span(words), Span(words, True)), mark=Mark.BAD),), mark=Mark.BAD),),
        id=words,
        note=words,
    )
    made = write_docx(paper(Heading(level=9, title=words, id=words), block, language=language))
    assert len(Document(BytesIO(made)).tables) == 1


ORDERS = {
    "pPr": "pStyle keepNext keepLines numPr pBdr shd tabs bidi spacing ind contextualSpacing jc outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i noProof color spacing sz szCs shd rtl lang",
    "tblPr": "tblStyle bidiVisual tblW jc tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "tcPr": "tcW gridSpan tcBorders shd vAlign",
    "sectPr": "headerReference footerReference type pgSz pgMar pgNumType cols titlePg bidi docGrid",
    "style": "name basedOn next uiPriority qFormat pPr rPr tblPr tblStylePr",
    "lvl": "start numFmt lvlText lvlJc pPr",
    "tbl": "bookmarkStart bookmarkEnd tblPr tblGrid tr",
    "tc": "tcPr p",
}
"""The order in which the schema of WordprocessingML wants what we write; Word calls a file damaged for less."""


@LANGUAGES
def test_everything_stands_in_the_order_of_the_schema(language):
    made = write_docx(sample_paper(language))
    with ZipFile(BytesIO(made)) as package:
        roots = [
            etree.fromstring(package.read(one))
            for one in package.namelist()
            if one.startswith("word/") and one.endswith(".xml")
        ]
    assert len(roots) == 5
    for name, order in ORDERS.items():
        for element in (one for root in roots for one in root.iter(f"{W}{name}")):
            places = [order.split().index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), etree.tostring(element)


def test_three_thousand_rows_arrive_whole():
    made = write_docx(table_paper("fa", 3_000))
    root = part(made)
    assert len(root.findall(f".//{W}tr")) == 3_001
    assert made == write_docx(table_paper("fa", 3_000))


def test_a_moment_of_another_zone_is_the_same_moment():
    there = replace(paper(), made_at=MADE_AT.astimezone(timezone(timedelta(hours=3, minutes=30))))
    assert write_docx(there) == write_docx(paper())
