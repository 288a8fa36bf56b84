"""Finding the list in a file: the sheet, the header, which column is what."""

import pytest

from itops.assets.tables.grid import Merged, Sheet, column_letters
from itops.assets.tables.layout import Asked, found_layout
from itops.assets.tables.vocabulary import vocabulary
from itops.errors import InputInvalid, UsageWrong
from tests.assets.tables.office import sheet

HEADER = ("ردیف", "شماره اموال", "نوع تجهیز", "مدل", "رنگ")
ROW = (1, "1402001", "رایانه", "M75s", "سیاه")


def targets(*sheets: Sheet, **asked: object) -> list[str | None]:
    layout = found_layout(sheets, Asked(**asked), vocabulary())  # type: ignore[arg-type]
    return [column.target for column in layout.columns]


def test_titles_and_empty_rows_above_the_header_are_passed_over():
    found = sheet(("فهرست اموال اداره کل",), (), (None, None), HEADER, ROW)
    layout = found_layout([found], Asked(), vocabulary())
    assert layout.header_row == 4
    assert [column.target for column in layout.read] == ["asset_tag", "kind", "model"]


def test_the_sheet_whose_headers_are_known_best_is_taken():
    other = Sheet(name="summary", rows=[("شماره اموال", "تعداد", "مدل"), ("x", 1, "y")])
    layout = found_layout([other, sheet(HEADER, ROW)], Asked(), vocabulary())
    assert layout.sheet == "list"


def test_two_sheets_that_are_as_good_are_asked_for():
    sheets = [Sheet(name=name, rows=[HEADER, ROW]) for name in ("head office", "fardis")]
    with pytest.raises(UsageWrong, match="2 sheets look like the list: fardis, head office"):
        found_layout(sheets, Asked(), vocabulary())
    assert found_layout(sheets[1:], Asked(sheet="fardis"), vocabulary()).sheet == "fardis"


def test_a_header_of_two_merged_rows_is_read_together():
    rows = (
        ("شماره اموال", "مدل", "مانیتور", None, "هارد"),
        (None, None, "اموال", "سریال", "اموال"),
        ("1", "x", "2", "3", "4"),
    )
    merged = tuple(
        Merged(top=top, left=left, bottom=bottom, right=right)
        for top, left, bottom, right in ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3))
    )
    layout = found_layout([sheet(*rows, merged=merged)], Asked(), vocabulary())
    assert layout.header_row == 2
    assert [column.target for column in layout.columns] == [
        "asset_tag", "model", "parts.monitor.1.asset_tag", "parts.monitor.1.serial", "parts.disk.1.asset_tag",
    ]  # fmt: skip


def test_two_columns_for_one_field_are_never_chosen_between():
    with pytest.raises(InputInvalid, match=r"2 columns could be serial: B \(سریال\), C \(شماره سریال\)") as caught:
        targets(sheet(("شماره اموال", "سریال", "شماره سریال"), ("1", "2", "3")))
    assert "--map" in caught.value.remedy


def test_building_floor_and_room_are_one_place():
    assert targets(sheet(("شماره اموال", "ساختمان", "طبقه"), ("1", "2", "3"))) == ["asset_tag", "location", "location"]


@pytest.mark.parametrize("key", ["رنگ", "#5", "E:", "e:"])
def test_a_person_says_what_a_column_is(key):
    assert targets(sheet(HEADER, ROW), fields={key: "note"})[4] == "note"


def test_a_person_leaves_a_column_out():
    assert targets(sheet(HEADER, ROW), fields={"مدل": None})[3] is None


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(UsageWrong, match="has no column 'وزن'") as caught:
        targets(sheet(HEADER, ROW), fields={"وزن": "note"})
    assert "شماره اموال" in caught.value.remedy


@pytest.mark.parametrize(
    "rows",
    [
        (),
        ((),),
        (("متن", "بی ربط"),),
        (("نوع", "مدل"), ("x", "y")),  # nothing that could be known again
        (*[("",)] * 50, HEADER, ROW),  # too far down
    ],
)
def test_a_sheet_without_a_list_is_refused(rows):
    with pytest.raises(InputInvalid, match="no row with the headers of a list"):
        found_layout([sheet(*rows)], Asked(), vocabulary())


@pytest.mark.parametrize(("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_spreadsheets_call_them(position, letters):
    assert column_letters(position) == letters
