"""What was sent and what is sent now: new, changed, gone, the same; the running number never counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.records import AssetKind
from itops.assets.tables.filling import Filled
from itops.assets.tables.mapping import TemplateColumn, TemplateMapping
from itops.assets.tables.sent import Became, CellChange, Comparison, Sent, compare, labels_of, listed, row_hash, sent
from tests.assets.tables.office import asset

NUMBER = TemplateColumn(header="ردیف", from_="row_number", format="integer")
PLACE = TemplateColumn(header="محل استقرار", from_="location")
HOLDER = TemplateColumn(header="تحویل‌گیرنده", from_="assigned_to")
AGE = TemplateColumn(header="عمر", from_="age_years", format="number")
FORM = TemplateMapping(sheet="تجهیزات", columns=(NUMBER, PLACE, HOLDER, AGE))


def sheet(rows: dict[str, tuple[Filled, ...]], mapping: TemplateMapping = FORM) -> Sent:
    """A list with its running numbers."""
    numbered = [(number, *row) for number, row in enumerate(rows.values(), 1)]
    return sent(mapping, list(rows), numbered)


def became(found: Comparison) -> dict[str, Became]:
    return {one.asset_id: one.became for one in found.differences}


LAST = sheet({"A": ("اتاق ۱", "کارشناس", 4.2), "B": ("اتاق ۲", None, 1), "C": ("انبار", None, None)})


def test_an_item_that_left_is_gone_and_moves_no_other_one_by_its_running_number():
    found = compare(sheet({"B": ("اتاق ۲", None, 1), "C": ("انبار", None, None)}), LAST, FORM)
    assert became(found) == {"A": Became.GONE}
    assert found.same == 2


def test_a_changed_item_names_its_columns_with_before_and_after():
    now = sheet({"A": ("اتاق ۹", "مدیر", 4.3), "B": ("اتاق ۲", None, 1), "C": ("انبار", None, None), "D": ("", "", 0)})
    found = compare(now, LAST, FORM)
    assert became(found) == {"D": Became.NEW, "A": Became.CHANGED}
    assert found.differences[1].cells == (
        CellChange(column="محل استقرار", before="اتاق ۱", after="اتاق ۹"),
        CellChange(column="تحویل‌گیرنده", before="کارشناس", after="مدیر"),
        CellChange(column="عمر", before="4.2", after="4.3"),
    )
    assert [found.count(one) for one in Became] == [1, 1, 0]


@pytest.mark.parametrize("source", ["age_years", "value_on_budget_year_start"])
def test_what_the_calendar_moves_makes_an_item_older_not_changed(source):
    form = TemplateMapping(sheet="x", columns=(NUMBER, PLACE, TemplateColumn(header="عمر", from_=source)))
    found = compare(sheet({"A": ("x", "5")}, form), sheet({"A": ("x", "4")}, form), form)
    assert (found.differences, found.older, found.same) == ((), ("A",), 1)


def test_columns_that_only_one_list_has_are_named_and_change_no_item():
    other = TemplateMapping(sheet="x", columns=(NUMBER, HOLDER, TemplateColumn(header="مدل", from_="model")))
    now = sheet({"A": ("کارشناس", "M1"), "B": (None, "M2"), "C": (None, None)}, other)
    found = compare(now, LAST, other)
    assert (found.differences, found.same) == ((), 3)
    assert (found.columns_added, found.columns_gone) == (("مدل",), ("محل استقرار", "عمر"))


def test_columns_in_another_order_change_nothing():
    other = TemplateMapping(sheet="x", columns=(AGE, HOLDER, PLACE))
    now = sent(other, ["A", "B", "C"], [(4.2, "کارشناس", "اتاق ۱"), (1, None, "اتاق ۲"), (None, None, "انبار")])
    assert compare(now, LAST, other) == Comparison(differences=(), same=3)


def test_at_the_first_time_all_is_new_and_no_column_is_added():
    found = compare(LAST, Sent(), FORM)
    assert became(found) == dict.fromkeys("ABC", Became.NEW)
    assert (found.same, found.columns_added, found.columns_gone) == (0, (), ())


def test_where_only_hashes_are_known_a_changed_item_has_no_columns():
    only_hashes = Sent(hashes={"A": LAST.hashes["A"], "B": "0" * 64})
    found = compare(LAST, only_hashes, FORM)
    assert [(one.asset_id, one.became, one.cells) for one in found.differences] == [
        ("C", Became.NEW, ()), ("B", Became.CHANGED, ()),
    ]  # fmt: skip


def test_a_header_that_stands_twice_is_told_by_its_letter():
    twice = (NUMBER, TemplateColumn(header="شماره", from_="serial"),
             TemplateColumn(header="شماره", from_="asset_tag", column="f"))  # fmt: skip
    assert labels_of(twice) == ("ردیف", "شماره (B)", "شماره (F)")


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "b"), ("ab", "")), (("a", ""), ("", "a")), (("a",), ("a", "")), (('a", "b',), ("a", "b"))],
)
def test_rows_that_are_not_the_same_have_other_hashes(one, other):
    assert row_hash(one) != row_hash(other)


@pytest.mark.parametrize(
    ("status", "is_listed"),
    [
        ("in_use", True), ("store", True), ("repair", True), ("lent", True),
        ("lost", False), ("retired", False), ("disposed", False),
    ],
)  # fmt: skip
def test_a_list_holds_what_is_in_keeping(status, is_listed):
    assert bool(listed([asset("A", status=status)], FORM)) is is_listed


def test_a_list_holds_the_kinds_that_the_form_takes():
    form = TemplateMapping(sheet="x", columns=(PLACE,), kinds=(AssetKind.PRINTER,))
    assert [one.id for one in listed([asset("A"), asset("B", kind="printer")], form)] == ["B"]


CELLS = st.tuples(st.sampled_from(["", "x", "y"]), st.none() | st.text(max_size=3), st.none() | st.integers(0, 3))
SHEETS = st.dictionaries(st.sampled_from("ABCDEF"), CELLS).map(sheet)


@given(SHEETS, SHEETS)
def test_each_item_is_told_of_exactly_once(now, last):
    found = compare(now, last, FORM)
    told = [one.asset_id for one in found.differences]
    assert len(told) == len(set(told))
    assert {one for one, state in became(found).items() if state is Became.GONE} == set(last.hashes) - set(now.hashes)
    assert {one for one, state in became(found).items() if state is Became.NEW} == set(now.hashes) - set(last.hashes)
    assert found.same + found.count(Became.NEW) + found.count(Became.CHANGED) == len(now.hashes)
    assert set(found.older) <= set(now.hashes) - set(told)


@given(SHEETS, st.randoms())
def test_a_list_beside_itself_says_nothing_whatever_its_order(one, random):
    ids = list(one.rows)
    random.shuffle(ids)
    shuffled = Sent(
        headers=one.headers, rows={key: one.rows[key] for key in ids}, hashes={key: one.hashes[key] for key in ids}
    )
    assert compare(shuffled, one, FORM) == Comparison(differences=(), same=len(ids))


@given(SHEETS, SHEETS)
def test_what_is_new_one_way_is_gone_the_other_way(now, last):
    forth, back = compare(now, last, FORM), compare(last, now, FORM)
    assert forth.count(Became.NEW) == back.count(Became.GONE)
    assert forth.count(Became.CHANGED) == back.count(Became.CHANGED)
