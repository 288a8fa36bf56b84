"""Choosing among assets, and counting them: by kind, place, status, age, person, or any text of theirs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum

from itops.assets.records import Asset, AssetKind, AssetStatus
from itops.names import Names
from itops.text import comparable

_DAYS_A_YEAR = 365.2425


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; an empty choice leaves all in. Without `statuses`, what was disposed of is left out."""

    kinds: tuple[AssetKind, ...] = ()
    sites: tuple[str, ...] = ()
    statuses: tuple[AssetStatus, ...] = ()
    older_than_years: float | None = None
    is_labelled: bool | None = None  # has a property number, or has none
    text: str = ""

    def takes(self, asset: Asset, today: date) -> bool:
        """Whether this asset is asked for. One whose age nobody knows is not older than anything."""
        return (
            (not self.kinds or asset.kind in self.kinds)
            and (not self.sites or asset.site in self.sites)
            and (asset.status in self.statuses if self.statuses else asset.status is not AssetStatus.DISPOSED)
            and (self.is_labelled is None or self.is_labelled == (asset.asset_tag is not None))
            and (self.older_than_years is None or (age_years(asset, today) or 0) > self.older_than_years)
            and (not self.text or any(comparable(self.text) in comparable(held) for held in texts_of(asset)))
        )


def chosen(assets: Iterable[Asset], wanted: Wanted, today: date) -> list[Asset]:
    """Those that are asked for, in their order."""
    return [asset for asset in assets if wanted.takes(asset, today)]


def begun_on(asset: Asset) -> date | None:
    """Since when it has been used, as far as somebody wrote it down: in service, else bought."""
    return asset.in_service or (asset.purchase.date if asset.purchase else None)


def age_years(asset: Asset, today: date) -> float | None:
    """How old it is; None where neither service nor purchase is dated."""
    begun = begun_on(asset)
    return None if begun is None else max(0.0, (today - begun).days / _DAYS_A_YEAR)


def texts_of(record: object) -> Iterator[str]:
    """Every text that stands in an asset, also in its parts and blocks."""
    if isinstance(record, Names):
        yield from (record.fa, record.en)
    elif is_dataclass(record) and not isinstance(record, type):
        for spec in fields(record):
            yield from texts_of(getattr(record, spec.name))
    elif isinstance(record, tuple):
        for held in record:
            yield from texts_of(held)
    elif isinstance(record, str) and not isinstance(record, Enum):
        yield record


def totals(assets: Sequence[Asset]) -> Counter[tuple[AssetKind, str]]:
    """How many there are of each kind at each site."""
    return Counter((asset.kind, asset.site) for asset in assets)
