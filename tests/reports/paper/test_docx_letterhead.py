"""The office's own paper: kept as it is, filled, and refused when it is something else."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.parser import parse_xml
from docx.shared import Mm, Pt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from itops.errors import ConfigInvalid
from itops.reports.paper.docx import write_docx
from itops.reports.paper.model import Bullets, Paragraph, text
from tests.reports.paper.papers import sample_paper
from tests.reports.paper.test_docx import W, paper, part, table, value

MARKER = "{{report}}"


def letterhead(path: Path, *, marker: str = MARKER, after: str = "رونوشت: بایگانی") -> Path:
    """An office's letterhead: header, footer, wide top margin, a line before and a line after the marker."""
    document = Document()
    section = document.sections[0]
    section.top_margin, section.left_margin, section.right_margin = Mm(50), Mm(25), Mm(30)
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "بسمه تعالی"
    section.header.paragraphs[0].text = "اداره کل البرز"
    section.footer.paragraphs[0].text = "کرج، خیابان نمونه"
    document.styles["Normal"].font.size = Pt(13)
    document.add_paragraph("شماره: ............")
    if marker:
        document.add_paragraph(marker)
    if after:
        document.add_paragraph(after)
    document.save(str(path))
    return path


def body(made: bytes) -> list[str]:
    return [one.text for one in Document(BytesIO(made)).paragraphs]


def test_the_content_stands_where_the_marker_was_and_everything_else_stays(tmp_path):
    made = write_docx(paper(Paragraph(line=text("متن گزارش"))), letterhead=letterhead(tmp_path / "own.docx"))
    assert body(made) == ["شماره: ............", "گزارش", "متن گزارش", "رونوشت: بایگانی"]
    section = Document(BytesIO(made)).sections[0]
    assert section.header.paragraphs[0].text == "اداره کل البرز"
    assert section.first_page_header.paragraphs[0].text == "بسمه تعالی"
    assert section.footer.paragraphs[0].text == "کرج، خیابان نمونه"
    assert (section.top_margin.mm, section.left_margin.mm) == pytest.approx((50, 25), abs=0.1)


def test_without_a_marker_the_content_stands_at_the_end(tmp_path):
    own = letterhead(tmp_path / "own.docx", marker="")
    assert body(write_docx(paper(), letterhead=own)) == ["شماره: ............", "رونوشت: بایگانی", "گزارش"]


def test_a_marker_that_word_cut_into_runs_is_found(tmp_path):
    own = tmp_path / "own.docx"
    document = Document()
    paragraph = document.add_paragraph(" {{")
    paragraph.add_run("re\u200fport")
    paragraph.add_run("}} ")
    document.save(str(own))
    assert body(write_docx(paper(), letterhead=own)) == ["گزارش"]


def test_the_same_letterhead_and_paper_give_the_same_bytes(tmp_path):
    own = letterhead(tmp_path / "own.docx")
    assert write_docx(sample_paper("fa"), letterhead=own) == write_docx(sample_paper("fa"), letterhead=own)


def test_tables_are_as_wide_as_the_letterheads_page(tmp_path):
    made = write_docx(paper(table(1)), letterhead=letterhead(tmp_path / "own.docx"))
    page = Document(BytesIO(made)).sections[0]
    width = (page.page_width - page.left_margin - page.right_margin) // 635
    assert sum(int(value(one, "w")) for one in part(made).iter(f"{W}gridCol")) == pytest.approx(width, abs=1)


def test_the_letterheads_own_styles_are_used_and_ours_are_put_beside_them(tmp_path):
    own = letterhead(tmp_path / "own.docx")
    made = write_docx(sample_paper("fa"), letterhead=own)
    before, after = (Document(one).styles for one in (str(own), BytesIO(made)))
    for name in ("Title", "Heading 1", "Normal", "List Bullet", "Caption"):
        assert etree.tostring(after[name].element) == etree.tostring(before[name].element)
    assert "Report Cell" in [style.name for style in after]
    ids = [style.style_id for style in after]
    assert len(ids) == len(set(ids))
    used = {value(one, "val") for one in part(made).iter(f"{W}pStyle")}
    assert used <= set(ids)


def test_a_style_of_theirs_with_our_id_is_left_alone(tmp_path):
    own = tmp_path / "own.docx"
    document = Document()
    document.styles.add_style("Something Else", 1).element.set(f"{W}styleId", "ReportCell")
    document.save(str(own))
    made = write_docx(paper(table(1)), letterhead=own)
    names = {style.style_id: style.name for style in Document(BytesIO(made)).styles}
    assert names["ReportCell"] == "Something Else"
    cell = next(part(made).iter(f"{W}tc"))
    assert names[value(cell.find(f".//{W}pStyle"), "val")] == "Report Cell Head"
    assert all(value(one, "val") in names for one in part(made, "word/styles.xml").iter(f"{W}basedOn", f"{W}next"))


def test_lists_go_on_behind_the_letterheads_own_and_definitions_stand_before_lists(tmp_path):
    own = letterhead(tmp_path / "own.docx")
    lists = (Bullets(lines=(text("one"),)), Bullets(lines=(text("two"),), is_numbered=True))
    made = write_docx(paper(*lists, language="en"), letterhead=own)
    numbering = part(made, "word/numbering.xml")
    tags = [one.tag for one in numbering if one.tag in {f"{W}num", f"{W}abstractNum"}]
    assert tags == sorted(tags, key=lambda tag: tag == f"{W}num")
    for tag, name in (("num", "numId"), ("abstractNum", "abstractNumId")):
        ids = [value(one, name) for one in numbering.findall(f"{W}{tag}")]
        assert len(ids) == len(set(ids))
    known = {value(one, "numId") for one in numbering.findall(f"{W}num")}
    assert {value(one, "val") for one in part(made).iter(f"{W}numId")} <= known


def test_a_letterhead_without_lists_gets_them(tmp_path):
    own = tmp_path / "own.docx"
    Document().save(str(own))
    kept = {}
    with ZipFile(own) as package:
        for name in package.namelist():
            content = package.read(name)
            if name == "word/_rels/document.xml.rels":
                content = re.sub(rb"<Relationship [^>]*numbering[^>]*/>", b"", content)
            if name == "[Content_Types].xml":
                content = re.sub(rb"<Override [^>]*numbering[^>]*/>", b"", content)
            if "numbering" not in name:
                kept[name] = content
    with ZipFile(own, "w", ZIP_DEFLATED) as package:
        for name, content in kept.items():
            package.writestr(name, content)
    made = write_docx(paper(Bullets(lines=(text("یک"),))), letterhead=own)
    assert value(part(made).find(f".//{W}numId"), "val") == "1"
    with ZipFile(BytesIO(made)) as package:
        assert "word/report-lists.xml" in package.namelist()


def test_an_annex_turns_the_letterheads_page_and_turns_it_back_for_what_follows(tmp_path):
    made = write_docx(
        paper(Paragraph(line=text("ماه")), table(2, is_annex=True)), letterhead=letterhead(tmp_path / "own.docx")
    )
    sections = Document(BytesIO(made)).sections
    assert [one.orientation for one in sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert [one.different_first_page_header_footer for one in sections] == [True, False, False]
    assert [one.header.paragraphs[0].text for one in sections] == ["اداره کل البرز"] * 3, "by going on with the first"
    assert sections[1].header.is_linked_to_previous


def test_a_marker_in_the_first_of_two_sections_keeps_that_sections_page(tmp_path):
    own = tmp_path / "own.docx"
    document = Document()
    document.sections[0].left_margin = Mm(40)
    document.add_paragraph(MARKER)
    document.add_section().left_margin = Mm(10)
    document.add_paragraph("پشت صفحه")
    document.save(str(own))
    made = write_docx(paper(table(1, is_annex=True)), letterhead=own)
    margins = [round(one.left_margin.mm) for one in Document(BytesIO(made)).sections]
    assert margins == [40, 40, 40, 10]


def test_a_marker_that_ends_a_section_leaves_the_section(tmp_path):
    own = tmp_path / "own.docx"
    document = Document()
    document.add_paragraph(MARKER)
    document.add_section()
    marked = document.element.body.findall(f"{W}p")
    ending = marked[1].find(f"{W}pPr")
    marked[0].insert(0, ending)
    document.element.body.remove(marked[1])
    document.save(str(own))
    made = write_docx(paper(), letterhead=own)
    assert body(made) == ["گزارش", ""]
    assert len(Document(BytesIO(made)).sections) == 2


def test_the_offices_font_is_said_with_every_persian_run(tmp_path):
    made = write_docx(
        paper(Paragraph(line=text("متن"))), letterhead=letterhead(tmp_path / "own.docx"), font="B Nazanin"
    )
    run = next(one for one in part(made).iter(f"{W}r") if one.findtext(f"{W}t") == "متن")
    assert value(run.find(f"{W}rPr/{W}rFonts"), "cs") == "B Nazanin"


def test_a_letterhead_without_a_footer_gets_page_numbers_and_one_with_a_footer_keeps_it(tmp_path):
    own = tmp_path / "own.docx"
    Document().save(str(own))
    made = Document(BytesIO(write_docx(paper(), letterhead=own)))
    assert "itops 0.3.0" in made.sections[0].footer.paragraphs[1].text


def test_a_letterheads_style_neither_tears_persian_letters_apart_nor_counts_a_second_time(tmp_path):
    own = letterhead(tmp_path / "own.docx")  # its Title has letter spacing, its List Number counts
    made = write_docx(paper(Bullets(lines=(text("یک"),), is_numbered=True)), letterhead=own)
    runs = {one.findtext(f"{W}t"): one for one in part(made).iter(f"{W}r")}
    assert value(runs["گزارش"].find(f"{W}rPr/{W}spacing"), "val") == "0"
    counted = next(one for one in part(made).iter(f"{W}p") if "یک" in "".join(one.itertext(f"{W}t")))
    assert value(counted.find(f"{W}pPr/{W}numPr/{W}numId"), "val") == "0"


@pytest.mark.parametrize("where", ["table", "twice", "text box"])
def test_a_marker_that_cannot_be_replaced_is_named(tmp_path, where):
    own = tmp_path / "own.docx"
    document = Document()
    if where == "table":
        document.add_table(1, 1).cell(0, 0).text = MARKER
    elif where == "twice":
        document.add_paragraph(MARKER)
        document.add_paragraph(MARKER)
    else:
        inside = f"<w:txbxContent><w:p><w:r><w:t>{MARKER}</w:t></w:r></w:p></w:txbxContent>"
        box = f'<w:p xmlns:w="{W[1:-1]}"><w:r><w:pict>{inside}</w:pict></w:r></w:p>'
        document.element.body.insert(0, parse_xml(box))
    document.save(str(own))
    with pytest.raises(ConfigInvalid, match="more than once, or inside a table") as told:
        write_docx(paper(), letterhead=own)
    assert "paragraph of its own" in told.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="an old .doc"),
        pytest.param(b"%PDF-1.7\n", id="a PDF"),
        pytest.param("شماره".encode(), id="a text"),
    ],
)
def test_what_is_no_docx_is_refused_with_a_remedy(tmp_path, content):
    own = tmp_path / "own.docx"
    own.write_bytes(content)
    with pytest.raises(ConfigInvalid, match=r"no \.docx file") as told:
        write_docx(paper(), letterhead=own)
    assert told.value.remedy == (
        "open it in Word and save it as .docx, or name another: report.letterhead in itops.yaml"
    )


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param({"a.txt": b"x"}, "no .docx is in it", id="another zip"),
        pytest.param({"[Content_Types].xml": b"<a/>"}, "is no .docx", id="an empty package"),
        pytest.param({"[Content_Types].xml": bytes(70 << 20)}, "unpacks to far more", id="a bomb"),
        pytest.param({"word/document.xml": b"<a>" + b" " * (17 << 20)}, "unpacks to far more", id="a bomb of XML"),
        pytest.param(
            {"word/document.xml": b" " * 65_530 + b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"},
            "declares entities",
            id="entities",
        ),
        pytest.param(
            {f"word/{n}.xml": b"<a/>" for n in range(301)} | {"word/document.xml": b"<a/>"}, "too many", id="parts"
        ),
    ],
)
def test_traps_are_refused_before_they_are_opened(tmp_path, parts, told):
    with pytest.raises(ConfigInvalid, match=re.escape(told)):
        write_docx(paper(), letterhead=packed(tmp_path / "own.docx", parts))


def test_other_files_of_word_and_of_spreadsheets_are_refused(tmp_path):
    own = letterhead(tmp_path / "own.docx")
    with ZipFile(own) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    kinds = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = kinds.replace(b"document.main+xml", b"template.main+xml")
    with pytest.raises(ConfigInvalid, match=r"no \.docx file"):
        write_docx(paper(), letterhead=packed(tmp_path / "own.dotx", parts))


def test_a_letterhead_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigInvalid, match="cannot be read: No such file"):
        write_docx(paper(), letterhead=tmp_path / "none.docx")
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        write_docx(paper(), letterhead=tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return letterhead(tmp_path_factory.mktemp("whole") / "own.docx").read_bytes()


CAREFUL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_used(own: Path) -> bool:
    try:
        made = write_docx(paper(table(1, is_annex=True)), letterhead=own)
    except ConfigInvalid as told:
        assert told.remedy  # noqa: PT017  either way is right, another exception is not
        return False
    return made.startswith(b"PK")


@CAREFUL
@given(st.data())
def test_a_letterhead_with_a_damaged_part_is_used_or_refused_and_nothing_else_happens(tmp_path, whole, data):
    with ZipFile(BytesIO(whole)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = data.draw(st.sampled_from(sorted(one for one in parts if one.endswith((".xml", ".rels")))))
    content = bytearray(parts[name])
    at = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["cut", "change", "drop", "double"]))
    if how == "cut":
        del content[at:]
    elif how == "change":
        content[at] = data.draw(st.integers(0, 255))
    elif how == "drop":
        del content[at : at + data.draw(st.integers(1, 400))]
    else:
        content[at:at] = content[at : at + 200]
    assert is_used(packed(tmp_path / "broken.docx", parts | {name: bytes(content)})) in {True, False}


@CAREFUL
@given(st.data())
def test_a_file_with_a_changed_or_missing_byte_is_used_or_refused(tmp_path, whole, data):
    content = bytearray(whole)
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    own = tmp_path / "broken.docx"
    own.write_bytes(content)
    assert is_used(own) in {True, False}
