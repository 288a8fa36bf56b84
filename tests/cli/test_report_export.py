"""`itops report export`: the list, what is new in it, and what was made before."""

import csv
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from itops.cli.report_export import export
from itops.store import open_reader
from tests.cli.test_changes import Ran, run
from tests.tasks.report.register_office import DAY, END, RegisterOffice, entry
from tests.tasks.test_export_budget import COLUMNS, TEMPLATES

NOW = END + 5 * DAY  # 1405-09-06: the last whole month is 1405-08
LATER = NOW + 30 * DAY  # in 1405-10


@pytest.fixture
def office(tmp_path: Path) -> RegisterOffice:
    made = RegisterOffice(tmp_path, settings=TEMPLATES)
    (tmp_path / "budget.yaml").write_text(f"sheet: تجهیزات\n{COLUMNS}", encoding="utf-8")
    (tmp_path / "state").mkdir(mode=0o700)
    made.write(entry("PC-1", location="۱"), entry("PRN-1", "printer"), entry("PC-3", location="انبار"))
    return made


def ask(office: RegisterOffice, *words: str, now: datetime = NOW) -> Ran:
    return run(office.folder, export, *words, now=now)


def data(office: RegisterOffice, *words: str, now: datetime = NOW) -> Any:
    ran = ask(office, *words, "--output", "json", now=now)
    assert ran.code == 0, ran
    return ran.data


def remembered(office: RegisterOffice) -> list[str]:
    with open_reader(office.location) as reader:
        return [one.period for one in reader.worklog.exports()]


def change(office: RegisterOffice) -> None:
    """One item moved, one left the register, one retired, one came."""
    office.write(entry("PC-1", location="۲"), entry("PRN-1", "printer", status="retired"), entry("PC-2"))


def test_the_first_list_is_of_last_month_and_all_of_it_is_new(office):
    told = data(office, "budget", "--by", "Operator")
    assert told["period"] == {"name": "1405-08", "first_on": "2026-10-23", "last_on": "2026-11-21"}
    assert told["counts"] == {"items": 3, "new": 3, "changed": 0, "gone": 0, "same": 0, "older": 0}
    assert (told["compared_with"], told["is_remembered"]) == (None, True)
    assert Path(told["file"]["path"]) == office.folder / "state/reports/1405-08/alborz-budget-1405-08.xlsx"
    assert load_workbook(told["file"]["path"])["تجهیزات"].max_row == 4
    assert remembered(office) == ["1405-08"]


def test_at_the_first_time_a_count_stands_in_place_of_a_table_of_everything(office):
    ran = ask(office, "budget")
    assert ran.stdout == ""
    assert "3 items; nothing was made under this profile before" in ran.stderr


def test_the_same_list_again_says_nothing_changed_and_is_not_remembered_again(office):
    first = data(office, "budget")
    ran = ask(office, "budget")
    assert "nothing changed" in ran.stderr
    assert "not remembered again" in ran.stderr
    assert data(office, "budget", now=LATER)["counts"]["same"] == 3
    assert data(office, "budget", "--period", "1405-08", now=LATER)["file"] == first["file"]
    assert remembered(office) == ["1405-08", "1405-09"]


def test_what_is_new_changed_and_gone_is_named_with_its_columns(office):
    ask(office, "budget", "--by", "Operator")
    change(office)
    told = data(office, "budget", "--period", "1405-10", now=LATER)
    rows = {row["asset"]: row for row in told["items"]}
    assert {asset: row["state"] for asset, row in rows.items()} == {
        "PC-2": "new", "PC-1": "changed", "PRN-1": "gone", "PC-3": "gone",
    }  # fmt: skip
    assert rows["PC-1"]["columns"] == ["محل استقرار"]
    assert rows["PC-1"]["cells"] == [{"column": "محل استقرار", "before": "۱", "after": "۲"}]
    assert rows["PRN-1"]["what"] == {"fa": "PRN-1", "en": "PRN-1"}
    assert rows["PC-3"]["what"]["fa"] == "رایانه · انبار"  # in the register no more: as its row began
    assert (told["compared_with"]["period"], told["compared_with"]["by"]) == ("1405-08", "Operator")


def test_table_and_csv_have_a_row_for_each_difference(office):
    ask(office, "budget")
    change(office)
    shown = ask(office, "budget", "--compare-only", "--period", "1405-10", now=LATER)
    assert [line.split()[:2] for line in shown.stdout.splitlines()] == [
        ["state", "asset"], ["new", "PC-2"], ["changed", "PC-1"], ["gone", "PC-3"], ["gone", "PRN-1"],
    ]  # fmt: skip
    assert "1 new, 1 changed, 2 gone, 0 the same" in shown.stderr
    text = ask(office, "budget", "--compare-only", "--period", "1405-10", "--output", "csv", now=LATER).stdout
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["state"] for row in rows] == ["new", "changed", "gone", "gone"]
    assert rows[1]["columns"] == "محل استقرار"


def test_comparing_only_writes_nothing_and_remembers_nothing(office):
    told = data(office, "budget", "--compare-only")
    assert (told["file"], told["is_remembered"], told["counts"]["new"]) == (None, False, 3)
    assert [path.name for path in (office.folder / "state").iterdir()] == ["itops.yaml.judged"]  # no store, no report
    ask(office, "budget")
    change(office)
    before = {path: path.read_bytes() for path in office.folder.rglob("*.xlsx")}
    compared = data(office, "budget", "--compare-only", "--period", "1405-10", now=LATER)
    assert {path: path.read_bytes() for path in office.folder.rglob("*.xlsx")} == before
    assert remembered(office) == ["1405-08"]
    assert data(office, "budget", "--period", "1405-10", now=LATER)["items"] == compared["items"]


def test_the_history_lists_what_was_made(office):
    assert ask(office, "budget", "--history").stderr == "note: nothing was made under budget yet\n"
    ask(office, "budget", "--by", "Operator", "--out", str(office.folder / "list.xlsx"))
    ask(office, "budget", now=LATER)
    rows = data(office, "budget", "--history")
    assert [(row["period"], row["item_count"]) for row in rows] == [("1405-08", 3), ("1405-09", 3)]
    assert (rows[0]["by"], rows[0]["path"]) == ("Operator", "list.xlsx")
    assert ask(office, "budget", "--history").stdout.splitlines()[0].split()[:2] == ["period", "made"]


def test_a_column_that_is_new_in_the_form_is_named(office):
    ask(office, "budget")
    more = f"sheet: تجهیزات\n{COLUMNS}  - {{header: مدل, from: model}}\n"
    (office.folder / "budget.yaml").write_text(more, encoding="utf-8")
    ran = ask(office, "budget", "--compare-only")
    assert "new in the form, and not compared: مدل" in ran.stderr
    assert "nothing changed" in ran.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["budgets"], 64),
        (["budgets", "--history"], 64),
        (["budget", "--period", "1405-11"], 64),
        (["budget", "--period", "nonsense"], 64),
        (["budget", "--period", "0001"], 64),
        (["budget", "--by", " "], 64),
        (["budget", "--compare-only", "--out", "list.xlsx"], 64),
        (["budget", "--history", "--by", "A"], 64),
        (["budget", "--history", "--compare-only"], 64),
        (["budget", "--history", "--period", "1405-08"], 64),
        (["budget", "--out", "list.pdf"], 64),
        ([], 64),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_remembered(office, words, code):
    ran = ask(office, *words)
    assert ran.code == code, ran
    assert ran.stdout == ""
    assert list(office.folder.rglob("*.xlsx")) == []
    if (office.folder / "state/itops.db").exists():
        assert remembered(office) == []


def test_what_looks_like_a_formula_stays_a_text(office):
    office.write('id: PC-1, kind: computer, name: "=1+1", site: head, location: "=1+1"')
    cell = load_workbook(data(office, "budget")["file"]["path"])["تجهیزات"]["D2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
