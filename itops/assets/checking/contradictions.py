"""What cannot be true together: days in the wrong order, places and states that disagree."""

import re
from collections.abc import Iterator

from itops.assets.checking.findings import AssetFinding, Look, found
from itops.assets.records import Asset, AssetStatus
from itops.dates import latin_digits


def contradictions(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """Everything about one asset that contradicts itself, the office's rules, or the asset it belongs to."""
    yield from _tags(asset, look)
    yield from _days(asset, look)
    yield from _disposal(asset)
    yield from _belonging(asset, look)


def _tags(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    pattern = look.policy.tag_pattern
    if pattern is None:
        return
    tags = [("asset_tag", asset.asset_tag)]
    tags += [(f"parts.{position}.asset_tag", part.asset_tag) for position, part in enumerate(asset.parts, start=1)]
    for field, tag in tags:
        if tag and not re.fullmatch(pattern, latin_digits(tag).strip()):
            yield found("asset.tag-pattern", asset, field, tag=tag)


def _days(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """Days that have come, and days in their order. A Jalali year typed for a Gregorian one shows here, too."""
    bought = asset.purchase.date if asset.purchase else None
    gone = asset.disposal.date if asset.disposal else None
    past = {
        "purchase.date": bought,
        "in_service": asset.in_service,
        "custody_date": asset.custody_date,
        "verified_on": asset.verified_on,
        "disposal.date": gone,
        "service.last": asset.service.last if asset.service else None,
        **{f"tests.{position}.on": test.on for position, test in enumerate(asset.tests, start=1)},
    }
    if asset.ups:
        sets = enumerate(asset.ups.batteries, start=1)
        past |= {f"ups.batteries.{position}.installed": one.installed for position, one in sets}
    for field, day in past.items():
        if day is not None and day > look.today:
            yield found("asset.date-in-future", asset, field, field=field, day_on=day.isoformat())
    if bought and asset.in_service and asset.in_service < bought:
        yield found(
            "asset.dates-disagree",
            asset,
            "purchase.date",
            "in_service",
            earlier="purchase.date",
            earlier_on=bought.isoformat(),
            later="in_service",
            later_on=asset.in_service.isoformat(),
        )


def _disposal(asset: Asset) -> Iterator[AssetFinding]:
    if asset.disposal is not None and asset.status is not AssetStatus.DISPOSED:
        on = asset.disposal.date.isoformat()
        yield found("asset.disposal-disagrees", asset, "status", "disposal", status=asset.status.value, disposed_on=on)


def _belonging(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """A keyboard left behind when its computer moved; a battery whose UPS is gone."""
    owner = look.owners.get(asset.part_of or "")
    if owner is None or asset.status.is_over:
        return
    if owner.status.is_over:
        yield found("asset.belongs-to-gone", asset, "part_of", owner.id, owner=owner.id, status=owner.status.value)
    elif owner.site != asset.site:
        yield found(
            "asset.left-behind", asset, "site", owner.id, owner=owner.id, site=asset.site, owner_site=owner.site
        )
