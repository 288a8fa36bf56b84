"""Headquarters' own workbook, filled: their looks stay, and what got lost is told by name."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import InputInvalid
from itops.sheets.reading import open_book
from itops.sheets.template import FormColumn, FormPlace, fill_template
from tests.sheets.files import form, with_part, workbook

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PLACE = FormPlace(
    sheet="تجهیزات",
    header_row=3,
    first_row=4,
    columns=(
        FormColumn(header="ردیف", is_text=False),
        FormColumn(header="شماره\u200cاموال"),  # spelled otherwise than in the form
        FormColumn(header="نوع"),
        FormColumn(header="بهای خرید", is_text=False),
    ),
)
ROWS = [[1, "0012", "=1+1", 250_000], [2, "+98", "@x", None]]


def refused(template: Path, place: FormPlace = PLACE, rows: list[list[object]] = ROWS) -> str:
    out = template.with_name("out.xlsx")
    with pytest.raises(InputInvalid) as caught:
        fill_template(template, place, rows, out, created_at=NOW)  # type: ignore[arg-type]
    assert not out.exists()
    return caught.value.problem


def test_the_rows_stand_in_their_columns_as_texts_and_numbers(tmp_path):
    out = tmp_path / "out.xlsx"
    fill_template(form(tmp_path / "form.xlsx"), PLACE, ROWS, out, created_at=NOW)
    rows = [list(row[:4]) for row in open_book(out).sheet("تجهیزات").rows]
    assert rows[3:5] == [[1.0, "0012", "=1+1", 250_000.0], [2.0, "+98", "@x", None]]
    sheet = openpyxl.load_workbook(out)["تجهیزات"]
    assert [sheet["C4"].data_type, sheet["C5"].data_type, sheet["B4"].number_format] == ["s", "s", "@"]
    assert sheet["D34"].value == "=SUM(D4:D33)"  # their own formula is theirs


def test_the_looks_of_the_form_stay(tmp_path):
    out = tmp_path / "out.xlsx"
    fill_template(form(tmp_path / "form.xlsx"), PLACE, ROWS, out, created_at=NOW)
    sheet = openpyxl.load_workbook(out)["تجهیزات"]
    assert sheet.sheet_view.rightToLeft
    assert sheet.freeze_panes == "A4"
    assert [str(block) for block in sheet.merged_cells.ranges] == ["A1:D1"]
    assert len(sheet.data_validations.dataValidation) == 1
    assert len(sheet.conditional_formatting) == 1
    assert sheet["A5"].fill.bgColor.rgb == sheet["A4"].fill.bgColor.rgb  # the first row's look goes down
    assert sheet["A3"].comment.text.endswith("یادداشت")


def test_what_the_filling_lost_is_told_by_name(tmp_path):
    template, out = form(tmp_path / "form.xlsx"), tmp_path / "out.xlsx"
    lost = fill_template(template, PLACE, ROWS, out, created_at=NOW)
    with ZipFile(out) as zipped:
        kept_picture = any(name.startswith("xl/media/") for name in zipped.namelist())
    assert "1 of 1: text box or shape" in lost
    assert ("xl/media/image1.png" in lost) is not kept_picture
    assert not any("chart" in one or "comment" in one for one in lost)


def test_a_plain_form_loses_nothing(tmp_path):
    template = workbook(tmp_path / "plain.xlsx", ("x", [["a", "b"]]))
    place = FormPlace(sheet="x", header_row=1, first_row=2, columns=(FormColumn(header="b"), FormColumn(header="a")))
    assert fill_template(template, place, [["1", "2"]], tmp_path / "out.xlsx", created_at=NOW) == ()
    assert [list(row) for row in open_book(tmp_path / "out.xlsx").sheet("x").rows] == [["a", "b"], ["2", "1"]]


def test_a_foreign_part_that_is_dropped_is_told(tmp_path):
    template = with_part(form(tmp_path / "form.xlsx"), tmp_path / "f.xlsx", "customXml/item1.xml", lambda old: b"<x/>")
    lost = fill_template(template, PLACE, ROWS, tmp_path / "out.xlsx", created_at=NOW)
    assert "customXml/item1.xml" in lost


def test_the_same_filling_gives_the_same_bytes(tmp_path):
    template = form(tmp_path / "form.xlsx")
    for name in ("one.xlsx", "two.xlsx"):
        fill_template(template, PLACE, ROWS, tmp_path / name, created_at=NOW)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_signature_below_is_never_written_over(tmp_path):
    template = form(tmp_path / "form.xlsx", rows=3)
    told = refused(template, rows=[[at, "x", "y", 1] for at in range(1, 6)])
    assert "A7 holds 'امضا'; there is room for 3 rows only" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sheet": "برگه"}, "there is no sheet 'برگه'"),
        ({"header_row": 2}, "no column is headed 'ردیف'"),
        ({"columns": (FormColumn(header="رنگ"),)}, "no column is headed 'رنگ'"),
        ({"columns": (FormColumn(header="x", column="1"),)}, "there is no column '1'"),
        ({"columns": (FormColumn(header="x", column="XFE"),)}, "there is no column 'XFE'"),
    ],
)
def test_a_mapping_that_does_not_fit_the_form_is_told(tmp_path, change, told):
    usual = {"sheet": PLACE.sheet, "header_row": 3, "first_row": 4, "columns": PLACE.columns, **change}
    assert told in refused(form(tmp_path / "form.xlsx"), FormPlace(**usual), [])


def test_a_header_that_stands_twice_is_asked_for_by_its_letter(tmp_path):
    template = workbook(tmp_path / "twice.xlsx", ("x", [["a", "a"]]))
    place = FormPlace(sheet="x", header_row=1, first_row=2, columns=(FormColumn(header="a"),))
    assert "2 columns are headed 'a'" in refused(template, place, [["1"]])
    exact = FormPlace(sheet="x", header_row=1, first_row=2, columns=(FormColumn(header="a", column="B"),))
    fill_template(template, exact, [["1"]], tmp_path / "out.xlsx", created_at=NOW)
    assert [list(row) for row in open_book(tmp_path / "out.xlsx").sheet("x").rows] == [["a", "a"], [None, "1"]]


def test_a_form_that_is_not_there_is_told(tmp_path):
    assert "cannot be read" in refused(tmp_path / "none.xlsx")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(
        ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "[Content_Types].xml",
         "xl/_rels/workbook.xml.rels", "xl/drawings/drawing1.xml", "xl/charts/chart1.xml", "docProps/core.xml"]
    ),
    where=st.floats(0, 1),
    width=st.integers(0, 40),
    filler=st.binary(max_size=8),
)  # fmt: skip
def test_a_damaged_form_is_filled_or_refused_and_nothing_else(tmp_path, part, where, width, filler):
    template = tmp_path / "form.xlsx"
    if not template.exists():
        form(template)

    def damaged(content: bytes) -> bytes:
        at = int(where * len(content))
        return content[:at] + filler + content[at + width :]

    broken = with_part(template, tmp_path / "broken.xlsx", part, damaged)
    out = tmp_path / "out.xlsx"
    out.unlink(missing_ok=True)
    with suppress(InputInvalid):
        fill_template(broken, PLACE, ROWS, out, created_at=NOW)
        assert out.stat().st_size > 0
