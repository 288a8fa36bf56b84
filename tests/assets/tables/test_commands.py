"""`itops assets import`, `export` and `compare` at the door: files in, plans and files out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from itops.cli.assets_compare import compare
from itops.cli.assets_export import export
from itops.cli.assets_import import import_list
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.config.register.loading import load
from itops.errors import ConfigInvalid, InputInvalid, ItopsError, UsageWrong
from itops.sheets.reading import open_book
from tests.sheets.files import form

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
SETTINGS = """\
office: {id: demo, calendar: jalali}
assets:
  templates: {budget: budget.yaml}
"""
REGISTER = """\
# the office's own words
sites: {head: {fa: اداره کل, en: Head office}, fardis: {fa: اداره فردیس, en: Fardis}}
assets:
  - id: PC-001
    kind: computer
    name: رایانه دبیرخانه
    asset_tag: 0014001
    serial: 5CG1234ABC
    vendor: HP
    site: head
    in_service: 1402-03-01   # from the minutes
    parts:
      - {kind: monitor, asset_tag: 1402501}
  - {id: PRN-001, kind: printer, name: چاپگر, site: fardis, asset_tag: 1402777}
"""
LIST = """\
فهرست تجهیزات;;;;;
شماره اموال;نوع;مدل;شهرستان;تحويل گيرنده;کد ملی
0014001;كامپيوتر;ProDesk;;دبيرخانه;0000000000
1500001;پرينتر;M404;فرديس;;
1500002;خودرو;X;فرديس;;
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:
        return json.loads(self.stdout)["data"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "list.csv").write_bytes(LIST.encode("utf-16"))
    return tmp_path


def run(command: click.Command, folder: Path, *words: str) -> Ran:
    path = folder / "itops.yaml"
    office = Office(setting=read_setting(path), now=NOW, config_path=path)
    try:
        ran = CliRunner().invoke(command, words, obj=office, standalone_mode=False)
    finally:
        office.close()
    if isinstance(ran.exception, ItopsError | click.ClickException):
        raise ran.exception
    assert ran.exception is None, ran.exception
    return Ran(code=ran.return_value or 0, stdout=ran.stdout, stderr=ran.stderr)


def importing(folder: Path, *words: str) -> Ran:
    return run(import_list, folder, str(folder / "list.csv"), *words, "--output", "json")


def actions(ran: Ran) -> Sequence[tuple[int, str, str | None]]:
    return [(row["row"], row["action"], row["asset"]) for row in ran.data["rows"]]


def test_a_dry_run_shows_the_plan_and_writes_nothing(folder):
    ran = importing(folder)
    assert actions(ran) == [(3, "changed", "PC-001"), (4, "new", "PRN-002"), (5, "refused", None)]
    assert ran.code == 1
    assert ran.data["rows"][2]["refusals"][0]["code"] == "cell.unknown-word"
    assert ran.data["is_applied"] is False
    assert "left out on purpose" in ran.stderr
    assert (folder / "inventory.yaml").read_text(encoding="utf-8") == REGISTER


def test_apply_writes_what_can_be_taken_and_the_second_time_nothing(folder):
    assert importing(folder, "--apply").data["is_applied"] is True
    once = (folder / "inventory.yaml").read_text(encoding="utf-8")
    assert "in_service: 1402-03-01   # from the minutes" in once
    register = load(folder / "inventory.yaml")
    pc, printer = register.get("PC-001"), register.get("PRN-002")
    assert (pc.model, pc.assigned_to, printer.site) == ("ProDesk", "دبيرخانه", "fardis")
    again = importing(folder, "--apply")
    assert actions(again)[:2] == [(3, "same", "PC-001"), (4, "same", "PRN-002")]
    assert again.data["is_applied"] is False
    assert (folder / "inventory.yaml").read_text(encoding="utf-8") == once


def test_a_blank_clears_only_with_the_option(folder):
    path = folder / "blank.csv"
    path.write_text("شماره اموال,برند\n0014001,\n", encoding="utf-8")
    assert run(import_list, folder, str(path), "--apply").stderr.count("nothing to write") == 1
    run(import_list, folder, str(path), "--apply", "--clear-blank", "برند")
    assert load(folder / "inventory.yaml").get("PC-001").vendor is None


def test_a_person_explains_columns_and_words(folder):
    ran = importing(folder, "--map", "مدل=note", "--map", "E:=", "--word", "نوع:خودرو=other")
    assert ran.code == 0
    assert [change["field"] for change in ran.data["rows"][0]["changes"]] == ["note"]
    assert actions(ran)[2] == (5, "new", "OTH-001")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--map", "مدل=modell"), "there is no field 'modell'; did you mean model"),
        (("--map", "مدل"), "is not HEADER=FIELD"),
        (("--word", "x=y"), "is not FIELD:WORD=VALUE"),
        (("--word", "kind:خودرو=car"), "'car' is not one of"),
        (("--word", "site:x=nowhere"), "there is no site 'nowhere'"),
        (("--clear-blank", "رنگ"), "no column 'رنگ' is read"),
        (("--sheet", "x"), "there is no sheet 'x'"),
    ],
)
def test_an_option_that_means_nothing_is_told(folder, words, told):
    with pytest.raises(UsageWrong, match=told):
        importing(folder, *words)


def test_what_the_register_would_refuse_is_refused_before_it_is_written(folder):
    path = folder / "bad.csv"
    path.write_text("شماره اموال,تاریخ خرید,گارانتی\n0014001,1403/01/01,1402/01/01\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="warranty_end"):
        run(import_list, folder, str(path))
    assert (folder / "inventory.yaml").read_text(encoding="utf-8") == REGISTER


@pytest.mark.parametrize("name", ["all.xlsx", "all.csv"])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_an_export_read_back_changes_nothing(folder, name, language):
    out = folder / name
    run(export, folder, str(out), "--lang", language)
    ran = run(import_list, folder, str(out), "--output", "json")
    assert actions(ran) == [(2, "same", "PC-001"), (3, "same", "PRN-001")]
    assert ran.code == 0


def test_an_export_takes_the_filters_of_the_list(folder):
    run(export, folder, str(folder / "x.csv"), "--kind", "printer", "--lang", "en")
    sheet = open_book(folder / "x.csv").sheet("x")
    assert [row[0] for row in sheet.rows] == ["id", "PRN-001"]
    with pytest.raises(UsageWrong, match="no asset is asked for"):
        run(export, folder, str(folder / "y.csv"), "--kind", "ups")
    assert not (folder / "y.csv").exists()


MAPPING = """\
workbook: form.xlsx
sheet: تجهیزات
header_row: 3
first_row: 4
columns:
  - {header: ردیف, from: row_number, format: integer}
  - {header: شماره اموال, from: asset_tag, required: true}
  - {header: نوع, from: kind, values: {computer: رایانه, printer: چاپگر}}
  - {header: بهای خرید, from: purchase.price, format: toman}
"""


def test_headquarters_form_is_filled_and_its_losses_told(folder):
    form(folder / "form.xlsx")
    (folder / "budget.yaml").write_text(MAPPING, encoding="utf-8")
    ran = run(export, folder, str(folder / "out.xlsx"), "--template", "budget")
    rows = [list(row[:4]) for row in open_book(folder / "out.xlsx").sheet("تجهیزات").rows[3:5]]
    assert rows == [[1.0, "0014001", "رایانه", None], [2.0, "1402777", "چاپگر", None]]
    assert "lost in the filling: 1 of 1: text box or shape" in ran.stderr


def test_the_empty_form_itself_is_never_written_over(folder):
    before = form(folder / "form.xlsx").read_bytes()
    (folder / "budget.yaml").write_text(MAPPING, encoding="utf-8")
    with pytest.raises(UsageWrong, match="is the empty form itself"):
        run(export, folder, str(folder / "form.xlsx"), "--template", "budget")
    assert (folder / "form.xlsx").read_bytes() == before


def test_a_form_without_a_workbook_is_made(folder):
    (folder / "budget.yaml").write_text(MAPPING.replace("workbook: form.xlsx\n", ""), encoding="utf-8")
    run(export, folder, str(folder / "out.xlsx"), "--template", "budget")
    assert open_book(folder / "out.xlsx").sheet("تجهیزات").rows[0][1] == "شماره اموال"


def test_the_book_value_of_the_running_budget_year_can_be_asked_for(folder):
    settings = SETTINGS + "  budget: {depreciation_years: {computer: 5}}\n"
    (folder / "itops.yaml").write_text(settings, encoding="utf-8")
    register = REGISTER.replace("    parts:\n", "    purchase: {date: 1402-01-01, price: 60000000}\n    parts:\n")
    (folder / "inventory.yaml").write_text(
        register.replace("in_service: 1402-03-01", "in_service: 1402-01-01"), "utf-8"
    )
    mapping = "sheet: x\ncolumns:\n  - {header: ارزش, from: value_on_budget_year_start, format: toman}\n"
    (folder / "budget.yaml").write_text(mapping, encoding="utf-8")
    run(export, folder, str(folder / "out.xlsx"), "--template", "budget", "--kind", "computer")
    rows = [list(row) for row in open_book(folder / "out.xlsx").sheet("x").rows]
    assert rows == [["ارزش"], [2_400_000.0]]  # 3 of 5 years are gone on 1405-01-01


def test_a_word_without_theirs_stops_the_export_by_asset_and_column(folder):
    (folder / "budget.yaml").write_text(MAPPING.replace(", printer: چاپگر", ""), encoding="utf-8")
    with pytest.raises(InputInvalid, match="PRN-001  نوع: 'printer' has no word of theirs"):
        run(export, folder, str(folder / "out.xlsx"), "--template", "budget")
    assert not (folder / "out.xlsx").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "from: asset_tag",
            "from: asset_tga",
            "mapping  شماره اموال: 'asset_tga' is no field .* did you mean asset_tag",
        ),
        ("format: toman", "format: tomans", r"budget.yaml:9  columns\[4\].format"),
        ("from: row_number", "form: row_number", r"columns\[1\].form .*did you mean format or from"),
        ("{header: ردیف, from: row_number,", "{header: ردیف,", "needs either `from` or `constant`"),
        ("first_row: 4", "first_row: 3", "first_row 3 is not below header_row 3"),
    ],
)
def test_a_mistake_in_the_mapping_is_told_with_its_place(folder, old, new, told):
    (folder / "budget.yaml").write_text(MAPPING.replace(old, new), encoding="utf-8")
    form(folder / "form.xlsx")
    with pytest.raises((ConfigInvalid, InputInvalid), match=f"(?s){told}"):
        run(export, folder, str(folder / "out.xlsx"), "--template", "budget")


def test_an_unknown_template_is_told(folder):
    with pytest.raises(UsageWrong, match="no template 'budgt'; did you mean budget"):
        run(export, folder, str(folder / "out.xlsx"), "--template", "budgt")


def test_compare_tells_only_ours_only_theirs_and_different(folder):
    path = folder / "officer.csv"
    path.write_text(
        "شماره اموال,شرح کالا,تحویل گیرنده\n14001,رایانه دبیرخانه,\n0014001,,انبار\n999,میز,\n", encoding="utf-8"
    )
    ran = run(compare, folder, str(path), "--output", "json")
    assert ran.code == 1
    assert {(row["where"], row["tag"], row["asset"]) for row in ran.data["rows"]} == {
        ("only ours", "1402501", "PC-001"),
        ("only ours", "1402777", "PRN-001"),
        ("only theirs", "999", None),
        ("only theirs", "14001", None),  # a text with other zeros is another number
        ("different", "0014001", "PC-001"),
    }
    counts = {key: ran.data[key] for key in ("same", "only_ours", "only_theirs", "different")}
    assert counts == {"same": 0, "only_ours": 2, "only_theirs": 2, "different": 1}


def test_lists_that_agree_exit_0(folder):
    path = folder / "officer.csv"
    path.write_text("شماره اموال,اموال مانیتور\n0014001,1402501\n1402777,\n", encoding="utf-8")
    assert run(compare, folder, str(path)).code == 0
