"""The register as a table, and the table read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.assets.records import Register
from itops.assets.tables.export import Speech, register_table
from itops.assets.tables.fields import flat
from itops.assets.tables.grid import Sheet, Table
from itops.assets.tables.layout import Asked, found_layout
from itops.assets.tables.planning import Action, ImportPlan, Rules, plan_import
from itops.assets.tables.values import CellReader
from itops.assets.tables.vocabulary import vocabulary
from itops.assets.tables.wishes import wishes
from itops.errors import UsageWrong
from itops.names import Names
from tests.assets.tables.office import REGISTER, SITES, asset
from tests.assets.tables.strategies import PLAIN, registers

SPEECHES = [
    Speech(language="fa", calendar="jalali", vocabulary=vocabulary(), sites=SITES),
    Speech(language="en", calendar="gregorian", vocabulary=vocabulary(), sites=SITES),
]
speeches = pytest.mark.parametrize("speech", SPEECHES, ids=["fa", "en"])


def read_back(table: Table, register: Register) -> ImportPlan:
    rows = [[column.header for column in table.columns], *table.rows]
    sheet = Sheet(name=table.name, rows=rows)
    layout = found_layout([sheet], Asked(), vocabulary())
    assert len(layout.read) == len(table.columns)
    reader = CellReader(vocabulary=vocabulary(), sites=register.sites)
    return plan_import(list(wishes(sheet, layout, reader)), register, Rules(), vocabulary())


@speeches
@settings(deadline=None)
@given(assets=registers())
def test_what_was_exported_changes_nothing_when_it_is_imported(speech, assets):
    plan = read_back(register_table(assets, speech), Register(sites=SITES, assets=tuple(assets)))
    assert [row.action for row in plan.rows] == [Action.SAME] * len(assets), plan.refusals
    assert plan.edits == ()


@speeches
@settings(deadline=None)
@given(assets=registers(PLAIN))
def test_an_empty_register_becomes_the_exported_one(speech, assets):
    plan = read_back(register_table(assets, speech), Register(sites=SITES))
    assert plan.refusals == ()
    for row, one in zip(plan.rows, assets, strict=True):
        assert {change.field: change.new for change in row.changes} == flat(one)


def test_the_persian_table_speaks_persian():
    table = register_table(REGISTER.assets, SPEECHES[0])
    headers = [column.header for column in table.columns]
    first = dict(zip(headers, table.rows[0], strict=True))
    assert table.is_right_to_left
    assert (first["نوع تجهیز"], first["شهرستان"], first["شماره اموال"]) == ("رایانه", "اداره کل", "0014001")
    assert dict(zip(headers, table.rows[2], strict=True))["تاریخ نصب باتری 1"] == "1402-02-11"


def test_a_site_whose_name_could_mean_two_is_written_by_its_id():
    sites = {"a": Names(fa="اداره", en="A"), "b": Names(fa="اداره", en="B")}
    speech = Speech(language="fa", calendar="jalali", vocabulary=vocabulary(), sites=sites)
    table = register_table([asset("PC-1", site="b")], speech)
    assert "b" in table.rows[0]


@pytest.mark.parametrize("text", ["x" * 32_768, "a\x01b", "_x0041_x0042_"])
def test_a_text_that_a_workbook_cannot_keep_is_refused_by_asset_and_field(text):
    with pytest.raises(UsageWrong, match="PC-1: note"):
        register_table([asset("PC-1", note=text)], SPEECHES[1])


def test_a_changed_cell_of_an_export_is_the_only_change():
    table = register_table(REGISTER.assets, SPEECHES[0])
    headers = [column.header for column in table.columns]
    rows = [list(row) for row in table.rows]
    rows[1][headers.index("محل استقرار")] = "=اتاق"
    plan = read_back(Table(name="x", columns=table.columns, rows=rows), REGISTER)
    assert [(edit.asset_id, edit.field, edit.value) for edit in plan.edits] == [("PC-002", "location", "=اتاق")]


@given(st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order):
    table = register_table([REGISTER.assets[at] for at in order], SPEECHES[0])
    assert read_back(table, REGISTER).edits == ()
