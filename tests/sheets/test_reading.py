"""Lists of any office, whatever program and region wrote them."""

import csv
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
import xlsxwriter

from itops.assets.tables.grid import Merged
from itops.errors import InputInvalid, UsageWrong
from itops.sheets import reading, text_file
from itops.sheets.reading import open_book
from tests.sheets.files import HEADER, workbook

ROWS = [HEADER, ["۰۰۱۲", "رایانه", "مدل، یک"], ["2", "چاپگر", 'نوزده "اینچ"']]


def text(rows: list[list[str]], separator: str = ",") -> str:
    lines = StringIO()
    csv.writer(lines, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return lines.getvalue()


def rows_of(path: Path) -> list[list[object]]:
    book = open_book(path)
    return [list(row) for row in book.sheet(book.names()[0]).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_seen_from_the_text(tmp_path, encoding, separator):
    path = tmp_path / "list.csv"
    path.write_bytes(text(ROWS, separator).encode(encoding))
    assert rows_of(path) == ROWS


def test_windows_1256_is_read_with_its_arabic_letters(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("شماره اموال,مدل,كاربر\r\n12,x,علي\r\n".encode("cp1256"))
    assert rows_of(path) == [["شماره اموال", "مدل", "كاربر"], ["12", "x", "علي"]]


def test_the_line_that_names_the_separator_is_no_row(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('sep=;\r\n"a, b";c\r\n', encoding="utf-8-sig")
    assert rows_of(path) == [["a, b", "c"]]


def test_titles_with_commas_do_not_hide_the_separator(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Office, head, 2026\n\na;b;c;d\n1;2;3;4\n", encoding="utf-8")
    assert rows_of(path)[2:] == [["a", "b", "c", "d"], ["1", "2", "3", "4"]]


def test_a_note_full_of_semicolons_does_not_hide_the_separator(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("a,b,c\n1,2,x;y;z;w;v;u;t\n3,4,\n", encoding="utf-8")
    assert rows_of(path)[0] == ["a", "b", "c"]


def test_blank_lines_count_as_rows(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("a,b\n\n1,2\n", encoding="utf-8")
    assert rows_of(path) == [["a", "b"], [], ["1", "2"]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "an old .xls file"),
        (b"\r\n<html><table><tr><td>1</td></tr></table></html>", "a web page"),
        (b"%PDF-1.7", "a PDF"),
        (b"a,b\n\0\0\0", "neither a workbook nor a text file"),
        (b"PK\x03\x04garbage", "damaged or cut off"),
        (b'a,b\n1,"2\n', "not a CSV file"),  # a quote that never ends would swallow the rest
        (b'a,b\n1,"2"3\n', "not a CSV file"),
        (b"\xff\xfea\x00b", "broken UTF-16"),
        (b"," * 3000, "a line has more than 2,000 cells"),
        (b"a,b\n" * 100_001, "at most 100,000 are read"),
    ],
)
def test_what_is_no_list_is_told_as_what_it_is(tmp_path, content, told):
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputInvalid, match=told):
        rows_of(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageWrong, match="cannot be read"):
        open_book(tmp_path / "none.csv")


def test_a_text_file_that_is_too_big_is_not_even_read(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n")
        file.truncate(text_file.MAX_BYTES + 1)
    with pytest.raises(InputInvalid, match="too much for a list"):
        open_book(path)


def test_a_workbook_gives_its_cells_by_type(tmp_path):
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("یک")
        sheet.write_string(0, 0, "0012")
        sheet.write_number(0, 1, 1402001)
        sheet.write_number(1, 0, 45418, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(1, 1, 45418, book.add_format({"num_format": "[$-fa-IR,96]yyyy/mm/dd;@"}))
        sheet.write_number(2, 0, 45418.5, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_formula(2, 1, "=A1", value="cached")
        sheet.write_formula(3, 0, "=1/0", value="#DIV/0!")
        sheet.merge_range("D1:F1", "بالا")
        sheet.write_string(5, 0, "end")
        book.add_worksheet("hidden").hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='یک'!$B$1:$B$2"})
        book.add_chartsheet("chart").set_chart(chart)
    opened = open_book(path)
    assert opened.names() == ["یک"]
    rows = [list(row[:2]) for row in opened.sheet("یک").rows]
    assert rows == [
        ["0012", 1402001.0],
        [date(2024, 5, 6), date(2024, 5, 6)],
        [datetime(2024, 5, 6, 12), "cached"],
        [None, None],
        [None, None],
        ["end", None],
    ]
    assert opened.head("یک").merged == (Merged(top=0, left=3, bottom=0, right=5),)


def test_rows_keep_the_numbers_that_a_person_sees(tmp_path):
    path = tmp_path / "list.xlsx"
    workbook(path, ("x", [[], [], [None, None, "first"]]))
    assert [list(row) for row in open_book(path).sheet("x").rows] == [[None] * 3, [None] * 3, [None, None, "first"]]


def test_more_rows_than_a_list_has_are_refused(tmp_path):
    path = workbook(tmp_path / "long.xlsx", ("x", [["a"]] * (reading.MAX_ROWS + 1)))
    with pytest.raises(InputInvalid, match="at most 100,000 are read"):
        open_book(path).head("x")
