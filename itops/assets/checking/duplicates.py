"""What stands twice although it can be there only once, and what loading the register lets pass."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from itops.assets.checking.findings import AssetFinding, Look, found
from itops.assets.identity import canonical_vendor, good_serial, normal_host_name, uuid_key
from itops.assets.records import Asset

_Place: TypeAlias = tuple[Asset, str]  # an asset and the field in it


def duplicates(look: Look) -> Iterator[AssetFinding]:
    """One finding for each of the assets that share something; what is over shares its name with nobody."""
    assets = [asset for asset in look.register.assets if not asset.status.is_over]
    yield from _told("asset.host-name-duplicate", _same_host_names(assets))
    yield from _told("asset.serial-duplicate", _same_serials(assets, look))
    yield from _told("vm.linked-twice", _same(_links(assets), lambda link: link))


def _told(code: str, groups: Iterable[tuple[str, Sequence[_Place]]]) -> Iterator[AssetFinding]:
    for value, places in groups:
        for asset, field in places:
            others = sorted({other.id for other, _ in places if other.id != asset.id})
            if others:  # twice within one asset: a case carries the number of its computer
                yield found(code, asset, field, *others, value=value, others=", ".join(others), count=len(places))


def _same(
    values: Iterable[tuple[str, _Place]], key: Callable[[str], str | None]
) -> Iterator[tuple[str, Sequence[_Place]]]:
    groups: dict[str, list[tuple[str, _Place]]] = defaultdict(list)
    for value, place in values:
        if (same := key(value)) is not None:
            groups[same].append((value, place))
    for held in groups.values():
        if len(held) > 1:
            yield held[0][0], [place for _, place in held]


def _same_host_names(assets: Iterable[Asset]) -> Iterator[tuple[str, Sequence[_Place]]]:
    """Within one site only: two branch offices may both have a PC-14."""
    by_site: dict[str, list[tuple[str, _Place]]] = defaultdict(list)
    for asset in assets:
        if asset.host_name:
            by_site[asset.site].append((asset.host_name, (asset, "host_name")))
    for held in by_site.values():
        yield from _same(held, normal_host_name)


def _same_serials(assets: Iterable[Asset], look: Look) -> Iterator[tuple[str, Sequence[_Place]]]:
    """The same good serial, unless every owner names another maker."""
    for value, places in _same(_serials(assets, look), lambda serial: serial):
        makers = [canonical_vendor(_maker(asset, field)) for asset, field in places]
        if None in makers or len(set(makers)) < len(makers):
            yield value, places


def _serials(assets: Iterable[Asset], look: Look) -> Iterator[tuple[str, _Place]]:
    learned = look.policy.junk_serials
    for asset in assets:
        own = good_serial(asset.serial, model=asset.model, host_name=asset.host_name, learned=learned)
        told = [("serial", own)]
        for position, part in enumerate(asset.parts, start=1):
            told.append((f"parts.{position}.serial", good_serial(part.serial, model=part.model, learned=learned)))
        yield from ((serial, (asset, field)) for field, serial in told if serial)


def _maker(asset: Asset, field: str) -> str | None:
    return asset.vendor if field == "serial" else asset.parts[int(field.split(".")[1]) - 1].vendor


def _links(assets: Iterable[Asset]) -> Iterator[tuple[str, _Place]]:
    for asset in assets:
        uuid = uuid_key(asset.vm.uuid) if asset.vm else None
        if uuid:
            yield uuid, (asset, "vm.uuid")
