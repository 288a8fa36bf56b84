"""Tables written and read back: the same cells, the same bytes, nothing that runs."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.assets.records import Register
from itops.assets.tables.export import Speech, register_table
from itops.assets.tables.grid import Table, TableColumn
from itops.assets.tables.layout import Asked, found_layout
from itops.assets.tables.planning import Rules, plan_import
from itops.assets.tables.values import CellReader
from itops.assets.tables.vocabulary import vocabulary
from itops.assets.tables.wishes import wishes
from itops.errors import UsageWrong
from itops.sheets.reading import open_book
from itops.sheets.text_file import unguarded
from itops.sheets.writing import guarded, write_table
from tests.assets.tables.office import SITES
from tests.assets.tables.strategies import registers

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RISKY = ["=1+1", "+98 26", "-5", "@SUM(A1)", "\tx", " =1", "＝1", "'=1", "''=1", "'", "'a", "a=1", "=cmd|'/c x'!A1"]


def table(rows: list[list[str | int | float | None]]) -> Table:
    columns = tuple(TableColumn(header=f"h{at}") for at in range(len(rows[0])))
    return Table(name="list", columns=columns, rows=rows)


def test_no_cell_of_a_csv_file_begins_as_a_formula(tmp_path):
    path = tmp_path / "x.csv"
    write_table(table([[text, "x"] for text in RISKY]), path, created_at=NOW)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == len(RISKY) + 1
    for line in content.decode("utf-8-sig").split("\r\n")[1:-1]:
        assert not re.match(r'"?\s*[=+\-@＝]', line)
    book = open_book(path)
    assert [row[0] for row in book.sheet("x").rows[1:]] == RISKY


@given(st.text("'=+-@\uff1d \t\n\r0a", max_size=8))
def test_the_guard_takes_away_exactly_what_it_put_there(text):
    assert unguarded(guarded(text)) == text


def test_no_cell_of_a_workbook_is_a_formula_and_texts_stay_texts(tmp_path):
    path = tmp_path / "x.xlsx"
    write_table(table([[text, 12] for text in [*RISKY, "0012", "12E5", "_x0041_"]]), path, created_at=NOW)
    with ZipFile(path) as zipped:
        assert b"<f>" not in zipped.read("xl/worksheets/sheet1.xml")
        assert b'formatCode="@"' in zipped.read("xl/styles.xml")
    book = open_book(path)
    assert [row[0] for row in book.sheet("list").rows[1:]] == [*RISKY, "0012", "12E5", "_x0041_"]


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
def test_the_same_table_gives_the_same_bytes(tmp_path, name):
    written = set()
    for _ in range(2):
        write_table(table([["a", 1], ["b", 2.5]]), tmp_path / name, created_at=NOW)
        written.add((tmp_path / name).read_bytes())
    assert len(written) == 1


def test_a_persian_sheet_runs_from_right_to_left(tmp_path):
    one = Table(name="تجهیزات", columns=(TableColumn(header="ردیف"),), rows=[[1]], is_right_to_left=True)
    write_table(one, tmp_path / "x.xlsx", created_at=NOW)
    with ZipFile(tmp_path / "x.xlsx") as zipped:
        assert b'rightToLeft="1"' in zipped.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("name", "sheet", "told"), [("x.pdf", "a", "neither .xlsx nor .csv"), ("x.xlsx", "a/b", "name of a sheet")]
)
def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path, name, sheet, told):
    with pytest.raises(UsageWrong, match=told):
        write_table(Table(name=sheet, columns=(TableColumn(header="h"),), rows=[]), tmp_path / name, created_at=NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["fa", "en"])
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(assets=registers())
def test_a_register_written_to_a_file_and_imported_changes_nothing(tmp_path: Path, suffix, language, assets):
    calendar = "jalali" if language == "fa" else "gregorian"
    speech = Speech(language=language, calendar=calendar, vocabulary=vocabulary(), sites=SITES)
    path = tmp_path / f"all.{suffix}"
    write_table(register_table(assets, speech), path, created_at=NOW)
    book = open_book(path)
    layout = found_layout([book.head(name) for name in book.names()], Asked(), vocabulary())
    reader = CellReader(vocabulary=vocabulary(), sites=SITES)
    rows = list(wishes(book.sheet(layout.sheet), layout, reader))
    plan = plan_import(rows, Register(sites=SITES, assets=tuple(assets)), Rules(), vocabulary())
    assert plan.refusals == ()
    assert plan.edits == ()
    assert len(plan.rows) == len(assets)
