"""Our register beside the property officer's list."""

from itops.assets.records import Register
from itops.assets.tables.reconciling import Reconciliation, reconcile
from tests.assets.tables.office import REGISTER, SITES, asset, read

HEADER = ("شماره اموال", "شرح کالا", "شماره سریال", "تحویل گیرنده")


def compared(
    *rows: tuple[object, ...], header: tuple[object, ...] = HEADER, register: Register = REGISTER
) -> Reconciliation:
    return reconcile(read(header, *rows), register)


def only_ours(found: Reconciliation) -> list[tuple[str, str]]:
    return [(str(one.holder), one.tag) for one in found.only_ours]


def test_every_property_number_of_ours_that_they_lack_is_named_parts_too():
    found = compared(("0014001", "رایانه", None, None))
    assert only_ours(found) == [("PC-001 (part 1, monitor)", "1402501"), ("PC-002", "1402002")]
    assert found.same_count == 1


def test_a_row_of_theirs_that_is_nothing_of_ours_is_named():
    found = compared(("7777", "میز تحریر", None, None))
    assert [(one.row, one.tag, one.texts["name"]) for one in found.only_theirs] == [(2, "7777", "میز تحریر")]


def test_what_differs_is_told_and_what_they_leave_blank_is_not():
    found = compared(("1402002", "رایانه", "PF2XYZ99", None), ("0014001", "رایانه", None, "انبار"))
    told = {
        (one.holder.asset.id, change.field, change.old, change.new) for one in found.different for change in one.changes
    }
    assert told == {("PC-002", "serial", "PF2XYZ98", "PF2XYZ99"), ("PC-001", "assigned_to", None, "انبار")}


def test_other_digits_and_letters_are_no_difference():
    found = compared(("۱۴۰۲۰۰۲", "رایانه", "pf2xyz98", None), (14001.0, "رایانه", None, None))
    assert (found.same_count, found.different) == (2, ())


def test_their_row_of_a_monitor_is_our_part():
    found = compared(("1402501", "مانیتور", "MON77702", "کسی"))
    (one,) = found.different
    assert (str(one.holder), [(change.field, change.new) for change in one.changes]) == (
        "PC-001 (part 1, monitor)", [("serial", "MON77702")],
    )  # fmt: skip


def test_part_numbers_beside_their_computer_count_as_found():
    found = compared(("0014001", "1402501"), header=("شماره اموال", "اموال مانیتور"))
    assert ("PC-001 (part 1, monitor)", "1402501") not in only_ours(found)


def test_where_ours_has_no_number_yet_the_serial_tells():
    found = compared(("555", None, "AS1234567", None))
    (one,) = found.different
    assert (one.holder.asset.id, one.matched_by) == ("UPS-001", "serial")
    assert ("asset_tag", None, "555") in {(change.field, change.old, change.new) for change in one.changes}


def test_a_serial_does_not_join_what_two_property_numbers_part():
    found = compared(("555", None, "PF2XYZ98", None))
    assert [one.tag for one in found.only_theirs] == ["555"]


def test_what_left_the_house_is_missed_by_nobody_and_told_where_they_still_have_it():
    register = Register(sites=SITES, assets=(asset("PC-1", asset_tag="1", status="disposed"),))
    assert compared(("9", "x", None, None), register=register).only_ours == ()
    (one,) = compared(("1", None, None, None), register=register).different
    assert one.changes[0].field == "status"


def test_ours_without_a_number_are_counted_apart_and_links_never_have_one():
    register = Register(sites=SITES, assets=(asset("PC-1"), asset("L-1", kind="link", link__provider="x")))
    found = compared(("9", "x", None, None), register=register)
    assert [one.id for one in found.unlabelled] == ["PC-1"]
    assert found.only_ours == ()


def test_a_number_that_stands_twice_in_their_list_is_told_with_both_rows():
    found = compared(("7", "x", None, None), ("۷", "y", None, None))
    assert [(one.row, one.code) for one in found.refusals] == [(2, "row.double"), (3, "row.double")]


def test_equal_lists_agree():
    rows = [("0014001", "1402501"), ("1402002", None)]
    assert compared(*rows, header=("شماره اموال", "اموال مانیتور")).agrees
