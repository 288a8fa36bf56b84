"""Entries of a register for tests: only what a test is about is said."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from itops.assets.records import Asset, AssetKind, AssetStatus, Purchase
from itops.names import Identifier, Names

TODAY = date(2026, 11, 22)  # 1 Azar 1405
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def asset(asset_id: str = "PC-1", kind: AssetKind = AssetKind.COMPUTER, **fields: Any) -> Asset:
    return Asset(
        id=Identifier(asset_id),
        kind=kind,
        name=fields.pop("name", Names(fa=asset_id, en=asset_id)),
        site=fields.pop("site", "head"),
        **fields,
    )


def days() -> st.SearchStrategy[date]:
    return st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))


@st.composite
def registers(draw: st.DrawFn) -> tuple[Asset, ...]:
    """Any kinds and states, with and without dates and prices; batteries in and beside their UPSes."""
    kinds = draw(st.lists(st.sampled_from(AssetKind), max_size=12))
    upses = [f"A-{position}" for position, kind in enumerate(kinds) if kind is AssetKind.UPS]
    return tuple(draw(_any_asset(f"A-{position}", kind, upses)) for position, kind in enumerate(kinds))


@st.composite
def _any_asset(draw: st.DrawFn, asset_id: str, kind: AssetKind, upses: list[str]) -> Asset:
    prices = st.none() | st.integers(min_value=0, max_value=10**12)
    bought = draw(st.none() | st.builds(Purchase, date=days(), price=prices, currency=st.sampled_from(["IRR", "EUR"])))
    is_inside = kind is AssetKind.BATTERY and bool(upses)
    return asset(
        asset_id,
        kind,
        status=draw(st.sampled_from(AssetStatus)),
        purchase=bought,
        in_service=draw(st.none() | days()),
        replace_on=draw(st.none() | st.none() | days()),
        useful_life_years=draw(st.none() | st.floats(min_value=0, max_value=50)),
        part_of=draw(st.none() | st.sampled_from(upses)) if is_inside else None,
    )
