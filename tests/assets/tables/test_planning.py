"""What an import would do, and what it never does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.assets.edits import AddAsset, AddEntry, SetField, SetList
from itops.assets.records import Register
from itops.assets.tables.fields import flat
from itops.assets.tables.planning import Action
from tests.assets.tables.office import REGISTER, SITES, asset, planned, read, word

HEADER = ("شناسه", "شماره اموال", "نوع تجهیز", "سازنده", "مدل", "شماره سریال", "شهرستان", "محل استقرار")


def row(*cells: object) -> tuple[object, ...]:
    return (*cells, *[None] * (len(HEADER) - len(cells)))


def only(*cells: object, **more: object):
    plan = planned(HEADER, row(*cells), **more)
    assert len(plan.rows) == 1
    return plan.rows[0]


def codes(plan) -> list[str]:
    return [refusal.code for refusal in plan.refusals]


@pytest.mark.parametrize(
    ("cells", "found", "by"),
    [
        (("PC-002",), "PC-002", "id"),
        (("pc-002",), "PC-002", "id"),
        ((None, "1402002"), "PC-002", "asset_tag"),
        ((None, "۱۴۰۲۰۰۲"), "PC-002", "asset_tag"),
        ((None, 14001.0), "PC-001", "asset_tag"),  # a number cell has lost the zeros of 0014001
        ((None, None, None, "Hewlett-Packard", None, "5cg1234abc"), "PC-001", "serial"),
        ((None, None, "رایانه", None, None, "PF2XYZ98"), "PC-002", "serial"),  # no maker, but the same kind
    ],
)
def test_a_row_is_known_by_id_then_property_number_then_maker_and_serial(cells, found, by):
    planned_row = only(*cells)
    assert (planned_row.asset_id, planned_row.matched_by, planned_row.action) == (found, by, Action.SAME)


def test_another_makers_device_with_the_same_serial_is_another_device():
    found = only(None, None, "رایانه", "Dell", None, "5CG1234ABC", "fardis")
    assert (found.action, found.asset_id) == (Action.NEW, "PC-003")


@pytest.mark.parametrize("junk", ["To be filled by O.E.M.", "00000000", "123456789", "System Serial Number"])
def test_a_filler_is_no_serial(junk):
    register = Register(sites=SITES, assets=(asset("PC-001", serial=junk, vendor="Dell"),))
    found = only(None, None, "رایانه", "Dell", None, junk, "fardis", register=register)
    assert [one.code for one in found.refusals] == ["row.incomplete"]
    assert "neither id nor property number nor serial" in found.refusals[0].problem


def test_a_row_that_speaks_of_two_assets_is_refused():
    plan = planned(HEADER, row("PC-001", "1402002"))
    assert codes(plan) == ["row.contradicts-itself"]
    assert "id is PC-001's, but asset_tag is PC-002's" in plan.refusals[0].problem
    assert plan.edits == ()


def test_an_unknown_id_with_a_known_property_number_is_refused():
    found = only("PC-777", "1402002")
    assert [one.code for one in found.refusals] == ["row.contradicts-itself"]


def test_the_property_number_of_a_monitor_is_no_computer():
    found = only(None, "1402501", "وسیله جانبی", None, None, None, "fardis")
    assert [one.code for one in found.refusals] == ["row.tag-of-a-part"]
    assert "PC-001 (part 1, monitor)" in found.refusals[0].problem


@pytest.mark.parametrize(
    "rows",
    [
        (row("PC-001"), row(None, "0014001")),
        (row(None, "990", "رایانه", None, None, None, "fardis"), row(None, "۹۹۰", "چاپگر", None, None, None, "fardis")),
        (
            row(None, None, "رایانه", "Dell", None, "ABCD1234", "fardis"),
            row(None, "991", "رایانه", "Dell", None, "abcd 1234", "fardis"),
        ),
    ],
)
def test_two_rows_about_one_thing_are_refused_both(rows):
    plan = planned(HEADER, *rows)
    assert [one.action for one in plan.rows] == [Action.REFUSED, Action.REFUSED]
    assert set(codes(plan)) == {"row.double"}
    assert [one.row for one in plan.refusals] == [2, 3]


def test_a_changed_cell_is_one_edit():
    found = only("PC-001", None, None, None, None, None, None, "اتاق ۱۴")
    assert found.edits == (SetField(asset_id="PC-001", field="location", value="اتاق ۱۴"),)


def test_another_spelling_of_the_same_is_told_and_left():
    found = only("PC-001", "۰۰۱۴۰۰۱", None, "hp", None, None, None, "اتاق 12")
    assert found.action is Action.SAME
    assert {change.field for change in found.respelled} == {"asset_tag", "vendor", "location"}


def test_one_unreadable_cell_refuses_its_row_and_names_it():
    plan = planned(HEADER, row("PC-001", None, "خودرو", None, "Z2"), row("PC-002", None, None, None, "Z3"))
    first, second = plan.rows
    assert (first.action, first.edits) == (Action.REFUSED, ())
    assert (first.refusals[0].row, first.refusals[0].column) == (2, "نوع تجهیز")
    assert second.action is Action.CHANGED


def test_a_new_row_gets_an_id_a_name_and_only_what_it_says():
    found = only(None, "1499001", "چاپگر", "HP", "M404", None, "فردیس")
    (edit,) = found.edits
    assert isinstance(edit, AddAsset)
    assert edit.asset_id == "PRN-002"
    assert edit.fields == {
        "id": "PRN-002", "kind": "printer", "name.fa": "چاپگر HP M404", "name.en": "Printer HP M404",
        "asset_tag": "1499001", "vendor": "HP", "model": "M404", "site": "fardis",
    }  # fmt: skip


def test_two_new_rows_get_two_ids_and_none_that_the_file_uses_itself():
    rows = [
        row(None, "1", "چاپگر", None, None, None, "fardis"),
        row("PRN-002", "2", "چاپگر", None, None, None, "fardis"),
    ]
    plan = planned(HEADER, *rows)
    assert [one.asset_id for one in plan.rows] == ["PRN-003", "PRN-002"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ((None, "1499001", None, "HP", None, None, "fardis"), "kind is missing"),
        ((None, "1499001", "چاپگر", "HP"), "site is missing"),
        ((None, None, "چاپگر", "HP", None, None, "fardis"), "a second import would add it again"),
    ],
)
def test_a_new_row_that_could_not_stand_is_refused(cells, problem):
    found = only(*cells)
    assert [one.code for one in found.refusals] == ["row.incomplete"]
    assert problem in found.refusals[0].problem


def test_the_only_site_of_an_office_need_not_be_said():
    register = Register(sites={"head-office": SITES["head-office"]})
    assert only(None, "1", "چاپگر", register=register).action is Action.NEW


def test_part_numbers_in_a_computers_row_go_to_its_parts():
    plan = planned(
        ("شناسه", "اموال مانیتور", "اموال مانیتور ۲", "اموال هارد", "سریال هارد"),
        ("PC-001", "1402501", "1402502", "1402503", "WD-11223"),
    )
    assert plan.edits == (
        AddEntry(asset_id="PC-001", field="parts", fields={"kind": "monitor", "asset_tag": "1402502"}),
        AddEntry(
            asset_id="PC-001", field="parts", fields={"kind": "disk", "asset_tag": "1402503", "serial": "WD-11223"}
        ),
    )


def test_a_part_number_that_another_has_is_refused():
    plan = planned(("شناسه", "اموال مانیتور"), ("PC-002", "1402501"))
    assert codes(plan) == ["row.tag-taken"]


def test_a_case_may_carry_the_number_of_its_computer():
    plan = planned(("شماره اموال", "اموال کیس"), ("1402002", "1402002"))
    assert plan.edits == (AddEntry(asset_id="PC-002", field="parts", fields={"kind": "case", "asset_tag": "1402002"}),)


def test_a_block_that_lacks_what_it_needs_is_refused():
    plan = planned(("شناسه", "قیمت"), ("PC-001", "5000"))
    assert [one.problem for one in plan.refusals] == ["purchase.date is missing"]


def test_a_battery_set_is_added_behind_the_others_wherever_its_column_is_numbered():
    header = ("id", "ups.batteries.5.installed", "ups.batteries.5.count")
    plan = planned(header, ("UPS-001", "1404/05/01", "4"))
    fields = {"installed": "2025-07-23", "count": "4"}
    assert plan.edits == (AddEntry(asset_id="UPS-001", field="ups.batteries", fields=fields),)


def test_a_list_of_texts_is_set_as_a_whole():
    plan = planned(("id", "lock.1", "lock.2"), ("PRN-001", "serial", "model"))
    assert plan.edits == (SetList(asset_id="PRN-001", field="lock", values=("serial", "model")),)


def test_part_of_may_name_what_the_same_file_adds():
    header = ("id", "kind", "site", "part_of")
    plan = planned(header, ("KB-1", "peripheral", "fardis", "PC-9"), ("PC-9", "computer", "fardis", None))
    assert plan.refusals == ()
    assert codes(planned(header, ("KB-1", "peripheral", "fardis", "PC-99"))) == ["row.unknown-asset"]


def test_one_name_in_a_list_changes_the_name_in_its_own_letters():
    def named(text: str):
        return [(one.field, one.value) for one in planned(("id", "name"), ("PC-001", text)).edits]

    assert named("رایانه") == []
    assert named("computer") == []
    assert named("رایانه رییس") == [("name.fa", "رایانه رییس")]
    assert named("Computer of the head") == [("name.en", "Computer of the head")]


@given(
    st.sampled_from(REGISTER.assets), st.lists(st.sampled_from(["", "  ", None, "-", "\u200c"]), min_size=7, max_size=7)
)
def test_a_blank_never_clears(one, blanks):
    found = only(one.id, *blanks)
    assert (found.action, found.edits) == (Action.SAME, ())


def test_a_blank_clears_only_the_column_that_is_named():
    plan = planned(HEADER, row("PC-001"), row("PC-002"), clear=["location", "model"])
    assert plan.edits == (
        SetField(asset_id="PC-001", field="model", value=None),
        SetField(asset_id="PC-001", field="location", value=None),
        SetField(asset_id="PC-002", field="model", value=None),
    )


def test_what_must_be_there_is_not_cleared():
    plan = planned(HEADER, row("PC-001"), clear=["kind"])
    assert codes(plan) == ["row.incomplete"]


def test_rows_without_anything_and_repeated_headers_are_passed_over():
    plan = planned(HEADER, row(), row("PC-001"), HEADER, row("PC-002"))
    assert [one.row for one in plan.rows] == [3, 5]


def test_a_word_of_theirs_can_be_explained():
    header = ("id", "وضعیت")
    assert [wish.refusals[0].code for wish in read(header, ("PC-001", "سالم"))] == ["cell.unknown-word"]
    (wish,) = read(header, ("PC-001", "سالم"), added={word("status", "سالم"): "in_use"})
    assert wish.texts["status"] == "in_use"


def test_the_register_is_not_touched_by_planning():
    before = [flat(one) for one in REGISTER.assets]
    planned(HEADER, row("PC-001", None, None, None, "other"))
    assert [flat(one) for one in REGISTER.assets] == before


CELLS = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.text(max_size=12), st.sampled_from(["computer", "fardis", "1403/06/31", "1402002", "PC-001", "=1+1", "9" * 400]),
)  # fmt: skip
FIELDS = [
    "id", "asset_tag", "kind", "name", "serial", "site", "in_service", "purchase.date", "purchase.price", "part_of",
    "useful_life_years", "parts.1.kind", "parts.3.asset_tag", "parts.monitor.asset_tag", "tests.1.on", "lock.2",
    "tests.1.is_passed", "ups.batteries.2.count", "link.shares.fardis", "network", "note",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, max_size=len(FIELDS)), max_size=4))
def test_whatever_stands_in_the_cells_a_row_is_taken_or_refused(rows):
    plan = planned(FIELDS, *rows)
    for one in plan.rows:
        assert (one.action is Action.REFUSED) == bool(one.refusals)
        assert bool(one.edits) == (one.action in {Action.NEW, Action.CHANGED})
        assert all(refusal.row == one.row for refusal in one.refusals)
