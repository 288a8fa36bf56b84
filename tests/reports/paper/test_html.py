"""The page: read back with a parser that knows nothing of how it was written."""

import re
import struct
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from itops.errors import InputInvalid
from itops.reports.paper.html import write_html
from itops.reports.paper.model import (
    Bars,
    Bullets,
    CalendarCell,
    CalendarRow,
    Cell,
    Column,
    FactList,
    Heading,
    HeatMap,
    Mark,
    Paper,
    Paragraph,
    Row,
    Signature,
    Signatures,
    Span,
    Table,
    code,
    said,
    text,
)
from tests.reports.paper.papers import BIDI_ROWS, HOSTILE_NAMES, sample_paper, table_paper

LANGUAGES = ("fa", "en")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
HOSTILE = (*HOSTILE_NAMES, "</style><script>alert(1)</script>", "'\"><img src=x onerror=y>", "&amp;", "{% x %}", "-->")


def page_of(paper: Paper) -> html.HtmlElement:
    return html.document_fromstring(write_html(paper).decode())


def paper_of(*blocks, language: str = "fa", **others) -> Paper:
    facts = {"title": "گزارش", "subtitle": "", "cover": (), "footer": (), "page_of": "{page}/{pages}"} | others
    return Paper(language=language, blocks=blocks, made_at=datetime(2026, 11, 22, tzinfo=UTC), **facts)


def words_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def table_of(*rows: Row, **others) -> Table:
    columns = others.pop("columns", (Column(title="نام"), Column(title="تعداد", kind="number")))
    return Table(title="فهرست", columns=columns, rows=rows, id="list", **others)


def classes(element: html.HtmlElement) -> set[str]:
    return set(element.get("class", "").split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_paper_makes_the_same_bytes(language):
    assert write_html(sample_paper(language)) == write_html(sample_paper(language))


def test_another_process_with_another_hash_order_makes_the_same_bytes():
    program = (
        "import sys; from itops.reports.paper.html import write_html; from tests.reports.paper.papers import "
        "sample_paper; sys.stdout.buffer.write(write_html(sample_paper('fa')))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout == write_html(sample_paper("fa"))


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_the_page_says_its_language_and_its_direction(language, direction):
    root = page_of(sample_paper(language)).getroottree().getroot()
    assert (root.get("lang"), root.get("dir")) == (language, direction)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_and_nothing_runs(language):
    page = page_of(sample_paper(language))
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [POLICY]
    assert not page.xpath("//script | //link | //iframe | //object | //embed | //img | //base | //form")
    assert not page.xpath("//@src | //@srcset | //@*[starts-with(name(), 'on')]")
    assert all(target.startswith("#") for target in page.xpath("//@href"))
    assert not re.search(r"url\(|@import|https?:", write_html(sample_paper(language)).decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_paper_is_isolated_and_no_word_is(language):
    paper = sample_paper(language)
    isolated = [element.text_content() for element in page_of(paper).xpath("//main//bdi[@dir='ltr']")]
    for row in BIDI_ROWS:
        assert set(row) <= set(isolated)
    assert not page_of(paper).xpath("//bdi[not(@dir='ltr')]")
    assert not [one for one in isolated if re.search("[آ-ی]", one)]


@pytest.mark.parametrize("codes", BIDI_ROWS)
def test_a_phrase_is_isolated_whole_and_its_words_stay_beside_it(codes):
    line = tuple(span for one in codes for span in (Span("نام "), Span(one, is_code=True)))
    paragraph = page_of(paper_of(Paragraph(line=line))).xpath("//main/p")[0]
    assert [bdi.text for bdi in paragraph.findall("bdi")] == list(codes)
    assert paragraph.text_content() == said(line)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_prints_as_it_is_wherever_it_stands(name):
    column, both = Column(title=name), (Span(name), Span(name, is_code=True))
    cell = CalendarCell(sign=name, mark=Mark.BAD, title=name)
    days = (CalendarRow(label=both, cells=(cell,)),)
    blocks = (
        *(Heading(level=level, title=name, id=name) for level in (1, 2, 3)),
        Paragraph(line=both, mark=Mark.BAD),
        Bullets(lines=(both,)),
        FactList(facts=((name, both),)),
        Table(title=name, columns=(column,), rows=(Row(cells=(Cell(line=both),)),), id=name, note=name),
        Table(title=name, columns=(column,), rows=(), id=name, empty=name),
        Bars(title=name, labels=(both,), values=(1.0,), texts=(name,), id=name, value_title=name),
        HeatMap(title=name, days=(name,), rows=days, legend=((cell, name),), id=name),
        Signatures(signatures=(Signature(role=name, name=name, labels=(name, name, name)),)),
    )  # fmt: skip
    paper = paper_of(
        *blocks, title=name, subtitle=name, footer=both, page_of=name, author=name, words=(("contents", name),)
    )
    page = page_of(paper)
    assert not page.xpath("//script | //img | //@onerror")
    assert set(page.xpath("//body//*/@dir")) == {"ltr"}
    assert page.xpath("//title")[0].text_content() == f"{name} – {name}"
    assert page.xpath("//main/p")[0].text_content() == name + name
    assert page.xpath("//main//h2")[0].text_content().endswith(name)
    assert page.xpath("//td/abbr/@title") == [name]
    assert page.xpath("//tbody/tr/td/bdi/text()") == [name]
    assert len(page.xpath("//style")) == 1


def test_steering_characters_and_broken_letters_do_not_reach_the_page():
    written = write_html(
        paper_of(Paragraph(line=text("الف\u202eب\x00\x1b[31m\ud800")), Paragraph(line=code("a\u2066b")))
    )
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", written.decode().partition("<main>")[2])
    assert '<bdi dir="ltr">ab</bdi>' in written.decode()


def test_nothing_a_footer_says_can_end_its_string_in_the_style_sheet():
    hostile = '"} body { display: none } \\ </style>\n'
    style = (
        page_of(paper_of(footer=text(hostile), page_of=f"{hostile}{{page}}")).xpath("//style")[0].text_content().strip()
    )
    boxes = style.partition("\n")[0]
    strings = re.findall(r'"([^"]*)"', boxes)
    said_again = [re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), one) for one in strings]
    assert said_again == [hostile.replace("\n", " "), hostile.replace("\n", " ")]
    assert re.sub(r'"[^"]*"', '""', boxes) == (
        '@page{@bottom-right{direction:rtl;content:""}@bottom-left{direction:rtl;content:"" counter(page,persian)}}'
    )


@pytest.mark.parametrize(
    ("page_of_words", "content"),
    [
        ("Page {page} of {pages}", '"Page\\20 " counter(page,decimal) "\\20 of\\20 " counter(pages,decimal)'),
        ("{pages}/{page}", 'counter(pages,decimal) "\\2f " counter(page,decimal)'),
        ("", '""'),
    ],
)
def test_the_printed_page_counts_itself_in_the_words_of_the_paper(page_of_words, content):
    style = page_of(paper_of(language="en", page_of=page_of_words)).xpath("//style")[0].text_content().strip()
    assert f"@bottom-right{{direction:ltr;content:{content}}}" in style


@pytest.mark.parametrize(
    ("language", "numbers"),
    [("fa", ["۱", "۲", "۳", "۳.۱", "۳.۱.۱", "۴", "۵"]), ("en", ["1", "2", "3", "3.1", "3.1.1", "4", "5"])],
)
def test_headings_are_numbered_in_the_digits_of_the_language(language, numbers):
    page = page_of(sample_paper(language))
    assert [one.text_content() for one in page.xpath("//main//*[self::h2 or self::h3 or self::h4]//bdi")] == numbers


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_lead_to_every_chapter_under_the_number_that_it_wears(language):
    page = page_of(sample_paper(language))
    links = page.xpath("//nav//a")
    assert len(links) == 6  # five chapters and one part of a chapter; the third level is not listed
    for link in links:
        (target,) = page.xpath("//*[@id=$id]", id=link.get("href")[1:])
        assert words_of(target) == words_of(link)


def test_a_short_paper_has_neither_contents_nor_numbers():
    page = page_of(paper_of(Heading(level=1, title="نامه", id="letter"), Paragraph(line=text("سلام"))))
    assert not page.xpath("//nav")
    assert page.xpath("//h2")[0].text_content() == "نامه"


def test_ids_are_unique_so_that_a_link_leads_to_one_place():
    ids = page_of(sample_paper("fa")).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_cover_says_its_title_once_and_the_other_lines_under_it():
    header = page_of(sample_paper("en")).xpath("//header")[0]
    assert [words_of(one) for one in header] == [
        "Monthly technical report", "Alborz office", "Department of information technology", "Aban 1405",
        "2026-10-23 – 2026-11-21",
    ]  # fmt: skip
    assert words_of(page_of(paper_of(subtitle="آبان")).xpath("//header/p")[0]) == "آبان"


@pytest.mark.parametrize("mark", list(Mark))
def test_every_mark_is_told_by_a_shape_and_not_by_a_colour_alone(mark):
    table = table_of(Row(cells=(Cell(line=text("الف")), Cell(line=text("۱"), mark=mark))))
    page = page_of(paper_of(Paragraph(line=text("ب"), mark=mark), table))
    assert classes(page.xpath("//main/p")[0]) == {"normal", "marked", mark.value}
    assert classes(page.xpath("//tbody//td")[1]) == {"number", mark.value}
    style = page.xpath("//style")[0].text_content().strip()
    assert re.search(rf"\.{mark.value}::before[^{{]*{{[^}}]*(clip-path|border|block-size)", style)


def test_a_row_that_is_only_shaded_wears_its_sign_in_the_first_cell():
    shaded = Row(cells=(Cell(line=text("الف")), Cell(line=text("۱"))), mark=Mark.BAD)
    signed = Row(cells=(Cell(line=text("الف")), Cell(line=text("۱"), mark=Mark.NOTICE)), mark=Mark.BAD)
    page = page_of(paper_of(table_of(shaded, signed)))
    first, second = page.xpath("//tbody/tr")
    assert [classes(cell) for cell in first] == [{"bad"}, {"number"}]
    assert [classes(cell) for cell in second] == [set(), {"number", "notice"}]
    assert classes(first) == classes(second) == {"shade-bad"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_names_itself_and_its_columns_and_every_row_has_as_many_cells(language):
    for table in page_of(sample_paper(language)).xpath("//table[contains(@class, 'print-')]"):
        assert len(table.xpath("caption")) == 1
        headings = table.xpath("thead/tr/th[@scope='col']")
        assert headings
        assert {len(row) for row in table.xpath("tbody/tr")} == {len(headings)} == {len(table.xpath("colgroup/col"))}


def test_wide_tables_scroll_in_a_box_that_the_keyboard_reaches():
    page = page_of(sample_paper("fa"))
    for table in page.xpath("//table[not(contains(@class, 'bars'))]"):
        box = table.getparent()
        assert (classes(box) & {"scroll"}, box.get("tabindex"), box.get("role")) == ({"scroll"}, "0", "region")
        assert box.get("aria-label")


def test_a_row_that_is_too_short_is_filled_and_one_that_is_too_long_is_cut():
    rows = (Row(cells=(Cell(line=text("الف")),)), Row(cells=(Cell(),) * 5))
    assert [len(row) for row in page_of(paper_of(table_of(*rows))).xpath("//tbody/tr")] == [2, 2]


def test_a_table_without_rows_says_why_instead():
    page = page_of(paper_of(table_of(empty="هیچ")))
    assert not page.xpath("//table")
    assert [one.text_content() for one in page.xpath("//section/p")] == ["فهرست", "هیچ"]


def test_the_total_is_the_last_row_and_is_not_repeated_on_every_printed_page():
    row, total = Row(cells=(Cell(line=text("الف")), Cell())), Row(cells=(Cell(line=text("جمع")), Cell()))
    page = page_of(paper_of(table_of(row, total=total)))
    assert not page.xpath("//tfoot")  # a browser prints it at the foot of each page
    assert classes(page.xpath("//tbody/tr")[-1]) == {"total"}


def test_an_annex_and_the_headings_right_above_it_lie_on_the_same_wide_page():
    headings = [Heading(level=level, title="پیوست", id=f"annex-{level}") for level in (1, 2)]
    row = Row(cells=(Cell(), Cell()))
    other = Heading(level=1, title="متن", id="other")
    page = page_of(paper_of(other, Paragraph(line=()), *headings, table_of(row, is_annex=True)))
    annexed = [element.get("id") for element in page.xpath("//main/*") if "annex" in classes(element)]
    assert annexed == ["annex-1", "annex-2", "t-list"]


def size_of(*lines, is_annex: bool = False, kind: str = "code") -> str:
    columns = tuple(Column(title="نام", kind=kind) for _ in lines)
    table = table_of(Row(cells=tuple(Cell(line=line) for line in lines)), columns=columns, is_annex=is_annex)
    (table_element,) = page_of(paper_of(table)).xpath("//table")
    return table_element.get("class")


def test_a_wide_table_is_printed_smaller_and_only_the_widest_may_break_its_codes():
    address = code("00:50:56:ab:cd:ef")
    sizes = [size_of(*[address] * columns) for columns in range(1, 14)]
    order = ["print-9", "print-8", "print-7", "print-6", "print-5-5", "tight"]
    assert sizes == sorted(sizes, key=order.index)
    assert (sizes[0], sizes[-1]) == ("print-9", "tight")
    assert order.index(size_of(*[address] * 7, is_annex=True)) < order.index(size_of(*[address] * 7))


def test_words_may_wrap_but_a_number_stays_with_its_unit():
    words = text("یک جملهٔ بلند که در چند سطر هم جا می‌شود")
    assert size_of(*[words] * 6, kind="text") == "print-9"
    assert size_of(*[words] * 6, kind="number") != "print-9"


@pytest.mark.parametrize(("length", "expected"), [(36, set()), (37, {"long"}), (64, {"long"})])
def test_only_what_has_no_line_to_stay_on_may_be_broken(length, expected):
    page = page_of(paper_of(Paragraph(line=code("a" * length)), Paragraph(line=text("ب " + "ا" * length))))
    assert classes(page.xpath("//main/p/bdi")[0]) == expected
    assert [classes(one) for one in page.xpath("//main/p/span")] == ([expected] if expected else [])


def test_the_calendar_has_a_sign_in_every_slot_and_says_its_meaning():
    page = page_of(sample_paper("fa"))
    (calendar,) = page.xpath("//table[@class='calendar']")
    assert len(calendar.xpath("thead//th[@scope='col']")) == 30
    job, weekly = calendar.xpath("tbody/tr")
    assert words_of(job.xpath("th[@scope='row']")[0]) == "insurance-db"
    assert [words_of(cell) for cell in job.xpath("td")][:7] == ["س", "س", "د", "س", "ن", "س", "؟"]
    assert job.xpath("td/abbr/@title")[:7] == ["سالم", "سالم", "دیر", "سالم", "نیست", "سالم", "دیده نشد"]
    assert [words_of(cell) for cell in weekly.xpath("td")][:3] == ["س", "", ""]
    keys = page.xpath("//ul[@class='legend']/li")
    assert [words_of(key) for key in keys] == ["س سالم", "د دیر", "ن نیست", "؟ دیده نشد"]
    assert classes(keys[0].xpath("span")[0]) == {"key", "good"}


@pytest.mark.parametrize(("language", "starts"), [("fa", [9, 52, 100]), ("en", [0, 0, 0])])
def test_bars_say_their_value_in_words_and_grow_from_the_start(language, starts):
    rows = page_of(sample_paper(language)).xpath("//table[@class='bars']/tbody/tr")
    assert [words_of(row.xpath("th[@scope='row']")[0]) for row in rows][:2] == ["ds-san-01", "ds-san-02"]
    fills = [row.xpath(".//*[name()='rect'][@class='fill']")[0] for row in rows]
    assert [float(fill.get("width").rstrip("%")) for fill in fills] == [91, 48, 0]
    assert [float(fill.get("x").rstrip("%")) for fill in fills] == starts
    assert words_of(rows[0].xpath("td[@class='number']")[0]) in ("۹۱٪", "91%")


def test_an_indicator_says_its_state_in_words_and_its_trend_to_a_screen_reader():
    row = page_of(sample_paper("en")).xpath("//table[@class='indicators']/tbody/tr")[0]
    assert words_of(row.xpath("th[@scope='row']")[0]) == "Daily backups that are sound"
    state = row.xpath("td")[-1]
    assert (words_of(state), classes(state)) == ("Critical", {"state", "bad"})
    (drawing,) = row.xpath(".//*[name()='svg']")
    assert drawing.get("role") == "img"
    assert "\u20661405-05\u2069: -" in drawing.xpath("./*[name()='title']")[0].text_content()
    assert [words_of(one) for one in row.xpath(".//span[@class='ends']/bdi")] == ["1405-03", "1405-08"]


def test_three_thousand_rows_make_a_page_of_less_than_two_megabytes():
    written = write_html(table_paper("fa", 3000))
    assert len(written) < 2_000_000
    assert len(html.document_fromstring(written).xpath("//tbody/tr")) == 3000


def sfnt(*tags: bytes, magic: bytes = b"\x00\x01\x00\x00") -> bytes:
    """The head of a font with these tables."""
    return magic + struct.pack(">HHHH", len(tags), 0, 0, 0) + b"".join(tag + bytes(12) for tag in tags)


@pytest.mark.parametrize(
    ("content", "kind", "weights"),
    [
        (sfnt(b"cmap", b"glyf"), "ttf", "400"),
        (sfnt(b"cmap", b"fvar"), "ttf", "100 900"),
        (sfnt(b"fvar", magic=b"OTTO"), "otf", "100 900"),
        (b"wOFF" + bytes(8) + struct.pack(">H", 1) + bytes(30) + b"fvar" + bytes(16), "woff", "100 900"),
        (b"wOF2" + bytes(60), "woff2", "400"),
        (sfnt(b"fvar")[:12] + b"\xff", "ttf", "400"),
    ],
)
def test_a_font_is_put_into_the_page_and_allowed_there(tmp_path, content, kind, weights):
    font = tmp_path / "some.font"
    font.write_bytes(content)
    page = html.document_fromstring(write_html(sample_paper("fa"), embed_font=font).decode())
    assert page.xpath("//meta[@http-equiv]/@content") == [POLICY + "; font-src data:"]
    style = page.xpath("//style")[0].text_content().strip()
    assert style.startswith(f'@font-face{{font-family:"Report";font-weight:{weights};src:url(data:font/{kind};base64,')
    assert style.count("url(") == 1


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"</style>", sfnt(b"cmap") + bytes(4 << 20)])
def test_what_is_no_font_or_too_large_is_refused(tmp_path, content):
    font = tmp_path / "some.font"
    font.write_bytes(content)
    with pytest.raises(InputInvalid, match="not a font that can be put into a page"):
        write_html(sample_paper("fa"), embed_font=font)


def test_a_font_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputInvalid, match=r"absent\.ttf: the font cannot be read"):
        write_html(sample_paper("fa"), embed_font=tmp_path / "absent.ttf")


SPANS = st.lists(st.builds(Span, st.text(max_size=60), st.booleans()), max_size=4).map(tuple)
CELLS = st.builds(Cell, line=SPANS, mark=st.none() | st.sampled_from(list(Mark)))


@settings(max_examples=60, deadline=None)
@given(st.lists(SPANS, max_size=4), st.lists(st.lists(CELLS, max_size=3).map(tuple), max_size=4), st.text(max_size=20))
def test_whatever_the_texts_are_the_page_is_whole_and_holds_no_markup_but_ours(lines, rows, words):
    blocks = [Paragraph(line=line) for line in lines]
    table = table_of(*(Row(cells=cells) for cells in rows), note=words)
    page = page_of(paper_of(*blocks, table, footer=(Span(words),), page_of=words, subtitle=words))
    assert len(page.xpath("//main/p")) == len(lines)
    assert len(page.xpath("//main//tbody/tr")) == len(rows)
    assert len(page.xpath("//style")) == len(page.xpath("//footer")) == 1
    assert {element.tag for element in page.xpath("//main//p/*")} <= {"bdi", "span"}
