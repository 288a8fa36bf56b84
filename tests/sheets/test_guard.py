"""Workbooks that would eat the machine are refused before anything opens them."""

from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import InputInvalid
from itops.sheets import guard
from itops.sheets.reading import open_book
from tests.sheets.files import HEADER, form, with_cells, with_part, workbook


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return workbook(tmp_path / "good.xlsx", ("list", [HEADER, ["1", "رایانه", "x"], ["2", "چاپگر", "y"]]))


def refused(path: Path, limits: guard.Limits | None = None) -> str:
    with pytest.raises(InputInvalid) as caught:
        guard.check(path, limits)
    return caught.value.problem


def test_a_plain_workbook_passes(good):
    guard.check(good)
    guard.check(good, guard.FORM)


def test_one_value_in_the_last_corner_is_refused(tmp_path, good):
    for place in ("XFD1048576", "CZ90000", "Z999999"):
        path = with_cells(good, tmp_path / "far.xlsx", f'<row r="1"><c r="{place}"><v>1</v></c></row>')
        assert "has values down to row" in refused(path)


def test_formatted_but_empty_cells_far_away_cost_nothing(tmp_path, good):
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    guard.check(with_cells(good, tmp_path / "wide.xlsx", xml))


def test_cells_that_do_not_say_where_they_are_are_counted(tmp_path, good):
    limits = guard.Limits(cells=50)
    rows = "".join("<row>" + "<c><v>1</v></c>" * 6 + "</row>" for _ in range(9))
    assert "row 9 and column 6" in refused(with_cells(good, tmp_path / "nowhere.xlsx", rows), limits)


def test_a_cell_cut_by_the_end_of_a_chunk_is_seen(tmp_path, good):
    for shift in range(0, 40, 3):
        padding = "<!--" + "x" * ((1 << 20) - 400 - shift) + "-->"
        cells = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, 20))
        path = with_cells(
            good, tmp_path / "cut.xlsx", padding + cells + '<row r="9"><c r="XFD999999"><v>1</v></c></row>'
        )
        assert "row 999,999 and column 16,384" in refused(path)


def test_a_long_text_that_many_cells_point_at_is_refused(tmp_path, good):
    text = "x" * 30_000
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 2001))
    path = with_cells(good, tmp_path / "a.xlsx", cells)
    shared = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    path = with_part(path, tmp_path / "b.xlsx", "xl/sharedStrings.xml", lambda old: shared.encode())
    limits = guard.Limits(text_bytes=20_000_000, ratio_from_bytes=1 << 40)
    assert "far more text than a list" in refused(path, limits)
    guard.check(path, guard.Limits(text_bytes=100_000_000, ratio_from_bytes=1 << 40))


def test_a_merged_block_over_the_whole_sheet_is_refused(tmp_path, good):
    path = with_part(
        good,
        tmp_path / "merged.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda old: old.replace(
            b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        ),
    )
    assert "merged blocks" in refused(path, guard.FORM)


def test_a_bomb_is_refused_whatever_its_directory_says(tmp_path, good):
    path = with_part(good, tmp_path / "bomb.xlsx", "xl/media/image1.png", lambda old: b"\0" * (70 << 20))
    assert "it is a trap" in refused(path)


def test_declared_entities_are_refused(tmp_path, good):
    lol = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    path = with_part(
        good, tmp_path / "e.xlsx", "xl/styles.xml", lambda old: old.replace(b"<styleSheet", lol + b"<styleSheet")
    )
    assert "declares entities" in refused(path)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "x.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as zipped:
        zipped.writestr("word/document.xml", "<x/>")
    assert "no .xlsx workbook is in it" in refused(path)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=6))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(tmp_path, cut, flips):
    content = bytearray(form(tmp_path / "form.xlsx").read_bytes())
    for where, mask in flips:
        content[min(int(where * len(content)), len(content) - 1)] ^= mask
    if cut < 0.5:
        content = content[: int(cut * 2 * len(content))]
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(content)
    with suppress(InputInvalid):
        book = open_book(path)
        for name in book.names():
            assert len(book.sheet(name).rows) < 100
