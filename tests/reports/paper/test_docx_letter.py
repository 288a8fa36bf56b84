"""What a letter needs of Word: lines in the middle and aside, no footer, and the words that a letterhead bears."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document

from itops.errors import ConfigInvalid
from itops.reports.paper.docx import write_docx
from itops.reports.paper.docx_letterhead import words_on
from itops.reports.paper.model import Paper, Paragraph, code, text
from tests.reports.paper.papers import MADE_AT
from tests.reports.paper.test_docx import W, part, texts, value
from tests.reports.paper.test_docx_letterhead import letterhead

LANGUAGES = pytest.mark.parametrize("language", ["fa", "en"])


def letter(*blocks: Paragraph, language: str = "fa") -> bytes:
    return write_docx(
        Paper(language=language, title="", subtitle="", cover=(), blocks=blocks, footer=(), page_of="", made_at=MADE_AT)
    )


@LANGUAGES
@pytest.mark.parametrize(
    ("role", "indent", "side"),
    [
        ("centered", None, "center"),
        ("aside", 60, None),
        ("signature", 50, "center"),
        ("post", 50, "center"),
        ("letter", None, None),
        ("address", None, None),
    ],
)
def test_each_role_of_a_letter_has_its_place_on_the_page(role, indent, side, language):
    (line,) = list(part(letter(Paragraph(line=text("متن"), role=role), language=language)).iter(f"{W}p"))
    told, justified = line.find(f"{W}pPr/{W}ind"), line.find(f"{W}pPr/{W}jc")
    width = 11906 - 2 * 1134
    assert (None if told is None else int(value(told, "left"))) == (None if indent is None else width * indent // 100)
    assert (None if justified is None else value(justified, "val")) == side


def test_a_name_in_latin_stays_where_the_signature_is():
    (line,) = list(part(letter(Paragraph(line=code("A. Karimi"), role="signature"))).iter(f"{W}p"))
    assert value(line.find(f"{W}pPr/{W}bidi"), "val") is None
    assert value(line.find(f"{W}pPr/{W}jc"), "val") == "center"
    assert "A. Karimi" in texts(line)


def test_the_properties_of_a_paragraph_stand_in_the_order_of_the_schema():
    (line,) = list(part(letter(Paragraph(line=text("نام"), role="signature"))).iter(f"{W}p"))
    assert [one.tag.removeprefix(W) for one in line.find(f"{W}pPr")] == ["pStyle", "bidi", "ind", "jc"]


def test_a_paper_without_words_for_a_footer_has_none():
    made = letter(Paragraph(line=text("متن"), role="letter"))
    with ZipFile(BytesIO(made)) as package:
        assert not [name for name in package.namelist() if "footer" in name]
    assert part(made).find(f".//{W}footerReference") is None
    assert [one.text for one in Document(BytesIO(made)).paragraphs] == ["متن"]


def test_what_a_letterhead_says_in_its_headers_its_footer_and_its_body_is_read(tmp_path):
    said = words_on(letterhead(tmp_path / "own.docx"))
    assert all(one in said for one in ("بسمه تعالی", "اداره کل البرز", "کرج، خیابان نمونه", "شماره: ............"))


def test_words_that_word_cut_into_runs_are_read_whole_and_signs_as_signs(tmp_path):
    document = Document()
    paragraph = document.sections[0].header.paragraphs[0]
    for piece in ("شما", "ره <", "& تاریخ"):
        paragraph.add_run(piece)
    document.save(str(tmp_path / "own.docx"))
    assert "شماره <& تاریخ" in words_on(tmp_path / "own.docx")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7"])
def test_what_is_no_word_file_is_refused(content, tmp_path: Path):
    (tmp_path / "own.docx").write_bytes(content)
    with pytest.raises(ConfigInvalid):
        words_on(tmp_path / "own.docx")
