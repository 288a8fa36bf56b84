"""Moving, assigning and ending an asset change what they must, and take along what belongs to it."""

from datetime import date

import pytest

from itops.assets.edits import SetField
from itops.assets.operations import Ending, Move, added, assigned, ended, moved, peripherals
from itops.assets.records import Asset, AssetKind, AssetStatus, Register
from itops.names import Identifier, Names

ON = date(2026, 11, 22)


def asset(asset_id: str, **more) -> Asset:
    return Asset(
        id=Identifier(asset_id), **{"kind": AssetKind.COMPUTER, "name": Names(fa="ا", en="a"), "site": "head", **more}
    )


def written(edits) -> dict[str, str | None]:
    return {f"{edit.asset_id}.{edit.field}": edit.value for edit in edits if isinstance(edit, SetField)}


def test_what_belongs_to_an_asset_goes_with_it_however_deep():
    register = Register(
        assets=(
            asset("PC-1"),
            asset("PER-1", part_of="PC-1"),
            asset("PER-2", part_of="PER-1"),
            asset("PER-3", part_of="PC-1", status=AssetStatus.RETIRED),
            asset("PER-4", part_of="PC-2"),
        )
    )
    assert [one.id for one in peripherals(register, register.assets[0])] == ["PER-1", "PER-2"]


def test_a_ring_of_belongings_ends():
    register = Register(assets=(asset("A", part_of="B"), asset("B", part_of="A")))
    assert [one.id for one in peripherals(register, register.assets[0])] == ["B"]


def test_a_move_to_another_site_leaves_the_old_room_behind():
    edits = moved([asset("PC-1", location="اتاق ۴"), asset("PER-1")], Move(site="fardis"))
    assert written(edits) == {"PC-1.site": "fardis", "PC-1.location": None, "PER-1.site": "fardis"}


def test_a_move_writes_nothing_that_is_so_already():
    assert list(moved([asset("PC-1", location="x")], Move(site="head", location="x"))) == []


def test_a_hand_over_is_dated_and_takes_the_asset_out_of_the_store():
    held = asset("PC-1", status=AssetStatus.STORE, assigned_to="old", personnel_code="7")
    assert written(assigned(held, "کارشناس", ON)) == {
        "PC-1.assigned_to": "کارشناس",
        "PC-1.personnel_code": None,
        "PC-1.status": "in_use",
        "PC-1.custody_date": "2026-11-22",
    }


def test_what_comes_back_lies_in_the_store():
    assert written(assigned(asset("PC-1", assigned_to="old"), None, ON)) == {
        "PC-1.status": "store",
        "PC-1.assigned_to": None,
        "PC-1.custody_date": "2026-11-22",
    }


@pytest.mark.parametrize("status", [AssetStatus.RETIRED, AssetStatus.LOST])
def test_what_stays_in_the_house_has_no_disposal(status):
    assert written(ended(asset("PC-1"), Ending(status=status, on=ON))) == {"PC-1.status": status.value}


def test_what_left_the_house_has_its_papers():
    ending = Ending(status=AssetStatus.DISPOSED, on=ON, minutes_no="12/3", value=0)
    assert written(ended(asset("PC-1"), ending)) == {
        "PC-1.status": "disposed",
        "PC-1.disposal.date": "2026-11-22",
        "PC-1.disposal.minutes_no": "12/3",
        "PC-1.disposal.value": "0",
    }


def test_a_new_entry_has_its_keys_in_the_registers_order():
    entry = added(
        "PC-1", AssetKind.COMPUTER, {"site": "head", "purchase.date": "1402-01-01", "name": "x", "serial": "7"}
    )
    assert list(entry.fields) == ["id", "kind", "name", "serial", "site", "purchase.date"]
