"""Labels: what is printed is read back from the PDF, where it stands is measured, and nothing overlaps."""

from collections import defaultdict
from ctypes import byref, c_double
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import raw

from itops.errors import UsageWrong
from itops.reports.labels import Label, Sheet, labels_pdf, labels_pictures
from itops.reports.words import load_words

FA, EN = load_words("fa", marks=False), load_words("en")
SHEET = Sheet(width=70, height=37)
SMALL = Sheet(width=38.1, height=21.2, gap_across=2.5, grid=(5, 13))
LABEL = Label(asset_id="PC-014", office="اداره کل نمونه", asset_tag="0012345", model="Dell OptiPlex 7050")
_SCALE = 4  # pixels a point
_PIXELS_A_MM = _SCALE * 72 / 25.4


def pages(pdf: bytes) -> list[np.ndarray]:
    """Each page in grey, one byte a pixel."""
    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=_SCALE, grayscale=True).to_numpy() for page in document]
    document.close()
    return [np.ascontiguousarray(picture.reshape(picture.shape[:2])) for picture in pictures]


def decoded(page: np.ndarray) -> dict[str, tuple[float, float]]:
    """Every code on a page with its left upper corner in millimetres."""
    found = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    return {one.text: (one.position.top_left.x / _PIXELS_A_MM, one.position.top_left.y / _PIXELS_A_MM) for one in found}


def lines_as_seen(pdf: bytes) -> list[str]:
    """The lines of the first page, each from its left end to its right: what an eye sees, whatever its direction."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].get_textpage()
    letters = defaultdict(list)
    for index in range(page.count_chars()):
        x, y = c_double(), c_double()
        raw.FPDFText_GetCharOrigin(page.raw, index, byref(x), byref(y))
        letters[round(y.value)].append((x.value, chr(raw.FPDFText_GetUnicode(page.raw, index))))
    page.close()
    document.close()
    seen = ["".join(letter for _, letter in sorted(line)) for _, line in sorted(letters.items(), reverse=True)]
    return [line.replace("\r", "").replace("\n", "").strip() for line in seen]  # the reader's own line ends


@pytest.mark.parametrize("words", [FA, EN], ids=["fa", "en"])
@pytest.mark.parametrize("sheet", [SHEET, SMALL, Sheet(width=105, height=57)], ids=["70x37", "38x21", "105x57"])
def test_every_printed_code_gives_its_id_back(words, sheet):
    ids = [f"PC-{number:03}" for number in range(sheet.count + 2)]
    printed = pages(labels_pdf([replace(LABEL, asset_id=one) for one in ids], sheet, words))
    assert len(printed) == 2
    assert set(decoded(printed[0])) == set(ids[: sheet.count])
    assert set(decoded(printed[1])) == set(ids[sheet.count :])


@pytest.mark.parametrize("asset_id", ["A", "srv_db.01", "UPS-HEAD-OFFICE-ROOM-0042-B", "x" * 64])
def test_short_and_long_ids_are_read_back(asset_id):
    assert set(decoded(pages(labels_pdf([replace(LABEL, asset_id=asset_id)], SHEET, FA))[0])) == {asset_id}


@pytest.mark.parametrize("skip", [0, 1, 5, 23])
def test_used_labels_of_the_first_sheet_are_skipped(skip):
    labels = [replace(LABEL, asset_id=f"PC-{number}") for number in range(25 - skip)]
    printed = pages(labels_pdf(labels, SHEET, FA, skip=skip))
    assert [len(decoded(page)) for page in printed] == [24 - skip, 1]
    left, top = SHEET.corner(skip)
    at = decoded(printed[0])["PC-0"]
    assert left < at[0] < left + SHEET.width / 2
    assert top < at[1] < top + SHEET.height / 2


@pytest.mark.parametrize("skip", [-1, 24, 1000])
def test_more_than_a_sheet_cannot_be_skipped(skip):
    with pytest.raises(UsageWrong, match="24 labels"):
        labels_pdf([LABEL], SHEET, FA, skip=skip)


@pytest.mark.parametrize("sheet", [SHEET, SMALL], ids=["70x37", "38x21"])
def test_round_a_code_there_are_two_millimetres_and_four_modules_of_nothing(sheet):
    page = pages(labels_pdf([replace(LABEL, office="و" * 200, model="M" * 200)], sheet, FA))[0]
    found = zxingcpp.read_barcodes(page)[0].position
    side = found.top_right.x - found.top_left.x
    quiet = round(max(2 * _PIXELS_A_MM, 4 * side / 21)) - 3  # the decoder's corners are good to a pixel or two
    left, right, top, bottom = found.top_left.x, found.top_right.x, found.top_left.y, found.bottom_left.y
    around = page[top - quiet : bottom + quiet, left - quiet : right + quiet].copy()
    around[quiet - 3 : -quiet + 3, quiet - 3 : -quiet + 3] = 255
    assert around.min() > 200


def test_nothing_is_printed_outside_a_label_however_long_its_words():
    long = Label(asset_id="A" * 64, office="اداره " * 60, asset_tag="9" * 80, model="مدل Model " * 40)
    page = pages(labels_pdf([long], SHEET, FA, skip=4))[0]
    left, top = (round(edge * _PIXELS_A_MM) for edge in SHEET.corner(4))
    right, bottom = left + round(70 * _PIXELS_A_MM), top + round(37 * _PIXELS_A_MM)
    assert page[top:bottom, left:right].min() < 50
    page[top - 2 : bottom + 2, left - 2 : right + 2] = 255
    assert page.min() > 200


@pytest.mark.parametrize("words", [FA, EN], ids=["fa", "en"])
def test_number_id_and_model_stand_on_it_as_they_were_typed(words):
    seen = lines_as_seen(labels_pdf([replace(LABEL, asset_tag="1402-0005")], SHEET, words))
    assert any("1402-0005" in line for line in seen)
    assert {"PC-014", "Dell OptiPlex 7050"} <= set(seen)


def test_persian_reads_from_the_right():
    office, tag, *_ = lines_as_seen(labels_pdf([LABEL], SHEET, FA))
    assert office[-1] == "ا"  # the first letter of the name
    assert tag.startswith("0012345")  # the caption stands right of the number


def test_persian_stands_right_to_left_and_latin_at_the_left_edge_of_its_field():
    """In Persian the words end at the right edge of the label, in English they begin beside the code."""
    ends = {}
    for words in (FA, EN):
        page = pages(labels_pdf([replace(LABEL, office="", model="", asset_tag="")], SHEET, words))[0]
        code = zxingcpp.read_barcodes(page)[0].position
        inked = np.flatnonzero(page[:, code.top_right.x + 10 :].min(axis=0) < 128) + code.top_right.x + 10
        ends[words.language] = inked.min() / _PIXELS_A_MM, inked.max() / _PIXELS_A_MM
    assert ends["fa"][1] == pytest.approx(70 - SHEET.inset, abs=1)
    assert ends["fa"][0] > ends["en"][1] - 10
    assert ends["en"][0] < 40


def test_the_same_labels_give_the_same_bytes():
    assert labels_pdf([LABEL] * 30, SHEET, FA) == labels_pdf([LABEL] * 30, SHEET, FA)


def test_pictures_of_the_sheets_are_png():
    assert [page[:4] for page in labels_pictures([LABEL] * 25, SHEET, FA)] == [b"\x89PNG"] * 2


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_no_text_of_an_asset_becomes_markup_or_breaks_the_sheet(office, tag, model):
    pdf = labels_pdf([Label(asset_id="PC-1", office=office, asset_tag=tag, model=model)], SHEET, FA)
    assert set(decoded(pages(pdf)[0])) == {"PC-1"}


@pytest.mark.parametrize("text", ['#panic("x")', "$x$", "*bold*", "\\", "`", "#include", "\x1b[31m", "\u202e", "]"])
def test_markup_in_a_name_is_only_a_name(text):
    pdf = labels_pdf([replace(LABEL, model=text, office=text)], SHEET, EN)
    assert set(decoded(pages(pdf)[0])) == {"PC-014"}


@pytest.mark.parametrize(
    "size",
    [
        {"width": 20, "height": 37}, {"width": 70, "height": 8}, {"width": 300, "height": 37},
        {"width": 0, "height": 37},
        {"width": 70, "height": 37, "grid": (4, 8)}, {"width": 70, "height": 37, "grid": (3, 9)},
        {"width": 70, "height": 37, "gap_across": 5, "grid": (3, 8)},
    ],
)  # fmt: skip
def test_labels_that_cannot_be_on_a_page_are_refused(size):
    with pytest.raises(UsageWrong, match="A4"):
        Sheet(**size)


def test_an_id_too_long_for_a_small_label_is_refused_rather_than_printed_too_fine():
    with pytest.raises(UsageWrong, match="too fine"):
        labels_pdf([replace(LABEL, asset_id="x" * 64)], SMALL, FA)


@pytest.mark.parametrize(
    ("sheet", "columns", "rows"),
    [
        (SHEET, 3, 8), (SMALL, 5, 13), (Sheet(width=105, height=57), 2, 5),
        (Sheet(width=63.5, height=38.1, gap_across=2.5), 3, 7),
    ],
)  # fmt: skip
def test_the_usual_sheets_are_laid_out_as_they_are_sold(sheet, columns, rows):
    assert (sheet.columns, sheet.rows, sheet.count) == (columns, rows, columns * rows)
    corners = [sheet.corner(position) for position in range(sheet.count)]
    assert len(set(corners)) == sheet.count
    assert all(0 <= left <= 210 - sheet.width + 1e-6 and 0 <= top <= 297 - sheet.height + 1e-6 for left, top in corners)
