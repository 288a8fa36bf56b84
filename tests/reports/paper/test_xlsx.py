"""The paper as a workbook, as another program reads it and as its XML says it."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as Read
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    Cell,
    Column,
    Heading,
    HeatMap,
    IndicatorRow,
    Indicators,
    Mark,
    Paper,
    Paragraph,
    Row,
    Span,
    Table,
    code,
    said,
    text,
)
from itops.reports.paper.xlsx import SheetNames, write_xlsx
from itops.reports.paper.xlsx_values import number_format, value_of
from tests.reports.paper.papers import BIDI_ROWS, HOSTILE_NAMES, MADE_AT, sample_paper, table_paper

LANGUAGES = pytest.mark.parametrize("language", ["fa", "en"])
MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def paper(*blocks: Block, language: str = "fa", words: tuple[tuple[str, str], ...] = ()) -> Paper:
    return Paper(
        language=language,
        title="گزارش",
        subtitle="",
        cover=(),
        blocks=blocks,
        footer=(),
        page_of="",
        made_at=MADE_AT,
        words=words,
    )


def table(*cells: Cell, kind: str = "text", title: str = "ستون", total: Row | None = None) -> Table:
    """A table of one column with a sheet of its own."""
    rows = tuple(Row(cells=(cell,)) for cell in cells)
    columns = (Column(title=title, kind=kind),)
    return Table(title="فهرست", columns=columns, rows=rows, id="list", total=total, is_annex=True)


def opened(made: bytes) -> Workbook:
    return load_workbook(BytesIO(made))


def lists(block: Table, **options) -> list[list[Read]]:
    """The sheet of a table from its header down."""
    sheet = opened(write_xlsx(paper(block, **options))).worksheets[1]
    return [list(row) for row in sheet.iter_rows(min_row=3)]


def words_of(made: bytes) -> str:
    return "\n".join(
        str(cell.value) for sheet in opened(made) for row in sheet.iter_rows() for cell in row if cell.value
    )


def fill(cell: Read) -> str:
    return cell.fill.fgColor.rgb[-6:]


@LANGUAGES
def test_the_same_paper_gives_the_same_bytes_and_says_when_its_facts_are_from(language):
    made = write_xlsx(sample_paper(language))
    assert made == write_xlsx(sample_paper(language))
    told = opened(made).properties
    assert (told.created, told.title) == (MADE_AT.replace(tzinfo=None), sample_paper(language).title)


@LANGUAGES
def test_everything_the_paper_says_is_in_the_workbook(language):
    whole, found = sample_paper(language), MARKS.sub("", words_of(write_xlsx(sample_paper(language))))
    for block in whole.blocks:
        match block:
            case Heading():
                assert block.title in found
            case Paragraph():
                assert said(block.line) in found
            case Bullets():
                assert all(said(line) in found for line in block.lines)
            case Table():
                assert block.title in found
                assert block.note in found
                assert block.rows or block.empty in found
                assert all(column.title in found for column in block.columns if block.rows)
            case Indicators():
                assert all(words in found for row in block.rows for words in (row.name, row.state, *row.trend_labels))
            case _:
                continue
    assert all(said(line) in found for line in whole.cover)


@LANGUAGES
def test_persian_sheets_are_read_from_the_right_and_english_ones_from_the_left(language):
    for sheet in opened(write_xlsx(sample_paper(language))):
        assert bool(sheet.sheet_view.rightToLeft) is (language == "fa")


@LANGUAGES
def test_each_list_has_its_own_sheet_with_a_filter_a_frozen_header_and_its_id_as_name(language):
    workbook = opened(write_xlsx(sample_paper(language)))
    filled = [one for one in sample_paper(language).blocks if isinstance(one, Table) and one.rows]
    named = [one.title for one in sample_paper(language).blocks if isinstance(one, HeatMap) or one in filled]
    assert workbook.sheetnames == [sample_paper(language).title, *named]
    for block in filled:
        sheet = workbook[block.title]
        (made,) = sheet.tables.values()
        assert made.name == "report_" + block.id.replace("-", "_")
        assert made.autoFilter is not None
        assert made.ref.startswith("A3:")
        assert sheet.freeze_panes in {"A4", "B4"}
        assert sheet.print_title_rows == "$3:$3"
        assert all(sheet.column_dimensions[letter].width >= 8 for letter in "AB")


@LANGUAGES
def test_every_sheet_prints_across_and_as_wide_as_a_page(language):
    for sheet in opened(write_xlsx(sample_paper(language))):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.center.text == "&P / &N"


@LANGUAGES
def test_the_first_sheet_leads_to_each_list_and_each_list_leads_back(language):
    first, *others = opened(write_xlsx(sample_paper(language))).worksheets
    ways = [cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink]
    assert ways == [f"'{sheet.title}'!A1" for sheet in others]
    assert {sheet["A2"].hyperlink.location for sheet in others} == {f"'{first.title}'!A1"}


@LANGUAGES
def test_nothing_is_a_formula(language):
    made = write_xlsx(sample_paper(language))
    with ZipFile(BytesIO(made)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in package.read(name)
            assert "externalLink" not in name
    kinds = {cell.data_type for sheet in opened(made) for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d"}


RISKY = [
    *HOSTILE_NAMES,
    "=cmd|' /C calc'!A0",
    "0012",
    "https://example.ir/",
    "+98",
    "a\x00b",
    "\u202egnp.exe",
    "\ud800x",
]


@pytest.mark.parametrize("name", RISKY)
def test_names_from_outside_are_texts_wherever_they_stand(name):
    shown = name.replace("\x00", "").replace("\u202e", "").replace("\ud800", "")
    one, other = lists(table(Cell(line=code(name)), title=name))
    assert (one[0].value, other[0].value) == (shown, shown)
    assert (one[0].data_type, other[0].data_type, other[0].hyperlink) == ("s", "s", None)
    trend = {"trend": (1.0, 2.0), "trend_labels": (name, name), "trend_texts": ("1", "2")}
    row = IndicatorRow(
        name=name, now=Cell(), target=Cell(), before=Cell(), change=Cell(), mark=Mark.BAD, state=name, **trend
    )
    bars = Bars(title=name, labels=(code(name),), values=(1.0,), texts=(name,), id=name, value_title=name)
    made = write_xlsx(paper(Indicators(headings=(name,) * 7, rows=(row,)), bars, language="en"))
    with ZipFile(BytesIO(made)) as package:
        charts = [package.read(one).decode() for one in package.namelist() if one.startswith("xl/charts/chart")]
    assert len(charts) == 2
    for chart in charts:
        assert all(found.startswith(("'گزارش'!$", "گزارش!$")) for found in re.findall("<c:f>(.*?)</c:f>", chart))


@pytest.mark.parametrize("row", BIDI_ROWS, ids=lambda row: row[0])
def test_a_code_in_a_persian_cell_has_no_marks_is_read_from_the_left_and_stands_at_the_right(row):
    _, *cells = lists(table(*(Cell(line=code(one)) for one in row)))
    for (cell,), one in zip(cells, row, strict=True):
        assert cell.value == one
        assert (cell.alignment.readingOrder, cell.alignment.horizontal) == (1, "right")


@pytest.mark.parametrize("row", BIDI_ROWS, ids=lambda row: row[0])
def test_a_code_in_a_persian_sentence_stands_between_marks(row):
    line = [Span("نام ")]
    for one in row:
        line += [Span(one, True), Span(" ثبت شد ")]
    (cell,) = (one[0] for one in lists(table(Cell(line=tuple(line))))[1:])
    assert re.findall("\u200f\u200e([^\u200e\u200f]*)\u200e\u200f", cell.value) == list(row)
    assert cell.alignment.readingOrder == 2


@LANGUAGES
def test_no_value_of_a_list_holds_a_mark(language):
    for sheet in opened(write_xlsx(sample_paper(language))).worksheets[1:]:
        for row in sheet.iter_rows():
            assert not any(MARKS.search(str(cell.value)) for cell in row)


def test_words_in_a_persian_cell_are_read_from_the_right():
    (cell,) = lists(table(Cell(line=text("وضعیت خوب"))))[1]
    assert (cell.alignment.readingOrder, cell.alignment.horizontal) == (2, "right")


@pytest.mark.parametrize("words", ["۱۳ از ۱۶", "— نوشته نشده است", "ماه ۲ از ۳"])
def test_words_beside_numbers_are_two_pieces_of_one_look_and_one_text_to_every_reader(words):
    made = write_xlsx(paper(table(Cell(line=text(words)))))
    assert opened(made).worksheets[1]["A4"].value == words
    assert CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(1).to_python()[3] == [words]
    with ZipFile(BytesIO(made)) as package:
        strings = package.read("xl/sharedStrings.xml").decode()
    assert strings.count("<r>") == 2, "or LibreOffice turns them round, whatever the reading order says"


@pytest.mark.parametrize(
    ("line", "value", "shown"),
    [
        pytest.param("۱٬۲۳۴", 1234, "[$-3000429]#,##0", id="a Persian count"),
        pytest.param("1,234", 1234, "#,##0", id="an English count"),
        pytest.param("۴۰٫۱", 40.1, "[$-3000429]#,##0.0", id="with a decimal"),
        pytest.param("۸۴٫۲٪", 0.842, "[$-3000429]0.0%", id="a Persian share"),
        pytest.param("95%", 0.95, "0%", id="an English share"),
        pytest.param("99.9%", 0.9996, "0.00%", id="cut, not rounded up to a false 100 %"),
        pytest.param("99.9%", 0.99996, "0.000%", id="nor further on"),
        pytest.param("+1", 1, "+#,##0;-#,##0;#,##0", id="with its sign"),
        pytest.param("-9.9", -0.099, None, id="points of a share are no percent"),
        pytest.param("۲۶ از ۲۷", 26, None, id="it says more"),
        pytest.param("12 GiB", 12 << 30, None, id="a unit"),
        pytest.param("—", 0, None, id="a dash is no zero"),
        pytest.param("۵", 7, None, id="it says something else"),
    ],
)
def test_a_number_is_printed_as_the_paper_has_it(line, value, shown):
    assert number_format(line, value) == shown


def printed(shown: str, value: float) -> float:
    """What a spreadsheet prints for a share in such a format."""
    decimals = len(shown.rpartition(".")[2].removesuffix("%")) if "." in shown else 0
    return float(f"{value * 100:.{decimals}f}")


@given(st.floats(0, 1))
def test_a_share_below_the_whole_is_never_printed_as_the_whole_up_to_six_decimals(value):
    line = f"{int(value * 1000 + 1e-9) / 10:g}%"
    shown = number_format(line, value)
    assert shown is not None
    assert printed(shown, value) < 100 or value * 100 > 100 - 1e-6


def test_a_number_is_a_true_number_with_the_digits_of_the_paper():
    head, cell, unknown = (row[0] for row in lists(table(Cell(line=text("۱٬۲۳۴"), value=1234), Cell(line=text("—")))))
    assert head.value == "ستون"
    assert (cell.value, cell.data_type, cell.number_format) == (1234, "n", "[$-3000429]#,##0")
    assert (unknown.value, unknown.data_type) == ("—", "s"), "unknown is never zero"


def test_a_line_that_says_more_than_its_value_stands_beside_it():
    head, one, other = lists(table(Cell(line=text("۲۶ از ۲۷"), value=26), Cell(line=text("—"))))
    assert [cell.value for cell in head] == ["ستون", "ستون (#)"]
    assert [cell.value for cell in one] == ["۲۶ از ۲۷", 26]
    assert [cell.value for cell in other] == ["—", None]


def test_a_jalali_day_is_text_and_its_true_date_stands_beside_it():
    block = table(Cell(line=code("1405-09-15"), value=date(2026, 12, 6)), kind="day", title="موعد")
    head, row = lists(block, words=(("iso", "میلادی"),))
    assert [cell.value for cell in head] == ["موعد", "موعد (میلادی)"]
    assert [cell.value for cell in row] == ["1405-09-15", datetime(2026, 12, 6)]
    assert row[1].number_format == "yyyy-mm-dd"
    assert row[1].is_date


def test_a_gregorian_day_needs_one_column():
    head, row = lists(table(Cell(line=code("2026-12-06"), value=date(2026, 12, 6)), kind="day"))
    assert [cell.value for cell in head] == ["ستون"]
    assert [cell.value for cell in row] == [datetime(2026, 12, 6)]


def test_a_moment_stands_as_in_its_own_zone():
    tehran = timezone(timedelta(hours=3, minutes=30))
    moment = datetime(2026, 10, 1, 21, 15, tzinfo=UTC).astimezone(tehran)
    _, row = lists(table(Cell(line=code("1405-07-10 00:45"), value=moment)))
    assert (row[1].value, row[1].number_format) == (datetime(2026, 10, 2, 0, 45), "yyyy-mm-dd hh:mm")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e16, date(1899, 12, 31)])
def test_what_a_spreadsheet_cannot_hold_stays_text(value):
    assert value_of(Cell(value=value)) is None
    _, row = lists(table(Cell(line=code("x"), value=value)))
    assert [cell.value for cell in row] == ["x"]


def test_a_sum_stands_below_the_list_and_outside_its_filter():
    total = Row(cells=(Cell(line=text("۸"), value=8),))
    sheet = opened(
        write_xlsx(paper(table(Cell(line=text("۵"), value=5), Cell(line=text("۳"), value=3), total=total)))
    ).worksheets[1]
    assert sheet.tables["report_list"].ref == "A3:A5"
    assert (sheet["A6"].value, sheet["A6"].font.bold) == (8, True)


def test_a_mark_is_a_shade_and_a_sign_that_is_no_part_of_the_value():
    cells = (
        Cell(line=text("۵"), value=5, mark=Mark.BAD),
        Cell(line=code("sql01"), mark=Mark.NOTICE),
        Cell(line=text("بحرانی"), mark=Mark.BAD),
    )
    one, two, three = (row[0] for row in lists(table(*cells))[1:])
    assert (one.value, one.number_format.split(";")[0], fill(one)) == (5, '[$-3000429]"!! "#,##0', "F4A58A")
    assert (two.value, two.number_format, fill(two)) == ("sql01", '"! "@', "FFE699")
    assert (three.value, three.number_format, fill(three)) == ("بحرانی", "@", "F4A58A")


def test_a_calendar_is_a_grid_of_signs_with_a_legend():
    sheet = opened(write_xlsx(sample_paper("fa")))["تقویم پشتیبان‌گیری"]
    assert [sheet["B3"].value, sheet["AE3"].value, sheet["AF3"].value] == ["۱", "۳۰", None]
    assert (sheet["F4"].value, fill(sheet["F4"])) == ("ن", "F4A58A")
    assert (sheet["C5"].value, fill(sheet["C5"])) == (None, "000000")
    assert [(sheet.cell(row, 2).value, sheet.cell(row, 1).value) for row in range(7, 11)] == [
        ("س", "سالم"),
        ("د", "دیر"),
        ("ن", "نیست"),
        ("؟", "دیده نشد"),
    ]


@LANGUAGES
def test_indicators_have_their_course_as_numbers_and_a_native_chart_from_zero(language):
    made = write_xlsx(sample_paper(language))
    first = opened(made).worksheets[0]
    block = next(one for one in sample_paper(language).blocks if isinstance(one, Indicators))
    at = next(row for row in first.iter_rows() if row[0].value == block.rows[0].name)
    assert [cell.value for cell in at[6:12]] == [0.97, 0.96, "-", 0.95, 0.941, 0.842]
    assert (at[1].value, at[5].value, fill(at[5])) == (0.842, block.rows[0].state, "F4A58A")
    with ZipFile(BytesIO(made)) as package:
        charts = [package.read(f"xl/charts/chart{number}.xml").decode() for number in (1, 2, 3, 4)]
    assert all('<c:min val="0"/>' in chart for chart in charts)
    assert '<c:max val="1.0"/>' in charts[0]
    assert [("maxMin" in chart) for chart in charts[:3]] == [language == "fa"] * 3
    assert "c:barChart" in charts[3]


def test_a_chart_of_bars_stands_beside_its_numbers_and_begins_at_zero():
    block = Bars(
        title="پر", labels=(code("a"), text("ب")), values=(0.5, 3.0), texts=("۵۰٪", "۳ روز"), id="b", ceiling=4.0
    )
    made = write_xlsx(paper(block))
    rows = [[cell.value for cell in row[:3]] for row in opened(made).worksheets[0].iter_rows()]
    assert [row for row in rows if row[1] is not None] == [["a", 0.5, None], ["ب", 3, "۳ روز"]]
    with ZipFile(BytesIO(made)) as package:
        chart = package.read("xl/charts/chart1.xml").decode()
    assert '<c:min val="0"/>' in chart
    assert '<c:max val="4.0"/>' in chart


def test_a_list_without_rows_says_so_on_the_first_sheet():
    block = replace(table(), empty="هیچ کاری نبود.")
    workbook = opened(write_xlsx(paper(block)))
    assert len(workbook.sheetnames) == 1
    assert "هیچ کاری نبود." in words_of(write_xlsx(paper(block)))


def test_headers_that_are_alike_or_empty_make_no_broken_list():
    columns = tuple(Column(title=title) for title in ("نام", "نام", "", "نام 2"))
    block = Table(title="ت", columns=columns, rows=(Row(cells=(Cell(line=text("الف")),)),), id="t", is_annex=True)
    sheet = opened(write_xlsx(paper(block))).worksheets[1]
    assert [cell.value for cell in sheet[3]] == ["نام", "نام 2", "3", "نام 2 2"]
    assert [one.name for one in sheet.tables["report_t"].tableColumns] == ["نام", "نام 2", "3", "نام 2 2"]


TITLES = st.text(max_size=60) | st.sampled_from(["History", "a/b:c*d?[e]", "'x'", "", "   ", "۱" * 40, "😀" * 20])


@given(st.lists(TITLES, max_size=30))
def test_names_of_sheets_are_short_allowed_and_unlike_each_other(titles):
    names = SheetNames()
    made = [names.name(title) for title in titles]
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\'")
        assert name.casefold() != "history"


def test_a_long_name_is_cut_at_a_word():
    names = SheetNames()
    long = "سرورهایی که در این ماه نسخهٔ پشتیبان ندارند"
    assert names.name(long) == "سرورهایی که در این ماه نسخهٔ"
    assert names.name(long) == "سرورهایی که در این ماه نسخهٔ 2"


def test_two_lists_of_like_ids_have_names_of_their_own():
    one, other = replace(table(Cell(line=text("۱"))), id="a-b"), replace(table(Cell(line=text("۱"))), id="a_b")
    workbook = opened(write_xlsx(paper(one, other)))
    assert [list(sheet.tables) for sheet in workbook.worksheets[1:]] == [["report_a_b"], ["report_a_b_2"]]


def test_the_first_sheet_is_called_as_the_paper_calls_its_summary():
    assert opened(write_xlsx(paper(words=(("summary", "خلاصه"),)))).sheetnames == ["خلاصه"]
    assert opened(write_xlsx(paper())).sheetnames == ["گزارش"]


def test_the_offices_font_is_used_everywhere():
    fonts = {
        cell.font.name
        for sheet in opened(write_xlsx(sample_paper("fa"), font="B Nazanin"))
        for row in sheet.iter_rows()
        for cell in row
    }
    assert fonts == {"B Nazanin"}


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.floats() | st.none(), st.sampled_from(["fa", "en"]))
def test_whatever_is_written_the_workbook_can_be_opened(words, value, language):
    cell = Cell(line=(Span(words), Span(words, True)), value=value, mark=Mark.BAD)
    block = Table(
        title=words,
        columns=(Column(title=words),),
        rows=(Row(cells=(cell,), mark=Mark.BAD),),
        id=words,
        note=words,
        is_annex=True,
    )
    made = write_xlsx(
        paper(Heading(level=7, title=words, id=words), Paragraph(line=text(words)), block, language=language)
    )
    assert len(opened(made).worksheets) == 2


def test_three_thousand_rows_arrive_whole():
    sheet = opened(write_xlsx(table_paper("fa", 3_000))).worksheets[1]
    assert sheet.max_row == 3_003
    assert sheet["A3003"].value == "srv-2999"
