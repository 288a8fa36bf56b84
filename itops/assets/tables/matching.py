"""Which asset a row is about: by id, then property number, then maker and serial; a contradiction is never settled."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from itops.assets.identity import canonical_vendor, good_serial
from itops.assets.records import Asset
from itops.assets.tables.grid import shown
from itops.assets.tables.merging import identity_key
from itops.assets.tables.wishes import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The asset of a row and what told so; or why it cannot be told."""

    asset: Asset | None = None
    by: str | None = None  # id, asset_tag, serial
    code: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagHolder:
    """Who has a property number: an asset itself, or a part of it."""

    asset: Asset
    part: int | None = None  # from 1

    def __str__(self) -> str:
        """As a message names it."""
        if self.part is None:
            return self.asset.id
        return f"{self.asset.id} (part {self.part}, {self.asset.parts[self.part - 1].kind})"


class Known:
    """The register by every number that its assets go by."""

    def __init__(self, assets: Iterable[Asset], learned: Collection[str] = ()) -> None:
        self._learned = tuple(learned)
        self._by_id: dict[str, Asset] = {}
        self._by_tag: dict[str, list[TagHolder]] = defaultdict(list)
        self._by_number: dict[str, list[TagHolder]] = defaultdict(list)
        self._by_serial: dict[str, list[Asset]] = defaultdict(list)
        for asset in assets:
            self._add(asset)

    def _add(self, asset: Asset) -> None:
        self._by_id[asset.id.casefold()] = asset
        tags = [(asset.asset_tag, None), *((part.asset_tag, at) for at, part in enumerate(asset.parts, 1))]
        for tag, part in tags:
            if key := identity_key(tag):
                holder = TagHolder(asset=asset, part=part)
                self._by_tag[key].append(holder)
                self._by_number[key.lstrip("0")].append(holder)
        serial = self.good_serial(asset.serial, asset.model, asset.host_name)
        if serial:
            self._by_serial[serial].append(asset)

    def good_serial(self, serial: str | None, model: str | None, host_name: str | None) -> str | None:
        """The serial as it is compared; None for what vendors write when they write nothing."""
        return good_serial(serial, model=model, host_name=host_name, learned=self._learned)

    def holder(self, tag: str, *, is_number: bool = False) -> TagHolder | None:
        """Who has this property number; of a number cell, whoever has it with zeros in front."""
        key = identity_key(tag)
        found = self._by_tag.get(key) or (self._by_number.get(key, []) if is_number else [])
        return found[0] if len(found) == 1 else None

    def match(self, wish: Wish) -> Match:
        """The one asset that every number of the row agrees on."""
        named = self._named(wish)
        for by, asset in named:
            if asset is not named[0][1]:
                first = named[0]
                problem = f"{first[0]} is {first[1].id}'s, but {by} is {asset.id}'s"
                return Match(code="row.contradicts-itself", problem=problem)
        return self._checked(wish, Match(asset=named[0][1], by=named[0][0]) if named else Match())

    def _named(self, wish: Wish) -> list[tuple[str, Asset]]:
        """Whom each number names, the most telling first."""
        found: list[tuple[str, Asset]] = []
        if (asset_id := wish.get("id")) and (asset := self._by_id.get(asset_id.casefold())):
            found.append(("id", asset))
        if tag := wish.get("asset_tag"):
            holder = self.holder(tag, is_number="asset_tag" in wish.numeric)
            if holder and holder.part is None:
                found.append(("asset_tag", holder.asset))
        if not found and (asset := self._of_serial(wish)):
            found.append(("serial", asset))
        return found

    def _checked(self, wish: Wish, match: Match) -> Match:
        asset_id, tag = wish.get("id"), wish.get("asset_tag")
        if asset_id and match.asset and match.asset.id.casefold() != asset_id.casefold():
            problem = f"there is no asset {shown(asset_id)}, but its {match.by} is {match.asset.id}'s"
            return Match(code="row.contradicts-itself", problem=problem)
        holder = self.holder(tag, is_number="asset_tag" in wish.numeric) if tag else None
        if holder and holder.part is not None:
            return Match(code="row.tag-of-a-part", problem=f"the property number {shown(tag)} is that of {holder}")
        return match

    def _of_serial(self, wish: Wish) -> Asset | None:
        """Same serial and same maker; where one side does not say the maker, the same kind."""
        serial = self.good_serial(wish.get("serial"), wish.get("model"), wish.get("host_name"))
        vendor = canonical_vendor(wish.get("vendor"))
        found = [asset for asset in self._by_serial.get(serial or "", ()) if _agree(asset, vendor, wish.get("kind"))]
        return found[0] if len(found) == 1 else None


def _agree(asset: Asset, vendor: str | None, kind: str | None) -> bool:
    theirs = canonical_vendor(asset.vendor)
    if vendor is None or theirs is None:
        return kind is None or asset.kind == kind
    return vendor == theirs
