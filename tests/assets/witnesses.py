"""Small sightings, assets and registers for tests. All serials, MACs and places are fictional."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, AssetKind, Register
from itops.assets.sightings import NetworkCard, Sighting, Via
from itops.inventory.entities import EntityKey
from itops.names import Identifier, Names

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = AssetPolicy(tag_pattern=r"\d{7}")
SITES = {"head": Names(fa="اداره کل", en="Head office"), "fardis": Names(fa="فردیس", en="Fardis")}
UUID_1 = "4c4c4544-0034-4d10-8051-b4c04f4e3131"
UUID_2 = "4c4c4544-0034-4d10-8051-b4c04f4e3232"
MAC_1, MAC_2, MAC_3 = "3c1a20000001", "3c1a20000002", "3c1a20000003"


def seen(
    address: str | None = "10.1.0.5",
    *,
    source: str = "net",
    via: Via = Via.SNMP,
    at: datetime = NOW,
    macs: Iterable[str] = (),
    **more: Any,
) -> Sighting:
    """A sighting; its key is its source and address, as collectors make it."""
    key = EntityKey(str(more.pop("key", f"{source}/{address}")))
    cards = tuple(more.pop("cards", ())) + tuple(NetworkCard(mac=mac) for mac in macs)
    return Sighting(source=source, key=key, seen_at=at, via=via, address=address, cards=cards, **more)


def asset(asset_id: str = "PC-001", kind: AssetKind = AssetKind.COMPUTER, **more: Any) -> Asset:
    """An entry of the head office."""
    more.setdefault("site", "head")
    return Asset(id=Identifier(asset_id), kind=kind, name=Names(fa=asset_id, en=asset_id), **more)


def register(*assets: Asset) -> Register:
    """A register of two sites."""
    return Register(sites=SITES, assets=assets)
