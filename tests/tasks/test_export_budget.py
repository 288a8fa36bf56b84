"""The list for headquarters: decided, written, remembered; a period says the same on every later day."""

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook, load_workbook

from itops.assets.tables.filling import Background
from itops.assets.tables.sent import Became, listed
from itops.config.plan import ReportSettings
from itops.config.register.loading import load_whole
from itops.dates import parse_period
from itops.errors import ConfigInvalid, InputInvalid, StoreUnavailable, UsageWrong
from itops.names import Names
from itops.tasks.export_assets import filled_form, load_mapping
from itops.tasks.export_budget import ExportPlan, MadeExport, carry_out, history_of, last_export, plan_export
from itops.worklog.exports import Exported
from tests.tasks.report.register_office import BEGIN, DAY, END, SETTLED, RegisterOffice, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs/how-to/export-to-the-budget-system.md"
TEMPLATES = "assets: {templates: {budget: budget.yaml}}\n"
COLUMNS = """\
columns:
  - {header: ردیف, from: row_number, format: integer}
  - {header: نوع تجهیز, from: kind, values: {computer: رایانه, printer: چاپگر}}
  - {header: شماره اموال, from: asset_tag}
  - {header: محل استقرار, from: location}
"""
SYSTEMS = {"it-budget": Names(fa="سامانه بودجه IT", en="IT budget system")}
LATER = END + 200 * DAY


class Lists:
    """Where lists are remembered, and whether their file was whole by then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[Exported] = []

    def record_export(self, exported: Exported, recorded_at: datetime) -> None:
        assert sha256((self.folder / exported.path).read_bytes()).hexdigest() == exported.sha256
        self.kept.append(exported)


@pytest.fixture
def office(tmp_path: Path) -> RegisterOffice:
    made = RegisterOffice(tmp_path, settings=TEMPLATES)
    (tmp_path / "budget.yaml").write_text(f"sheet: تجهیزات\n{COLUMNS}", encoding="utf-8")
    made.write(entry("PC-1", asset_tag="0012", location="۱"), entry("PRN-1", "printer"), entry("OLD", status="retired"))
    made.notice(BEGIN - DAY)
    return made


@contextmanager
def asked(office: RegisterOffice, lists: Lists, now: datetime, period: str) -> "Iterator[Any]":
    with office.asked(now, period) as asking:
        asking.memory.__dict__["exports"] = lists.kept
        yield asking


def planned(
    office: RegisterOffice, lists: Lists, now: datetime = SETTLED, period: str = "1405-08", profile: str = "budget"
) -> ExportPlan:
    with asked(office, lists, now, period) as asking:
        return plan_export(asking, profile)


def exported(office: RegisterOffice, lists: Lists, now: datetime = SETTLED, period: str = "1405-08") -> MadeExport:
    return carry_out(planned(office, lists, now, period), lists, by="A", now=now, folder=office.folder)


def differences(plan: ExportPlan) -> dict[str, str]:
    return {one.asset_id: one.became.value for one in plan.comparison.differences}


@pytest.fixture
def lists(office: RegisterOffice) -> Lists:
    return Lists(office.folder)


def test_the_list_is_written_in_their_columns_and_remembered_row_by_row(office, lists):
    made = exported(office, lists)
    rows = list(load_workbook(made.path)["تجهیزات"].iter_rows(values_only=True))
    assert rows == [
        ("ردیف", "نوع تجهیز", "شماره اموال", "محل استقرار"), (1, "رایانه", "0012", "۱"), (2, "چاپگر", None, None),
    ]  # fmt: skip
    assert made.path.name == "alborz-budget-1405-08.xlsx"
    assert [made.exported] == lists.kept
    assert made.exported.headers == ("نوع تجهیز", "شماره اموال", "محل استقرار")
    assert made.exported.rows == {"PC-1": ("رایانه", "0012", "۱"), "PRN-1": ("چاپگر", "", "")}
    assert made.exported.items.keys() == {"PC-1", "PRN-1"}


def test_the_same_list_twice_says_nothing_changed_and_is_remembered_once(office, lists):
    first, again = exported(office, lists), exported(office, lists, LATER)
    assert first.is_remembered
    assert not again.is_remembered
    assert again.exported.sha256 == first.exported.sha256
    assert planned(office, lists, LATER).comparison.differences == ()
    assert lists.kept == [first.exported]


def test_the_next_month_is_remembered_even_where_nothing_changed(office, lists):
    exported(office, lists)
    following = exported(office, lists, LATER, "1405-09")
    assert following.is_remembered
    assert [one.period for one in lists.kept] == ["1405-08", "1405-09"]


def test_what_is_new_changed_and_gone_is_told_by_item_and_column(office, lists):
    exported(office, lists)
    office.write(entry("PC-1", asset_tag="0012", location="۲"), entry("PRN-1", "printer", status="disposed"),
                 entry("PC-2"))  # fmt: skip
    office.notice(END + DAY)
    plan = planned(office, lists, LATER, "1405-09")
    assert differences(plan) == {"PC-2": "new", "PC-1": "changed", "PRN-1": "gone"}
    (changed,) = [one for one in plan.comparison.differences if one.became is Became.CHANGED]
    assert [(cell.column, cell.before, cell.after) for cell in changed.cells] == [("محل استقرار", "۱", "۲")]
    assert plan.names["PRN-1"] == Names(fa="PRN-1", en="PRN-1")


def test_a_month_is_the_register_of_its_end_whatever_came_later(office, lists):
    before = planned(office, lists)
    office.write(entry("PC-9"))
    office.notice(END + DAY)
    assert planned(office, lists, LATER).list == before.list
    assert set(planned(office, lists, LATER, "1405-09").list.rows) == {"PC-9"}


def test_while_the_month_runs_what_was_just_typed_is_in_the_list(office, lists):
    office.write(entry("PC-1"), entry("PC-7"))
    assert set(planned(office, lists, BEGIN + 3 * DAY).list.rows) == {"PC-1", "PC-7"}


def test_a_corrected_month_is_compared_with_what_was_sent_for_it(office, lists):
    exported(office, lists)
    office.write(entry("PC-1", asset_tag="0012", location="۱"))
    office.notice(END + DAY)
    exported(office, lists, LATER, "1405-09")
    (office.folder / "budget.yaml").write_text(f"sheet: دیگر\n{COLUMNS}", encoding="utf-8")
    corrected = planned(office, lists, LATER)
    assert (corrected.last.period, differences(corrected)) == ("1405-08", {})
    exported(office, lists, LATER)
    assert [one.period for one in lists.kept] == ["1405-08", "1405-09", "1405-08"]
    assert planned(office, lists, LATER, "1405-10").last.period == "1405-09"


def made_of(period: str, profile: str = "budget", by: str = "A") -> Exported:
    return Exported(profile=profile, period=period, at=SETTLED, by=by, path="x", sha256="0")


@pytest.mark.parametrize(
    ("exports", "found"),
    [
        ([], None),
        ([made_of("1405-09")], None),
        ([made_of("1405-08", "other")], None),
        ([made_of("1405-06"), made_of("1405-07"), made_of("1405-06", by="B")], made_of("1405-07")),
        ([made_of("1405-08"), made_of("1405-08", by="B"), made_of("1405-07")], made_of("1405-08", by="B")),
        ([made_of("1404"), made_of("1404-12")], made_of("1404-12")),
        ([made_of("1405")], None),
    ],
)
def test_the_last_list_is_of_the_latest_period_up_to_this_one(exports, found):
    assert last_export(exports, "budget", parse_period("1405-08")) == found


def test_a_workbook_of_theirs_is_filled_and_its_kind_is_kept(office, lists):
    book = Workbook()
    book.active.title = "Sheet"
    book.active["A1"] = "Form 7"
    for position, header in enumerate(("محل استقرار", "شماره اموال", "نوع تجهیز", "ردیف"), 1):
        book.active.cell(3, position, header)
    book.save(office.folder / "form.xlsx")
    head = "workbook: form.xlsx\nsheet: Sheet\nheader_row: 3\nfirst_row: 4\n"
    (office.folder / "budget.yaml").write_text(head + COLUMNS, encoding="utf-8")
    sheet = load_workbook(exported(office, lists).path)["Sheet"]
    assert [cell.value for cell in sheet[4]] == ["۱", "0012", "رایانه", 1]
    assert sheet["A1"].value == "Form 7"


@pytest.mark.parametrize("out", ["form.xlsx", "list.csv"])
def test_the_empty_form_is_never_written_over_nor_a_workbook_into_csv(office, lists, out):
    Workbook().save(office.folder / "form.xlsx")
    (office.folder / "budget.yaml").write_text(f"workbook: form.xlsx\nsheet: Sheet\n{COLUMNS}", encoding="utf-8")
    plan = planned(office, lists)
    before = (office.folder / "form.xlsx").read_bytes()
    with pytest.raises(UsageWrong):
        carry_out(plan, lists, by="A", now=SETTLED, folder=office.folder, out=office.folder / out)
    assert (office.folder / "form.xlsx").read_bytes() == before
    assert lists.kept == []


def test_nothing_is_written_or_remembered_when_a_cell_cannot_be_filled(office, lists):
    office.write(entry("UPS-1", "ups"), entry("LNK", "link"))
    office.notice(END - DAY)
    with pytest.raises(InputInvalid, match=r"(?s)UPS-1.*LNK"):
        planned(office, lists)


def test_a_form_takes_only_its_kinds(office, lists):
    (office.folder / "budget.yaml").write_text(f"sheet: x\nkinds: [printer]\n{COLUMNS}", encoding="utf-8")
    assert set(planned(office, lists).list.rows) == {"PRN-1"}


def test_a_system_that_itops_yaml_does_not_name_is_refused_with_the_nearest(office, lists):
    office.more = {"report": ReportSettings(systems=SYSTEMS)}
    (office.folder / "budget.yaml").write_text(f"sheet: x\nsystem: it-budgets\n{COLUMNS}", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match=r"budget.yaml.*it-budgets.*did you mean it-budget"):
        planned(office, lists)
    (office.folder / "budget.yaml").write_text(f"sheet: x\nsystem: it-budget\n{COLUMNS}", encoding="utf-8")
    assert planned(office, lists).mapping.system == "it-budget"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"profile": "bugdet"}, "did you mean budget"),
        ({"period": "1405-10"}, "has not begun"),
    ],
)
def test_what_cannot_be_asked_is_refused(office, lists, more, problem):
    with pytest.raises(UsageWrong, match=problem):
        planned(office, lists, **more)


def test_an_empty_list_and_no_register_are_refused(office, lists):
    office.write(entry("PC-1", status="lost"))
    with pytest.raises(UsageWrong, match="nothing for this list"):
        planned(office, lists, BEGIN + DAY)
    (office.folder / "inventory.yaml").unlink()
    with pytest.raises(UsageWrong, match="there is no inventory"):
        planned(office, lists)


def test_a_profile_that_is_no_file_name_is_refused_before_anything_is_written(tmp_path):
    office = RegisterOffice(tmp_path, settings="assets: {templates: {../budget: budget.yaml}}\n")
    (tmp_path / "budget.yaml").write_text(f"sheet: x\n{COLUMNS}", encoding="utf-8")
    office.write(entry("PC-1"))
    with pytest.raises(UsageWrong, match="file's name"):
        planned(office, Lists(tmp_path), profile="../budget")


def test_a_file_that_cannot_be_written_is_not_remembered(office, lists):
    plan = planned(office, lists)
    (office.folder / "state" / "reports").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreUnavailable):
        carry_out(plan, lists, by="A", now=SETTLED, folder=office.folder)
    with pytest.raises(UsageWrong, match="nobody is named"):
        carry_out(plan, lists, by=" ", now=SETTLED, folder=office.folder)
    assert lists.kept == []


def test_the_history_knows_profiles_that_itops_yaml_names_no_more(office):
    held = [made_of("1405-07"), made_of("1405-08", "old"), made_of("1405-08")]
    assert history_of(held, "old", ["budget"]) == [held[1]]
    assert history_of(held, "budget", []) == [held[0], held[2]]
    assert history_of([], "budget", ["budget"]) == []
    with pytest.raises(UsageWrong, match="did you mean budget"):
        history_of(held, "bugdet", [])


def test_the_store_gives_back_what_was_remembered(office, lists):
    made = exported(office, lists).exported
    with office.store(SETTLED) as store:
        store.worklog.record_export(made, SETTLED)
    with office.asked(LATER) as asking:
        assert asking.memory.exports == [made]
        assert plan_export(asking, "budget").comparison.differences == ()
        assert replace(made, rows={}) != made


def test_the_mapping_of_the_demo_office_fills_its_whole_register():
    register = load_whole(ROOT / "inventory.yaml").register
    mapping = load_mapping(ROOT / "itops/demo/budget-form.yaml")
    assets = listed(register.assets, mapping)
    form = filled_form(mapping, assets, Background(today=END.date(), sites=register.sites))
    assert len(form.rows) == len([one for one in register.assets if not one.status.is_over])
    assert mapping.system == "it-budget"


def test_the_mapping_of_the_how_to_can_be_read(tmp_path):
    page = HOW_TO.read_text(encoding="utf-8")
    (tmp_path / "form.yaml").write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    mapping = load_mapping(tmp_path / "form.yaml")
    assert len(mapping.columns) == 11
    for key in ("system", "kinds", "right_to_left", *mapping.columns[0].__slots__):
        assert f"`{key.rstrip('_')}`" in page
