"""A small register and the ways from rows to a plan that the tests of this room share."""

from collections.abc import Mapping, Sequence
from typing import Any

from itops.assets.records import Asset, Register
from itops.assets.tables.fields import built
from itops.assets.tables.grid import Cell, Merged, Sheet
from itops.assets.tables.layout import Asked, found_layout
from itops.assets.tables.planning import ImportPlan, Rules, plan_import
from itops.assets.tables.values import CellReader
from itops.assets.tables.vocabulary import fold, vocabulary
from itops.assets.tables.wishes import Wish, wishes
from itops.names import Names

SITES = {
    "head-office": Names(fa="اداره کل", en="Head office"),
    "fardis": Names(fa="اداره شهرستان فردیس", en="Fardis office"),
}


def asset(asset_id: str, **texts: str) -> Asset:
    """An asset of dotted texts, `__` for a dot; what must be there is there."""
    given = {name.replace("__", "."): text for name, text in texts.items()}
    usual = {"kind": "computer", "name.fa": "رایانه", "name.en": "Computer", "site": "head-office"}
    return built({"id": asset_id, **usual, **given})


REGISTER = Register(
    sites=SITES,
    assets=(
        asset("PC-001", asset_tag="0014001", serial="5CG1234ABC", vendor="HP", model="ProDesk 600", location="اتاق ۱۲",
              parts__1__kind="monitor", parts__1__asset_tag="1402501", parts__1__serial="MON77701"),
        asset("PC-002", asset_tag="1402002", serial="PF2XYZ98", vendor="Lenovo", model="M75s"),
        asset("UPS-001", kind="ups", serial="AS1234567", vendor="APC", ups__capacity_va="3000",
              ups__batteries__1__installed="2023-05-01", ups__batteries__1__count="8"),
        asset("PRN-001", kind="printer", site="fardis", model="M404", lock__1="serial"),
    ),
)  # fmt: skip


def sheet(*rows: Sequence[Cell], merged: tuple[Merged, ...] = ()) -> Sheet:
    return Sheet(name="list", rows=rows, merged=merged)


def read(*rows: Sequence[Cell], fields: Mapping[str, str | None] | None = None, **reader: Any) -> list[Wish]:
    """Rows below a header as wishes."""
    found = sheet(*rows)
    layout = found_layout([found], Asked(fields=fields or {}), vocabulary())
    return list(wishes(found, layout, CellReader(vocabulary=vocabulary(), sites=SITES, **reader)))


def planned(*rows: Sequence[Cell], register: Register = REGISTER, clear: Sequence[str] = ()) -> ImportPlan:
    """What a list of these rows would do to the register."""
    return plan_import(read(*rows), register, Rules(clear=frozenset(clear)), vocabulary())


def word(field: str, theirs: str) -> tuple[str, str]:
    return field, fold(theirs)
